"""`cni scenario`: what breaks, and where the spine is weak."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import Circuits, Json, NeededCircuits, Net, On, group
from cni.errors import BOUNDED, DONE, NO

NAME = "scenario"
app = group("What breaks: one event, every event, and the weak points.")


@app.command()
def fail(
    net: Net,
    circuits: NeededCircuits,
    span: Annotated[
        list[str] | None, typer.Option("--span", metavar="ID", help="A span that fails; may repeat.")
    ] = None,
    node: Annotated[
        list[str] | None, typer.Option("--node", metavar="ID", help="A node that fails; may repeat.")
    ] = None,
    risk_group: Annotated[
        list[str] | None, typer.Option("--risk-group", metavar="ID", help="A risk group that fails; may repeat.")
    ] = None,
    on: On = None,
    json: Json = False,
) -> int:
    """The effect of one event on circuits, members and key node pairs.

    Example: cni scenario fail my-network --circuits circuits.csv --risk-group C-TRAM-BURY
    """
    from cni.cli import inputs, render
    from cni.cli.views.scenario import fail_view
    from scenarios.events import make_event
    from scenarios.fail import fail_document
    from topology.problems import bad_input

    if not (span or node or risk_group):
        raise bad_input("name at least one --span, --node or --risk-group.", code="missing_value")
    base = inputs.spine(net, circuits, on)
    event = make_event(base.network, spans=span or (), nodes=node or (), risk_groups=risk_group or ())
    document = fail_document(base.network, base.circuits, event, base.on)
    render.show(document, fail_view, json, illustrative=base.network.illustrative)
    return DONE


@app.command()
def sweep(
    net: Net,
    circuits: NeededCircuits,
    order: Annotated[int, typer.Option("--order", metavar="1|2", help="Single failures, or double ones too.")] = 1,
    top: Annotated[int, typer.Option("--top", metavar="N", help="How many of the worst to list; 0 = all.")] = 100,
    on: On = None,
    json: Json = False,
) -> int:
    """Every single (and double) failure of risk groups, and of spans that are in none; worst first.

    Example: cni scenario sweep my-network --circuits circuits.csv --order 2 --top 20
    """
    from cni.cli import inputs, render
    from cni.cli.progress import count_progress
    from cni.cli.views.scenario import sweep_view
    from scenarios.sweep import sweep_document
    from topology.problems import bad_input

    if order not in (1, 2):
        raise bad_input("--order must be 1 or 2.", file="--order", value=str(order))
    if top < 0:
        raise bad_input("--top must be 0 (all) or a count.", file="--top", value=str(top))
    base = inputs.spine(net, circuits, on)
    with count_progress("blocks of pairs") as progress:
        document = sweep_document(base.network, base.circuits, base.on, order, top, blocks=64, progress=progress)
    render.show(document, sweep_view, json, illustrative=base.network.illustrative)
    return DONE


@app.command()
def availability(
    net: Net,
    circuits: NeededCircuits,
    within: Annotated[
        float,
        typer.Option("--within", metavar="SHARE", help="How narrow intervals must be, relative to their low end."),
    ] = 0.001,
    effort: Annotated[
        int, typer.Option("--effort", metavar="N", help="Branches after which an interval is given up on; repeatable.")
    ] = 100_000,
    on: On = None,
    json: Json = False,
) -> int:
    """Expected minutes of downtime a year: circuits exactly, members and key pairs as certified intervals, at three rates.

    A comparison of routes under stated failure rates, not a promise of service: equipment, planned works and risks that nobody
    recorded are not in it. Exit 3 where an interval stayed wider than --within.

    Example: cni scenario availability my-network --circuits circuits.csv
    """
    from cni.cli import inputs, render
    from cni.cli.progress import count_progress
    from cni.cli.views.scenario import availability_view
    from scenarios.availability import availability_document
    from topology.problems import bad_input

    if not 0 < within <= 1:
        raise bad_input("--within must be above 0 and at most 1.", file="--within", value=str(within))
    if effort < 1:
        raise bad_input("--effort must be 1 or more.", file="--effort", value=str(effort))
    base = inputs.spine(net, circuits, on)
    with count_progress("intervals") as progress:
        document, closed = availability_document(
            base.network, base.circuits, base.on, within=within, branches=effort, progress=progress
        )
    render.show(document, availability_view, json, illustrative=base.network.illustrative)
    return DONE if closed else BOUNDED


@app.command(name="weak-points")
def weak_points(net: Net, circuits: Circuits = None, on: On = None, json: Json = False) -> int:
    """Bridges, cut nodes, risk groups whose loss parts key nodes; operators per node.

    Example: cni scenario weak-points my-network --circuits circuits.csv
    """
    from cni.cli import inputs, render
    from cni.cli.views.scenario import weak_points_view
    from scenarios.weak_points import weak_points_document

    base = inputs.spine(net, circuits, on)
    document = weak_points_document(base.network, base.circuits, base.on)
    render.show(document, weak_points_view, json, illustrative=base.network.illustrative)
    return DONE


@app.command()
def build(
    net: Net,
    candidates: Annotated[
        Path, typer.Option("--candidates", metavar="FILE", help="Spans that could be built: as spans.csv, and cost.")
    ],
    level: Annotated[
        str, typer.Option("--level", metavar="LEVEL", help="survives (any one failure) or disjoint (two routes).")
    ] = "survives",
    on: On = None,
    json: Json = False,
) -> int:
    """The provably cheapest spans to build so that the key nodes survive any one failure, or have two risk-disjoint routes.

    Every span, node and risk group fails alone; a failure does not count for pairs whose end it takes. The second level is
    the stronger one: a network can survive every single failure and still have a pair without two risk-disjoint routes.
    Exit 1 where all candidates together do not help; the pair and the failure are named.

    Example: cni scenario build my-network --candidates candidates.csv --level disjoint
    """
    from cni.cli import inputs, render
    from cni.cli.progress import count_progress
    from cni.cli.views.scenario import build_view
    from scenarios.build import LEVELS, build_document
    from scenarios.candidates import read_candidates
    from topology.problems import bad_input

    if level not in LEVELS:
        raise bad_input(f"--level is one of {', '.join(LEVELS)}.", file="--level", value=level)
    base = inputs.spine(net, None, on)
    options, remarks = read_candidates(candidates, base.network)
    render.remarks(remarks)
    with count_progress("rounds of cuts") as progress:
        document = build_document(base.network, options, base.on, level, progress=progress)
    render.show(document, build_view, json, illustrative=base.network.illustrative)
    return {"optimal": DONE, "bounded": BOUNDED, "infeasible": NO}[document["proof"]]
