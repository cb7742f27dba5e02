"""What fails independently, how often, and for how long: spans by their own cuts, and risk groups.

Unavailability of a component that fails r times a year and takes h hours to mend: u = r h / (8766 + r h), the share of time in
repair of an alternating renewal process (8,766 hours in a year of 365.25 days). Components are taken as independent; flood, loss
of power and malice are not, unless a group says so. Equipment, planned works and groups that nobody recorded are not in the
figures at all: they are a model's comparison of routes, no promise of service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import expm1, fsum, log1p

from topology.model import Network, RiskGroup, Span

HOURS_A_YEAR = 8766
MINUTES_A_YEAR = 525_960
SCALES = (("0.25", 0.25), ("1", 1.0), ("4", 4.0))
"""Published failure rates differ by more than an order of magnitude, so every result stands at three rates."""

SPAN_CUTS = 8.08e-3
GROUP_KM = 0.5
REPAIR_HOURS = 12.0
DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "span_cuts_per_km_year": {
        "value": "0.00808",
        "source": "13 cuts per 1,000 route-miles a year, US metro (FCC figures in Grover); no UK rate was found: unverified",
    },
    "group_cuts_per_year": {
        "value": "0.00404",
        "source": "a group without a rate of its own counts as 0.5 km of route at the rate above: an assumption",
    },
    "repair_hours": {
        "value": "12",
        "source": "default of Net2Plan's availability report; 6 h or more for buried cable",
    },
    "nodes": {
        "value": "0",
        "source": "no public rate for exchange power or flood was found: only groups take nodes out",
    },
}
"""What stands in where a span or a group has no figure of its own, with where it comes from."""


@dataclass(frozen=True, slots=True)
class Component:
    """Something that fails as one: its name (`span:ID`, `group:ID`), expected failures a year, hours to mend, what breaks."""

    name: str
    per_year: float
    hours: float
    spans: frozenset[str]
    nodes: frozenset[str]

    def unavailability(self, scale: float) -> float:
        """Share of time in repair, the rate times `scale`."""
        busy = self.per_year * scale * self.hours
        return busy / (HOURS_A_YEAR + busy)


def components(network: Network) -> tuple[Component, ...]:
    """Every component with a rate above 0, by name."""
    made = [_of_span(s) for s in network.spans.values()]
    made += [_of_group(network, g) for g in network.risk_groups.values()]
    return tuple(
        sorted((c for c in made if c.per_year > 0 and c.hours > 0 and (c.spans or c.nodes)), key=lambda c: c.name)
    )


def _of_span(span: Span) -> Component:
    rate = SPAN_CUTS if span.cuts_per_km_year is None else span.cuts_per_km_year
    return Component(
        f"span:{span.id}", rate * span.length_m / 1000, _hours(span.repair_hours), frozenset((span.id,)), frozenset()
    )


def _of_group(network: Network, group: RiskGroup) -> Component:
    rate = SPAN_CUTS * GROUP_KM if group.cuts_per_year is None else group.cuts_per_year
    members = network.members_of_group.get(group.id, ())
    nodes = frozenset(name for kind, name in members if kind == "node")
    spans = {name for kind, name in members if kind == "span"}
    spans |= {span.id for node in nodes for span in network.incident[node]}
    return Component(f"group:{group.id}", rate, _hours(group.repair_hours), frozenset(spans), nodes)


def _hours(given: float | None) -> float:
    return REPAIR_HOURS if given is None else given


def any_down(unavailabilities: Iterable[float]) -> float:
    """Chance that at least one of independent components is down: 1 - prod(1 - u), without losing the small digits."""
    return -expm1(fsum(log1p(-u) for u in unavailabilities))
