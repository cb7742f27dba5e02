"""Two houses to play the commands on: the bundled one, and a hard one with names and ids as long as they may be.

Each is a folder of files under the same names, so that one script (tests/looks/script.py) serves both.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from scenarios.fibre_manchester import folder as bundled
from tests.benchmarks.networks import Size, circuits_on, metro
from topology.files.circuits import write_circuits
from topology.files.csv_folder import write_network
from topology.model import Circuit, Network, Organisation, RiskGroup

LONGEST = 64
"""Characters that an id may have (topology/cells.py)."""

FEW, MANY = Size(36, 54, 10, 24), Size(750, 900, 40, 300)


@dataclass(frozen=True)
class Names:
    """What the script asks for by name, in a house."""

    a: str
    b: str
    node: str
    span: str
    group: str
    owner: str
    member: str
    other: str
    third: str
    round: str
    asked: str
    refused: str
    declined: str
    circuit: str
    second: str
    renewed: str
    until: str
    end: str

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a command with names in place of `{a}` and the like; `_` stands for a blank within a word."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return tuple(word.replace("~", " ").format(**own) for word in text.split())


BUNDLED = Names(
    a="MA1",
    b="BOL",
    node="PIC",
    span="S022",
    group="C-TRAM-ALT",
    owner="con-manchester",
    member="bobbin",
    other="carder",
    third="damson",
    round="2027-H1",
    asked="r001",
    refused="r002",
    declined="r003",
    circuit="c-001",
    second="c-002",
    renewed="c-010",
    until="2032-07-01",
    end="2030-01-04",
)


def make_bundled(place: Path) -> Names:
    """The files of Fibre Manchester in an empty folder."""
    source = bundled()
    for name in ("network", "facts", "scenarios"):
        shutil.copytree(source / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("circuits.csv", "policy.toml", "tariff.toml", "requests.csv"):
        shutil.copyfile(source / name, place / name)
    for who in (BUNDLED.member, BUNDLED.other, BUNDLED.third):
        shutil.copyfile(source / "year" / "2027-H1" / f"{who}.csv", place / f"{who}.csv")
    (place / "pairs.csv").write_text("a,b\nMA1,BOL\nPIC,VIC\nMA1,MA3\n")
    for file in (place / "scenarios").glob("*.toml"):  # these take half a minute, and look the same
        file.write_text(file.read_text().replace('availability = "circuits"', "").replace("sweep = 2", "sweep = 1"))
    shutil.copyfile(place / "scenarios" / "candidates.csv", place / "candidates.csv")
    shutil.copyfile(place / "scenarios" / "carbon.csv", place / "carbon.csv")
    return BUNDLED


FILL = "-of-the-greater-manchester-combined-authority-and-its-neighbours"
PEOPLE = (
    "The Royal Manchester and Salford Metropolitan Area Consortium of Colleges Limited",
    "Société coopérative d'intérêt collectif des réseaux très haut débit de Grande-Bretagne",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "曼徹斯特合作網絡基礎設施有限公司 (Manchester Co-operative Network Infrastructure Company)",
)
PLACE = "Former Telephone Exchange and Ladies' Reading Room, Great Ancoats Street, Building {}"


def long_id(stem: str, number: int, length: int = LONGEST) -> str:
    """An id of so many characters."""
    return f"{stem}{number:03}{FILL}"[:length]


def _node_id(old: str) -> str:
    number = int(old[1:])
    return long_id("N", number) if number % 2 == 0 else old


def _span_id(old: str) -> str:
    number = int(old[1:])
    return long_id("S", number) if number % 3 == 0 else old


def _organisation_id(old: str) -> str:
    stem = old.rstrip("0123456789")
    return long_id(stem, int(old.removeprefix(stem)))


def _group_id(old: str) -> str:
    number = int(old[1:])
    return long_id("D", number) if number % 4 == 0 else old


def hard_network(size: Size) -> Network:
    """The network of a size with names as long as they may be; half of the node ids, a third of the span ids too."""
    plain = metro(size)
    nodes = [replace(n, id=_node_id(n.id), name=PLACE.format(n.id)) for n in plain.nodes.values()]
    nodes[0] = replace(nodes[0], rack_units=84, power_w=20_000)
    spans = [
        replace(
            s,
            id=_span_id(s.id),
            start=_node_id(s.start),
            end=_node_id(s.end),
            owner=_organisation_id(s.owner),
            name=f"Ducts of the old tramway under {PLACE.format(s.id)}",
            risk_groups=tuple(sorted(map(_group_id, s.risk_groups))),
            fibre_count=96 if size.circuits < 100 else 1440,
        )
        for s in plain.spans.values()
    ]
    named = sorted({g for s in spans for g in s.risk_groups})
    groups = [RiskGroup(g, f"Chamber below {PLACE.format(g[:4])}", "chamber") for g in named]
    people = [
        Organisation(_organisation_id(o.id), f"{PEOPLE[i % len(PEOPLE)]} {i}", o.roles)
        for i, o in enumerate((plain.organisations or {}).values())
    ]
    return Network.build(nodes, spans, groups, people, id=plain.id, name=f"The spine of {PEOPLE[1]}", illustrative=True)


def _circuits(size: Size) -> list[Circuit]:
    found = circuits_on(metro(size), size.circuits)
    return [
        replace(
            c,
            id=long_id("c", i) if i % 2 == 0 else c.id,
            member=_organisation_id(c.member),
            end=date(2029, 1, 5) if i == 2 else c.end,
            lit_on=c.start,
            legs=tuple(tuple(map(_span_id, leg)) for leg in c.legs),
        )
        for i, c in enumerate(found)
    ]


HEAD = ("id", "member", "kind", "a", "b", "pairs", "diversity", "end")


def _request(number: int) -> str:
    return long_id("r", number, 30) if number % 2 else f"r{number:03}"


def make_hard(place: Path, size: Size) -> Names:
    """The files of the hard house in an empty folder."""
    network = hard_network(size)
    write_network(network, place / "network")
    (place / "network" / "network.toml").write_text(
        (place / "network" / "network.toml").read_text() + "as_of = 2027-01-04\n"
    )
    circuits = _circuits(size)
    (place / "circuits.csv").write_text(write_circuits(circuits))
    source, keys = bundled(), sorted(network.key_nodes)
    for name in ("policy.toml", "tariff.toml"):
        shutil.copyfile(source / name, place / name)
    names = Names(
        a=keys[0],
        b=keys[len(keys) // 2],
        node=keys[1],
        span=_span_id("S000"),
        group=next(g for g in sorted(network.risk_groups) if len(g) == LONGEST),
        owner=_organisation_id("owner0"),
        member=_organisation_id("m0"),
        other=_organisation_id("m1"),
        third=_organisation_id("m2"),
        round="2027-spring-of-co-operation",
        asked=_request(3),
        refused=_request(4),
        declined=_request(9),
        circuit=circuits[0].id,
        second=circuits[1].id,
        renewed=circuits[2].id,
        until="2032-01-05",
        end="2030-01-04",
    )
    _write_requests(place, names, keys)
    _table(place / "pairs.csv", ("a", "b"), [(keys[0], keys[3]), (keys[1], keys[2])])
    costs = [(f"x{i}", keys[i], keys[i + 3], names.owner, 48, "3.5", 120_000 + i, "trench") for i in range(4)]
    _table(
        place / "candidates.csv",
        ("id", "start", "end", "owner", "fibre_count", "length_km", "cost", "construction"),
        costs,
    )
    shutil.copyfile(source / "scenarios" / "carbon.csv", place / "carbon.csv")
    _write_scenarios(place / "scenarios", names)
    _write_facts(place / "facts", network)
    return names


def _table(path: Path, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([tuple(head), *map(tuple, rows)])


def _write_requests(place: Path, names: Names, keys: list[str]) -> None:
    """Requests of three members, some for more than there is."""
    rows = []
    for number in range(12):
        member = (names.member, names.other, names.third)[number % 3]
        ends = keys[number % len(keys)], keys[(number * 3 + 4) % len(keys)]
        if ends[0] == ends[1]:
            ends = ends[0], keys[(number * 3 + 5) % len(keys)]
        pairs = 9 if number == 4 else 2 if number % 3 == 0 else number % 3
        rows.append((_request(number), member, "fibre", *ends, pairs, ("none", "span", "node")[number % 3], names.end))
    for who in (names.member, names.other, names.third):
        _table(place / f"{who}.csv", HEAD, [row for row in rows if row[1] == who])
    _table(place / "requests.csv", HEAD, rows)


def _write_scenarios(place: Path, names: Names) -> None:
    place.mkdir()
    base = '[base]\nnetwork = "../network"\ncircuits = "../circuits.csv"\n'
    for name, more in (
        ("today", ""),
        ("flood", f'[event]\nrisk_groups = ["{names.group}"]\nper_year = 0.2\nrate_source = "invented"\n'),
        ("exchange", f'[event]\nnodes = ["{names.node}"]\n'),
        ("build-survives", '[changes]\ncandidates = "../candidates.csv"\nbuild = ["x1", "x2"]\n'),
    ):
        title = f'name = "{name.capitalize()} of {PEOPLE[0]}"\ntext = "{" ".join(PEOPLE)}"\n'
        (place / f"{name}.toml").write_text(f'schema = "cni.scenario/1"\n{title}\n{base}\n{more}')


def _write_facts(place: Path, network: Network) -> None:
    place.mkdir()
    head = [
        "id",
        "name",
        "address",
        "city",
        "postcode",
        "email",
        "vat_number",
        "self_billing_from",
        "self_billing_to",
        "terms_days",
        "payment",
    ]
    street = "The Old Reading Room, 123456 Great Ancoats Street, New Islington Marina"
    rows = [("cni", "Cooperative Network Infrastructure (illustrative)", street, "Manchester", "M1 1AA")]
    people = network.organisations or {}
    rows += [(o.id, o.name, street, "Manchester", "M2 2AA") for o in people.values()]
    _table(
        place / "parties.csv",
        head,
        [
            (*row, f"accounts{i}@example.org", _vat(i), "2026-10-01", "2028-10-01", 30, PEOPLE[i % 4])
            for i, row in enumerate(rows)
        ],
    )


def _vat(number: int) -> str:
    """A number for VAT with the check digits that it needs: weights 8 to 2, and 55, modulo 97."""
    digits = f"99990{number:02}"
    total = 55 + sum(int(d) * w for d, w in zip(digits, range(8, 1, -1), strict=True))
    return f"GB{digits}{-total % 97:02}"
