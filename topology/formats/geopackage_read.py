"""GeoPackages as networks: ours without loss, other people's as far as their columns say.

A GeoPackage is an SQLite database, and a hostile one can run code where it is queried. So: the bytes are read whole (50 MB
at most) and opened in memory; schemas are not trusted; an authorizer lets nothing but plain reading of tables through, no
function, no view, no pragma; work is counted and ends. Triggers cannot fire on reading; still, any that is not one of the
index triggers of the standard is refused, and so is a layer that is a view.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from topology.files.columns import NODES, ORGANISATIONS, RISK_GROUPS, SPANS
from topology.files.lines import line_text
from topology.files.reading import MAX_BYTES, MAX_ROWS, parse_json, read_bytes
from topology.files.source import Cells, Reading, Report, Row, Rows
from topology.files.tables import Table
from topology.formats.geopackage import DERIVED, FORMAT, STRAIGHT
from topology.formats.imported import network_of
from topology.formats.routes_in import joined, turned
from topology.model import Position
from topology.problems import BadInput, Problems, bad_input
from topology.quantities import as_thousands

KINDS = (b"GPKG", b"GP10", b"GP11")
WORK = 2_000  # thousands of steps of the SQLite machine; a million rows need some 20
INDEX_TRIGGERS = ("rtree_", "gpkg_", "trigger_insert_feature_count_", "trigger_delete_feature_count_")
TABLES: dict[str, Table[Any]] = {
    "nodes": NODES,
    "spans": SPANS,
    "organisations": ORGANISATIONS,
    "risk_groups": RISK_GROUPS,
}
OTHER_IDS = ("ofds_id", "identifier", "fid")
STANDARD = {
    "fibrecount": "fibre_count",
    "fibrelength": "length_km",
    "fibretypedetails__fibresubtype": "fibre_type",
    "readyforservicedate": "ready_for_service",
    "transmissionmediumowner": "owner",
    "transmissionmediumowner__id": "owner",
    "supportinginfrastructure__description": "building",
}
"""Columns of other people's layers, after the fields of OFDS, that hold what one of ours holds."""


def read_geopackage(path: Path, *, metres: bool = False) -> Reading:
    """The network of a GeoPackage and the findings about it. Raises BadInput."""
    report = Report(path.name)
    rows = Rows(path.name)
    with Opened(path) as database:
        try:
            layers = _layers(database, path.name)
            about = _about(database, layers, path.name)
            for name, table in TABLES.items():
                if name in layers:
                    found = enumerate(_select(database, name))
                    setattr(rows, name, [_row(each, number, table, path.name, report) for number, each in found])
        except sqlite3.DatabaseError as error:
            raise _unsound(path.name, error) from None
        except (OverflowError, UnicodeDecodeError) as error:
            raise _unsound(path.name, error) from None
    ours = about.pop(FORMAT[0], None) == FORMAT[1]
    rows.about = about
    if not ours:
        turned(rows, report)
    return network_of(rows, report, foreign=not ours, metres=metres)


class Opened:
    """A database in memory that can only be read, closed at the end."""

    def __init__(self, path: Path) -> None:
        problems = Problems()
        data = read_bytes(path, problems, limit=MAX_BYTES)
        problems.raise_errors()
        assert data is not None
        if not data.startswith(b"SQLite format 3\0") or data[68:72] not in KINDS:
            text = f"{path.name} is no GeoPackage: its application id is not GPKG."
            raise bad_input(text, file=path.name, code="not_geopackage", hint="Maybe it is another SQLite file.")
        if (
            data[18:20] == b"\2\2"
        ):  # write-ahead mode, which memory does not know; what was committed stands in the file
            data = data[:18] + b"\1\1" + data[20:]
        self.file = path.name
        self.database = sqlite3.connect(":memory:", isolation_level=None)
        try:
            self.database.deserialize(data)
            self._lock_down()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            self.database.close()
            raise _unsound(path.name, error) from None
        except BadInput:
            self.database.close()
            raise

    def _lock_down(self) -> None:
        self.database.execute("PRAGMA trusted_schema = OFF")
        self.database.execute("PRAGMA cell_size_check = ON")
        self._refuse_generated_columns()  # functions in these are not shown to an authorizer
        self.database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_BYTES)
        self.database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        left = iter(range(WORK))
        self.database.set_progress_handler(lambda: next(left, None) is None, 1_000_000)
        self.database.set_authorizer(_only_reading)

    def _refuse_generated_columns(self) -> None:
        for table in (*TABLES, "network"):
            for _, column, *_, hidden in self.database.execute(f'PRAGMA table_xinfo("{table}")'):
                if hidden in (2, 3):
                    text = f"The column {column} of {table} is generated, which runs code."
                    hint = "Export nodes and spans to a new GeoPackage."
                    raise bad_input(text, file=self.file, column=f"{table}.{column}", code="runs_code", hint=hint)

    def __enter__(self) -> sqlite3.Connection:
        return self.database

    def __exit__(self, *_: object) -> None:
        self.database.close()


def _only_reading(action: int, first: str | None, second: str | None, base: str | None, inner: str | None) -> int:
    """Reading of tables, not from within a view or trigger (`inner` names it)."""
    plain = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) and inner is None
    return sqlite3.SQLITE_OK if plain else sqlite3.SQLITE_DENY


def _unsound(file: str, error: Exception) -> BadInput:
    if "not authorized" in str(error) or "prohibited" in str(error):
        text = f"The GeoPackage holds something that could run code: {error}."
        return bad_input(text, file=file, code="runs_code", hint="Export nodes and spans to a new GeoPackage.")
    text = f"The GeoPackage cannot be read: {error}."
    return bad_input(text, file=file, code="syntax", hint="Maybe the file is damaged; save it again from QGIS.")


def _layers(database: sqlite3.Connection, file: str) -> dict[str, str]:
    """Lower-case name -> name of the tables that may be read. Raises BadInput for what runs code, and without nodes."""
    found = {}
    for kind, name, root in database.execute("SELECT type, name, rootpage FROM sqlite_master"):
        if kind == "trigger" and not str(name).startswith(INDEX_TRIGGERS):
            text = f"The GeoPackage holds a trigger {name}, which could run code."
            hint = "Export nodes and spans to a new GeoPackage."
            raise bad_input(text, file=file, column=str(name), code="runs_code", hint=hint)
        if (kind == "view" or (kind == "table" and not root)) and str(name).lower() in (*TABLES, "network"):
            text = f"The layer {name} is a view or a virtual table, which could run code."
            raise bad_input(text, file=file, column=str(name), code="runs_code", hint="Export it as a table.")
        if kind == "table":
            found[str(name).lower()] = str(name)
    for name in ("nodes", "spans"):
        if name not in found:
            text = f"The GeoPackage has no layer {name}."
            hint = f"Its tables are {', '.join(sorted(found))[:200]}."
            raise bad_input(text, file=file, column=name, code="missing_layer", hint=hint)
    return found


def _select(database: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """The rows of a table as columns by name."""
    cursor = database.execute(f'SELECT * FROM "{table}"')
    names = [str(column[0]) for column in cursor.description]
    for count, values in enumerate(cursor):
        if count >= MAX_ROWS:
            raise sqlite3.DatabaseError(f"the layer {table} has more than {MAX_ROWS} rows")
        yield dict(zip(names, values, strict=True))


def _about(database: sqlite3.Connection, layers: dict[str, str], file: str) -> Cells:
    if "network" not in layers:
        return {}
    rows = list(_select(database, "network"))
    pairs = {str(row["key"]): row["value"] for row in rows if isinstance(row.get("key"), str)}
    return {key: value for key, value in pairs.items() if isinstance(value, str)}


def _row(values: dict[str, Any], number: int, table: Table[Any], file: str, report: Report) -> Row:
    """A row as cells by our column names; its `fid` stands for a line."""
    name = table.file.removesuffix(".csv")
    fid = values.get("fid")
    line = fid if isinstance(fid, int) and fid > 0 else 0
    known = {c.name.lower(): c for c in table.columns}
    derived = {"fid", "ofds_id", "geom", "geometry", "cni", *(n for n, _ in DERIVED.get(name, ()))}
    row = Row({}, name, number, lambda column: (file, line, 0))
    for column, value in values.items():
        if value is None or isinstance(value, bytes):
            continue
        mine = known.get(column.lower()) or known.get(STANDARD.get(column.lower(), ""))
        if mine is not None:
            row[mine.name] = _cell(value, mine.kind.name)
        elif column.lower() not in derived:
            row[column] = value if isinstance(value, str) else str(value)
    if not row.get("id") or "ofds_id" in values:
        other = next((values[key] for key in OTHER_IDS if values.get(key) is not None), None)
        row |= {"id": str(other)} if other is not None else {}
    _extra(row, values.get("cni"), file)
    shape = next((v for v in values.values() if isinstance(v, bytes) and v[:2] == b"GP"), None)
    if shape is not None:
        _placed(row, shape, name, values.get("geometry_is") == STRAIGHT, report)
    return row


def _cell(value: Any, kind: str) -> Any:
    if kind == "flag":
        return {0: False, 1: True}.get(value, value)
    if kind == "decimal" and isinstance(value, int | float):
        thousands = round(value * 1000)
        return as_thousands(thousands) if abs(value * 1000 - thousands) < 1e-6 * max(1, abs(value)) else repr(value)
    if kind == "count" and isinstance(value, float) and value.is_integer():
        return int(value)  # spreadsheets and GIS programs make 48.0 of 48
    return (
        value if isinstance(value, str) or kind == "count" else repr(value) if isinstance(value, float) else str(value)
    )


def _extra(row: Cells, text: Any, file: str) -> None:
    """Add what stands in the column `cni`."""
    if not isinstance(text, str) or not text.strip():
        return
    problems = Problems()
    value = parse_json(text, file, problems)
    problems.raise_errors()
    if isinstance(value, dict):
        for key, cell in value.items():
            row.setdefault(key, cell if isinstance(cell, str) else json.dumps(cell, default=str))


def _placed(row: Row, shape: bytes, name: str, straight: bool, report: Report) -> None:
    """Position or route from a geometry."""
    try:
        parts = shapes(shape)
    except (struct.error, ValueError, IndexError):
        text = "A geometry cannot be read."
        report.add("warning", "route_unusable", f"{name}.geom", text, row.called, row=row)
        return
    if name == "nodes" and parts and len(parts[0]) == 1:
        row["lon"], row["lat"] = (repr(number + 0.0) for number in parts[0][0])
    elif name == "spans" and parts:
        line = joined(parts)
        if all(len(part) == 1 for part in parts):
            row["point"] = True
        elif line is None:
            text = "A line has parts that do not meet; it is passed over."
            report.add("warning", "route_unusable", "spans.geom", text, row.called, row=row)
        elif not (straight and len(line) == 2):
            row["route"] = line_text(line)
            if len(parts) > 1:
                text = "Routes came in pieces and were joined."
                report.count("warning", "route_joined", "spans.geom", text, row.called, row)


def shapes(data: bytes) -> list[tuple[Position, ...]]:
    """The parts of a GeoPackage geometry (point, line, several of one kind), heights passed over.

    Raises ValueError or struct.error for anything else.
    """
    flags = data[3]
    if flags & 0b0001_0000:
        return []  # empty
    boxes = (0, 32, 48, 48, 64)
    found, _ = _wkb(data, 8 + boxes[(flags >> 1) & 0b111], 0)
    return found


def _wkb(data: bytes, at: int, depth: int) -> tuple[list[tuple[Position, ...]], int]:
    order = "<" if data[at] == 1 else ">"
    code = struct.unpack_from(f"{order}I", data, at + 1)[0]
    at += 5
    kind, numbers = code % 1000, 2 + (0, 1, 1, 2)[code // 1000 % 4]
    if code >= 0x2000_0000:  # the other way to say "with height"
        kind, numbers = code & 0xFF, 2 + bool(code & 0x8000_0000) + bool(code & 0x4000_0000)
    if kind == 1:
        return [(struct.unpack_from(f"{order}dd", data, at),)], at + 8 * numbers
    count = struct.unpack_from(f"{order}I", data, at)[0]
    at += 4
    if count > len(data) // 8:
        raise ValueError("more points than bytes")
    if kind == 2:
        points = tuple(struct.unpack_from(f"{order}dd", data, at + 8 * numbers * i) for i in range(count))
        return [points], at + 8 * numbers * count
    if kind not in (4, 5) or depth:
        raise ValueError("neither point nor line")
    parts: list[tuple[Position, ...]] = []
    for _ in range(count):
        more, at = _wkb(data, at, depth + 1)
        parts += more
    return parts, at
