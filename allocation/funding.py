"""Funding conditions of a span (rule A6): where a member may be granted no new pair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from topology.funding import FundingConditions, read_funding
from topology.model import Network


def conditions_of(network: Network) -> dict[str, FundingConditions]:
    """Span id -> its conditions, where it has any. Raises `CellError` where a network made by hand holds none that can be read."""
    found = {span.id: read_funding(span.funding_conditions) for span in network.spans.values()}
    return {span: conditions for span, conditions in found.items() if conditions is not None}


def closed_to(
    conditions: Mapping[str, FundingConditions], network: Network, member: str, start: date
) -> frozenset[str]:
    """Spans on which a member that holds from `start` on may be granted no new pair: none of the names is its own.

    Conditions that have lapsed on `start` bind no more; those that lapse later bind the whole grant.
    """
    organisation = (network.organisations or {}).get(member)
    own = {member, network.group_of(member), *(organisation.roles if organisation else ())}
    return frozenset(
        span for span, c in conditions.items() if (c.until is None or start < c.until) and own.isdisjoint(c.names)
    )
