"""Who may come to hold a circuit outside a round: the rules that hold for a grant hold for a transfer too (rule H5)."""

from __future__ import annotations

from datetime import date

from allocation.funding import closed_to, conditions_of
from cni.rounds.holdings import Holdings
from topology.files.references import near
from topology.model import Circuit, Network
from topology.problems import bad_input
from topology.room import peak


def check_eligible(network: Network, member: str, on: date, option: str) -> None:
    """Raises BadInput unless somebody is a member with the role user on a day (rule A7)."""
    if network.organisations is None:
        return
    found = network.organisations.get(member)
    if found is None:
        hint = near(member, network.organisations)
        raise bad_input("no member has this id.", file=option, value=member, code="unknown_id", hint=hint)
    if "user" not in found.roles or not found.member_on(on):
        why = "is not a member" if "user" in found.roles else "does not have the role user"
        said = f"{member} {why} on {on}, so it may not hold a circuit."
        raise bad_input(said, file=option, value=member, code="not_eligible")


def check_span_terms(found: Holdings, made: Circuit, instead_of: str) -> None:
    """Raises BadInput where a span's contributor or funding keeps the new holder off it.

    `max_pairs_per_member` counts all that the holder's group has on the span; `instead_of` ends where `made` begins.
    """
    network = found.network
    closed = closed_to(conditions_of(network), network, made.member, made.start) & set(made.spans)
    if closed:
        said = f"funding conditions keep {made.member} off {' '.join(sorted(closed))}."
        raise bad_input(said, file="--to", value=made.member, code="not_eligible")
    group = network.group_of(made.member)
    own = [c for c in found.others(instead_of) if network.group_of(c.member) == group]
    for span in sorted(set(made.spans)):
        limit = network.spans[span].max_pairs_per_member
        loads = [(c.start, c.end, c.spans.count(span)) for c in (*own, made) if span in c.spans]
        if limit is not None and (most := peak(loads, made.start, made.end)) > limit:
            said = f"{made.member} would hold {most} pairs of {span}, where a member may hold {limit}."
            raise bad_input(said, file="--to", value=made.member, code="member_cap")
