"""`cni round`, third part: appeals, overrides, the end. The commands join the group of `round_`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import a_time
from cni.cli.round_after import NAME, Id, app
from cni.errors import DONE

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from allocation.request import Request

__all__ = ["NAME", "app"]


@app.command()
def appeal(
    round_id: Id,
    member: Annotated[str, typer.Option("--member", metavar="ID", help="Who appeals.")],
    request: Annotated[
        list[str] | None, typer.Option("--request", metavar="ID", help="Which requests it is about.")
    ] = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Lodge an appeal against a published award, with its reason (--why), while the window is open.

    Example: cni round appeal 2027-Q1 --member bobbin --request r017 --why "S022 has two pairs more than the notice says"
    """
    from cni.cli import house, render
    from cni.rounds.appeals import lodge

    made = lodge(house.engine(), house.act(by, why, dry_run), round_id, member, request or ())
    render.note(f"lodged: {made.appeal}; next: cni round decide {round_id} {made.appeal} --uphold or --dismiss")
    return DONE


@app.command()
def decide(
    round_id: Id,
    appeal: Annotated[str, typer.Argument(metavar="APPEAL", help="Id of the appeal.")],
    uphold: Annotated[bool, typer.Option("--uphold", help="Set the lot aside; it is decided again.")] = False,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="The award stands.")] = False,
    set_aside: Annotated[
        list[str] | None,
        typer.Option("--set-aside", metavar="REQUEST", help="Requests of the lot; else those of the appeal."),
    ] = None,
    requests: Annotated[
        Path | None,
        typer.Option(
            "--requests", metavar="FILE", help="Rows that were copied wrongly, put right; not of what came sealed."
        ),
    ] = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Decide an appeal, with the reason (--why). Upheld: the requests named, with all of their groups, are decided again.

    --requests FILE puts right what a person copied wrongly, from paper or in the open; other rows of the file must be as on record.

    Example: cni round decide 2027-Q1 appeal-1 --uphold --why "the offer of S022 was wrong"
    """
    from cni.cli import house, render
    from cni.rounds.appeals import decide as use
    from topology.problems import bad_input

    if uphold == dismiss:
        raise bad_input("say --uphold or --dismiss.", file="--uphold", code="bad_usage")
    engine = house.engine()
    rows = () if requests is None else _rows(engine, round_id, requests)
    act, named = house.act(by, why, dry_run), set_aside or ()
    made = use(engine, act, round_id, appeal, uphold=uphold, named=named, rows=rows)
    if made.corrected:
        render.note(f"put right: {' '.join(c['request'] for c in made.corrected)}")
    if uphold:
        render.note(f"upheld; set aside: {' '.join(made.lot)}; next: cni round award {round_id}")
    else:
        render.note(f"dismissed: {made.appeal}")
    return DONE


def _rows(engine: Engine, round_id: str, path: Path) -> tuple[Request, ...]:
    from allocation.files.requests import read_requests
    from cni.cli import render
    from cni.rounds.requests import spine_of

    spine = spine_of(engine, round_id)
    rows, remarks = read_requests(path, spine.network, spine.circuits)
    render.remarks(remarks)
    if not rows:
        from topology.problems import bad_input

        raise bad_input("there is no request in it.", file=path.name, code="missing_value")
    return rows


@app.command()
def override(
    round_id: Id,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="postpone, admit, value or annul.")],
    opens: Annotated[str | None, typer.Option("--opens", metavar="TIME", help="postpone: the new opening.")] = None,
    gate: Annotated[str | None, typer.Option("--gate", metavar="TIME", help="postpone: the new gate.")] = None,
    appeal_days: Annotated[
        int | None, typer.Option("--appeal-days", metavar="N", help="postpone: a longer window.")
    ] = None,
    accept_days: Annotated[
        int | None, typer.Option("--accept-days", metavar="N", help="postpone: longer offers.")
    ] = None,
    digest: Annotated[
        str | None, typer.Option("--digest", metavar="HEX", help="admit: the SHA-256 of the late sealed file.")
    ] = None,
    public_value: Annotated[
        str | None,
        typer.Option("--public-value", metavar="TEXT", help="value: the lottery's value as its source printed it."),
    ] = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Propose to bend a round, with the reason (--why). It holds when a second person confirms it; both are in the record.

    Example: cni round override 2027-Q1 postpone --gate 2027-01-22T12:00:00Z --by ann --why "the portal was down"
    """
    from cni.cli import house, render
    from cni.rounds.overrides import KINDS
    from cni.rounds.overriding import propose
    from topology.problems import bad_input

    times = {"opens": opens, "gate": gate}
    days = {"appeal_days": appeal_days, "accept_days": accept_days}
    moved = {k: a_time(v, f"--{k}").isoformat() for k, v in times.items() if v} | {k: v for k, v in days.items() if v}
    if kind not in KINDS:
        raise bad_input(f"an override is one of {', '.join(KINDS)}.", file="KIND", value=kind)
    given = {"postpone": bool(moved), "admit": bool(digest), "value": public_value is not None}
    if any(said != (name == kind) for name, said in given.items()):
        said = {
            "postpone": "give the new date.",
            "admit": "give --digest.",
            "value": "give --public-value.",
            "annul": "annul takes no other option.",
        }[kind]
        raise bad_input(said, file="KIND", value=kind, code="missing_value")
    body = {"admit": {"digest": digest}, "value": {"public_value": public_value}}.get(kind, moved)
    made = propose(house.engine(), house.act(by, why, dry_run), round_id, kind, body)
    if kind == "value":
        render.note(f"{made.body['public_value']} in place of {made.body['instead_of']}, from: {made.body['source']}")
    render.note(f"proposed: override {made.number}; a second person confirms it: cni round confirm {made.number}")
    return DONE


@app.command()
def confirm(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Which override.")],
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Confirm another person's override, by which it holds.

    Example: cni round confirm 1 --by bob
    """
    from cni.cli import house, render
    from cni.rounds.overriding import confirm as use

    made = use(house.engine(), house.act(by, why, dry_run), number)
    render.note(f"confirmed: {made.kind} of round {made.round}, proposed by {made.proposed_by}: {made.reason}")
    if made.kind == "value":
        render.note(f"{made.body['public_value']} in place of {made.body['instead_of']}")
        render.note(f"set aside, on record: award {made.body['award'][:16]}; next: cni round award {made.round}")
    return DONE


@app.command()
def finalise(round_id: Id, dry_run: DryRun = False, by: By = None, why: Why = "") -> int:
    """End a published round, after its appeal window and with every appeal decided.

    Example: cni round finalise 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds.publishing import finalise as use

    made = use(house.engine(), house.act(by, why, dry_run), round_id)
    render.note(f"round {made.id} is {made.state}")
    return DONE
