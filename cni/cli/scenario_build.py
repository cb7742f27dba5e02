"""`cni scenario build`: what to build, provably. The command joins the group of `scenario`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cni.cli.options import Circuits, Disclosure, Json, On, PolicyFile
from cni.cli.scenario import NAME, app
from cni.cli.subject import Live, MaybeNet, Subject, audience_for, whole
from cni.errors import BOUNDED, DONE, NO

if TYPE_CHECKING:
    from cni.cli.inputs import Spine
    from scenarios.builds.build import Plan

__all__ = ["NAME", "app"]

ALTERNATIVES, POINTS = 20, 100


@app.command()
def build(
    candidates: Annotated[
        Path, typer.Option("--candidates", metavar="FILE", help="Spans that could be built: as spans.csv, and cost.")
    ],
    net: MaybeNet = None,
    level: Annotated[
        str, typer.Option("--level", metavar="LEVEL", help="survives (any one failure) or disjoint (two routes).")
    ] = "survives",
    alternatives: Annotated[
        int, typer.Option("--alternatives", metavar="N", help="The N next cheapest builds too.")
    ] = 0,
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="POUNDS", help="The best that so much money builds.")
    ] = None,
    goal: Annotated[
        str | None,
        typer.Option(
            "--goal",
            metavar="GOAL",
            help="With --budget: class (largest protected set; default), pairs, or requests (most granted in full).",
        ),
    ] = None,
    points: Annotated[
        int, typer.Option("--curve", metavar="N", help="With --budget: the best at N budgets up to it too.")
    ] = 0,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE", help="Priority places (CSV): node, weight, source."),
    ] = None,
    carbon: Annotated[
        Path | None,
        typer.Option("--carbon", metavar="FILE", help="Embodied carbon (CSV): construction, kg_per_m, source."),
    ] = None,
    requests: Annotated[
        Path | None, typer.Option("--requests", metavar="FILE", help="The round's requests, for --goal requests.")
    ] = None,
    circuits: Circuits = None,
    policy: PolicyFile = None,
    live: Live = False,
    disclosure: Disclosure = None,
    on: On = None,
    json: Json = False,
) -> int:
    """The provably cheapest spans to build so that the key nodes survive any one failure, or have two risk-disjoint routes.

    Every span, node and risk group fails alone; a failure does not count for pairs whose end it takes. The second level is
    the stronger one: a network can survive every single failure and still have a pair without two risk-disjoint routes.
    Exit 1 where all candidates together do not help; the pair and the failure are named. --alternatives lists the next cheapest
    builds; each leaves out at least one span of every build before it.

    With --budget instead the best that the money builds: the largest set of key nodes that all are protected at the level
    (class), the most such pairs (pairs), or the most requests of a round that could be granted in full (requests, with
    --requests, --circuits and --policy). Pairs are an interval where they are not proved; exit 3 where the goal itself is not.

    A node that --weights lists counts as so many key nodes, a pair as the product of its ends'. --carbon gives the rate of each
    kind of construction that candidates name in their column `construction`; it decides nothing.

    With --live for members: what is built and what it costs, decided on the whole spine; why is for --disclosure internal.

    Example: cni scenario build my-network --candidates candidates.csv --level disjoint
    """
    from cni.views.scenario_build import build_view
    from scenarios.runs.audience import Seen

    asked = _Asked(level, alternatives, budget, goal, points, weights, requests, circuits or policy)
    pence = asked.pence()
    audience = audience_for(live, disclosure)
    base = whole(net, circuits, on, live)
    plan = _plan(base, candidates, weights, carbon)
    if asked.goal == "requests":
        assert pence is not None
        assert requests is not None
        document = _for_requests(plan, base, requests, policy, pence)
    else:
        document = _for_key_nodes(plan, asked, pence)
    Subject(base, Seen(base.network, base.circuits, audience)).show("build", document, build_view, json)
    return {"optimal": DONE, "bounded": BOUNDED, "infeasible": NO}[document["proof"]]


def _plan(base: Spine, candidates: Path, weights: Path | None, carbon: Path | None) -> Plan:
    """The plan that the files make. Raises BadInput with the faults of all of them."""
    from cni.cli import render
    from scenarios.builds.build import Plan
    from scenarios.builds.candidates import read_candidates
    from scenarios.builds.planning import NO_CARBON, read_carbon, read_weights
    from topology.problems import BadInput, Problem

    faults: list[Problem] = []
    remarks: list[Problem] = []

    def taken(read: Any, default: Any) -> Any:
        try:
            *value, said = read()
        except BadInput as bad:
            faults.extend(bad.problems)
            return default
        remarks.extend(said)
        return value

    options = taken(lambda: read_candidates(candidates, base.network), [()])[0]
    rates = taken(lambda: read_carbon(carbon), [NO_CARBON])[0] if carbon else NO_CARBON
    weighed, digest = taken(lambda: read_weights(weights, base.network), [{}, ""]) if weights else ({}, "")
    if faults:
        raise BadInput(faults)
    render.remarks(tuple(remarks))
    return Plan(base.network, options, base.on, rates, weighed, digest)


def _for_key_nodes(plan: Plan, asked: _Asked, pence: int | None) -> dict[str, Any]:
    from cni.cli.progress import count_progress
    from scenarios.builds.build import budget_document, build_document

    if pence is None:
        with count_progress("rounds of cuts") as progress:
            return build_document(plan, asked.level, alternatives=asked.alternatives, progress=progress)
    with count_progress("points of the curve") as progress:
        return budget_document(
            plan, asked.goal or "class", pence, level=asked.level, points=asked.points, progress=progress
        )


def _for_requests(plan: Plan, base: Spine, requests: Path, policy: Path | None, pence: int) -> dict[str, Any]:
    from cni.cli import inputs
    from cni.cli.progress import count_progress
    from scenarios.builds.build import requests_document

    rules = inputs.policy(policy)
    wanted = inputs.requests(requests, base)
    with count_progress("choices tried") as progress:
        return requests_document(plan, base.circuits, wanted, rules, pence, progress=progress)


class _Asked:
    """The question that the options ask."""

    def __init__(
        self,
        level: str,
        alternatives: int,
        budget: str | None,
        goal: str | None,
        points: int,
        weights: Path | None,
        requests: Path | None,
        for_requests: Path | None,
    ) -> None:
        self.level, self.alternatives, self.budget = level, alternatives, budget
        self.goal, self.points, self.weights = goal, points, weights
        self.requests, self.for_requests = requests, for_requests

    def pence(self) -> int | None:
        """Pence of --budget, None without. Raises BadInput where options do not go together."""
        from scenarios.builds.candidates import POUNDS
        from scenarios.builds.cheapest import LEVELS
        from topology.cells import CellError
        from topology.problems import Problems

        found = Problems()

        def refuse(said: str, option: str, value: object, code: str = "bad_usage") -> None:
            found.add(said, file=option, value=str(value), code=code)

        if self.level not in LEVELS:
            refuse(f"--level is one of {', '.join(LEVELS)}.", "--level", self.level, "bad_value")
        if self.goal not in (None, "class", "pairs", "requests"):
            refuse("--goal is one of class, pairs, requests.", "--goal", self.goal, "bad_value")
        if not 0 <= self.alternatives <= ALTERNATIVES:
            refuse(f"--alternatives is from 1 to {ALTERNATIVES}.", "--alternatives", self.alternatives, "bad_value")
        if not 0 <= self.points <= POINTS:
            refuse(f"--curve is from 1 to {POINTS}.", "--curve", self.points, "bad_value")
        pence = None
        if self.budget is None:
            for option, given in (("--goal", self.goal), ("--curve", self.points), ("--weights", self.weights)):
                if given:
                    refuse(f"{option} goes with --budget.", option, given, "missing_value")
        else:
            try:
                pence = POUNDS.read(self.budget)
            except CellError as error:
                refuse(error.text, "--budget", self.budget, "bad_value")
            if self.alternatives:
                refuse(
                    "--alternatives are to the cheapest build, so without --budget.",
                    "--alternatives",
                    self.alternatives,
                )
        if self.goal == "requests":
            self._requests_alone(refuse)
        elif self.requests or self.for_requests:
            given = self.requests or self.for_requests
            refuse("--requests, --circuits and --policy go with --goal requests.", "--goal", given)
        found.raise_errors()
        return pence

    def _requests_alone(self, refuse: Any) -> None:
        if self.requests is None:
            refuse("--goal requests needs --requests FILE.", "--requests", "", "missing_value")
        for option, given in (("--curve", self.points), ("--weights", self.weights)):
            if given:
                refuse(f"{option} does not go with --goal requests.", option, given)
        if self.level != "survives":
            refuse(
                "--level does not go with --goal requests: each request has its own diversity.", "--level", self.level
            )
