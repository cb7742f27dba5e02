"""The GeoJSON form of the Open Fibre Data Standard: one collection of nodes, one of spans.

Written: features whose properties are the entity's fields, with `network`, `featureType` and, on spans, both end nodes by
id and name, as the standard's own converter writes and reads them. What is said of the network as a whole and of its
organisations stands once, beside the features of the nodes (RFC 7946, section 6.1, foreign members). A span without a
route has no geometry: none is invented.

Read: that form of 0.3 and 0.4, and the flat form of the standard's guidance, where lists are text with semicolons,
objects are joined by `__` and an end is written `Name (id)`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from topology.canonical import canonical_bytes
from topology.files.reading import parse_json, read_text
from topology.files.source import Reading, Spot, Where
from topology.formats.json_places import JsonPlaces
from topology.formats.json_places import Path as JsonPath
from topology.formats.ofds_fields import Json
from topology.formats.ofds_read import network_of_package
from topology.formats.ofds_write import network_object
from topology.model import Network
from topology.problems import BadInput, Problem, Problems, bad_input

END = re.compile(r"^(?P<name>.*) \((?P<id>[^()]*)\)$", re.DOTALL)
LISTS = ("type", "deployment", "transmissionMedium", "technologies", "countries")
TRUE_FALSE = {"true": True, "false": False, "True": True, "False": False}
PARTIES = ("transmissionMediumOwner", "physicalInfrastructureProvider", "supplier")


def collections(network: Network) -> tuple[Json, Json]:
    """The collections of nodes and of spans."""
    whole = network_object(network)
    nodes, spans = whole.pop("nodes", []), whole.pop("spans", [])
    head = {key: value for key, value in whole.items() if key not in ("organisations", "cni", "contracts", "phases")}
    names = {node["id"]: {"id": node["id"], "name": node["name"]} for node in nodes}
    for span in spans:
        span["start"], span["end"] = names[span["start"]], names[span["end"]]
    return (
        {"type": "FeatureCollection", "network": whole, "features": [_feature(n, "node", head) for n in nodes]},
        {"type": "FeatureCollection", "features": [_feature(s, "span", head) for s in spans]},
    )


def pair_bytes(network: Network) -> tuple[bytes, bytes]:
    """Both collections as canonical JSON with a line feed."""
    nodes, spans = collections(network)
    return canonical_bytes(nodes) + b"\n", canonical_bytes(spans) + b"\n"


def _feature(entity: Json, kind: str, head: Json) -> Json:
    geometry = entity.pop("location" if kind == "node" else "route", None)
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {**entity, "network": head, "featureType": kind},
    }


def pair_of(path: Path) -> tuple[Path, Path]:
    """The two files that are meant by one of them, by their common name (`x.geojson`), or by their folder."""
    if path.is_dir():
        return path / "nodes.geojson", path / "spans.geojson"
    made = written_names(path)
    if not path.is_file() and all(each.is_file() for each in made):
        return made
    name = path.name
    kind = max(("nodes", "spans"), key=name.rfind)  # the last one says which it is: nodes_of_bury_spans.geojson
    if kind not in name:
        return made
    partner = path.with_name(("spans" if kind == "nodes" else "nodes").join(name.rsplit(kind, 1)))
    return (path, partner) if kind == "nodes" else (partner, path)


def written_names(path: Path) -> tuple[Path, Path]:
    """What `x.geojson` is written as: `x_nodes.geojson` and `x_spans.geojson`."""
    return path.with_name(f"{path.stem}_nodes{path.suffix}"), path.with_name(f"{path.stem}_spans{path.suffix}")


def read_pair(path: Path, which: str = "", *, metres: bool = False) -> Reading:
    """The network of a pair of files and the findings about it. Raises BadInput."""
    files = [path] if path.is_file() and not any(p.exists() for p in written_names(path)) else []
    pair = pair_of(path)
    if not files or pair != written_names(path):
        files = list(pair)
    problems = Problems()
    values = []
    for file in files:
        text = read_text(file, problems)
        value = None if text is None else parse_json(text, file.name, problems)
        values.append((file.name, value, JsonPlaces(text or "", 4)))
    problems.raise_errors()
    package, locate = package_of(values)
    return network_of_package(package, path.name, which, metres=metres, locate=locate)


def package_of(values: list[tuple[str, Any, JsonPlaces]]) -> tuple[Json, Callable[[JsonPath, str, int], Where]]:
    """Feature collections (name, value, places) as one network package, and where each of its entities stands."""
    networks: dict[str, Json] = {}
    stands: dict[tuple[int, str, int], Where] = {}
    for file, value, places in values:
        features = value.get("features") if isinstance(value, dict) else None
        if not isinstance(features, list):
            raise bad_input("This is no GeoJSON feature collection.", file=file, column="features", code="not_geojson")
        head = value.get("network")
        if isinstance(head, dict):
            _network(networks, head)
        for number, feature in enumerate(features):
            properties = feature.get("properties") if isinstance(feature, dict) else None
            if not isinstance(properties, dict):
                raise _without_properties(file, number, places)
            network, table = _take(networks, copy.deepcopy(properties), feature.get("geometry"))
            place = next(i for i, each in enumerate(networks.values()) if each is network)
            stands[place, table, len(network[table]) - 1] = _where(file, number, places)
            stands.setdefault((place, "", 0), _where(file, number, places, "network"))
    for network in networks.values():
        _complete(network)

    def locate(base: JsonPath, table: str, number: int) -> Where:
        place = int(base[-1]) if base else 0
        return stands.get((place, table, number)) or stands.get((place, "", 0)) or (lambda name: (values[0][0], 0, 0))

    return {"networks": list(networks.values())}, locate


def _where(file: str, number: int, places: JsonPlaces, inside_of: str = "") -> Where:
    """Where the fields of a feature stand, or those of an object among its properties."""

    def where(name: str) -> Spot:
        inside: JsonPath = ("geometry",) if name in ("location", "route") else ("properties", inside_of or name)
        return file, *places.at(("features", number, *inside))

    return where


def _without_properties(file: str, number: int, places: JsonPlaces) -> BadInput:
    line, character = places.at(("features", number))
    column = f"features[{number}].properties"
    text = "A feature has no properties."
    return BadInput([Problem(file, line, column, "", text, "", "not_geojson", "error", character)])


def _network(networks: dict[str, Json], head: Any) -> Json:
    """The network object that a feature belongs to, made at its first feature."""
    known = {"id": head, "name": head} if isinstance(head, str) else head if isinstance(head, dict) else {}
    name = str(known.get("id", ""))
    if name not in networks:
        networks[name] = {**copy.deepcopy(known), "nodes": [], "spans": [], "found": {}, "phases_found": {}}
        listed = networks[name].pop("organisations", None)
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict):
                networks[name]["found"][str(each.get("id"))] = each
    return networks[name]


def _take(networks: dict[str, Json], properties: Json, geometry: Any) -> tuple[Json, str]:
    """Put a feature into its network; which network and table that is."""
    network = _network(networks, properties.pop("network", None))
    kind = properties.pop("featureType", None)
    if "id" not in properties and "identifier" in properties:
        properties = _unflattened(properties)
    if kind not in ("node", "span"):
        ends = any(key in properties for key in ("start", "end", "fibreCount"))
        kind = "span" if ends or (isinstance(geometry, dict) and geometry.get("type") != "Point") else "node"
    if geometry is not None:
        properties["location" if kind == "node" else "route"] = geometry
    for end in ("start", "end"):
        if isinstance(properties.get(end), dict):
            properties[end] = properties[end].get("id")
    _gather(network, properties)
    network[f"{kind}s"].append({key: value for key, value in properties.items() if value is not None})
    return network, f"{kind}s"


def _gather(network: Json, entity: Json) -> None:
    """Put organisations and phases that stand whole in an entity into the network's lists; references stay."""
    for key in PARTIES:
        if isinstance(entity.get(key), dict):
            entity[key] = _reference(network["found"], entity[key])
    providers = entity.get("networkProviders")
    if isinstance(providers, list):
        entity["networkProviders"] = [
            _reference(network["found"], each) if isinstance(each, dict) else each for each in providers
        ]
    if isinstance(entity.get("phase"), dict):
        entity["phase"] = _phase(network, entity["phase"])


def _phase(network: Json, phase: Json) -> Json:
    """Put a phase that stands whole somewhere into the network's list, its funders too; the reference that stays."""
    funders = phase.get("funders")
    if isinstance(funders, list):
        phase["funders"] = [_reference(network["found"], f) if isinstance(f, dict) else f for f in funders]
    return _reference(network["phases_found"], phase)


def _gather_contracts(network: Json) -> None:
    contracts = network.get("contracts")
    for contract in contracts if isinstance(contracts, list) else []:
        related = contract.get("relatedPhases") if isinstance(contract, dict) else None
        if isinstance(related, list):
            contract["relatedPhases"] = [_phase(network, p) if isinstance(p, dict) else p for p in related]


def _reference(found: dict[str, Json], whole: Json) -> Json:
    name = str(whole.get("id"))
    if len(whole) > len(found.get(name, {})):
        found[name] = whole
    return {key: whole[key] for key in ("id", "name") if key in whole}


def _complete(network: Json) -> None:
    _gather_contracts(network)
    found, phases = network.pop("found"), network.pop("phases_found")
    if found:
        network["organisations"] = list(found.values())
    if phases and "phases" not in network:
        network["phases"] = list(phases.values())


def _unflattened(properties: Json) -> Json:
    """Properties of the flat form as fields of the standard."""
    made: Json = {}
    for key, value in properties.items():
        if value is None or value == "":
            continue
        if key in LISTS and isinstance(value, str):
            value = [word for word in value.split(";") if word]
        elif key in ("start", "end") and isinstance(value, str):
            found = END.match(value)
            value = found["id"] if found else value
        elif key in PARTIES and isinstance(value, str):
            value = {"id": value, "name": value}
        elif isinstance(value, str) and value in TRUE_FALSE:
            value = TRUE_FALSE[value]
        outer, _, inner = key.partition("__")
        if inner:
            below = made.setdefault(outer, {})
            if isinstance(below, dict):
                below[inner] = value
        else:
            made["id" if key == "identifier" else key] = value
    return made
