"""A network as a GeoPackage 1.4 (OGC 12-128r19) that QGIS opens coloured: `cni network convert NET spine.gpkg`.

Features `nodes` and `spans`, attributes `organisations`, `risk_groups` and `network`, styles in `layer_styles`. Columns are
those of the CSV files; position and route are the geometry. `spare_pairs` (installed less what is set aside) and
`geometry_is` are derived and never read back: a span without a route is drawn as the straight line between its ends.
Extra columns stand in `cni`, one JSON object per row.

A GeoPackage is an SQLite file. It is made in memory and its bytes are the result; the same network gives the same bytes:
`last_change` is the network's `as_of`, and the version of the library is blanked out of the header.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from topology.canonical import canonical_bytes
from topology.cells import cell_text
from topology.disclosure import offered_strands
from topology.files.columns import NODES, ORGANISATIONS, RISK_GROUPS, SPANS
from topology.files.csv_folder import about_cells
from topology.files.tables import Column, Table
from topology.formats import geopackage_style as style
from topology.formats.ofds_write import ILLUSTRATIVE
from topology.model import Network, Position, Span

APPLICATION_ID, VERSION = 0x47504B47, 10400  # "GPKG", 1.4.0
SRS = 4326
GEOMETRY = {"nodes": "POINT", "spans": "LINESTRING"}
NOT_STORED = {"nodes": ("lat", "lon"), "spans": ("route",)}
DERIVED = {"spans": (("spare_pairs", "INTEGER"), ("geometry_is", "TEXT"))}
STRAIGHT, ROUTE = "straight line", "route"
TYPES = {"count": "INTEGER", "decimal": "DOUBLE", "number": "DOUBLE", "flag": "BOOLEAN", "date": "DATE"}
NO_DAY = "1970-01-01"
FORMAT = ("cni_format", "cni.geopackage/1")
WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
FRAME = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT, f_table_schema TEXT,
  f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
  description TEXT, owner TEXT, ui TEXT, update_time DATETIME);
"""


def geopackage_bytes(network: Network) -> bytes:
    """The GeoPackage of a network."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("PRAGMA page_size = 4096")
        database.execute("BEGIN")
        for statement in FRAME.split(";"):
            database.execute(statement)
        _fill(database, network)
        database.execute("COMMIT")
        made = bytearray(database.serialize())
    finally:
        database.close()
    made[96:100] = bytes(4)  # which SQLite library wrote it
    return bytes(made)


def _fill(database: sqlite3.Connection, network: Network) -> None:
    database.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", None),
            ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
            ("WGS 84 geodetic", SRS, "EPSG", SRS, WGS84, "longitude/latitude in decimal degrees"),
        ],
    )
    day = f"{network.as_of.isoformat() if network.as_of else NO_DAY}T00:00:00.000Z"
    for name, table, items in (
        ("nodes", NODES, network.nodes),
        ("spans", SPANS, network.spans),
        ("organisations", ORGANISATIONS, network.organisations),
        ("risk_groups", RISK_GROUPS, network.risk_groups),
    ):
        if items is not None:
            _layer(database, name, table, items, network, day)
    _about(database, network, day)
    _styles(database, day)


def _layer(
    database: sqlite3.Connection,
    name: str,
    table: Table[Any],
    items: Mapping[str, Any],
    network: Network,
    day: str,
) -> None:
    """One table of features or attributes with its rows, sorted by id."""
    stored = [c for c in table.columns if c.name not in NOT_STORED.get(name, ())]
    derived = DERIVED.get(name, ())
    shape = [f"geom {GEOMETRY[name]}"] if name in GEOMETRY else []
    columns = [f'"{c.name}" {TYPES.get(c.kind.name, "TEXT")}' for c in stored] + [f'"{n}" {t}' for n, t in derived]
    database.execute(
        f"CREATE TABLE {name} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {', '.join([*shape, *columns])}, cni TEXT)"
    )
    lines = {key: _shape(item, network) for key, item in items.items()} if shape else {}
    rows = []
    for place, (key, item) in enumerate(items.items(), 1):
        cells = [_stored(item, column, table) for column in stored]
        extra = canonical_bytes(dict(item.extra)).decode() if item.extra else None
        figures = _derived(item) if derived else ()
        rows.append((place, *([geometry(lines[key])] if shape else []), *cells, *figures, extra))
    marks = ", ".join("?" * (2 + len(shape) + len(columns)))
    database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    box = _box(point for line in lines.values() for point in line)
    kind = "features" if shape else "attributes"
    about = ILLUSTRATIVE if network.illustrative else ""
    _content(database, name, kind, day, box, SRS if shape else None, about)
    if shape:
        database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (name, GEOMETRY[name], SRS)
        )


def _content(
    database: sqlite3.Connection,
    name: str,
    kind: str,
    day: str,
    box: Sequence[float | None] = (None, None, None, None),
    srs: int | None = None,
    about: str = "",
) -> None:
    values = (name, kind, name, about, day, *box, srs)
    database.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def _stored(item: Any, column: Column, table: Table[Any]) -> Any:
    """A value as SQLite keeps it; NULL where it is not given. Counts are written out, so that expressions can add them."""
    value = getattr(item, column.fills)
    if value is None or (value == table.default(column) and not column.required and column.kind.name != "count"):
        return None
    shown = column.kind.show(value)
    if column.kind.name in ("decimal", "number"):
        return float(str(shown))
    return shown if isinstance(shown, int) else cell_text(shown)


def _derived(span: Span) -> tuple[int, str]:
    return offered_strands(span) // 2, ROUTE if span.route else STRAIGHT


def _shape(item: Any, network: Network) -> tuple[Position, ...]:
    if not isinstance(item, Span):
        return ((item.lon, item.lat),)
    start, end = network.nodes[item.start], network.nodes[item.end]
    return item.route or ((start.lon, start.lat), (end.lon, end.lat))


def _box(points: Iterable[Position]) -> tuple[float | None, ...]:
    found = list(points)
    if not found:
        return (None,) * 4
    lons, lats = zip(*found, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def geometry(line: Sequence[Position]) -> bytes:
    """A point (one position) or a line as a GeoPackage geometry: header, bounding box of a line, well-known binary."""
    if len(line) == 1:
        return struct.pack("<2sBBi", b"GP", 0, 0b0000_0001, SRS) + struct.pack("<BIdd", 1, 1, *line[0])
    lons, lats = zip(*line, strict=True)
    box = struct.pack("<dddd", min(lons), max(lons), min(lats), max(lats))
    head = struct.pack("<2sBBi", b"GP", 0, 0b0000_0011, SRS)
    points = b"".join(struct.pack("<dd", *point) for point in line)
    return head + box + struct.pack("<BII", 1, 2, len(line)) + points


def _about(database: sqlite3.Connection, network: Network, day: str) -> None:
    database.execute("CREATE TABLE network (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, key TEXT, value TEXT)")
    pairs = [FORMAT, *((key, cell_text(value)) for key, value in sorted(about_cells(network).items()))]
    database.executemany("INSERT INTO network (key, value) VALUES (?, ?)", pairs)
    _content(database, "network", "attributes", day)


def _styles(database: sqlite3.Connection, day: str) -> None:
    """One default style a layer. QGIS looks for an empty schema and catalogue, not for NULL."""
    for name, rules, kind in (("nodes", style.NODES, "marker"), ("spans", style.SPANS, "line")):
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
            " VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', NULL, ?)",
            (name, name, style.qml(rules, kind), f"{name} of the spine", day),
        )
    _content(database, "layer_styles", "attributes", day)
