"""Documents and views of planned works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from cni.views.blocks import Block, Fields, Heading, Para, table
from cni.views.holdings import Audience
from topology.about import SOFTWARE
from topology.disclosure import disclosed
from topology.strands.sheet import ANOTHER

if TYPE_CHECKING:
    from cni.rounds.outages import Outage
    from cni.rounds.works import Told

Document = dict[str, Any]


def works_document(told: Told, audience: Audience) -> Document:
    """Works with who must be told, as an audience may see it."""
    return {"schema": "cni.works/1", "software": SOFTWARE, **_works(told, audience)}


def works_list_document(every: Iterable[Told], audience: Audience) -> Document:
    """All works."""
    rows = [_works(told, audience) for told in every]
    return {"schema": "cni.works_list/1", "software": SOFTWARE, "disclosure": audience.name, "works": rows}


def _works(told: Told, audience: Audience) -> Document:
    network, row = told.found.network, told.row
    seen = disclosed(network, audience.name, (audience.member or None) if audience.name == "member" else None)
    sees, names = audience.sees(network), audience.names(network)
    standings = told.found.standings
    shown = [o for o in told.outages if sees(standings[o.circuit.id])]
    refused = {o.circuit.id for o in told.refused}
    tell = [_line(o, o.circuit.id in row.works.agreed, names(o.circuit.id)) for o in shown]
    return {
        "works": row.works.id,
        "state": row.state,
        "version": row.version,
        "from": row.works.start.isoformat(),
        "to": row.works.end.isoformat(),
        "spans": sorted(row.works.spans & seen.spans.keys()),
        "nodes": sorted(row.works.nodes & seen.nodes.keys()),
        "risk_groups": sorted(row.works.risk_groups) if audience.name == "internal" else [],
        "why": row.why,
        "disclosure": audience.name,
        "for": audience.member or None,
        "tell": sorted(tell, key=lambda line: (str(line["member"]), str(line["circuit"]))),
        "refused": sorted(names(o.circuit.id) for o in shown if o.circuit.id in refused),
    }


def _line(one: Outage, agreed: bool, name: str) -> Document:
    return {
        "circuit": name,
        "member": one.circuit.member if name == one.circuit.id else ANOTHER,
        "lost": list(one.lost),
        "stays": list(one.stays),
        "down": one.down,
        "both_legs": one.both,
        "asks": one.asks,
        "agreed": agreed,
        "with": list(one.beside),
    }


def works_view(document: Document) -> Iterator[Block]:
    """What is out of use and when; then who must be told."""
    yield Heading(f"Works {document['works']}: {document['state']}")
    parts = [*document["spans"], *document["nodes"], *document["risk_groups"]]
    yield Fields(
        (
            ("from", document["from"]),
            ("to", document["to"]),
            ("out of use", " ".join(parts) or "-"),
            *((("why", document["why"]),) if document["why"] else ()),
        )
    )
    yield Heading("Who must be told")
    rows = [(t["member"], t["circuit"], _legs(t["lost"]), _legs(t["stays"]), _said(t)) for t in document["tell"]]
    yield table("member circuit lost stays ~what", rows, empty="nobody: no circuit passes there")
    for name in document["refused"]:
        line = next(t for t in document["tell"] if t["circuit"] == name)
        yield Para(f"{name} of {line['member']}: {_said(line)}", "bad")


def _legs(numbers: list[int]) -> str:
    return " ".join(f"leg {n}" for n in numbers) or "-"


def _said(line: Document) -> str:
    beside = f", with works {' '.join(line['with'])}" if line["with"] else ""
    if line["both_legs"]:
        return f"loses both legs{beside}"
    if line["asks"] and not line["agreed"]:
        return f"down by its own end{beside}; needs --agreed {line['circuit']}"
    if line["down"]:
        return f"down{beside}" + (", agreed" if line["agreed"] else "")
    return "one leg stays"


def works_list_view(document: Document) -> Iterator[Block]:
    """One row per works."""
    rows = [
        (
            w["works"],
            w["state"],
            w["from"][:16],
            w["to"][:16],
            len(w["tell"]),
            " ".join([*w["spans"], *w["nodes"], *w["risk_groups"]]),
        )
        for w in document["works"]
    ]
    yield table("works state from to >circuits* ~where", rows)
