"""Reading files that people made, safely: size, encoding, nesting, duplicate keys; every fault is a `Problem`.

Limits: 50 MB a file, one million rows, 64 levels of nesting. YAML anchors are refused (a few lines of them can stand for
a billion values) and YAML scalars stay text, so that `NO` or `010` mean what is written. JSON and TOML fractions become
`Decimal`, never a float.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from topology.problems import Problems

MAX_BYTES = 50_000_000
MAX_ROWS = 1_000_000
MAX_DEPTH = 64
MAX_DIGITS = 40
MOST_NAMED = 5
"""Files that a hint names."""


def read_bytes(path: Path, problems: Problems, *, limit: int = MAX_BYTES, wanted: str = "") -> bytes | None:
    """The bytes of a file; None where it cannot be read or is too large, with the reason in `problems`.

    `wanted`: the name that such a file usually has, or its suffix; where a folder is given instead, the hint goes by it.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        hint = _near(path) or _below(path)
        problems.add(f"There is no file {path.name}.", file=path.name, code="missing_file", hint=hint)
        return None
    except (IsADirectoryError, PermissionError, NotADirectoryError, OSError, ValueError) as error:
        kind = (
            "a folder, not a file" if is_folder(path) else f"not readable ({getattr(error, 'strerror', None) or error})"
        )
        problems.add(f"{path.name} is {kind}.", file=path.name, code="unreadable_file", hint=inside(path, wanted))
        return None
    if len(data) > limit:
        problems.add(f"{path.name} is larger than {limit} bytes.", file=path.name, code="file_too_large")
        return None
    return data


def read_text(path: Path, problems: Problems, *, limit: int = MAX_BYTES, wanted: str = "") -> str | None:
    """The text of a UTF-8 file without its byte order mark; None where it cannot be read, with the reason in `problems`."""
    data = read_bytes(path, problems, limit=limit, wanted=wanted)
    return None if data is None else decode(data, path.name, problems)


def decode(data: bytes, file: str, problems: Problems) -> str | None:
    """UTF-8 bytes as text; None, with a problem that names the line, where they are something else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add("The file is UTF-16.", file=file, line=1, code="encoding", hint="Save it as CSV UTF-8.")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"0x{data[error.start]:02x}"
        problems.add(
            f"Byte {byte} is not UTF-8.", file=file, line=line, value=byte, code="encoding", hint="Save it as UTF-8."
        )
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.add("The file contains a NUL byte.", file=file, line=line, code="encoding", hint="Is it a text file?")
        return None
    if not text.strip():
        problems.add("The file is empty.", file=file, code="empty_file")
        return None
    return text


NOT_A_FOLDER = "Maybe two files of the command are swapped: `--help` tells their order."


def folder_problem(path: Path, problems: Problems) -> bool:
    """Whether `path` is no folder; the reason is added to `problems`."""
    if is_folder(path):
        return False
    try:
        there = path.exists()
    except (OSError, ValueError):
        there = False
    if there:
        problems.add(f"{path.name} is a file, not a folder.", file=path.name, code="not_a_folder", hint=NOT_A_FOLDER)
    else:
        problems.add(f"There is no folder {path.name}.", file=path.name, code="missing_folder", hint=_near(path))
    return True


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; not where nobody can tell."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def inside(path: Path, wanted: str = "") -> str:
    """A hint with the file of a folder that is meant: the one named `wanted`, else those with its suffix, at most five."""
    try:
        names = sorted(p.name for p in path.iterdir() if p.is_file() and not p.name.startswith("."))[:1000]
    except (OSError, ValueError):
        return ""
    suffix = wanted if wanted.startswith(".") else Path(wanted).suffix
    fitting = [wanted] if wanted in names else [name for name in names if name.lower().endswith(suffix)]
    if len(fitting) == 1:
        return f"Maybe {path / fitting[0]} is meant."
    if not fitting:
        return f"None of its files ends in {suffix}." if suffix else ""
    more = f" and {len(fitting) - MOST_NAMED} more" if len(fitting) > MOST_NAMED else ""
    return f"Maybe one of its files is meant: {', '.join(fitting[:MOST_NAMED])}{more}."


def _near(path: Path) -> str:
    """A hint with a name beside the missing one that differs in case only or slightly."""
    from difflib import SequenceMatcher, get_close_matches

    try:
        names = sorted(p.name for p in path.parent.iterdir())[:1000]
    except (OSError, ValueError):
        return ""
    close = [  # a suffix in common makes no two short names alike
        name
        for name in get_close_matches(path.name, names, 3, 0.75)
        if SequenceMatcher(None, Path(name).stem.lower(), path.stem.lower()).ratio() >= 0.6
    ]
    return f"Maybe {close[0]} is meant." if close else ""


def _below(path: Path) -> str:
    """A hint with the folder, one deeper than looked into, that has a file of the name."""
    try:
        found = sorted(each.name for each in path.parent.iterdir() if (each / path.name).is_file())[:1]
    except (OSError, ValueError):
        return ""
    return f"There is one in the folder {path.parent.name}/{found[0]}." if found else ""


# TOML


def read_toml(path: Path, problems: Problems, wanted: str = ".toml") -> tuple[Mapping[str, Any], str] | None:
    """The tables of a TOML file and its text (for `toml_line`); None where it cannot be read. Fractions are `Decimal`."""
    text = read_text(path, problems, wanted=wanted)
    if text is None:
        return None
    try:
        return tomllib.loads(text.replace("\r\n", "\n"), parse_float=_decimal), text
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        at = re.search(r"\(at line (\d+), column \d+\)", str(error))
        said = re.sub(r"\s*\(at [^)]*\)", "", str(error))
        line = int(at[1]) if at else 0
        problems.add(f"This is not TOML: {said}.", file=path.name, line=line, code="syntax")
        return None


def toml_line(text: str, table: str, key: str) -> int:
    """The line on which `key` of `[table]` stands ("" = before any table); 0 where it is not written in that plain form."""
    at = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            at = header[1]
            if at == f"{table}.{key}" or (at == key and not table):
                return number
        elif (pair := re.match(r"""\s*["']?([A-Za-z0-9_.-]+)["']?\s*=""", line)) and (
            (at == table and pair[1] == key) or f"{at}.{pair[1]}".strip(".") == f"{table}.{key}".strip(".")
        ):
            return number
    return 0


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} characters")
    return Decimal(text.replace("_", ""))


# JSON


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return int(text)


def _constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number in JSON")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [k for k, _ in pairs]
        raise ValueError(f"the key {next(k for k in names if names.count(k) > 1)!r} stands twice in one object")
    return made


DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_decimal, parse_int=_integer, parse_constant=_constant, strict=True
)


def too_deep(text: str) -> int:
    """The line on which JSON brackets nest deeper than 64; 0 where they do not. Found without recursion."""
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text, re.DOTALL):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return text.count("\n", 0, match.start()) + 1
        elif mark in "]}":
            depth -= 1
    return 0


def parse_json(text: str, file: str, problems: Problems) -> Any:
    """A JSON value; None, with a problem, where the text is not JSON, repeats a key, holds NaN, or nests too deep."""
    if line := too_deep(text):
        problems.add(f"Brackets nest deeper than {MAX_DEPTH}.", file=file, line=line, code="too_deep")
        return None
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        problems.add(f"This is not JSON: {error.msg}.", file=file, line=error.lineno, code="syntax")
    except (ValueError, RecursionError) as error:
        problems.add(f"This is not JSON that can be used: {error}.", file=file, code="syntax")
    return None


def read_json(path: Path, problems: Problems) -> Any:
    """The value of a JSON file; None where it cannot be read, with the reason in `problems`."""
    text = read_text(path, problems, wanted=".json")
    return None if text is None else parse_json(text, path.name, problems)


def json_lines(text: str, key: str) -> Iterator[int]:
    """The line on which each element of the top list (or of the list under `key`) of a valid JSON text begins."""
    space = re.compile(r"[\s,]*")

    def skip(at: int) -> int:
        return space.match(text, at).end()  # type: ignore[union-attr]  # the pattern matches everywhere

    at = skip(0)
    if text[at] == "{":
        at = skip(at + 1)
        while text[at] != "}":
            name, at = DECODER.raw_decode(text, at)
            at = skip(text.index(":", at) + 1)
            if name == key and text[at] == "[":
                break
            _, at = DECODER.raw_decode(text, at)
            at = skip(at)
        else:
            return
    at, line, counted = skip(at + 1), 1, 0
    while text[at] != "]":
        line, counted = line + text.count("\n", counted, at), at
        yield line
        at = skip(DECODER.raw_decode(text, at)[1])


# YAML


def parse_yaml(text: str, file: str, problems: Problems) -> tuple[Any, list[int]] | None:
    """A YAML document with every scalar as text, and the lines of the elements of its top list (or its only list).

    None, with a problem, for anchors, tags, several documents, repeated keys, and nesting deeper than 64.
    """
    import yaml

    try:
        fault = _yaml_fault(yaml.parse(text, Loader=yaml.BaseLoader))
        if fault:
            said, line, code = fault
            problems.add(said, file=file, line=line, code=code)
            return None
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.add(f"This is not YAML: {error.problem}.", file=file, line=line, code="syntax")
        return None
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())
        problems.add(f"This is not YAML: {said}.", file=file, code="syntax")
        return None
    if node is None:
        problems.add("The file is empty.", file=file, code="empty_file")
        return None
    lines: list[int] = []
    value = _yaml_value(node, file, problems, lines)
    return value, lines


def _yaml_fault(events: Iterable[Any]) -> tuple[str, int, str] | None:
    """What is refused before anything is built: anchors, tags, depth."""
    import yaml

    depth = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return "YAML anchors and aliases are not accepted.", line, "yaml_anchor"
        if getattr(event, "tag", None):
            return "YAML tags are not accepted.", line, "yaml_tag"
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return f"Lists nest deeper than {MAX_DEPTH}.", line, "too_deep"
    return None


def _yaml_value(node: Any, file: str, problems: Problems, lines: list[int], depth: int = 0) -> Any:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return "" if node.style is None and node.value in ("~", "null", "Null", "NULL") else node.value
    if isinstance(node, yaml.SequenceNode):
        if depth <= 1:
            lines.extend(item.start_mark.line + 1 for item in node.value)
        return [_yaml_value(item, file, problems, lines, depth + 2) for item in node.value]
    made: dict[str, Any] = {}
    for key, item in node.value:
        name = str(_yaml_value(key, file, problems, lines, depth + 2))
        if name in made:
            line = key.start_mark.line + 1
            problems.add(f"The key {name!r} stands twice.", file=file, line=line, column=name, code="syntax")
        made[name] = _yaml_value(item, file, problems, lines, depth + 1)
    return made
