"""Digital inclusion and carbon are carried with source and year, told of when these lack, and decide nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from allocation.award import allocate
from allocation.policy import Policy
from allocation.request import Request
from tests.builders import DAY, network, node
from topology.checks import find
from topology.disclosure import disclosed
from topology.files.json_form import network_to_json
from topology.model import Network

PLAIN = network("s A B 1 strands=6", "t A B 2 strands=6")
FULL: dict[str, Any] = {
    "inclusion": Decimal("0.42"), "inclusion_source": "A census", "inclusion_year": 2021,
    "carbon_kg": Decimal("12.5"), "carbon_source": "A study", "carbon_year": 2024,
}  # fmt: skip


def with_figures(**figures: Any) -> Network:
    """The plain network with figures on span s and node A."""
    spans = {**PLAIN.spans, "s": replace(PLAIN.spans["s"], **figures)}
    return replace(PLAIN, spans=spans, nodes={**PLAIN.nodes, "A": node("A", **figures)})


def test_a_figure_without_source_or_year_is_a_warning() -> None:
    lacking = [
        p for p in find(with_figures(**{**FULL, "inclusion_source": "", "carbon_year": None})) if "figure" in p.code
    ]
    assert {(p.file, p.column, p.level) for p in lacking} == {
        (file, column, "warning") for file in ("nodes.csv", "spans.csv") for column in ("inclusion", "carbon_kg")
    }
    assert not [p for p in find(with_figures(**FULL)) if p.code == "figure_without_source"]


def test_figures_decide_no_award() -> None:
    """Rule B: weight 0 is all there is."""
    asked = (Request("r1", "m1", "fibre", "A", "B", 2), Request("r2", "m2", "fibre", "A", "B", 9))
    made = [allocate(n, (), asked, Policy(), on=DAY, seed="s") for n in (PLAIN, with_figures(**FULL))]
    assert made[0]["requests"] == made[1]["requests"]


def test_members_see_figures_and_the_public_does_not() -> None:
    full = with_figures(**FULL)
    assert network_to_json(disclosed(full, "member"))["spans"][0]["inclusion"] == "0.42"
    assert "inclusion" not in str(network_to_json(disclosed(full, "public")))
