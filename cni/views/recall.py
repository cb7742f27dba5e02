"""Documents and views of recalls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cni.views.blocks import Block, Fields, Heading, Para, table
from cni.views.holdings import Audience, words
from topology.about import SOFTWARE
from topology.disclosure import disclosed
from topology.quantities import as_thousands
from topology.routing.routes_report import cause_json
from topology.strands.sheet import ANOTHER

if TYPE_CHECKING:
    from cni.rounds.holdings import Holdings
    from cni.rounds.recall_plan import Affected
    from cni.rounds.recalls import Planned

Document = dict[str, Any]


def recall_document(planned: Planned) -> Document:
    """A recall: what of it is spare, who gives way in which order, and what is offered instead."""
    asked, recall = planned.asked, planned.recall
    lines = [_line(planned, a, number) for number, a in enumerate(recall.affected, 1)]
    return {
        "schema": "cni.recall/1",
        "software": SOFTWARE,
        "illustrative": planned.found.network.illustrative,
        "on": asked.on.isoformat(),
        "span": asked.span,
        "strands": asked.strands,
        "contributor": asked.contributor,
        "notice_days": planned.notice_days,
        "spare": min(recall.spare, asked.strands),
        "recorded": planned.recorded,
        "affected": lines,
        "without_replacement": [a.holder.circuit.id for a in planned.without_replacement],
    }


def _line(planned: Planned, affected: Affected, number: int) -> Document:
    circuit, instead = affected.holder.circuit, affected.instead
    reason = instead.certificate
    return {
        "place": number,
        "circuit": circuit.id,
        "member": circuit.member,
        "state": affected.holder.state,
        "lit": affected.holder.lit,
        "ends": affected.ends.isoformat(),
        "end": circuit.end.isoformat() if circuit.end else None,
        "diversity": instead.diversity,
        "replacement": {
            "circuit": planned.offered[circuit.id],
            "legs": [list(leg) for leg in instead.legs],
            "new_legs": list(instead.moved),
            "length_km": [as_thousands(planned.recall.network.length_m(leg)) for leg in instead.legs],
        }
        if instead.legs
        else None,
        "certificate": None if reason is None else cause_json(reason),
    }


def recall_view(document: Document) -> Iterator[Block]:
    """Spare first, then the circuits in order."""
    state = "on record" if document["recorded"] else "as it would be"
    yield Heading(
        f"Recall of {document['strands']} strands of {document['span']} on {document['on']} "
        f"by {document['contributor']}: {state}"
    )
    yield Fields((("spare then", f"{document['spare']} strands"), ("notice", f"{document['notice_days']} days")))
    if not document["affected"]:
        yield Para("No circuit is touched.", "good")
        return
    yield Heading("Who gives way, in the order of rule H9, and what is offered instead")
    rows = [
        (a["place"], a["circuit"], a["member"], words(a["state"]), "yes" if a["lit"] else "no", a["ends"], _instead(a))
        for a in document["affected"]
    ]
    yield table(">place circuit member state* lit* from ~instead", rows)


def _instead(line: Document) -> str:
    if line["replacement"] is None:
        return f"nothing: {line['certificate']['text']}"
    made = line["replacement"]
    legs = " | ".join(f"{'+'.join(leg)} ({km} km)" for leg, km in zip(made["legs"], made["length_km"], strict=True))
    return f"{made['circuit']}: {legs}"


def recalls_document(found: Holdings, audience: Audience) -> Document:
    """Every recall on record, with the circuits that gave way to it."""
    network = found.network
    seen = disclosed(network, audience.name, (audience.member or None) if audience.name == "member" else None)
    sees, names = audience.sees(network), audience.names(network)
    rows = []
    for span in network.spans.values():
        for day, strands in span.recalls if span.id in seen.spans else ():
            gone = [
                (standing, event)
                for standing in found.standings.values()
                for event in standing.events
                if event.kind == "recalled"
                and (event.body["span"], event.body["recall"]) == (span.id, day.isoformat())
                and sees(standing)
            ]
            rows.append(
                {
                    "span": span.id,
                    "contributor": span.owner,
                    "on": day.isoformat(),
                    "strands": strands,
                    "circuits": sorted(
                        [
                            {
                                "circuit": names(s.circuit.id),
                                "member": s.circuit.member if names(s.circuit.id) == s.circuit.id else ANOTHER,
                                "replacement": names(e.body["circuit"]) if e.body["circuit"] else None,
                            }
                            for s, e in gone
                        ],
                        key=lambda row: str(row["circuit"]),
                    ),
                }
            )
    return {
        "schema": "cni.recalls/1",
        "software": SOFTWARE,
        "disclosure": audience.name,
        "for": audience.member or None,
        "recalls": rows,
    }


def recalls_view(document: Document) -> Iterator[Block]:
    """One row per recall."""
    rows = [
        (r["on"], r["span"], r["contributor"], r["strands"], " ".join(c["circuit"] for c in r["circuits"]) or "-")
        for r in document["recalls"]
    ]
    yield table("from span contributor >strands ~circuits", rows)
