"""`cni bill analysis`: what fairness theory would say of the contributors. The command joins the group of `bill`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.bill import Facts, Period, a_period
from cni.cli.bill_runs import NAME, app
from cni.cli.options import Json, NeededCircuits, Net, PolicyFile
from cni.errors import DONE

__all__ = ["NAME", "app"]


@app.command()
def analysis(
    net: Net,
    circuits: NeededCircuits,
    tariff: Annotated[Path, typer.Option("--tariff", "-t", metavar="FILE", help="Tariff (TOML).")],
    period: Period,
    policy: PolicyFile = None,
    facts: Facts = None,
    seed: Annotated[
        str, typer.Option("--seed", metavar="TEXT", help="Draws the orders above 12 contributors.")
    ] = "cni",
    json: Json = False,
) -> int:
    """What each contributor adds to the charges of a period (Shapley values, rule F19) beside its fees. Advice, never a bill.

    Exact up to 12 contributors; above that from drawn orders, with the standard error.

    Example: cni bill analysis my-network --circuits circuits.csv --tariff tariff.toml --period 2027-01-01/2027-04-01
    """
    from billing.analysis.contribution import contribution_document
    from cni.cli import inputs, render
    from cni.views.bill_analysis import contribution_view

    start, end = a_period(period)
    base = inputs.spine(net, circuits, start.isoformat())
    prices, known, rules = inputs.tariff(tariff), inputs.facts(facts), inputs.fee_policy(policy)
    assert prices is not None
    document = contribution_document(base.network, base.circuits, prices, rules, start, end, known, seed)
    render.show(document, contribution_view, json, illustrative=base.network.illustrative)
    return DONE
