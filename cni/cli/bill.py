"""`cni bill`: who owes whom how much."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import Circuits, Json, PolicyFile, group
from cni.errors import DONE

NAME = "bill"
Facts = Annotated[
    Path | None,
    typer.Option(
        "--facts", metavar="FOLDER", help="Parties, owners, costs, accepted fibre, outages, index levels (CSV)."
    ),
]
Period = Annotated[
    str, typer.Option("--period", metavar="START/END", help="Half-open, for instance 2027-01-01/2027-04-01.")
]
app = group("Charges, contributor fees and the settlement of a period.")


@app.command()
def preview(
    net: Annotated[
        Path | None, typer.Argument(metavar="NET", help="Network: a folder or file; none with --live.")
    ] = None,
    circuits: Circuits = None,
    tariff: Annotated[Path | None, typer.Option("--tariff", "-t", metavar="FILE", help="Tariff (TOML).")] = None,
    period: Period = ...,  # type: ignore[assignment]  # Typer's mark of an option that must be given
    policy: PolicyFile = None,
    facts: Facts = None,
    live: Annotated[
        bool, typer.Option("--live", help="From the database, exactly as `bill run` would: the same digest.")
    ] = False,
    known_at: Annotated[
        int | None, typer.Option("--as-known-at", metavar="N", help="With --live: as of this audit entry.")
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Each fee line with its sum too.")] = False,
    json: Json = False,
) -> int:
    """What a period would be billed: charges, contributor fees and the settlement. Writes nothing.

    Example: cni bill preview my-network --circuits circuits.csv --tariff tariff.toml --period 2027-01-01/2027-04-01
    """
    from topology.problems import bad_input

    start, end = a_period(period)
    if live:
        if any(given is not None for given in (net, circuits, tariff, policy, facts)):
            said = "--live takes network, circuits, tariff, policy and facts from the database."
            raise bad_input(said, file="--live", code="bad_usage")
        if lines:
            hint = "`cni bill show DOCUMENT` has the lines of each; --json has all."
            raise bad_input("--lines is for files.", file="--lines", code="bad_usage", hint=hint)
        return _live(start, end, known_at, json)
    for name, value in (("NET", net), ("--circuits", circuits), ("--tariff", tariff)):
        if value is None:
            raise bad_input(
                f"{name} is needed.", file=name, code="bad_usage", hint="--live reads the database instead."
            )
    assert net is not None
    assert tariff is not None
    return _of_files(net, circuits, tariff, (start, end), (policy, facts, lines, json))


def _live(start: date, end: date, known_at: int | None, json: bool) -> int:
    from cni.bills.runs import preview as use
    from cni.cli import house, render
    from cni.views.bill_runs import preview_document, run_view

    document = preview_document(use(house.engine(), start, end, house.today(), known_at))
    render.show(document, run_view, json, illustrative=document["illustrative"])
    say_if_no_policy(document["pins"]["policy"])
    return DONE


def _of_files(
    net: Path,
    circuits: Path | None,
    tariff: Path,
    period: tuple[date, date],
    more: tuple[Path | None, Path | None, bool, bool],
) -> int:
    from billing.settlement import settle
    from billing.tariff_file import read_tariff
    from cni.cli import inputs, render
    from cni.views.bill import settlement_view

    start, end = period
    policy, facts, lines, json = more
    base = inputs.spine(net, circuits, start.isoformat())
    prices, remarks = read_tariff(tariff)
    render.remarks(remarks)
    known = inputs.facts(facts)
    document = settle(base.network, base.circuits, prices, inputs.fee_policy(policy), start, end, known)
    view = partial(settlement_view, fee_lines=lines)
    render.show(document, view, json, illustrative=base.network.illustrative)
    return DONE


def say_if_no_policy(policy: int) -> None:
    """Say why a run has no fees, where no fee policy was imported (its number in the pins is 0)."""
    from cni.cli import render

    if not policy:
        said = "no fee policy was imported that holds: fees, margin and reserve are 0.00"
        render.note(f"{said}; next: cni bill policy import FILE")


def say_if_cut_short(period: str) -> None:
    """A period that ends on the last day of a month leaves that day out, which is seldom meant. Raises BadInput."""
    from cni.cli import render

    start, end = a_period(period)
    if (after := end + timedelta(days=1)).day == 1:
        render.note(f"{end} is not billed: --period {start}/{after} takes the whole month in")


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
