"""`cni request`: what a member does before the gate, and the requests of a round in the database."""

from __future__ import annotations

from typing import Annotated

import typer

from cni.cli.house import By, Why
from cni.cli.options import Circuits, Json, Net, On, PolicyFile, Requests, group
from cni.errors import DONE, NO

NAME = "request"
app = group("Check requests before the gate; submit, import and list those of a round.")

Round = Annotated[str, typer.Option("--round", "-r", metavar="ROUND", help="The round.")]


@app.command()
def check(
    net: Net,
    requests: Requests,
    policy: PolicyFile = None,
    circuits: Circuits = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Every problem of a request file, and what each request could be granted if it were alone.

    Exit 1 if one would get nothing even alone.

    Example: cni request check my-network requests.csv --circuits circuits.csv
    """
    from allocation.check import check_requests
    from cni.cli import inputs, render
    from cni.cli.views.award import request_check_view

    base = inputs.spine(net, circuits, on)
    rows = inputs.requests(requests, base)
    document = check_requests(base.network, base.circuits, rows, inputs.policy(policy), on=base.on)
    render.show(document, request_check_view, json, illustrative=base.network.illustrative)
    return NO if any(row["grantable"] == 0 for row in document["alone"]) else DONE


@app.command()
def submit(
    round_id: Round,
    id: Annotated[str, typer.Option("--id", metavar="ID", help="Id of the request.")],
    member: Annotated[str, typer.Option("--member", metavar="ID", help="Who asks.")],
    fields: Annotated[
        list[str],
        typer.Argument(metavar="COLUMN=VALUE...", help="Columns as in a requests file: kind=fibre a=MA1 b=BOL pairs=2"),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Append a new version of a request that is there.")
    ] = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Submit one request to an open round.

    Example: cni request submit --round 2027-Q1 --id r1 --member bobbin kind=fibre a=MA1 b=BOL pairs=2 diversity=node
    """
    from cni.cli import house, render
    from cni.rounds import requests
    from topology.problems import Problems

    found, cells = Problems(), {"id": id, "member": member}
    for word in fields:
        column, equals, value = word.partition("=")
        if not equals or column in cells:
            said = "columns are given once each, as COLUMN=VALUE."
            found.add(said, file="request submit", column=column, value=word, code="bad_usage")
        cells[column] = value
    found.raise_errors()
    engine = house.engine()
    row = requests.from_cells(engine, round_id, cells)
    requests.submit(engine, house.act(by, why), round_id, [row], replace=replace)
    render.note(f"submitted: {id} to round {round_id}")
    return DONE


@app.command(name="import")
def import_(
    requests: Requests,
    round_id: Round,
    replace: Annotated[bool, typer.Option("--replace", help="Append new versions of requests that are there.")] = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Submit all requests of a file to an open round, or none.

    Example: cni request import requests.csv --round 2027-Q1
    """
    from allocation.formats import read_requests
    from cni.cli import house, render
    from cni.rounds import requests as use

    engine = house.engine()
    spine = use.spine_of(engine, round_id)
    rows, remarks = read_requests(requests, spine.network, spine.circuits)
    render.remarks(remarks)
    count = use.submit(engine, house.act(by, why), round_id, rows, replace=replace)
    render.note(f"submitted: {count} requests to round {round_id}; next: cni round close {round_id}")
    return DONE


@app.command(name="list")
def list_(round_id: Round, json: Json = False) -> int:
    """The requests of a round as they hold now.

    Example: cni request list --round 2027-Q1
    """
    from cni.cli import house, render
    from cni.cli.views.house import requests_document, requests_view
    from cni.rounds.requests import list_requests

    render.show(requests_document(round_id, list_requests(house.engine(), round_id)), requests_view, json)
    return DONE
