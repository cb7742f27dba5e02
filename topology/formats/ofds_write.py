"""A network as a package of the Open Fibre Data Standard 0.4, nothing lost.

What the standard has no field for stands in one `cni` object per entity (`cni schema cni.ofds/1`), which the standard
allows as an additional field. Fields of foreign files that we have no column for were kept as text in `ofds`; they go
back to where they stood.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from topology.canonical import canonical_bytes
from topology.files.columns import NODES, ORGANISATIONS, RISK_GROUPS, SPANS
from topology.files.csv_folder import about_cells
from topology.files.json_form import rows_to_json
from topology.files.reading import DECODER
from topology.files.table_text import row_cells
from topology.formats.ofds_fields import (
    NODE_FIELDS,
    ORGANISATION_FIELDS,
    SPAN_FIELDS,
    Field,
    Json,
    merged,
    without,
    written,
)
from topology.model import Network

DESCRIBED_BY = "https://standard.ofds.info/en/0__4__0/network-schema.json"
CRS = {"name": "urn:ogc:def:crs:OGC::CRS84", "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
ILLUSTRATIVE = "Illustrative data: invented for planning and tests, not a record of any real network."
HEAD_FIELDS = tuple(
    Field(name, (name,), lambda v: {}, lambda o: None)
    for name in (
        "id",
        "identifier",
        "name",
        "collectionDate",
        "nodes",
        "spans",
        "organisations",
        "crs",
        "links",
        "networks",
    )
)
KEPT = "ofds"
"""The extra column that holds fields of a foreign file as canonical JSON text."""


def package(network: Network) -> Json:
    """The OFDS 0.4 package of a network."""
    return {"networks": [network_object(network)]}


def package_bytes(network: Network) -> bytes:
    """The package as canonical JSON (RFC 8785) with a line feed."""
    return canonical_bytes(package(network)) + b"\n"


def network_object(network: Network) -> Json:
    """The network with its nodes, spans and organisations, sorted by id."""
    organisations, unlisted = organisation_objects(network)
    names = {o["id"]: o.get("name") for o in organisations}
    phases = kept_phases(network)
    made = network_head(network, unlisted, Targets(names, phases))
    targets = Targets(names, phases if "phases" in made else {})
    parts = {
        "nodes": [node_object(row_cells(n, NODES), targets) for n in network.nodes.values()],
        "spans": [span_object(row_cells(s, SPANS), targets) for s in network.spans.values()],
        "organisations": organisations,
    }
    return {**made, **{key: value for key, value in parts.items() if value}}


def kept_phases(network: Network) -> dict[str, Any]:
    """Ids and names of the phases of a foreign file, if they were kept and can be used."""
    try:
        value = DECODER.decode(dict(network.extra).get(KEPT, "{}"))
    except (ValueError, RecursionError):
        return {}
    phases = _each(value, "phases") if isinstance(value, dict) else []
    sound = all(isinstance(p, dict) and isinstance(p.get("id"), str) for p in phases)
    return {p["id"]: p.get("name") for p in phases} if sound else {}


def network_head(network: Network, unlisted: list[str], targets: Targets) -> Json:
    """What is said of the network as a whole, without its parts."""
    about = dict(about_cells(network))
    kept, about = _kept(about, HEAD_FIELDS, targets)
    made: Json = {"id": network_uuid(network), "crs": CRS, "links": [{"rel": "describedby", "href": DESCRIBED_BY}]}
    for column, name in (("id", "identifier"), ("name", "name"), ("as_of", "collectionDate")):
        if column in about:
            made[name] = about.pop(column)
    if network.licence.startswith(("https://", "http://")) and " " not in network.licence:
        made["links"].append({"rel": "license", "href": network.licence})
    if network.illustrative:
        made["accuracyDetails"] = ILLUSTRATIVE
    cni: Json = {"about": about}
    if network.risk_groups:
        cni["risk_groups"] = rows_to_json(network.risk_groups.values(), RISK_GROUPS)
    cni["organisations"] = network.organisations is not None
    if unlisted:
        cni["unlisted"] = unlisted
    return {**merged(kept, made), "cni": cni}


def network_uuid(network: Network) -> str:
    """The id that the standard wants: the network's own where that is a UUID, else one derived from its id or name."""
    try:
        return str(uuid.UUID(network.id))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:cni:network:{network.id or network.name}"))


def organisation_objects(network: Network) -> tuple[list[Json], list[str]]:
    """Organisations, and an entry for each owner that is not listed, so that every reference leads somewhere."""
    listed = network.organisations or {}
    made = [_with_cni(row_cells(o, ORGANISATIONS), ORGANISATION_FIELDS, Targets()) for o in listed.values()]
    owners = {n.owner for n in network.nodes.values()} | {s.owner for s in network.spans.values()}
    unlisted = sorted(owners - set(listed) - {""})
    made += [{"id": name, "roles": ["transmissionMediumOwner"]} for name in unlisted]
    return sorted(made, key=lambda o: str(o["id"])), unlisted


def node_object(row: Json, targets: Targets) -> Json:
    """A node. Latitude and longitude are the location, two numbers: longitude first."""
    lat, lon = row.pop("lat"), row.pop("lon")
    derived: Json = {"power": True} if "power_kw" in row else {}
    made = merged(derived, _with_cni(row, NODE_FIELDS, targets))
    made["location"] = {"type": "Point", "coordinates": [float(lon), float(lat)]}
    return _named(made, targets)


def span_object(row: Json, targets: Targets) -> Json:
    """A span. `darkFibre` says whether strands are left that the contributor does not keep; it is never read back."""
    aside = sum(int(row.get(c, 0)) for c in ("own_use", "reserve", "maintenance_spare"))
    derived = {"directed": False, "transmissionMedium": ["fibre"], "darkFibre": int(row["fibre_count"]) > aside}
    return _named(merged(derived, _with_cni(row, SPAN_FIELDS, targets)), targets)


def _named(made: Json, targets: Targets) -> Json:
    owner = made.get("transmissionMediumOwner")
    if owner and targets.organisations.get(owner["id"]):
        owner["name"] = targets.organisations[owner["id"]]
    return made


def _with_cni(row: Json, fields: tuple[Field, ...], targets: Targets) -> Json:
    kept, row = _kept(row, fields, targets)
    obj, rest = written(row, fields)
    return merged(kept, obj, {"cni": rest} if rest else {})


@dataclass(frozen=True, slots=True)
class Targets:
    """What references may point at: ids and names of organisations and phases."""

    organisations: Mapping[str, Any] = field(default_factory=dict)
    phases: Mapping[str, Any] = field(default_factory=dict)

    def lead_somewhere(self, value: Json) -> bool:
        """Whether every reference in kept fields points at something that the package holds, by its name there."""
        parties = [*_each(value, "networkProviders"), *_each(value, "supplier"), *_each(value, "funders")]
        phases = [*_each(value, "phase"), *_each(value, "relatedPhases")]
        inner = [each for name in ("phases", "contracts") for each in _each(value, name)]
        return (
            all(_points(ref, self.organisations) for ref in parties)
            and all(_points(ref, self.phases) for ref in phases)
            and all(isinstance(each, dict) and self.lead_somewhere(each) for each in inner)
        )


def _each(value: Json, name: str) -> list[Any]:
    found = value.get(name, [])
    return found if isinstance(found, list) else [found]


def _points(ref: Any, targets: Mapping[str, Any]) -> bool:
    if not isinstance(ref, dict) or not isinstance(ref.get("id"), str) or ref["id"] not in targets:
        return False
    return "name" not in ref or ref["name"] == targets[ref["id"]]


def _kept(row: Json, fields: tuple[Field, ...], targets: Targets) -> tuple[Json, Json]:
    """The fields of a foreign file that were kept in `ofds`, and the row without them; unchanged where they are none."""
    text = row.get(KEPT)
    try:
        value = DECODER.decode(text) if isinstance(text, str) else None
        if not isinstance(value, dict) or not value or "cni" in value or kept_text(value) != text:
            return {}, row
        if not targets.lead_somewhere(value):
            return {}, row
    except (ValueError, RecursionError):
        return {}, row
    for each in fields:
        before = json.dumps(value, default=str, sort_keys=True)
        for path in each.paths:
            without(value, path)
        if json.dumps(value, default=str, sort_keys=True) != before:
            return {}, row
    return plain(value), {key: cell for key, cell in row.items() if key != KEPT}


def kept_text(value: Json) -> str:
    """Fields of a foreign file as canonical text."""
    return canonical_bytes(plain(value)).decode()


def plain(value: Any) -> Any:
    """A JSON value with numbers as they were before: `Decimal` becomes a float."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if value is not None and not isinstance(value, str | int) else value
