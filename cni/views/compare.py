"""How a comparison of two awards is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cni.views.award import counted
from cni.views.blocks import Block, Fields, Heading, Para, Table, table

WORDS = {
    "granted_units": "granted",
    "greatest_units": "greatest",
    "without_clauses_units": "no clauses",
}
MOST = 40
"""Rows of a long table that people are shown; `--json` has all."""


def compare_view(document: dict[str, Any]) -> Iterator[Block]:
    """Who gains and loses first, then why, then the figures."""
    yield Heading("Two awards compared")
    yield Fields(tuple((side, _about(document[side])) for side in ("before", "after")))
    yield Para(_outcome(document))
    yield from _inputs(document)
    if document["same"]:
        return
    yield Heading("Groups: units before and after")
    yield _groups(document)
    yield Heading("Requests, and why there was less")
    yield _requests(document)
    if document["rerouted"]:
        yield Para(f"As much over other routes: {_listed(document['rerouted'])}.", "quiet")
    yield Heading("Levels: groups that hold at least so many units")
    yield _levels(document)
    yield Heading("Totals")
    yield _totals(document)
    yield Para(
        "greatest: the most units that any award could grant; no clauses: the same without cap, reserve, tranche.",
        "quiet",
    )
    yield Heading("Spans whose pairs differ: offered, granted, left")
    yield _spans(document)


def _about(award: dict[str, Any]) -> str:
    return f"{award['on']}, {award['proof']}, digest {award['digest'][:12]}"


def _outcome(document: dict[str, Any]) -> str:
    """The result in one sentence."""
    if document["same"]:
        return "The two awards are the same, to the byte."
    gain, lose, mixed = (len(document[key]) for key in ("gain", "lose", "mixed"))
    if not (gain or lose or mixed):
        return "No group gains or loses a unit."
    both = f", {mixed} gain of one kind and lose of the other" if mixed else ""
    verb = (
        ["gains", "loses"]
        if (gain, lose) == (1, 1)
        else ["gain" if gain != 1 else "gains", "lose" if lose != 1 else "loses"]
    )
    named = [
        f"{word}: {_listed(document[key])}" for word, key in (("gains", "gain"), ("loses", "lose")) if document[key]
    ]
    return (
        f"{counted(gain, 'group')} {verb[0]}, {counted(lose, 'group')} {verb[1]}{both}; the others hold as much as before "
        f"({'; '.join(named)})."
    )


def _inputs(document: dict[str, Any]) -> Iterator[Block]:
    """What the two were made from, as far as it differs."""
    differs = document["differs"]
    names = {"on": "the date", "seed": "the seed"}
    if not differs:
        yield Para("Both were made from the same inputs, on the same date, with the same seed.")
        return
    yield Para(f"What differs in the inputs: {', '.join(names.get(n, n) for n in differs)}.")
    rows: list[tuple[object, ...]] = []
    for part, entries in (document["changes"] or {}).items():
        for entry in entries:
            if part == "policy":
                rows.append((part, entry["name"], _value(entry["before"]), _value(entry["after"])))
            elif entry["change"] != "changed":
                rows.append((part, entry["id"], *(("-", "added") if entry["change"] == "added" else ("removed", "-"))))
            rows += [
                (part, f"{entry['id']} {f['name']}", _value(f["before"]), _value(f["after"]))
                for f in entry.get("fields", ())
            ]
    if document["changes"] is not None:
        yield table("input ~what ~before ~after", rows[:MOST], more=_more(rows))
    else:
        yield Para("Compare two round packs (`cni allocate --pack FILE`) to see which values differ.", "quiet")


def _more(rows: list[tuple[object, ...]]) -> str:
    return f"and {len(rows) - MOST} more; --json has all" if len(rows) > MOST else ""


def _value(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)


def _sign(row: dict[str, Any]) -> str:
    change = (row["after"] or 0) - (row["before"] or 0)
    return f"{change:+d}" if change else "="


def _groups(document: dict[str, Any]) -> Table:
    """Each group that gains or loses, most gained first; a kind in which nothing changed is left out."""
    rows: list[tuple[object, ...]] = []
    units = {"fibre": "pairs", "colocation": "U"}
    for group in document["groups"]:
        for kind, unit in units.items():
            held = group[kind]
            if (held["before"] or 0) != (held["after"] or 0):
                rows.append((group["group"], unit, _value(held["before"]), _value(held["after"]), _sign(held)))
    rows.sort(key=lambda r: (-int(str(r[4]).replace("=", "0")), str(r[0]), str(r[1])))
    return table("group units* >before >after >change", rows[:MOST], more=_more(rows))


def _levels(document: dict[str, Any]) -> Table:
    """Level counts, with neighbouring levels of equal counts in one row."""
    runs: list[list[Any]] = []
    for lv in document["levels"]:
        if runs and (runs[-1][0], *runs[-1][3:5]) == (lv["kind"], lv["before"], lv["after"]):
            runs[-1][2] = lv["level"]
        else:
            runs.append([lv["kind"], lv["level"], lv["level"], lv["before"], lv["after"], _sign(lv)])
    rows = [(kind, f"{a} to {b}" if a != b else str(a), *rest) for kind, a, b, *rest in runs]
    return table("kind >at_least >before >after >change", rows)


def _requests(document: dict[str, Any]) -> Table:
    rows: list[tuple[object, ...]] = []
    for r in document["requests"]:
        codes = ", ".join(dict.fromkeys(w["code"] for w in r["why"])) or (
            "not among the requests" if r[r["less_in"]] is None else "-"
        )
        rows.append(
            (r["request"], r["member"], *(_of(r[side]) for side in ("before", "after")), f"{r['less_in']}: {codes}")
        )
    return table("request member* >before >after ~why_less", rows[:MOST], more=_more(rows))


def _of(held: dict[str, Any] | None) -> str:
    return "-" if held is None else f"{held['granted']} of {held['requested']}"


def _totals(document: dict[str, Any]) -> Table:
    rows: list[tuple[object, ...]] = [
        (t["name"].replace("_", " "), _value(t["before"]), _value(t["after"]), _sign(t)) for t in document["totals"]
    ]
    for f in document["fairness"]:
        if f["before"] or f["after"]:
            change = _sign(f) if None not in (f["before"], f["after"]) else "?"
            name = f"{f['kind']} {WORDS[f['name']]}"
            rows.append((name, *("not proved" if v is None else v for v in (f["before"], f["after"])), change))
    return table("~what >before >after >change", rows)


def _spans(document: dict[str, Any]) -> Table:
    def figures(held: dict[str, Any] | None) -> str:
        return "-" if held is None else f"{held['offered']} {held['granted']} {held['left']}"

    rows = [(s["span"], figures(s["before"]), figures(s["after"])) for s in document["spans"]]
    return table("span >before >after", rows[:MOST], more=_more([*rows]))


def _listed(names: list[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
