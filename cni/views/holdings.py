"""Documents and views of circuits in the database: one, many, and what each act left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cni.rounds.lifecycle import NEXT, OFFERED, state_on
from cni.views.blocks import Block, Fields, Heading, Para, table
from topology.about import SOFTWARE
from topology.disclosure import coder, disclosed
from topology.legs import ends
from topology.strands.sheet import ANOTHER

if TYPE_CHECKING:
    from cni.rounds.circuits import Standing
    from cni.rounds.dues import Due
    from cni.rounds.holdings import Holdings
    from topology.model import Network

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a list is for: `name` is member or internal, `member` the one whose own circuits are shown in full."""

    name: str = "internal"
    member: str = ""

    def sees(self, network: Network) -> Callable[[Standing], bool]:
        """Which circuits are shown: of a member that asks its group's, and none over what an owner hides."""
        seen = disclosed(network, self.name, (self.member or None) if self.name == "member" else None)
        group = network.group_of(self.member) if self.member else ""

        def shown(standing: Standing) -> bool:
            circuit = standing.circuit
            mine = not group or network.group_of(circuit.member) == group
            known = all(s in seen.spans for s in circuit.spans) and (not circuit.node or circuit.node in seen.nodes)
            return mine and (known or self.name == "internal" or bool(group))

        return shown

    def names(self, network: Network) -> Callable[[str], str]:
        """How a circuit is called: by its id, or by a code for members that look at everybody's."""
        if self.name == "internal" or self.member:
            return lambda circuit: circuit
        return coder(network, self.name)


def circuit_row(found: Holdings, standing: Standing, at: datetime) -> Document:
    """One circuit with its state at a time."""
    circuit = standing.circuit
    a, b = ends(found.network, circuit) if circuit.is_fibre else (circuit.node, circuit.node)
    state = state_on(standing, at)
    offer = standing.accept_by.isoformat() if state == OFFERED and standing.accept_by else None
    return {
        "circuit": circuit.id,
        "member": circuit.member,
        "state": state,
        "start": circuit.start.isoformat(),
        "end": circuit.end.isoformat() if circuit.end else None,
        "a": a,
        "b": b,
        "legs": [list(leg) for leg in circuit.legs],
        "node": circuit.node or None,
        "rack_units": circuit.rack_units,
        "power_w": circuit.power_w,
        "origin": standing.origin,
        "round": standing.round,
        "request": circuit.request or None,
        "lit_on": circuit.lit_on.isoformat() if circuit.lit_on else None,
        "accept_by": offer,
        "strands": [[list(pair) for pair in leg] for leg in circuit.strands],
    }


HIDDEN: Document = {"member": ANOTHER, "round": None, "request": None, "strands": [], "accept_by": None}


def circuits_document(found: Holdings, rows: Iterable[Standing], at: datetime, audience: Audience) -> Document:
    """Circuits with their states, as an audience may see them, by id or code."""
    network = found.network
    sees, names = audience.sees(network), audience.names(network)
    shown = []
    for standing in rows:
        if not sees(standing):
            continue
        row = circuit_row(found, standing, at)
        name = names(standing.circuit.id)
        shown.append(row if name == standing.circuit.id else {**row, **HIDDEN, "circuit": name})
    return {
        "schema": "cni.circuits/1",
        "software": SOFTWARE,
        "on": at.date().isoformat(),
        "illustrative": network.illustrative,
        "disclosure": audience.name,
        "for": audience.member or None,
        "circuits": sorted(shown, key=lambda r: str(r["circuit"])),
    }


def due_document(found: Holdings, rows: Iterable[Due], at: datetime, audience: Audience) -> Document:
    """What falls due, and who must be told of what, as an audience may see it."""
    network = found.network
    sees, names = audience.sees(network), audience.names(network)
    lines = []
    for row in rows:
        if sees(row.standing):
            circuit, name = row.standing.circuit, names(row.standing.circuit.id)
            lines.append(
                {
                    "kind": row.kind,
                    "circuit": name,
                    "member": circuit.member if name == circuit.id else ANOTHER,
                    "by": row.by.isoformat(),
                    "text": row.text,
                    "warned": row.warned,
                }
            )
    tell: dict[str, set[str]] = {}
    for line in lines:
        tell.setdefault(str(line["member"]), set()).add(str(line["circuit"]))
    return {
        "schema": "cni.due/1",
        "software": SOFTWARE,
        "on": at.date().isoformat(),
        "illustrative": network.illustrative,
        "disclosure": audience.name,
        "for": audience.member or None,
        "due": lines,
        "tell": [{"member": member, "circuits": sorted(named)} for member, named in sorted(tell.items())],
    }


def due_view(document: Document) -> Iterator[Block]:
    """One row for each thing, then who must be told."""
    rows = [(d["by"], d["kind"], d["circuit"], d["member"], _mark(d), d["text"]) for d in document["due"]]
    yield table("by what circuit member warned* ~text", rows, empty="nothing falls due")
    if document["tell"]:
        yield Heading("Who must be told")
        yield table("member ~circuits", [(t["member"], " ".join(t["circuits"])) for t in document["tell"]])


def _mark(line: Document) -> str:
    return "yes" if line["warned"] else "no"


def circuits_view(document: Document) -> Iterator[Block]:
    """One row per circuit."""
    rows = [
        (c["circuit"], c["member"], words(c["state"]), c["start"], c["end"] or "open", _where(c), c["lit_on"] or "-")
        for c in document["circuits"]
    ]
    yield table("circuit member state from* to ~where lit**", rows)


def _where(row: Document) -> str:
    if row["node"]:
        return f"{row['rack_units']} U at {row['node']}"
    return f"{row['a']} - {row['b']}, {'two legs' if len(row['legs']) == 2 else 'one leg'}"


def words(state: str) -> str:
    """A state as people write it."""
    return state.replace("_", " ")


def circuit_document(found: Holdings, standing: Standing, at: datetime, **more: Any) -> Document:
    """One circuit with all that happened to it. A report's content stays in the database; its digest is shown."""
    return {
        "schema": "cni.circuit/1",
        "software": SOFTWARE,
        "on": at.date().isoformat(),
        "illustrative": found.network.illustrative,
        **circuit_row(found, standing, at),
        "events": [
            {
                "kind": e.kind,
                "on": e.on.isoformat(),
                "recorded_at": e.at.isoformat() if e.at else at.isoformat(),
                "audit": e.audit,
                "body": _told(dict(e.body)),
            }
            for e in standing.events
        ],
        "next": NEXT.get(state_on(standing, at), "").replace("CIRCUIT", standing.circuit.id),
        **more,
    }


def _told(body: Document) -> Document:
    report = body.get("report")
    return body if report is None else {**body, "report": {k: v for k, v in report.items() if k != "content"}}


def circuit_view(document: Document) -> Iterator[Block]:
    """The circuit, its strands, and its story."""
    yield Heading(f"Circuit {document['circuit']}: {words(document['state'])} on {document['on']}")
    yield Fields(
        (
            ("member", document["member"]),
            ("term", f"{document['start']} to {document['end'] or 'open'}"),
            ("where", _where(document)),
            *((f"leg {n}", " ".join(leg)) for n, leg in enumerate(document["legs"], 1)),
            *(
                (f"strands {n}", " ".join("-".join(map(str, pair)) for pair in leg))
                for n, leg in enumerate(document["strands"], 1)
            ),
            ("from", " ".join(w for w in (document["origin"], document["round"], document["request"]) if w)),
            *((("accept by", document["accept_by"]),) if document["accept_by"] else ()),
            *((("lit", document["lit_on"]),) if document["lit_on"] else ()),
        )
    )
    if document["events"]:
        yield Heading("What happened")
        rows = [(words(e["kind"]), e["on"], e["audit"], _particulars(e["body"])) for e in document["events"]]
        yield table("what from >audit ~particulars", rows)
    if document["next"]:
        yield Para(document["next"], "quiet")


def _particulars(body: Document) -> str:
    said = []
    for key, value in sorted(body.items()):
        if key == "report":
            said.append(f"report {value['name']}, SHA-256 {value['sha256']}")
        elif key != "strands":
            said.append(f"{words(key)} {value}")
    return "; ".join(said) or "-"
