"""`cni circuit`, second part: what members hold and what becomes of it. The commands join the group of `circuit`."""

from __future__ import annotations

from datetime import datetime, time, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cni.cli.circuit import NAME, app
from cni.cli.house import By, DryRun, Why
from cni.cli.options import Disclosure, ForMember, Json, a_date, needed_date
from cni.errors import DONE

if TYPE_CHECKING:
    from cni.rounds.circuits import Standing
    from cni.views.holdings import Audience

__all__ = ["NAME", "app"]

Id = Annotated[str, typer.Argument(metavar="CIRCUIT", help="Id of the circuit.")]
Day = Annotated[str | None, typer.Option("--on", metavar="DATE", help="From which day on; today if not given.")]
Look = Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day to look at; today if not given.")]


def look_at(on: str | None) -> datetime:
    """The moment to look at: now, or the beginning of another day than today. Raises BadInput for a bad --on."""
    from cni.cli import house

    day, now = a_date(on, "--on"), house.now()
    if day is None or day == now.date():
        return now
    return datetime.combine(day, time(), timezone.utc)  # noqa: UP017 -- reads as what it is


def audience_for(disclosure: str | None, member: str | None) -> Audience:
    """Who a list is for; members unless it is said. Raises BadInput."""
    from cni.cli.converting import audience_of
    from cni.views.holdings import Audience
    from topology.problems import bad_input

    name = audience_of(disclosure, member, "member")
    if name == "public":
        said = "circuits are not for the public."
        raise bad_input(said, file="--disclosure", value=name, code="not_disclosed")
    if member:
        require_registered(member)
    return Audience(name, member or "")


def require_registered(member: str) -> None:
    """Raises BadInput where nobody has the id and nothing is held under it: "none" would read as if a member held nothing."""
    from cni.cli import house
    from cni.rounds import holdings
    from cni.rounds.members import current, require
    from cni.store.engine import reading

    engine = house.engine()
    with reading(engine) as connection:
        if member in {m.id for m in current(connection)}:
            return
        # a file of circuits may name holders that nobody registered
        if all(s.circuit.member != member for s in holdings.read(engine).standings.values()):
            require(connection, member, "--for")


def say_codes(audience: Audience) -> None:
    """Tell on stderr why there are codes where ids were expected."""
    from cni.cli import render

    if audience.name == "member" and not audience.member:
        render.note("for members: codes stand for circuits; --for MEMBER shows its own, --disclosure internal all")


@app.command(name="list")
def list_(
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="STATE", help="offered, accepted, in_service, ...; live: the first three."),
    ] = None,
    member: Annotated[str | None, typer.Option("--member", metavar="ID", help="Only this member's.")] = None,
    on: Look = None,
    disclosure: Disclosure = None,
    for_member: ForMember = None,
    json: Json = False,
) -> int:
    """Every circuit with its state on a day. Shown as members may see it: --for a member's own, --disclosure internal all.

    Example: cni circuit list --state offered --disclosure internal
    """
    from cni.cli import house, render
    from cni.rounds import holdings
    from cni.rounds.circuits import Scope
    from cni.rounds.lifecycle import LIVE, STATES, state_on
    from cni.views.holdings import circuits_document, circuits_view
    from topology.problems import bad_input

    if state not in (None, "live", *STATES):
        raise bad_input(f"a state is live or one of {', '.join(STATES)}.", file="--state", value=state or "")
    at, audience = look_at(on), audience_for(disclosure, for_member)
    if member and audience.name == "member" and not audience.member:
        said = "--member needs --disclosure internal; members use --for."
        raise bad_input(said, file="--member", value=member, code="not_disclosed")
    wanted = STATES if state is None else LIVE if state == "live" else (state,)
    scope = Scope(day=at.date() if set(wanted) <= set(LIVE) else None)
    if audience.member:
        found = holdings.read_of_group(house.engine(), audience.member, scope)
    else:
        found = holdings.read(house.engine(), scope)
    rows = [s for s in found.standings.values() if member in (None, s.circuit.member) and state_on(s, at) in wanted]
    document = circuits_document(found, rows, at, audience)
    say_codes(audience)
    render.show(document, circuits_view, json, illustrative=found.network.illustrative)
    return DONE


@app.command()
def show(
    circuit_id: Id, on: Look = None, disclosure: Disclosure = None, for_member: ForMember = None, json: Json = False
) -> int:
    """One circuit with its state and all that happened to it: for the member that holds it (--for), or --disclosure internal.

    Example: cni circuit show 2027-Q1.r017-1 --for bobbin
    """
    from cni.cli import house, render
    from cni.rounds import holdings
    from cni.rounds.circuits import Scope
    from cni.views.holdings import circuit_document, circuit_view
    from topology.problems import bad_input

    at, audience = look_at(on), audience_for(disclosure, for_member)
    engine = house.engine()
    found = holdings.read(engine, Scope(ids=frozenset((circuit_id,))))
    if circuit_id not in found.standings:  # all of them, for the hint
        found = holdings.read(engine)
    if audience.name == "member" and not audience.member:
        said = "one circuit is shown to its holder, or to the coordinator."
        hint = "--for MEMBER, or --disclosure internal."
        raise bad_input(said, file="CIRCUIT", value=circuit_id, hint=hint, code="not_disclosed")
    standing = found.find(circuit_id)
    if not audience.sees(found.network)(standing):
        said = "this circuit is another member's."
        raise bad_input(said, file="--for", value=audience.member, code="not_disclosed")
    render.show(circuit_document(found, standing, at), circuit_view, json, illustrative=found.network.illustrative)
    return DONE


def _told(standing: Standing, at: datetime, json: bool, **more: Any) -> None:
    """Show a circuit after an act, and name the next command."""
    from cni.cli import house, render
    from cni.rounds import holdings
    from cni.views.holdings import circuit_document, circuit_view

    found = holdings.read(house.engine())
    document = circuit_document(found, standing, at, **more)
    if json:
        render.show(document, circuit_view, json, illustrative=found.network.illustrative)
    ends = f", ends on {document['end']}" if document["end"] else ""
    said = f"{document['circuit']} of {document['member']} is {document['state'].replace('_', ' ')}{ends}"
    follows = "; next: " if document["next"].startswith("`") else ". "  # what names no command is no step
    render.note(f"{said}{follows}{document['next']}" if document["next"] else said)


@app.command()
def accept(circuit_id: Id, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False) -> int:
    """Take up an offer. The strands that the circuit lies on are fixed now.

    Example: cni circuit accept 2027-Q1.r017-1 --by bobbin
    """
    from cni.cli import house
    from cni.rounds.circuit_acts import accept as use

    act = house.act(by, why, dry_run)
    _told(use(house.engine(), act, circuit_id), act.at, json)
    return DONE


@app.command()
def decline(circuit_id: Id, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False) -> int:
    """Leave an offer: it lapses at once, and its strands are spare again.

    Example: cni circuit decline 2027-Q1.r017-1 --by bobbin
    """
    from cni.cli import house
    from cni.rounds.circuit_acts import decline as use

    act = house.act(by, why, dry_run)
    _told(use(house.engine(), act, circuit_id), act.at, json)
    return DONE


@app.command()
def light(
    circuit_id: Id,
    lit: Annotated[str | None, typer.Option("--lit", metavar="DATE", help="When; today if not given.")] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Measured report; kept with its digest, at most 1 MiB."),
    ] = None,
    correct: Annotated[
        bool, typer.Option("--correct", help="Put another day in place of the one on record; with --lit and --why.")
    ] = False,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Put a circuit into service: record on which day it was lit, and what was measured.

    A day that was recorded wrongly is corrected with --correct; both stay on record.

    Example: cni circuit light 2027-Q1.r017-1 --lit 2027-03-01 --report otdr.pdf
    """
    from cni.cli import files, house
    from cni.rounds.circuit_acts import LARGEST_REPORT, correct_light
    from cni.rounds.circuit_acts import light as use
    from topology.problems import bad_input

    measured = (report.name, files.read_small(report, "--report", LARGEST_REPORT)) if report else None
    act = house.act(by, why, dry_run)
    day = a_date(lit, "--lit")
    if correct and day is None:
        raise bad_input("give the day on which it was lit.", file="--lit", code="missing_value")
    if correct and day is not None:
        _told(correct_light(house.engine(), act, circuit_id, day, measured), act.at, json)
    else:
        _told(use(house.engine(), act, circuit_id, day, measured), act.at, json)
    return DONE


@app.command()
def cease(
    circuit_id: Id, on: Day = None, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False
) -> int:
    """End a circuit in service from a day on.

    Example: cni circuit cease c-001 --on 2028-01-01 --why "site closed"
    """
    from cni.cli import house
    from cni.rounds.circuit_acts import cease as use

    act = house.act(by, why, dry_run)
    _told(use(house.engine(), act, circuit_id, a_date(on, "--on") or act.at.date()), act.at, json)
    return DONE


@app.command()
def surrender(
    circuit_id: Id, on: Day = None, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False
) -> int:
    """Hand a circuit back to the pool before its term is over, lit or not.

    Example: cni circuit surrender 2027-Q1.r017-1 --on 2027-06-01
    """
    from cni.cli import house
    from cni.rounds.circuit_acts import surrender as use

    act = house.act(by, why, dry_run)
    _told(use(house.engine(), act, circuit_id, a_date(on, "--on") or act.at.date()), act.at, json)
    return DONE


@app.command()
def transfer(
    circuit_id: Id,
    to: Annotated[str, typer.Option("--to", metavar="MEMBER", help="Who holds it next.")],
    on: Day = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Pass a circuit on to another member: the same legs, strands, price and end, under a new id.

    Example: cni circuit transfer c-001 --to carder --on 2027-07-01
    """
    from cni.cli import house
    from cni.rounds.circuit_acts import transfer as use

    act = house.act(by, why, dry_run)
    old, new = use(house.engine(), act, circuit_id, to, a_date(on, "--on") or act.at.date())
    _told(new, act.at, json, replaces=old.circuit.id)
    return DONE


@app.command()
def lapse(dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False) -> int:
    """Record every offer that has run out; its strands are spare again.

    Example: cni circuit lapse
    """
    from cni.cli import house, render
    from cni.rounds import holdings
    from cni.rounds.circuit_acts import lapse as use
    from cni.views.holdings import Audience, circuits_document, circuits_view

    act = house.act(by, why, dry_run)
    done = use(house.engine(), act)
    document = circuits_document(holdings.read(house.engine()), done, act.at, Audience())
    render.show(document, circuits_view, json)
    render.note(f"lapsed: {len(done)}; next: cni circuit list --state live")
    return DONE


@app.command()
def renew(
    circuit_id: Id,
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The new end.")],
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Let a lit circuit go on after its end, where it is asked for in time and nobody else waits for its strands.

    Example: cni circuit renew c-001 --until 2035-01-01
    """
    from cni.cli import house
    from cni.rounds.renewing import renew as use

    act = house.act(by, why, dry_run)
    _told(use(house.engine(), act, circuit_id, needed_date(until, "--until")), act.at, json)
    return DONE


@app.command()
def due(
    on: Look = None,
    record: Annotated[bool, typer.Option("--record", help="Write down that the holders are warned (today).")] = False,
    disclosure: Disclosure = None,
    for_member: ForMember = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Everything that falls due: offers that run out, idle circuits, renewals, ends, recalls; and who must be told.

    Shown as members may see it: --for a member's own, --disclosure internal all.

    Example: cni circuit due --disclosure internal --record
    """
    from cni.cli import house, render
    from cni.rounds import dues
    from cni.views.holdings import due_document, due_view
    from topology.problems import bad_input

    at, audience = look_at(on), audience_for(disclosure, for_member)
    if record and on is not None:
        raise bad_input("--record is for today.", file="--on", value=on, code="bad_usage")
    found, rows = dues.record(house.engine(), house.act(by, why, dry_run)) if record else dues.due(house.engine(), at)
    say_codes(audience)
    document = due_document(found, rows, at, audience)
    render.show(document, due_view, json, illustrative=found.network.illustrative)
    if any(not d["warned"] for d in document["due"]):
        render.note("next: `cni circuit due --record` writes the warnings down")
    return DONE
