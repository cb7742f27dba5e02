"""What a run makes, computed from its pins: settlement, drafts, who is held back. The same pins give the same digest (rule F22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from billing.documents.document import CHARGE, Document, Line, Posted, differences, documents_of, lines_of
from billing.facts import Facts
from billing.fees.policy import FeePolicy
from billing.settlement import charge_lines, settle
from billing.tariff import Tariff
from cni.bills import inputs
from cni.bills.posted import KEPT, MARGIN, RESERVE, UNALLOCATED, Standing, standing
from cni.bills.spine import spine_at, version_at
from cni.bills.values import circuit_of, problems_json
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.model import Circuit, Network
from topology.problems import BadInput, bad_input

NUMBERS = ("known_at", "posted_at", "network", "tariff", "policy", "facts")


@dataclass(frozen=True, slots=True)
class Pins:
    """All that a run depends on. `known_at`: the last audit entry that it knows of circuits, network and inputs;

    `posted_at`: the last of which it knows documents. `on`: the day of the drafts, their tax point until they are final.
    Numbers of versions; 0 where there is none.
    """

    start: date
    end: date
    on: date
    known_at: int
    posted_at: int
    network: int
    tariff: int
    policy: int
    facts: int

    def as_json(self) -> dict[str, Any]:
        """As a run keeps them."""
        period = f"{self.start}/{self.end}"
        return {"period": period, "on": self.on.isoformat(), **{n: getattr(self, n) for n in NUMBERS}}


def pins_from_json(value: Mapping[str, Any]) -> Pins:
    """The pins that `as_json` gave."""
    start, _, end = value["period"].partition("/")
    day = date.fromisoformat
    return Pins(day(start), day(end), day(value["on"]), **{n: value[n] for n in NUMBERS})


def chosen(connection: Connection, start: date, end: date, on: date, known_at: int, posted_at: int) -> Pins:
    """The versions that a run takes: those that hold on the first day of the period, as known then. Raises BadInput without a tariff."""
    held = {kind: inputs.that_holds(connection, kind, start, known_at) for kind in inputs.KINDS}
    if held[inputs.TARIFF] is None:
        said = f"no tariff was imported that holds on {start}."
        raise bad_input(said, code="no_tariff", hint="`cni bill tariff import FILE` does that.")
    numbers = {kind: 0 if found is None else found.number for kind, found in held.items()}
    return Pins(start, end, on, known_at, posted_at, version_at(connection, known_at), **numbers)


@dataclass(frozen=True, slots=True)
class Material:
    """The values behind the pins of a run."""

    network: Network
    circuits: tuple[Circuit, ...]
    tariff: Tariff
    policy: FeePolicy
    facts: Facts
    posted: Standing


def material(connection: Connection, pins: Pins) -> Material:
    """Read what pins name. Raises BadInput where something of that number is not there."""
    spine = spine_at(connection, pins.network, pins.known_at, pins.start, pins.end)
    return Material(
        spine.network,
        spine.circuits,
        inputs.tariff_of(connection, pins.tariff),
        inputs.policy_of(connection, pins.policy),
        inputs.facts_of(connection, pins.facts),
        standing(connection, pins.start, pins.end, pins.posted_at),
    )


@dataclass(frozen=True)
class Made:
    """What pins make. `kept`: pence to post to margin, reserve and unallocated; `held_back`: member -> its problems."""

    pins: Pins
    settlement: Mapping[str, Any]
    documents: tuple[Document, ...]
    facts: Facts
    kept: Mapping[str, int]
    held_back: Mapping[str, list[dict[str, object]]]
    wash_stops: bool
    software: Mapping[str, str]

    @cached_property
    def drafts(self) -> tuple[dict[str, Any], ...]:
        """The documents as `cni.document/1`."""
        return tuple(draft for draft, _ in self.written)

    @cached_property
    def written(self) -> tuple[tuple[dict[str, Any], str], ...]:
        """The drafts, each with its canonical text."""
        return tuple(document.written(self.facts, self.software) for document in self.documents)

    @property
    def posts_anything(self) -> bool:
        """Whether there is anything that does not stand already."""
        return bool(self.documents) or any(self.kept.values())

    @cached_property
    def body(self) -> dict[str, Any]:
        """What a run keeps of it, besides its pins."""
        charges, fees = self.settlement["charges"], self.settlement["fees"]
        return {
            "settlement": {
                "digest": digest_of(self.settlement),
                "software": self.settlement["software"],
                "inputs": self.settlement["inputs"],
                "charges_pence": sum(row["amount_pence"] for row in charges),
                "fees_pence": sum(row["amount_pence"] for row in fees),
                **{f"{name}_pence": self.settlement[f"{name}_pence"] for name in (*KEPT, "balance")},
                "lines": len(charges) + len(fees),
                "scaling": self.settlement["scaling"],
                "wash": self.settlement["wash"],
                "notes": self.settlement["notes"],
            },
            "illustrative": self.settlement["illustrative"],
            "documents": [draft["digest"] for draft in self.drafts],
            "kept": dict(self.kept),
            "held_back": [{"member": name, "problems": said} for name, said in sorted(self.held_back.items())],
            "wash_stops": self.wash_stops,
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of period and body: what is billed, whatever the run is called and whoever made it."""
        return digest_of({"period": f"{self.pins.start}/{self.pins.end}", **self.body})


def computed(connection: Connection, pins: Pins, software: Mapping[str, str] = SOFTWARE) -> Made:
    """What pins make. Raises BadInput where nobody can be billed, or the policy refuses.

    `software` is who is named as the maker: another version than this one where its result is computed again.
    """
    return made_of(pins, material(connection, pins), software)


def made_of(pins: Pins, held: Material, software: Mapping[str, str] = SOFTWARE) -> Made:
    """As `computed`, of values."""
    settlement, held_back = settled(pins, held)
    settlement = {**settlement, "software": dict(software)}
    out = {c.id for c in held.circuits if c.member in held_back}
    posted = {key: row for key, row in held.posted.lines.items() if not _of_held_back(row, held_back, out)}
    lines = differences(lines_of(settlement), posted)
    documents = documents_of(
        lines,
        held.facts,
        held.tariff.tax_rate,
        (pins.start, pins.end),
        pins.on,
        held.tariff.codes,
        illustrative=held.network.illustrative,
    )
    stops = bool(settlement["wash"]) and held.policy.wash_trade != "limit"
    kept = _kept(settlement, lines, held.posted)
    return Made(pins, settlement, documents, held.facts, kept, held_back, stops, software)


def _of_held_back(row: Posted, held_back: Mapping[str, object], circuits: set[str]) -> bool:
    """What stands for a member that cannot be billed now stays as it is, and so do the fees for its circuits."""
    line = row.line
    return (line.side == CHARGE and line.party in held_back) or circuit_of(line.key) in circuits


def _kept(settlement: Mapping[str, Any], lines: Iterable[Line], posted: Standing) -> dict[str, int]:
    """Pence to set apart now: what the settlement says less what stands; unallocated is what the lines leave over."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.side] += line.pence
    found = {name: settlement[f"{name}_pence"] - posted.kept.get(name, 0) for name in (MARGIN, RESERVE)}
    return {**found, UNALLOCATED: sums["charge"] - sums["fee"] - sum(found.values())}


def settled(pins: Pins, held: Material) -> tuple[dict[str, Any], dict[str, list[dict[str, object]]]]:
    """The settlement of all who can be billed, and the problems of each member who cannot.

    Raises BadInput where all of them, or none of them alone, cannot be billed: then it is no matter of a member.
    """

    def of(circuits: Iterable[Circuit], facts: Facts) -> dict[str, Any]:
        return settle(held.network, circuits, held.tariff, held.policy, pins.start, pins.end, facts)

    try:
        return of(held.circuits, held.facts), {}
    except BadInput:
        bad = _bad_members(pins, held)
        rest = tuple(c for c in held.circuits if c.member not in bad)
        facts = _work_for(held.facts, lambda member: member not in bad)
        if not bad or not (rest or facts.cross_connects):
            raise
        return of(rest, facts), bad


def _work_for(facts: Facts, wanted: Callable[[str], bool]) -> Facts:
    """The facts with the cross-connects of some members only; all else is no member's own."""
    return replace(facts, cross_connects=tuple(row for row in facts.cross_connects if wanted(row.member)))


def _bad_members(pins: Pins, held: Material) -> dict[str, list[dict[str, object]]]:
    """Each member whose own charges cannot be computed."""
    by_member: dict[str, list[Circuit]] = defaultdict(list)
    for circuit in held.circuits:
        by_member[circuit.member].append(circuit)
    for row in held.facts.cross_connects:
        by_member[row.member] += ()
    policy = replace(held.policy, wash_trade="note")
    found = {}
    for member, mine in sorted(by_member.items()):
        try:
            facts = _work_for(held.facts, member.__eq__)
            charge_lines(held.network, mine, held.tariff, policy, pins.start, pins.end, facts)
        except BadInput as bad:
            found[member] = problems_json(bad)
    return found
