"""A network as CSV files for NetBox's bulk import, numbered in the order in which they must be imported.

Sites are nodes; each has one device, an optical distribution frame; each span has a rear port with one position per strand
at both ends, and a cable between the two. NetBox has no place for own use, reserves, risk groups, routes or dates of
spans: the folder is for import there and is not read back. Headers are those of the import forms of NetBox 4.6
(netbox-community/netbox, `*/forms/bulk_import.py`). Relations go by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from topology.files.table_text import quoted
from topology.model import Network
from topology.quantities import as_thousands

SITE_STATUS = {"planned": "planned", "proposed": "planned", "under_construction": "staging"}
SITE_STATUS |= {"inactive": "decommissioning", "decommissioned": "retired"}
CABLE_STATUS = {"planned": "planned", "proposed": "planned", "under_construction": "planned"}
CABLE_STATUS |= {"inactive": "decommissioning", "decommissioned": "decommissioning"}
MAKER, MODEL, ROLE = "Generic", "Optical distribution frame", "Optical distribution frame"
MOST_POSITIONS = 1024
MOST_METRES = 999_999  # NetBox keeps eight digits, two of them after the point
README = """Import these files in NetBox, one after the other, in the order of their numbers (Import, tab CSV).

01 to 05 make what the sites need, 06 one optical distribution frame a site, 07 a rear port for each end of a span with as
many positions as the span has strands, 08 one cable a span.

Not carried: own use, reserve and maintenance spare, risk groups, routes, dates, key nodes, room and power. The network
folder of CSV files remains the master.
"""


def netbox_files(network: Network) -> dict[str, bytes]:
    """File name -> bytes."""
    names = _unique({n.id: n.name for n in network.nodes.values()})
    slugs = _slugs(network.nodes)
    tenants = _tenants(network)
    slugs_of = _slugs(tenants)
    ports = [(end, s) for s in network.spans.values() for end in (s.start, s.end)]
    tables = {
        "01_tenants.csv": _csv("name,slug", ((name, slugs_of[key]) for key, name in tenants.items())),
        "02_sites.csv": _csv(
            "name,slug,status,tenant,facility,latitude,longitude,description,comments",
            (
                (names[n.id], slugs[n.id], SITE_STATUS.get(n.status, "active"), tenants.get(n.owner, ""),
                 n.building[:50], f"{n.lat:.6f}", f"{n.lon:.6f}", f"{n.type} {n.id}"[:200], n.note)
                for n in network.nodes.values()
            ),
        ),
        "03_manufacturers.csv": _csv("name,slug", [(MAKER, _slug(MAKER))]),
        "04_device_types.csv": _csv("manufacturer,model,slug,u_height", [(MAKER, MODEL, _slug(MODEL), "1")]),
        "05_device_roles.csv": _csv("name,slug,color", [(ROLE, _slug(ROLE), "0072b2")]),
        "06_devices.csv": _csv(
            "name,role,manufacturer,device_type,status,site,tenant",
            (
                (_frame(n.id), ROLE, MAKER, MODEL, "active", names[n.id], tenants.get(n.owner, ""))
                for n in network.nodes.values()
            ),
        ),
        "07_rear_ports.csv": _csv(
            "device,name,type,positions",
            ((_frame(node), s.id, "splice", str(min(MOST_POSITIONS, max(1, s.fibre_count)))) for node, s in ports),
        ),
        "08_cables.csv": _csv(
            "side_a_site,side_a_device,side_a_type,side_a_name,side_b_site,side_b_device,side_b_type,side_b_name,"
            "type,status,tenant,label,length,length_unit,description",
            (
                (names[s.start], _frame(s.start), "dcim.rearport", s.id, names[s.end], _frame(s.end), "dcim.rearport",
                 s.id, "smf-os2", CABLE_STATUS.get(s.status, "connected"), tenants.get(s.owner, ""), s.id,
                 *_length(s.length_m), (s.name or s.id)[:200])
                for s in network.spans.values()
            ),
        ),
    }  # fmt: skip
    return {**{name: text.encode() for name, text in tables.items()}, "README.txt": README.encode()}


def _length(metres: int) -> tuple[str, str]:
    return (str(metres), "m") if metres <= MOST_METRES else (as_thousands(metres)[:-1], "km")


def _tenants(network: Network) -> dict[str, str]:
    listed = network.organisations or {}
    owners = {n.owner for n in network.nodes.values()} | {s.owner for s in network.spans.values()}
    ids = sorted((owners | set(listed)) - {""})
    return _unique({key: (listed[key].name if key in listed else "") or key for key in ids})


def _frame(node: str) -> str:
    """NetBox wants device names of at most 64 characters."""
    return f"ODF-{node}"[:64]


def _unique(names: dict[str, str]) -> dict[str, str]:
    """Names of at most 100 characters, the id added where two would be the same."""
    cut = {key: name[:100] for key, name in names.items()}
    seen = [name.lower() for name in cut.values()]
    return {key: name if seen.count(name.lower()) == 1 else f"{name[:34]} {key}" for key, name in cut.items()}


def _slugs(ids: Iterable[str]) -> dict[str, str]:
    """A slug for each id; where two would be the same, a number tells them apart."""
    made: dict[str, str] = {}
    for key in ids:
        slug, number = _slug(key), 1
        while slug in made.values():
            number += 1
            slug = f"{_slug(key)}-{number}"
        made[key] = slug
    return made


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-") or "x"


def _csv(header: str, rows: Iterable[Sequence[str]]) -> str:
    lines = [",".join(map(quoted, row)) for row in rows]
    return "\n".join([header, *lines]) + "\n"
