"""Scenario files: small TOML files that a planner writes, read with every fault named at once, and written again.

The keys are those of `KEYS`. A key that is not among them is a fault, since it would be ignored. Paths in a file are relative
to the folder that it lies in. Nothing here reads the files that a scenario names (`loading`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scenarios.builds.candidates import POUNDS
from scenarios.runs.scenario import (
    ASSUMPTIONS,
    CIRCUITS,
    SCHEMA,
    Area,
    Asked,
    Changes,
    Happening,
    Moved,
    Scenario,
    Taken,
    as_json,
)
from topology.cells import (
    DAY_KIND,
    EXACT,
    IDENTIFIER,
    LATITUDE,
    LONGITUDE,
    NAME,
    POSITIVE,
    TEXT,
    CellError,
    Kind,
    choice,
)
from topology.files.columns import LEGS
from topology.files.reading import read_toml, toml_line
from topology.files.tables import printable
from topology.problems import BadInput, Problem, Problems

LEVELS = ("survives", "disjoint")
GOALS = ("class", "pairs")
MOST_KM = Decimal(1000)

Say = Callable[[str, str, str], None]
"""Takes (text, value, hint) of a fault of the key that is being read."""


def _cell(kind: Kind) -> Callable[[Any, Say], Any]:
    """One value, read as the cell of a table would be."""

    def read(value: Any, say: Say) -> Any:
        try:
            return kind.read(_text(value, kind))
        except CellError as error:
            say(error.text, str(value), error.hint)
            return None

    return read


def _text(value: Any, kind: Kind) -> str:
    """A TOML scalar as the text of a cell. Raises CellError for what cannot be meant."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | datetime) or not isinstance(value, int | Decimal | date):
        raise CellError(f"Expected is {kind.words}.")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _list(kind: Kind) -> Callable[[Any, Say], Any]:
    """A list of values, each once, sorted."""

    def read(value: Any, say: Say) -> Any:
        if not isinstance(value, list):
            say("A list is expected.", str(value), 'For example ["A", "B"].')
            return None
        one = _cell(kind)
        found = [one(item, say) for item in value]
        return tuple(sorted({item for item in found if item is not None}))

    return read


def _flag(value: Any, say: Say) -> bool | None:
    if isinstance(value, bool):
        return value
    say("true or false is expected.", str(value), "Without quotes.")
    return None


def _how_much(value: Any, say: Say) -> Any:
    if isinstance(value, bool) or value == CIRCUITS:
        return value
    say(
        f'true, false or "{CIRCUITS}" is expected.',
        str(value),
        f'"{CIRCUITS}" leaves key pairs out, which take longest.',
    )
    return None


def _order(value: Any, say: Say) -> int | None:
    if value in (0, 1, 2) and not isinstance(value, bool):
        return int(value)
    say("0, 1 or 2 is expected: no sweep, single failures, double ones too.", str(value), "")
    return None


def _records(make: Callable[..., Any], **kinds: Kind) -> Callable[[Any, Say], Any]:
    """A list of small tables, each with all of the keys."""

    def read(value: Any, say: Say) -> Any:
        names = ", ".join(kinds)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            say(f"A list of tables with {names} is expected.", str(value), "")
            return None
        made = []
        for item in value:
            for name in sorted(item.keys() - kinds.keys()):
                say(f"There is no key {printable(name)} here.", str(item[name]), f"The keys are {names}.")
            for name in sorted(kinds.keys() - item.keys()):
                say(f"{name} is missing.", "", f"All of {names} are needed.")
            parts = {name: _cell(kinds[name])(item[name], say) for name in kinds if name in item}
            if len(parts) == len(kinds) and None not in parts.values():
                made.append(make(**parts))
        return tuple(made)

    return read


def _degrees(kind: Kind) -> Kind:
    """Degrees as they are written, so that a file comes back as it was."""

    def read(text: str) -> Decimal:
        kind.read(text)
        return Decimal(text)

    return Kind(kind.name, kind.words, read)


def _radius(text: str) -> Decimal:
    value: Decimal = EXACT.read(text)
    if not 0 < value <= MOST_KM:
        raise CellError("A radius is above 0 and at most 1000 km.")
    return value


CIRCLES = _records(Area, lat=_degrees(LATITUDE), lon=_degrees(LONGITUDE), km=Kind("decimal", "kilometres", _radius))
KEYS: Mapping[str, Mapping[str, Callable[[Any, Say], Any]]] = {
    "": {"schema": _cell(NAME), "id": _cell(IDENTIFIER), "name": _cell(NAME), "text": _cell(TEXT)},
    "base": {"network": _cell(NAME), "circuits": _cell(NAME), "on": _cell(DAY_KIND)},
    "event": {
        **{name: _list(IDENTIFIER) for name in ("spans", "nodes", "risk_groups", "contributors")},
        "areas": CIRCLES,
        "polygons": _list(NAME),
        "per_year": _cell(EXACT),
        "rate_source": _cell(NAME),
        "repair_hours": _cell(EXACT),
    },
    "changes": {
        "candidates": _cell(NAME),
        "build": _list(IDENTIFIER),
        "level": _cell(choice(*LEVELS)),
        "budget": _cell(POUNDS),
        "goal": _cell(choice(*GOALS)),
        "weights": _cell(NAME),
        "carbon": _cell(NAME),
        "recalls": _records(Taken, span=IDENTIFIER, strands=POSITIVE),
        "withdraw": _list(IDENTIFIER),
        "moves": _records(Moved, circuit=IDENTIFIER, legs=LEGS),
    },
    "ask": {"sweep": _order, "availability": _how_much, "weak_points": _flag},
    "assumptions": {name: _cell(TEXT) for name in ASSUMPTIONS},
}


def read_scenario(path: Path) -> Scenario:
    """The scenario of a TOML file. Raises BadInput with every fault of the file."""
    found = Problems()
    read = read_toml(path, found)
    found.raise_errors()
    assert read is not None
    data, text = read
    scenario = _Reading(path.name, text, found).scenario(data, path)
    found.raise_errors()
    assert scenario is not None
    return scenario


def read_scenarios(paths: Iterable[Path]) -> tuple[Scenario, ...]:
    """The scenarios of several files, in the order given. Raises BadInput with the faults of all; an id that comes twice is one."""
    found: list[Problem] = []
    read: list[Scenario] = []
    for path in paths:
        try:
            scenario = read_scenario(path)
        except BadInput as error:
            found += error.problems
            continue
        if same := next((s for s in read if s.id == scenario.id), None):
            said = f"{same.file} has the id {scenario.id} too."
            hint = "Give one of them another `id`; without one it is the name of the file."
            line = scenario.line("", "id")
            found.append(Problem(scenario.file, line, "id", scenario.id, said, hint, "duplicate_id"))
        read.append(scenario)
    gathered = Problems(found)
    gathered.raise_errors()
    return tuple(read)


class _Reading:
    """One file: its values by (table, key), and the faults."""

    def __init__(self, file: str, text: str, found: Problems) -> None:
        self.file, self.text, self.found = file, text, found
        self.values: dict[tuple[str, str], Any] = {}
        self.places: dict[tuple[str, str], int] = {}

    def say(self, table: str, key: str, said: str, value: str = "", hint: str = "", code: str = "bad_value") -> None:
        column = f"{table}.{key}".strip(".")
        line = toml_line(self.text, table, key)
        self.found.add(said, file=self.file, line=line, column=column, value=value, hint=hint, code=code)

    def scenario(self, data: Mapping[str, Any], path: Path) -> Scenario | None:
        """The scenario, or None where something is at fault."""
        for name, value in data.items():
            if name not in KEYS:
                self._key("", name, value)
            elif isinstance(value, dict):
                for key, inner in value.items():
                    self._key(name, key, inner)
            else:
                self.say("", name, f"[{name}] is a table.", str(value))
        self._whole(data)
        if "id" not in data:
            self._stem(path)
        return None if self.found.errors else self._made(path)

    def _key(self, table: str, key: str, value: Any) -> None:
        reader = KEYS[table].get(key)
        shown = printable(key)
        if reader is None:
            names = [*KEYS[table], *(KEYS if not table else ())]
            close = get_close_matches(key, [n for n in names if n], 1, 0.6)
            hint = f"Maybe {close[0]} is meant." if close else f"The keys are {', '.join(n for n in names if n)}."
            self.say(table, shown, f"A scenario has no key {shown} here.", "", hint, "unknown_key")
            return
        self.places[table, key] = toml_line(self.text, table, key)
        read = reader(value, lambda said, v, hint: self.say(table, key, said, printable(v), hint))
        if read is not None:
            self.values[table, key] = read

    def _whole(self, data: Mapping[str, Any]) -> None:
        """What keys demand of each other."""
        if data.get("schema") != SCHEMA:
            said = f'A scenario file begins with schema = "{SCHEMA}".'
            self.say("", "schema", said, printable(str(data.get("schema", ""))), code="wrong_schema")
        here = {(t, k) for t, table in data.items() if isinstance(table, dict) for k in table}
        if ("base", "network") not in here:
            hint = 'For example network = "../network".'
            self.say("base", "network", "The network is missing.", hint=hint, code="missing_value")
        event = {k for t, k in here if t == "event"}
        if ("per_year" in event) != ("rate_source" in event):
            lacks = "rate_source" if "per_year" in event else "per_year"
            said = "per_year and rate_source go together: how often, and who reckons so."
            self.say("event", lacks, said, code="missing_value")
        if "event" in data and not event - {"per_year", "rate_source", "repair_hours"}:
            said = "The event names nothing that fails."
            self.say("", "event", said, hint="Leave [event] out where nothing does.", code="missing_value")
        changes = {k for t, k in here if t == "changes"}
        self._builds(changes)

    def _builds(self, changes: set[str]) -> None:
        """How what is built is chosen: from a list, or by a level, a budget, or both."""
        ways = sorted(changes & {"level", "budget"})
        if ways and "build" in changes:
            said = f"build and {ways[0]} exclude each other: one way to choose what is built."
            self.say("changes", ways[0], said, code="bad_usage")
        if "candidates" not in changes:
            for key in sorted(changes & {"build", "level", "budget", "carbon"}):
                self.say("changes", key, f"{key} needs the file of candidates.", code="missing_value")
        elif not changes & {"build", "level", "budget"}:
            said = "candidates needs build, level or budget: what of them is built."
            self.say("changes", "candidates", said, code="missing_value")
        if "budget" not in changes:
            for key in sorted(changes & {"goal", "weights"}):
                self.say("changes", key, f"{key} goes with budget.", code="missing_value")

    def _stem(self, path: Path) -> None:
        try:
            self.values["", "id"] = IDENTIFIER.read(path.stem)
        except CellError:
            said = f"The name of the file is no id: {path.stem}."
            self.say("", "id", said, printable(path.stem), "Give the file a key id.", "bad_id")

    def _made(self, path: Path) -> Scenario:
        def table(name: str) -> dict[str, Any]:
            return {key: value for (at, key), value in self.values.items() if at == name}

        about = {key: value for key, value in table("").items() if key != "schema"}
        changes = table("changes")
        if "budget" in changes:
            changes.setdefault("goal", GOALS[0])
        assumptions = table("assumptions")
        return Scenario(
            **about,
            **table("base"),
            event=Happening(**table("event")),
            changes=Changes(**changes),
            ask=Asked(**table("ask")),
            assumptions=tuple((key, assumptions[key]) for key in ASSUMPTIONS if key in assumptions),
            file=path.name,
            folder=path.parent,
            places=self.places,
        )


def write_scenario(scenario: Scenario) -> str:
    """The TOML text of a scenario; `read_scenario` gives the same value back."""
    value = as_json(scenario)
    lines = [f"{key} = {_toml(key, inner)}" for key, inner in value.items() if not isinstance(inner, dict)]
    for name, table in value.items():
        if isinstance(table, dict):
            lines += ["", f"[{name}]", *(f"{key} = {_toml(key, inner)}" for key, inner in table.items())]
    return "\n".join(lines) + "\n"


BARE = ("on", "per_year", "repair_hours", "budget", "lat", "lon", "km")
"""Keys whose values are numbers or dates in TOML, text in JSON."""


def _toml(key: str, value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() if key not in BARE:
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return f"[{', '.join(_toml('', item) for item in value)}]"
        case dict():
            return f"{{ {', '.join(f'{k} = {_toml(k, v)}' for k, v in value.items())} }}"
    return str(value)
