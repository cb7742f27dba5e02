"""Rules B2 to B5: the value of every objective recomputed from the grants, its bound not passed, the flags consistent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocation.verify.clauses import Grants
from allocation.verify.figures import objective_names, objective_values
from allocation.verify.report import Report
from allocation.verify.world import World


def check_objectives(world: World, grants: Grants, award: Mapping[str, Any], report: Report) -> bool:
    """Names in the policy's order, values as granted, bounds on the right side. True where all is well."""
    before = len(report.failures)
    objectives = award["objectives"]
    names = [o["name"] for o in objectives]
    if not report.equal("B2-B5", "objectives", "order of objectives", names, objective_names(world)):
        return False
    values = objective_values(world, grants, award["seed"])
    for o in objectives:
        name, value, bound = o["name"], o["value"], o["bound"]
        if not report.equal("B2-B5", f"objective {name}", "value", value, values[name]):
            continue
        least = name in ("metres", "positions")
        if not least and len(bound) != len(value):
            report.fail("B2-B5", f"objective {name}", "The bound has not as many entries as the value.")
        elif bound > value if least else bound < value:
            report.fail("B2-B5", f"objective {name}", f"The bound {bound} is passed by the value {value}.")
    closed = award["proof"] == "optimal" and all(o["value"] == o["bound"] for o in objectives)
    if award["unique"] and not closed:
        report.fail("B2-B5", "unique", "It is called unique, and an objective or a level is not proved.")
    report.looked_at("B2-B5", "The value of every objective was recomputed and agrees; no bound is passed.")
    return len(report.failures) == before
