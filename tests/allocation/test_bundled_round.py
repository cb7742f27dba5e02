"""The bundled round shows every reason code that there is, and is proved to the last tie."""

from __future__ import annotations

from collections import Counter

import pytest

from allocation.files.requests import read_policy, read_requests
from allocation.gate import refusals
from allocation.reasons.lifts import CLAUSE_NAMES
from scenarios.fibre_manchester import folder
from tests.allocation.rounds import Round, granted
from tests.builders import DAY
from topology.files.circuits import read_circuits
from topology.files.csv_folder import read_network

SEED = "fibre-manchester-2027-Q1"
NOT_SHOWN = {"tranche"}
"""The bundled policy has no tranche."""

HOLDERS = {"own_rank", "drawn_lot", "fair_share"}


def bundled() -> Round:
    network, _ = read_network(folder() / "network")
    circuits, _ = read_circuits(folder() / "circuits.csv", network)
    requests, _ = read_requests(folder() / "requests.csv", network, circuits)
    policy, _ = read_policy(folder() / "policy.toml")
    return Round(network, requests, policy, circuits)


def test_it_is_a_round_of_every_kind():
    """70 requests or more, of 24 users, at each level of diversity, with bundles, families, ranks and limits."""
    requests = bundled().requests
    assert len(requests) >= 70
    assert {r.diversity for r in requests} == {"none", "span", "node", "risk"}
    for feature in ("bundle", "alternative_of", "rank", "max_m", "max_loss_db", "avoid", "diverse_from", "partial"):
        assert any(getattr(r, feature) for r in requests), feature
    bundles = {r.bundle: {q.kind for q in requests if q.bundle == r.bundle} for r in requests if r.bundle}
    assert {"fibre", "colocation"} in bundles.values()
    assert any(s.funding_conditions for s in bundled().network.spans.values())


def test_its_gate_refuses_on_every_ground():
    this = bundled()
    found = refusals(this.network, this.requests, this.policy, DAY)
    assert {g.code for grounds in found.values() for g in grounds} == {"not_eligible", "late", "term", "block_size"}


@pytest.mark.slow
def test_its_award_is_optimal_unique_and_shows_every_reason_code():
    """So that `cni demo` and the documents can show a true example of each."""
    award = bundled().award(SEED)
    assert (award["proof"], award["unique"], award["repeatable"]) == ("optimal", True, True)
    found = Counter(r["code"] for line in award["requests"] for r in line["reasons"])
    assert set(found) == (set(CLAUSE_NAMES) | HOLDERS) - NOT_SHOWN
    assert all((line["granted"] < line["requested"]) == bool(line["reasons"]) for line in award["requests"])
    assert sum(granted(award).values()) == award["totals"]["pairs_granted"] + award["totals"]["rack_units_granted"]
