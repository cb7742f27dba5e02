"""`cni network`: what the spine is, what of it is spare, and how two places can be joined."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import (
    Circuits,
    Disclosure,
    FailingGroups,
    FailingNodes,
    FailingSpans,
    Form,
    ForMember,
    Json,
    NeededCircuits,
    Net,
    NetworkOut,
    On,
    group,
)
from cni.errors import BAD_INPUT, DONE, NO

NAME = "network"
app = group("Check, offer, convert, route and draw a network.")

DIVERSITY = ("none", "span", "node", "risk")


@app.command()
def check(
    net: Net,
    on: On = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="The findings as .csv, .html or .json too.")
    ] = None,
    within: Annotated[
        int, typer.Option("--within-m", metavar="M", help="Spans this near run side by side ...", min=1)
    ] = 25,
    over: Annotated[
        int, typer.Option("--over-m", metavar="M", help="... where they do so over this much.", min=1)
    ] = 200,
    which: Annotated[
        str, typer.Option("--network", metavar="ID", help="Which network of an OFDS file that holds several.")
    ] = "",
    json: Json = False,
) -> int:
    """Every finding about a network; exit 1 if one is an error, 2 if the files cannot be read as a network.

    Shared risk that nobody recorded is proposed from geometry: spans that run side by side without a common risk group.

    Example: cni network check my-network -o findings.html
    """
    from cni.cli import checking, render
    from cni.cli.inputs import date_of
    from cni.views.network import check_view
    from topology.about import SOFTWARE
    from topology.checks import check_document
    from topology.formats.exchange import in_its_words, read_placed
    from topology.problems import BadInput

    checking.check_report(out)
    try:
        found = read_placed(net, which)
    except BadInput as error:
        findings = checking.with_fixes([p.as_json() for p in error.problems])
        unread = {"schema": "cni.check/1", "inputs": {}, "software": SOFTWARE, "on": None, "findings": findings}
        checking.write_report(out, unread, net.name)
        if json:
            render.show(unread, check_view, json)
            return BAD_INPUT
        raise
    network = found.network
    document = check_document(network, date_of(network, on), found.findings, found.places, within, over)
    document["findings"] = checking.with_fixes(in_its_words(net, document["findings"]))
    checking.write_report(out, document, network.name or net.name)
    render.show(document, check_view, json, illustrative=network.illustrative)
    return NO if any(f["level"] == "error" for f in document["findings"]) else DONE


@app.command()
def offer(
    net: Annotated[Path | None, typer.Argument(metavar="NET", help="Network files; left out with --live.")] = None,
    circuits: Circuits = None,
    live: Annotated[
        bool, typer.Option("--live", help="The database's network and circuits; today without --on.")
    ] = False,
    on: On = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Also each change before this date.")
    ] = None,
    disclosure: Disclosure = None,
    member: ForMember = None,
    json: Json = False,
) -> int:
    """The offer: the figures behind what is spare, per span and node, by date.

    Offered = technical (installed, in service) - set aside (own use, reserve, maintenance spare, recalls) - sold + returned.
    Counts are strands; a pair is two. Each planned change (circuits, dates of
    spans, recalls) makes a further row that names its cause; --until leaves out those from a date on.
    With --live only that day is told unless --until is given, and circuits of others are codes unless --disclosure internal.

    Example: cni network offer my-network --circuits circuits.csv --on 2027-01-01
    """
    from cni.cli import offering, render
    from cni.cli.options import a_date
    from cni.views.network import offer_view
    from topology.problems import bad_input

    end = a_date(until, "--until")
    if live and (net is not None or circuits is not None):
        raise bad_input("--live looks into the database; leave NET and --circuits out.", file="--live")
    if not live and (disclosure is not None or member is not None):
        raise bad_input("--disclosure and --for go with --live; files are shown whole.", file="--disclosure")
    if live:
        document = offering.live_offer(on, end, disclosure, member)
    else:
        document = offering.offered(net, circuits, on, end)
    render.show(document, offer_view, json, illustrative=document["illustrative"])
    return DONE


@app.command()
def convert(
    net: Net,
    out: NetworkOut,
    to: Form = "",
    disclosure: Disclosure = None,
    member: ForMember = None,
    which: Annotated[
        str, typer.Option("--network", metavar="ID", help="Which network of an OFDS file that holds several.")
    ] = "",
    lengths: Annotated[
        str, typer.Option("--lengths", metavar="UNIT", help="Unit of lengths in NET where the file is wrong: km or m.")
    ] = "km",
) -> int:
    """Write a network in another form, losing nothing unless --disclosure or --to netbox asks for it.

    Forms by suffix: a folder of CSV files, .json (OFDS 0.4), .geojson (OFDS, two files), .gpkg (GeoPackage), .kml.

    Example: cni network convert my-network spine.gpkg
    """
    from cni.cli import converting, inputs, render
    from topology.formats import exchange
    from topology.problems import bad_input

    if lengths not in ("km", "m"):
        raise bad_input("--lengths must be km or m.", file="--lengths", value=lengths)
    audience = converting.audience_of(disclosure, member, "internal")
    form = exchange.form_to_write(out, to)
    converting.check_out(out, form, net)
    network, remarks = exchange.read(net, which, metres=lengths == "m")
    render.remarks(inputs.worst_first(remarks))
    converting.write(converting.cut(network, audience, member), out, form)
    if audience == "internal" and form != "netbox":  # what was cut, or is not read, is for others
        render.note(f"next: cni network check {out}")
    return DONE


@app.command()
def export(
    out: NetworkOut,
    to: Form = "",
    disclosure: Disclosure = None,
    member: ForMember = None,
    version: Annotated[
        int | None, typer.Option("--version", metavar="N", help="Which version; else the newest.")
    ] = None,
) -> int:
    """Write the network of the database to files, as members may see it unless --disclosure says otherwise.

    Example: cni network export spine.json --disclosure public
    """
    from cni.cli import converting, house
    from cni.rounds import networks
    from topology.formats import exchange

    audience = converting.audience_of(disclosure, member, "member")
    form = exchange.form_to_write(out, to)
    converting.check_out(out, form)
    held = networks.show(house.engine(), version)
    converting.write(converting.cut(held.network, audience, member), out, form)
    return DONE


@app.command()
def routes(
    net: Net,
    a: Annotated[str, typer.Argument(metavar="A", help="Node to start at.")] = "",
    b: Annotated[str, typer.Argument(metavar="B", help="Node to reach.")] = "",
    diversity: Annotated[
        str, typer.Option("--diversity", "-d", metavar="LEVEL", help="none, span, node or risk.")
    ] = "none",
    max_km: Annotated[str | None, typer.Option("--max-km", metavar="KM", help="Longest leg.")] = None,
    spare: Annotated[bool, typer.Option("--spare", help="Only spans with a spare pair.")] = False,
    circuits: Circuits = None,
    pairs: Annotated[
        Path | None, typer.Option("--pairs", metavar="FILE", help="CSV with columns a,b instead of A B.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--recheck", help="Check each certificate again by plain code that did not find it.")
    ] = False,
    on: On = None,
    json: Json = False,
) -> int:
    """The shortest route, or the least-total pair of disjoint routes, or the certificate that there is none.

    At level risk the groups of the two ends are exempt. Where groups stand in the way, it is said which exemption would make
    a pair appear. Exit 1 if any pair has none.

    Example: cni network routes my-network MA1 BOL --diversity risk --max-km 60
    """
    from cni.cli import inputs, render
    from cni.cli.routing import longest_m, wanted_pairs
    from cni.views.network import routes_view
    from topology.problems import bad_input
    from topology.routing.routes_report import routes_document

    if diversity not in DIVERSITY:
        raise bad_input(f"--diversity must be one of {', '.join(DIVERSITY)}.", file="--diversity", value=diversity)
    limit = longest_m(max_km)
    base = inputs.spine(net, circuits, on)
    document = routes_document(
        base.network,
        wanted_pairs(a, b, pairs, base.network),
        base.on,
        diversity,
        max_m=limit,
        spare=spare,
        circuits=base.circuits,
        again=again,
    )
    render.show(document, routes_view, json, illustrative=base.network.illustrative)
    return DONE if all(pair["routes"] for pair in document["pairs"]) else NO


@app.command()
def regroom(
    net: Net,
    a: Annotated[str, typer.Argument(metavar="A", help="Node to start at.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Node to reach.")],
    circuits: NeededCircuits,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE", help="Write the circuits with the strands that a proposal gives them."
        ),
    ] = None,
    goal: Annotated[
        str, typer.Option("--goal", metavar="GOAL", help="Which proposal to record: fewest_moves or straight.")
    ] = "fewest_moves",
    on: On = None,
    json: Json = False,
) -> int:
    """The fewest live circuits to move so that the shortest route with spare gets a continuous pair.

    Continuous: two neighbouring strands of one tube on every span. Exit 1 if no moves can free one, and if there is nothing
    to --record: then no file is written.

    Example: cni network regroom my-network MA1 BOL --circuits circuits.csv --record moved.csv
    """
    from cni.cli import inputs, regrooming, render
    from cni.views.circuit import regroom_view
    from topology.strands.regroom_report import regroom_document

    regrooming.check(goal, record)
    base = inputs.spine(net, circuits, on)
    document = regroom_document(base.network, base.circuits, a, b, base.on)
    render.show(document, regroom_view, json, illustrative=base.network.illustrative)
    if record is not None and not regrooming.write(record, base, document, goal):
        return NO
    return DONE if document["pairs"] or document["proposals"] else NO


@app.command(name="map")
def map_(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="What to write: .html, .svg or .png.")],
    net: Annotated[
        Path | None, typer.Argument(metavar="NET", help="Network files; else the network of the database.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="LAYER", help="Colours: spare, owner, risk, award or failure.")
    ] = None,
    circuits: Circuits = None,
    award: Annotated[Path | None, typer.Option("--award", metavar="FILE", help="Colour what an award grants.")] = None,
    span: FailingSpans = None,
    node: FailingNodes = None,
    risk_group: FailingGroups = None,
    context: Annotated[
        Path | None, typer.Option("--context", metavar="FILE", help="Outlines to draw behind (GeoJSON).")
    ] = None,
    licence: Annotated[
        str, typer.Option("--context-licence", metavar="TEXT", help="Their licence line, where the file has none.")
    ] = "",
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="Else the name of the network.")] = "",
    disclosure: Disclosure = None,
    member: ForMember = None,
    on: On = None,
) -> int:
    """Draw the spine as one file that refers to nothing outside itself.

    A page (.html) moves, zooms, searches and changes colours, also by keyboard, and makes no request; a picture (.svg, .png)
    is the same drawing. Files are drawn whole unless --disclosure says otherwise, the database as members may see it.

    Example: cni network map my-network -o spine.html
    """
    from cni.cli import drawing

    failing = drawing.Failing(tuple(span or ()), tuple(node or ()), tuple(risk_group or ()))
    colours = drawing.colours(by, award, failing)
    drawing.check_out(out, colours, disclosure, member, net)
    shown = drawing.subject(net, circuits, on, disclosure, member)
    layers = drawing.layers(shown, colours, award, failing)
    drawing.write(out, shown.network, layers, title, context, licence)
    return DONE


@app.command(name="import")
def import_(
    net: Net,
    circuits: Annotated[
        Path | None,
        typer.Option(
            "--circuits", "-c", metavar="FILE", help="Live circuits (CSV); those of the last import if not given."
        ),
    ] = None,
    drop_recalls: Annotated[
        bool, typer.Option("--drop-recalls", help="Recalls on record that the file lacks were called off.")
    ] = False,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Put a network and its live circuits into the database, as a new version; the same again changes nothing.

    Without --circuits the circuits of the last import are kept. Circuits that the house made stay in any case.

    Example: cni network import my-network --circuits circuits.csv --why "as built in May"
    """
    from cni.cli import house, inputs, render
    from cni.rounds.networks import import_network

    base = inputs.spine(net, circuits, None)
    live = None if circuits is None else base.circuits
    act = house.act(by, why, dry_run)
    done = import_network(house.engine(), act, base.network, live, net.name, drop_recalls=drop_recalls)
    state = "was there already" if done.unchanged else "imported"
    kept = f" ({done.kept} kept from the version before)" if done.kept else ""
    people = f", {len(done.registered)} organisations registered" if done.registered else ""
    render.note(
        f"version {done.number} {state}: {len(base.network.spans)} spans, {done.circuits} circuits{kept}{people}"
    )
    if done.number == 1 and not done.unchanged:
        render.note("next: cni round create ROUND, or cni bill tariff import FILE")
    return DONE


@app.command()
def show(
    version: Annotated[int | None, typer.Option("--version", metavar="N", help="Which; else the newest.")] = None,
    disclosure: Disclosure = None,
    member: ForMember = None,
    json: Json = False,
) -> int:
    """The network in the database: what it holds, in figures, of what members may see unless --disclosure says otherwise.

    Example: cni network show
    """
    from cni.cli import converting, house, render
    from cni.rounds import networks
    from cni.views.house import network_document, network_view

    audience = converting.audience_of(disclosure, member, "member")
    held = networks.show(house.engine(), version)
    document = network_document(held, converting.cut(held.network, audience, member), audience)
    render.show(document, network_view, json, illustrative=held.network.illustrative)
    return DONE


@app.command()
def history(json: Json = False) -> int:
    """Every version of the network that was imported.

    Example: cni network history
    """
    from cni.cli import house, render
    from cni.rounds import networks
    from cni.views.house import history_document, history_view

    render.show(history_document(networks.history(house.engine())), history_view, json)
    return DONE
