"""`cni request`: what a member does before the gate, and the requests of a round in the database."""

from __future__ import annotations

from typing import Annotated

import typer

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
