"""Every form in which a network is read and written, by the suffix of its name.

| form | suffix | read | written |
|---|---|---|---|
| CSV folder | none | yes | yes, lossless |
| OFDS JSON | `.json` | 0.3 and 0.4 | 0.4, lossless |
| OFDS GeoJSON | `.geojson`, a pair of files | 0.3, 0.4, flat | 0.4, lossless |
| GeoPackage | `.gpkg` | yes | lossless |
| KML | `.kml` | yes | lossless |
| NetBox CSV | a folder, `--to netbox` | no | in import order |
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topology.files import csv_folder
from topology.files.source import Reading
from topology.model import Network
from topology.problems import Problem, bad_input

FORMATS = {"csv": "", "ofds": ".json", "geojson": ".geojson", "gpkg": ".gpkg", "kml": ".kml", "netbox": ""}
"""The names that `--to` takes, and the suffix that means the same."""

PACKED = (".gz", ".zip", ".kmz", ".bz2", ".xz")
LEGACY = (".shp", ".tab", ".dxf", ".gdb", ".mif", ".gml", ".xlsx", ".xls", ".ods")


def read(path: Path, which: str = "", *, metres: bool = False) -> tuple[Network, tuple[Problem, ...]]:
    """The network that a path means and the findings of reading it, of any level.

    `which` names one of several networks in an OFDS file. `metres`: lengths of the source are metres (not for CSV).
    Raises BadInput.
    """
    form = form_of(path)
    if form == "csv":
        _fits(form, which, metres)
        return csv_folder.read_network(path)
    reading = read_placed(path, which, metres=metres)
    return reading.network, reading.findings


def read_placed(path: Path, which: str = "", *, metres: bool = False) -> Reading:
    """As `read`, with the place of each node and span in its source."""
    form = form_of(path)
    _fits(form, which, metres)
    if form == "ofds":
        from topology.formats.ofds_read import read_ofds

        return read_ofds(path, which, metres=metres)
    if form == "geojson":
        from topology.formats.ofds_geojson import read_pair

        return read_pair(path, which, metres=metres)
    if form == "gpkg":
        from topology.formats.geopackage_read import read_geopackage

        return read_geopackage(path, metres=metres)
    if form == "kml":
        from topology.formats.kml import read_kml

        return read_kml(path, metres=metres)
    network, remarks = csv_folder.read_network(path)
    return Reading(network, remarks, dict(csv_folder.line_numbers(path)))


def _fits(form: str, which: str, metres: bool) -> None:
    """Refuse what a form cannot mean."""
    if which and form not in ("ofds", "geojson"):
        raise bad_input("Only OFDS files hold several networks.", file="--network", value=which, code="bad_usage")
    if metres and form == "csv":
        text = "A CSV folder says length_km; it is not read as metres."
        raise bad_input(text, file="--lengths", value="m", code="bad_usage")


def form_of(path: Path) -> str:
    """Which form a path to read is of, by its suffix. Raises BadInput for one that is not read."""
    suffix = path.suffix.lower()
    if _is_folder(path):
        return "geojson" if _has(path, "nodes.geojson") and not _has(path, "nodes.csv") else _folder_form(path)
    for form, own in FORMATS.items():
        if own and suffix == own:
            return form
    if suffix in PACKED:
        text = f"{path.name} is packed; packed files are not read."
        raise bad_input(text, file=path.name, code="packed", hint="Unpack it and name what is inside.")
    if suffix in (".jsonl", ".ndjson"):
        text = f"{path.name} holds JSON Lines, which are not read."
        raise bad_input(text, file=path.name, code="unknown_format", hint="Put nodes and spans into one OFDS package.")
    if suffix in LEGACY:
        hint = "Save it as GeoPackage in WGS84 (EPSG:4326) with layers nodes and spans."
        raise bad_input(f"Files of kind {suffix} are not read.", file=path.name, code="unknown_format", hint=hint)
    return "csv"


def _folder_form(path: Path) -> str:
    if _has(path, "02_sites.csv") and not _has(path, "nodes.csv"):
        text = "This is a folder for NetBox, which is not read: NetBox keeps too little of a span."
        raise bad_input(text, file=path.name, code="unknown_format", hint="Read the network that it was made of.")
    return "csv"


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _has(path: Path, name: str) -> bool:
    return (path / name).is_file()


def in_its_words(path: Path, findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings about a network as of the file that it was read from, where that is no folder of CSV files."""
    form = form_of(path)
    if form == "csv":
        return findings
    tables = {f"{name}.csv": name for name in ("nodes", "spans", "risk_groups", "organisations")}
    names = _names(form)

    def worded(finding: dict[str, Any]) -> dict[str, Any]:
        table = tables.get(finding["file"])
        if table is None:
            return finding
        column = names.get(finding["column"], finding["column"])
        return {**finding, "file": path.name, "column": f"{table}.{column}".rstrip(".")}

    return [worded(finding) for finding in findings]


def _names(form: str) -> Mapping[str, str]:
    """Our column -> the word of the form."""
    from topology.formats.ofds_fields import STANDARD_NAMES

    return STANDARD_NAMES if form in ("ofds", "geojson") else {}


def form_to_write(out: Path, to: str) -> str:
    """The form to write: `to`, else what the suffix of `out` means. Raises BadInput for others."""
    if to:
        if to not in FORMATS:
            text = f"--to must be one of {', '.join(FORMATS)}."
            raise bad_input(text, file="--to", value=to, code="unknown_format")
        return to
    suffix = out.suffix.lower()
    for form, own in FORMATS.items():
        if own == suffix and (own or form == "csv"):
            return form
    text = f"Files of kind {suffix} are not written; {', '.join(s for s in FORMATS.values() if s)} are, and folders."
    raise bad_input(text, file=str(out), value=suffix, code="unknown_format", hint="--to NAME says the form.")


def files(network: Network, out: Path, form: str) -> dict[Path, bytes]:
    """Path -> bytes of what is written for a network in a form; the same network gives the same bytes."""
    if form == "ofds":
        from topology.formats.ofds_write import package_bytes

        return {out: package_bytes(network)}
    if form == "geojson":
        from topology.formats.ofds_geojson import pair_bytes, written_names

        return dict(zip(written_names(out), pair_bytes(network), strict=True))
    if form == "gpkg":
        from topology.formats.geopackage import geopackage_bytes

        return {out: geopackage_bytes(network)}
    if form == "kml":
        from topology.formats.kml import kml_bytes

        return {out: kml_bytes(network)}
    if form == "netbox":
        from topology.formats.netbox import netbox_files

        return {out / name: data for name, data in netbox_files(network).items()}
    return {out / name: text.encode() for name, text in csv_folder.texts(network).items() if text}
