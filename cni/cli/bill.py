"""`cni bill`: who owes whom how much."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import Json, NeededCircuits, Net, PolicyFile, group
from cni.errors import DONE

NAME = "bill"
Facts = Annotated[
    Path | None,
    typer.Option(
        "--facts", metavar="FOLDER", help="Parties, owners, costs, accepted fibre, outages, index levels (CSV)."
    ),
]
app = group("Charges, contributor fees and the settlement of a period.")


@app.command()
def preview(
    net: Net,
    circuits: NeededCircuits,
    tariff: Annotated[Path, typer.Option("--tariff", "-t", metavar="FILE", help="Tariff (TOML).")],
    period: Annotated[
        str, typer.Option("--period", metavar="START/END", help="Half-open, for instance 2027-01-01/2027-04-01.")
    ],
    policy: PolicyFile = None,
    facts: Facts = None,
    json: Json = False,
) -> int:
    """What a period would be billed: charges, contributor fees and the settlement. Writes nothing.

    Example: cni bill preview my-network --circuits circuits.csv --tariff tariff.toml --period 2027-01-01/2027-04-01
    """
    from billing.fee_policy import read_fee_policy
    from billing.settlement import settle
    from billing.tariff_file import read_tariff
    from cni.cli import inputs, render
    from cni.cli.views.bill import settlement_view

    start, end = a_period(period)
    base = inputs.spine(net, circuits, start.isoformat())
    prices, remarks = read_tariff(tariff)
    render.remarks(remarks)
    known = inputs.facts(facts)
    document = settle(base.network, base.circuits, prices, read_fee_policy(policy), start, end, known)
    render.show(document, settlement_view, json, illustrative=base.network.illustrative)
    return DONE


def a_period(text: str) -> tuple[date, date]:
    """Both dates of a half-open period. Raises BadInput."""
    from cni.cli.options import needed_date
    from topology.problems import bad_input

    first, slash, last = text.partition("/")
    if not slash:
        raise bad_input("--period must be START/END, two dates with a slash between.", file="--period", value=text)
    start, end = needed_date(first, "--period"), needed_date(last, "--period")
    if end <= start:
        raise bad_input(
            "--period must end after it starts.", file="--period", value=text, hint="Maybe the two dates are swapped."
        )
    return start, end
