"""What to build, as `cni.builds/1`: the cheapest for a level, or the best within a budget; with proof, reasons and carbon."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allocation.award import inputs_of as round_inputs
from allocation.policy import Policy
from allocation.request import Request
from scenarios.builds.budget import Budget, Within, curve
from scenarios.builds.budget_disjoint import DisjointBudget
from scenarios.builds.candidates import CANDIDATES, Candidate
from scenarios.builds.cheapest import LEVELS, Choice, Task, cheapest
from scenarios.builds.planning import NO_CARBON, Carbon, carbon_of
from scenarios.builds.serving import most_requests
from scenarios.failures.events import on_service
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.files.table_text import row_cells
from topology.model import Circuit, Network
from topology.offer import inputs_of

__all__ = ["LEVELS", "Plan", "budget_document", "build_document", "requests_document"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What every question about builds starts from. `weights`: key node -> as how many it counts, with the digest of its file."""

    network: Network
    candidates: Sequence[Candidate]
    on: date
    carbon: Carbon = NO_CARBON
    weights: Mapping[str, int] = field(default_factory=dict)
    weights_digest: str = ""

    @property
    def here(self) -> Network:
        """What is in service on the day."""
        return on_service(self.network, (), self.on)[0]

    @property
    def key_pairs(self) -> int:
        """Pairs of key nodes in service."""
        keys = len(self.here.key_nodes)
        return keys * (keys - 1) // 2

    def ids(self, chosen: Iterable[int]) -> list[str]:
        """Candidates by id."""
        return [self.candidates[i].id for i in chosen]

    def cost(self, chosen: Iterable[int]) -> int:
        """Pence of a choice."""
        return sum(self.candidates[i].cost_pence for i in chosen)

    def carbon_of(self, chosen: Iterable[int]) -> dict[str, Any]:
        """Embodied carbon of a choice."""
        return carbon_of([self.candidates[i] for i in chosen], self.carbon)

    def head(self, level: str, **more: str) -> dict[str, Any]:
        """What every such document begins with; `more`: digests of other inputs."""
        inputs = {
            **inputs_of(self.network, ()),
            "candidates": digest_of([row_cells(c, CANDIDATES) for c in self.candidates]),
        }
        if self.carbon.of:
            inputs["carbon"] = self.carbon.digest
        if self.weights_digest:
            inputs["weights"] = self.weights_digest
        return {
            "schema": "cni.builds/1",
            "software": SOFTWARE,
            "inputs": {**inputs, **more},
            "on": self.on.isoformat(),
            "illustrative": self.network.illustrative,
            "level": level,
            "key_pairs": self.key_pairs,
        }


def build_document(plan: Plan, level: str = "survives", **how: Any) -> dict[str, Any]:
    """The cheapest build for a level, and `alternatives` to it; `how` as in `cheapest`."""
    found = cheapest(plan.here, plan.candidates, level, **how)
    best = found.best or Choice((), 0, 0)
    witness = found.witness
    return {
        **plan.head(level),
        "proof": found.proof,
        "chosen": plan.ids(best.chosen),
        "cost_pence": best.cost_pence,
        "bound_pence": best.bound_pence,
        "key_pairs_protected_before": _exactly(found.before),
        "key_pairs_protected_after": _exactly(found.after),
        "reasons": list(found.reasons),
        "witness": witness and {"pair": list(witness.pair), "event": witness.failure, "text": witness.text},
        "carbon": plan.carbon_of(best.chosen),
        "alternatives": [
            {
                "chosen": plan.ids(other.chosen),
                "cost_pence": other.cost_pence,
                "bound_pence": other.bound_pence,
                "proof": "optimal" if other.proved else "bounded",
                "carbon": plan.carbon_of(other.chosen),
            }
            for other in found.others
        ],
        "evidence": {"cuts": found.cuts, "rounds": found.rounds},
    }


def budget_document(
    plan: Plan, goal: str, pence: int, *, level: str = "survives", points: int = 0, progress: Progress | None = None
) -> dict[str, Any]:
    """The best build within a budget; `points` above 0: the best at so many budgets up to it too."""
    here = plan.here
    asked = DisjointBudget if level == "disjoint" else Budget
    task = asked(here, plan.candidates, weights=plan.weights)
    found = task.best(goal, pence)
    chosen = task.lean(found)
    reasons = Task(here, plan.candidates, level)
    return {
        **plan.head(level),
        "goal": goal,
        "budget_pence": pence,
        "proof": "optimal" if found.proved else "bounded",
        "chosen": plan.ids(chosen),
        "cost_pence": plan.cost(chosen),
        "bound_pence": 0,
        "class": _class(found) if goal == "class" else None,
        "key_pairs_protected_before": _exactly(reasons.protected(())),
        "key_pairs_protected_after": _protected(plan, found),
        "weighted_pairs": {"value": found.value, "bound": found.value_bound} if plan.weights else None,
        "reasons": [reasons.why(i, frozenset(chosen)) for i in chosen],
        "witness": None,
        "carbon": plan.carbon_of(chosen),
        "curve": [
            {
                "budget_pence": given,
                "cost_pence": plan.cost(needed),
                "chosen": plan.ids(needed),
                "class_size": len(point.members),
                "class_bound": point.weight_bound,
                "key_pairs_protected": _protected(plan, point),
                "proof": "optimal" if point.proved else "bounded",
            }
            for given, point in curve(task, goal, pence, points, progress)
            for needed in [task.lean(point)]
        ],
    }


def _exactly(count: int) -> dict[str, int]:
    return {"low": count, "high": count}


def _protected(plan: Plan, found: Within) -> dict[str, int]:
    """Pairs that are protected: found, and the most that any build within the budget could; with weights those found."""
    return {"low": found.pairs, "high": found.pairs if plan.weights else found.value_bound}


def _class(found: Within) -> dict[str, Any]:
    """The protected set; `bound` and `weight` count key nodes where there are no weights."""
    return {
        "members": list(found.members),
        "size": len(found.members),
        "weight": found.weight,
        "bound": found.weight_bound,
    }


def requests_document(
    plan: Plan,
    circuits: Iterable[Circuit],
    requests: Iterable[Request],
    policy: Policy,
    pence: int,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The build within a budget that lets the most requests of a round be granted in full (`scenarios.builds.serving`)."""
    live, asked = tuple(circuits), tuple(requests)
    found = most_requests(plan.network, plan.candidates, live, asked, policy, plan.on, pence, progress=progress)
    key_pairs = Task(plan.here, plan.candidates, "survives")
    gained = sorted(set(found.after.requests) - set(found.before.requests))
    return {
        **plan.head("survives", **round_inputs(plan.network, live, asked, policy)),
        "goal": "requests",
        "budget_pence": pence,
        "proof": "optimal" if found.proved else "bounded",
        "chosen": plan.ids(found.chosen),
        "cost_pence": found.cost_pence,
        "bound_pence": found.bound_pence,
        "requests": {
            "of": len(asked),
            "before": {"low": found.before.low, "high": found.before.high},
            "after": {"low": found.after.low, "high": found.after.high},
            "granted": list(found.after.requests),
            "gained": gained,
        },
        "key_pairs_protected_before": _exactly(key_pairs.protected(())),
        "key_pairs_protected_after": _exactly(key_pairs.protected(found.chosen)),
        "reasons": list(found.reasons),
        "witness": None,
        "carbon": plan.carbon_of(found.chosen),
    }
