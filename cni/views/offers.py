"""The offer of the database's spine as an audience may see it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from topology.disclosure import coder, disclosed
from topology.offer import offer_document

if TYPE_CHECKING:
    from cni.rounds.networks import Held


def offer_for(held: Held, day: date, end: date | None, audience: str, member: str | None) -> dict[str, Any]:
    """The offer from a day until `end` (that day alone where None), as `cni.offer/1`, for `internal` or `member`.

    Members see the figures of every span that its owner does not hide, as in a round's notice; circuits of others are codes.
    """
    network = held.network
    end = end or day + timedelta(days=1)
    live = [c for c in held.circuits if c.start < end and (c.end is None or c.end > day)]  # no other changes a figure
    document = offer_document(network, live, day, end)
    if audience == "internal":
        return document
    seen = disclosed(network, "member", member)
    group = network.group_of(member) if member else None
    mine = {c.id for c in live if group is not None and network.group_of(c.member) == group}
    code = coder(network, audience)

    def name(circuit: str | None) -> str | None:
        return circuit if circuit is None or circuit in mine else code(circuit)

    return {
        **document,
        "spans": [
            {
                **row,
                "changes": [{**change, "circuit": name(change["circuit"])} for change in row["changes"]],
                "stranded": [name(circuit) for circuit in row["stranded"]],
            }
            for row in document["spans"]
            if row["id"] in seen.spans
        ],
        "nodes": [row for row in document["nodes"] if row["id"] in seen.nodes],
    }
