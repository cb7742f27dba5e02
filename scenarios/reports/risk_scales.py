"""The two scales of a risk register: likelihood over five years, and impact from 1 to 5 by cut-offs that are inputs.

Form of the UK's National Risk Register (2023 and 2025 editions): a reasonable worst case is placed in a matrix of five bands of
likelihood and five of impact. The bands of likelihood are the register's; where an impact begins to be a 3 or a 4 is for
those who bear it to say, so the cut-offs are read from a file. The ones that stand in without a file are placeholders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import expm1
from pathlib import Path
from typing import Any

from scenarios.failures.components import DEFAULTS, GROUP_KM, REPAIR_HOURS, SPAN_CUTS, Component, components
from scenarios.failures.events import Event
from topology.files.reading import read_toml, toml_line
from topology.model import Network
from topology.problems import Problems

SCHEMA = "cni.impact/1"
YEARS = 5
BANDS: tuple[tuple[float, str], ...] = (
    (0.0, "under 0.2%"),
    (0.002, "0.2% to 1%"),
    (0.01, "1% to 5%"),
    (0.05, "5% to 25%"),
    (0.25, "over 25%"),
)
"""Likelihood 1 to 5: least chance over five years of each band, and its words."""

LEVELS = ("minor", "limited", "moderate", "significant", "catastrophic")
"""Impact 1 to 5."""

MEASURES: Mapping[str, tuple[str, str]] = {
    "circuits_down": ("circuits", "circuits that are down"),
    "members_hit": ("members", "members with a circuit down"),
    "key_pairs_lost": ("key_pairs", "pairs of key nodes that are parted"),
}
"""What impact is measured by: figure -> (figure of the whole, words)."""

CUTS = f"cable at {SPAN_CUTS:g} cuts per km a year; {DEFAULTS['span_cuts_per_km_year']['source']}"
PLACEHOLDER = "placeholder of the program: a general meeting should set it"


@dataclass(frozen=True, slots=True)
class Impact:
    """`cutoffs`: figure -> least share of the whole, in percent, for impact 2, 3, 4 and 5. `source`: who set them."""

    cutoffs: Mapping[str, tuple[Decimal, ...]]
    source: str

    def level(self, figure: str, count: int, whole: int) -> int | None:
        """1 to 5 for a count of a whole; None where there is no whole, or no cut-off for the figure."""
        if figure not in self.cutoffs or whole <= 0:
            return None
        return 1 + sum(100 * count >= cut * whole for cut in self.cutoffs[figure])


DEFAULT = Impact({name: tuple(map(Decimal, (1, 5, 20, 50))) for name in MEASURES}, PLACEHOLDER)


def read_impact(path: Path) -> Impact:
    """The cut-offs of a TOML file: `schema`, `source` and per measure four rising percentages. Raises BadInput with every fault."""
    found = Problems()
    read = read_toml(path, found)
    found.raise_errors()
    assert read is not None
    data, text = read

    def say(key: str, said: str, value: object = "", hint: str = "", code: str = "bad_value") -> None:
        line = toml_line(text, "", key)
        shown = str(value)[:100]
        found.add(said, file=path.name, line=line, column=key, value=shown, hint=hint, code=code)

    if data.get("schema") != SCHEMA:
        say(
            "schema",
            f'A file of cut-offs begins with schema = "{SCHEMA}".',
            data.get("schema", ""),
            code="wrong_schema",
        )
    source = data.get("source")
    if not isinstance(source, str) or not source.strip():
        said = "source is missing: who set the cut-offs, and when."
        say("source", said, hint='For example source = "general meeting, 2027-03-01".', code="missing_value")
    cutoffs = {}
    for key, value in data.items():
        if key in MEASURES:
            cutoffs[key] = _four(key, value, say)
        elif key not in ("schema", "source"):
            hint = f"The keys are schema, source, {', '.join(MEASURES)}."
            say(key, "cut-offs have no such key.", "", hint, "unknown_key")
    if not cutoffs:
        say("", f"no cut-off is given; name at least one of {', '.join(MEASURES)}.", code="missing_value")
    found.raise_errors()
    return Impact({key: cutoffs[key] for key in MEASURES if key in cutoffs}, str(source).strip())


def _four(key: str, value: Any, say: Any) -> tuple[Decimal, ...]:
    """Four rising percentages above 0 and up to 100."""
    listed = value if isinstance(value, list) else []
    numbers = [Decimal(v) for v in listed if isinstance(v, int | Decimal) and not isinstance(v, bool)]
    numbers = [n for n in numbers if n.is_finite() and 0 < n <= 100]
    rising = all(a < b for a, b in pairwise(numbers))
    if len(numbers) != 4 or len(listed) != 4 or not rising:
        hint = f"For example {key} = [1, 5, 20, 50]."
        say(key, "four rising percentages, above 0 and up to 100, for impact 2, 3, 4 and 5.", value, hint)
    return tuple(numbers)


def chance(per_year: float) -> float:
    """Chance of at least one event in five years at a steady rate: 1 - exp(-5 x rate) (Poisson)."""
    return -expm1(-YEARS * per_year)


def likelihood(per_year: float) -> int:
    """1 to 5: the band of the chance over five years. A chance on an edge counts as the higher band."""
    return sum(chance(per_year) >= least for least, _ in BANDS)


def in_percent(share: float) -> str:
    """A share as percent with two figures, never rounded to certainty."""
    if share >= 0.995:
        return "over 99%"
    return f"{100 * share:.0f}%" if share >= 0.1 else f"{100 * share:.2g}%"


@dataclass(frozen=True, slots=True)
class Rate:
    """How often an event is reckoned to happen, in times a year (None: nobody says), and how long a repair takes, in hours."""

    per_year: float | None
    source: str
    hours: float
    hours_source: str


def rate_of(
    network: Network, event: Event, per_year: tuple[float, str] | None = None, hours: float | None = None
) -> Rate:
    """The rate of a scenario's event: the file's own, else that of the one risk group or span that it names, else none.

    Several things that fail in one event have no rate of their own here: that of their common cause is for the file to give.
    """
    found = _component(network, event)
    if hours is not None:
        told = (hours, "the scenario file")
    elif found is not None and found[1]:
        told = (found[0].hours, "the network's own figure")
    else:
        told = (REPAIR_HOURS, f"assumed: {DEFAULTS['repair_hours']['source']}")
    if per_year is not None:
        return Rate(per_year[0], per_year[1], *told)
    if found is None:
        return Rate(None, "", *told)
    return Rate(found[0].per_year, found[2], *told)


def _component(network: Network, event: Event) -> tuple[Component, bool, str] | None:
    """The one component that an event is, whether its hours are its own, and the source of its rate."""
    if len(event.spans) + len(event.nodes) + len(event.risk_groups) != 1 or event.nodes:
        return None
    kind, name = ("span", event.spans[0]) if event.spans else ("group", event.risk_groups[0])
    made = next((c for c in _made(components(network), f"{kind}:{name}")), None)
    if made is None:
        return None
    if kind == "span":
        span = network.spans[name]
        own, own_hours, said = span.cuts_per_km_year is not None, span.repair_hours is not None, CUTS
    else:
        group = network.risk_groups[name]
        own, own_hours, said = (
            group.cuts_per_year is not None,
            group.repair_hours is not None,
            f"{GROUP_KM:g} km of {CUTS}",
        )
    return made, own_hours, "the network's own figure" if own else f"assumed: {said}"


def _made(listed: Iterable[Component], name: str) -> Iterable[Component]:
    return (c for c in listed if c.name == name)
