"""`cni scenario`: what breaks, and where the spine is weak."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from cni.cli.options import (
    Circuits,
    Disclosure,
    FailingGroups,
    FailingNodes,
    FailingSpans,
    Json,
    On,
    Top,
    check_top,
    group,
)
from cni.cli.subject import Live, MaybeNet, Subject, subject
from cni.cli.workers import Jobs, Scheduler, workers
from cni.errors import BOUNDED, DONE

NAME = "scenario"
app = group("What breaks, what could be built, and reports of either.")


@app.command()
def fail(
    net: MaybeNet = None,
    circuits: Circuits = None,
    span: FailingSpans = None,
    node: FailingNodes = None,
    risk_group: FailingGroups = None,
    area: Annotated[
        list[str] | None,
        typer.Option("--area", metavar="LAT,LON,KM", help="All nodes and spans in a circle; may repeat."),
    ] = None,
    polygon: Annotated[
        Path | None, typer.Option("--polygon", metavar="FILE", help="All nodes and spans in polygons (GeoJSON).")
    ] = None,
    contributor: Annotated[
        list[str] | None, typer.Option("--contributor", metavar="ID", help="All that a contributor owns is withdrawn.")
    ] = None,
    life_safety: Annotated[
        Path | None,
        typer.Option("--life-safety", metavar="FILE", help="Register (CSV) of what is restored first (rule I2)."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option("--seed", metavar="TEXT", help="Seed of the order of restoration (rule I4).")
    ] = None,
    live: Live = False,
    disclosure: Disclosure = None,
    on: On = None,
    json: Json = False,
) -> int:
    """The effect of one event on circuits, members and key node pairs. An exchange without power is a --node.

    What spare fibre could restore, and in what order, follows rules I: life and safety by a dated register, members with nothing
    left, the others; each levelled, ties drawn by --seed. The register has columns id, kind (member or circuit), start, end, note.

    Example: cni scenario fail my-network --circuits circuits.csv --risk-group C-TRAM-BURY
    """
    from cni.cli import render
    from cni.views.scenario import fail_view
    from scenarios.failures import events
    from scenarios.failures.fail import fail_document
    from scenarios.failures.polygons import read_rings
    from scenarios.failures.register import read_register
    from topology.problems import bad_input

    if not (span or node or risk_group or area or polygon or contributor):
        said = "name at least one --span, --node, --risk-group, --area, --polygon or --contributor."
        raise bad_input(said, code="missing_value")
    circles = [_circle(text) for text in area or ()]
    asked = subject(net, circuits, on, live, disclosure)
    base = asked.base
    if life_safety is not None and asked.seen.left_out is not None:
        said = "the register names circuits, which members see under codes."
        raise bad_input(said, file="--life-safety", code="not_disclosed", hint="Give --disclosure internal.")
    rings = () if polygon is None else read_rings(polygon)
    event = events.together(
        events.make_event(base.network, spans=span or (), nodes=node or (), risk_groups=risk_group or ()),
        *(events.area_event(base.network, *circle) for circle in circles),
        *(events.polygon_event(base.network, ring) for ring in rings),
        *(events.withdrawal_event(base.network, owner) for owner in contributor or ()),
    )
    register = None
    if life_safety is not None:
        register, said_of_it = read_register(life_safety)
        render.remarks(said_of_it)
    document = fail_document(base.network, base.circuits, event, base.on, register=register, seed=seed)
    asked.show("fail", document, fail_view, json)
    return DONE


def _circle(text: str) -> tuple[float, float, float]:
    """LAT,LON,KM. Raises BadInput."""
    from topology.problems import bad_input

    try:
        lat, lon, km = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = km = math.nan
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 <= km <= 1000):
        hint = "For example 53.4808,-2.2426,0.5"
        raise bad_input("--area is LAT,LON,KM.", file="--area", value=text, hint=hint)
    return lat, lon, km


@app.command()
def sweep(
    net: MaybeNet = None,
    circuits: Circuits = None,
    order: Annotated[int, typer.Option("--order", metavar="1|2", help="Single failures, or double ones too.")] = 1,
    top: Top = 100,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    live: Live = False,
    disclosure: Disclosure = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Every single (and double) failure of risk groups, and of spans that are in none; worst first.

    Example: cni scenario sweep my-network --circuits circuits.csv --order 2 --top 20
    """
    from cni.cli.progress import count_progress
    from cni.views.scenario import sweep_view
    from scenarios.failures.sweep import sweep_document
    from topology.problems import bad_input

    if order not in (1, 2):
        raise bad_input("--order must be 1 or 2.", file="--order", value=str(order))
    check_top(top)
    asked = subject(net, circuits, on, live, disclosure)
    base = asked.base
    with count_progress("blocks of pairs") as progress, workers(jobs, scheduler) as executor:
        document = sweep_document(
            base.network, base.circuits, base.on, order, top, executor=executor, blocks=64, progress=progress
        )
    asked.show("sweep", document, sweep_view, json)
    return DONE


@app.command()
def discs(
    radius: Annotated[float, typer.Option("--radius", metavar="KM", help="Radius of the disc.")],
    net: MaybeNet = None,
    circuits: Circuits = None,
    top: Top = 20,
    live: Live = False,
    disclosure: Disclosure = None,
    on: On = None,
    json: Json = False,
) -> int:
    """What a disc of a radius can hit, wherever it lies: every largest set of spans and nodes exactly, worst first.

    Example: cni scenario discs my-network --circuits circuits.csv --radius 0.5
    """
    from cni.views.scenario import discs_view
    from scenarios.failures.discs import discs_document
    from topology.problems import bad_input

    if not 0 < radius <= 50:
        raise bad_input("--radius is above 0 and at most 50 km.", file="--radius", value=str(radius))
    check_top(top)
    asked = subject(net, circuits, on, live, disclosure)
    base = asked.base
    document = discs_document(base.network, base.circuits, base.on, radius, top)
    asked.show("discs", document, discs_view, json)
    return DONE


@app.command()
def availability(
    net: MaybeNet = None,
    circuits: Circuits = None,
    within: Annotated[
        float,
        typer.Option("--within", metavar="SHARE", help="How narrow intervals must be, relative to their low end."),
    ] = 0.001,
    effort: Annotated[
        int, typer.Option("--effort", metavar="N", help="Branches after which an interval is given up on; repeatable.")
    ] = 100_000,
    tariff: Annotated[
        Path | None,
        typer.Option("--tariff", "-t", metavar="FILE", help="Tariff (TOML): what its credits would give back at most."),
    ] = None,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    live: Live = False,
    disclosure: Disclosure = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Expected minutes of downtime a year: circuits exactly, members and key pairs as certified intervals, at three rates.

    A comparison of routes under stated failure rates, not a promise of service: equipment, planned works and risks that nobody
    recorded are not in it. Exit 3 where an interval stayed wider than --within.

    Example: cni scenario availability my-network --circuits circuits.csv
    """
    from cni.cli import inputs
    from cni.cli.progress import count_progress
    from cni.views.scenario import availability_view
    from scenarios.failures.availability import availability_document
    from scenarios.failures.credits import needed_credit, with_credits
    from topology.problems import bad_input

    if not 0 < within <= 1:
        raise bad_input("--within must be above 0 and at most 1.", file="--within", value=str(within))
    if effort < 1:
        raise bad_input("--effort must be 1 or more.", file="--effort", value=str(effort))
    asked = subject(net, circuits, on, live, disclosure)
    base = asked.base
    prices = inputs.tariff(tariff)
    if prices is not None and asked.seen.left_out is not None:
        said = "charges follow exact lengths, which are not shown to all members."
        raise bad_input(said, file="--tariff", code="not_disclosed", hint="Give --disclosure internal.")
    if prices is not None:
        needed_credit(prices)  # before minutes of computing
    with count_progress("chunks of key pairs") as progress, workers(jobs, scheduler) as executor:
        document, closed = availability_document(
            base.network, base.circuits, base.on, within=within, branches=effort, executor=executor, progress=progress
        )
    if prices is not None:
        document = with_credits(document, base.network, base.circuits, prices, base.on)
    asked.show("availability", document, availability_view, json)
    return DONE if closed else BOUNDED


@app.command(name="weak-points")
def weak_points(
    net: MaybeNet = None,
    circuits: Circuits = None,
    live: Live = False,
    disclosure: Disclosure = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE", help="With --live: each quarter's first day since, as it was known then."
        ),
    ] = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Bridges, cut nodes, risk groups whose loss parts key nodes; and the commercial side beside.

    That is: operators per node and key pair with their concentration, what the withdrawal of each contributor takes, and the
    contributors that each circuit uses and needs. Connected members count as one operator. --since adds what all this was on the
    first day of each quarter since, as the database knew it then: counts only.

    Example: cni scenario weak-points my-network --circuits circuits.csv
    """
    from cni.views.scenario import weak_points_view
    from scenarios.failures.weak_points import weak_points_document

    asked = subject(net, circuits, on, live, disclosure)
    base = asked.base
    document = weak_points_document(base.network, base.circuits, base.on)
    if since is not None:
        document["history"] = _history(since, live, asked)
    asked.show("weak_points", document, weak_points_view, json)
    return DONE


def _history(since: str, live: bool, asked: Subject) -> list[dict[str, Any]]:
    """The figures of each quarter's first day since a date. Raises BadInput."""
    from cni.cli import house
    from cni.cli.options import needed_date
    from cni.rounds.looking_back import by_quarter
    from scenarios.failures.weak_points import weak_point_figures
    from scenarios.runs.audience import seen_by
    from topology.problems import bad_input

    first = needed_date(since, "--since")
    if not live:
        raise bad_input(
            "--since looks back in the database: give --live.", file="--since", value=since, code="bad_usage"
        )
    if first > asked.base.on:
        raise bad_input("--since is after the day to look at.", file="--since", value=since)
    rows = []
    for then in by_quarter(house.engine(), first, asked.base.on):
        seen = seen_by(then.network, then.circuits, asked.seen.audience)
        rows.append({"version": then.version, **weak_point_figures(seen.network, seen.circuits, then.on)})
    return rows
