"""Ways of breaking a file or a word: by bytes, by cells, by values of JSON and TOML; each from a source of chance."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable
from typing import Any

NASTY = (
    "", " ", "-1", "0", "-0", "1e400", "1e-400", "NaN", "inf", "-inf", "١٢", "0x10", "1_000", "1,5", "½", "9" * 400, "-" + "9" * 30,
    "2027-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2027-01-01T00:00:00+99:99", "true", "null", "None", "=1+1", "../../etc/passwd",
    "a" * 5000, "\x00", "\x1b[31m", "\u202e", "\ufeff", "é" * 70, "😀", "A B", "A+B|C", "|", "+", "x:y", "span:", "group:duct", "isp", "A", "ab",
    "'", '"', "<script>", "%s%n", "{}", "[]", "$(x)", "\\", "\n", "\r\n", "\t",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**30, 1.5, -0.0, 1e308, "", "x", "A", [], {}, [[]], {"a": {}}, ["A", "A"], "2027-13-01",
    "a" * 5000, "\ud800", "\x00", 2**63, [None], {"schema": "cni.pack/1"},
)  # fmt: skip
LONGEST = 400_000

Broken = Callable[[bytes, random.Random], bytes]


def broken(name: str, data: bytes, dice: random.Random) -> bytes:
    """The bytes of a file with one to four things wrong."""
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        ways: list[Broken] = [_bytes, _tokens, _swapped, _swapped, _swapped]
        if name.endswith(".csv"):
            ways += [_cells] * 5
        if name.endswith((".json", ".geojson")):
            ways += [_json] * 5
        if name.endswith((".toml", ".yaml", ".kml", ".key")):
            ways += [_tokens] * 4
        data = dice.choice(ways)(data, dice)[:LONGEST]
    return data


def word(text: str, dice: random.Random) -> str:
    """A word of the command line, wrong; without a zero byte, which no shell can pass."""
    made = dice.choice(NASTY) if dice.random() < 0.7 else text + dice.choice(NASTY)
    return made.replace("\x00", "")


def _bytes(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return dice.randbytes(dice.randrange(40))
    at, long = dice.randrange(len(data)), dice.choice((1, 1, 2, 8, 200))
    kind = dice.randrange(6)
    if kind == 0:
        return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + long :]
    if kind == 2:
        return data[:at] + dice.randbytes(long) + data[at:]
    if kind == 3:
        return data[:at]
    if kind == 4:
        return data[: at + long] + data[at:]
    return dice.choice(
        (b"", b"\xef\xbb\xbf" + data, data.replace(b"\n", b"\r"), data.decode("latin-1").encode("utf-16"), data * 2)
    )


def _tokens(data: bytes, dice: random.Random) -> bytes:
    """One run of letters or digits replaced."""
    text = data.decode("utf-8", "surrogateescape")
    starts = [n for n, c in enumerate(text[:20_000]) if c.isalnum() and (n == 0 or not text[n - 1].isalnum())]
    if not starts:
        return _bytes(data, dice)
    start = dice.choice(starts)
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] in "._-"):
        end += 1
    return (text[:start] + dice.choice(NASTY) + text[end:]).encode("utf-8", "surrogateescape")


PLAUSIBLE = (
    "0",
    "1",
    "2",
    "3",
    "10",
    "0.5",
    "1.0",
    "100",
    "12",
    "2027-01-04",
    "2027-04-01",
    "2030-01-04",
    "true",
    "false",
    "A",
    "E",
    "ab",
    "de",
    "duct",
)


def _swapped(data: bytes, dice: random.Random) -> bytes:
    """One word replaced by another of the same file, or by one that could stand there: what is well formed and still wrong."""
    text = data.decode("utf-8", "surrogateescape")
    words = list(re.finditer(r"[A-Za-z0-9][A-Za-z0-9._-]*", text[:40_000]))
    if len(words) < 2:
        return _bytes(data, dice)
    old = dice.choice(words)
    new = dice.choice(words)[0] if dice.random() < 0.6 else dice.choice(PLAUSIBLE)
    return (text[: old.start()] + new + text[old.end() :]).encode("utf-8", "surrogateescape")


def _cells(data: bytes, dice: random.Random) -> bytes:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        return _bytes(data, dice)
    rows = [row for row in rows if row]
    if not rows:
        return _bytes(data, dice)
    kind, row = dice.randrange(8), dice.choice(rows)
    column = dice.randrange(len(row))
    if kind < 4:
        row[column] = dice.choice(NASTY)
    elif kind == 4:
        rows.insert(dice.randrange(len(rows) + 1), list(row))
    elif kind == 5:
        rows.remove(row)
    elif kind == 6:
        rows = [r[:column] + r[column + 1 :] for r in rows]
    else:
        rows[0].append(dice.choice(("note", "id", "zzz", "")))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _json(data: bytes, dice: random.Random) -> bytes:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return _bytes(data, dice)
    places = list(_places(value))
    if not places:
        return json.dumps(dice.choice(VALUES)).encode()
    holder, key = dice.choice(places[:5000])
    kind = dice.randrange(5)
    if kind < 3:
        holder[key] = dice.choice(VALUES)
    elif kind == 3:
        del holder[key]
    elif isinstance(holder, dict):
        holder[str(dice.choice(NASTY))] = holder[key]
    else:
        holder.append(holder[key])
    if dice.random() < 0.02:
        return b"[" * 100_000
    return json.dumps(value).encode()


def _places(value: Any) -> Any:
    """Every (holder, key) in a JSON value."""
    stack = [value]
    while stack:
        each = stack.pop()
        keys = list(each) if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else ()
        for key in keys:
            yield each, key
            if isinstance(each[key], (dict, list)):
                stack.append(each[key])
