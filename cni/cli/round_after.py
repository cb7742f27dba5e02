"""`cni round`, second part: telling, publishing, appealing, ending. The commands join the group of `round_`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import Disclosure, Json, MapFile, a_time, needed_date
from cni.cli.round_ import NAME, Id, app
from cni.errors import DONE, NO

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from allocation.request import Request

__all__ = ["NAME", "app"]


@app.command()
def show(
    round_id: Annotated[str, typer.Argument(metavar="ROUND", help="Which; all if not given.")] = "", json: Json = False
) -> int:
    """One round with its award, or the list of all rounds.

    Example: cni round show 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds import life, packs
    from cni.rounds.telling import record_of
    from cni.store.engine import reading
    from cni.views.house import round_document, round_view, rounds_document, rounds_view

    engine = house.engine()
    if not round_id:
        render.show(rounds_document(life.list_rounds(engine)), rounds_view, json)
        return DONE
    with reading(engine) as connection:
        found = life.get(connection, round_id)
        held = packs.packs(connection, round_id)
        more = record_of(connection, round_id)
    pack = held[-1] if held and found.state != "closed" else None  # closed again: an override set it aside
    document = {**round_document(found, pack["award"] if pack else None), **more, "awards": len(held)}
    render.show(document, round_view, json, illustrative=bool(pack and pack["award"].get("illustrative")))
    return DONE


@app.command()
def explain(
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="Id of a request.")],
    round_id: Annotated[str | None, typer.Option("--round", "-r", metavar="ROUND", help="Else the last award.")] = None,
    pack: Annotated[
        Path | None, typer.Option("--pack", metavar="FILE", help="From this round pack, without the database.")
    ] = None,
    map_file: MapFile = None,
    json: Json = False,
) -> int:
    """Why a request got what it got: in one sentence, with figures, who holds what binds, and what is free instead.

    Example: cni round explain r017 --map r017.svg
    """
    from allocation.explain import explanation
    from allocation.files.pack import open_pack
    from cni.cli import render
    from cni.cli.explaining import check_map, draw
    from cni.views.explanation import explain_view

    check_map(map_file)
    where, deciding = _deciding(request, round_id, pack)
    opened = open_pack(deciding)
    document = {"round": where, **explanation(opened.award, request, opened.network, opened.requests)}
    draw(map_file, document, opened.network)
    render.show(document, explain_view, json, illustrative=opened.network.illustrative)
    return DONE


def _deciding(request: str, round_id: str | None, pack: Path | None) -> tuple[str, dict[str, Any]]:
    """The round's name and the pack that decided a request, of a file or of the database. Raises BadInput."""
    from cni.cli import files, house
    from cni.rounds.packs import deciding_pack
    from topology.files.references import near
    from topology.problems import bad_input

    if pack is None:
        return deciding_pack(house.engine(), request, round_id)
    if round_id is not None:
        raise bad_input("a pack holds one round; leave this option out.", file="--round", value=round_id)
    document = files.read_document(pack, "cni.pack/1", whole=False)
    if document.get("disclosure") == "public":
        said = "a public pack is masked and has no reasons."
        raise bad_input(said, file=str(pack), hint="Take the pack that members get.")
    if all(r["request"] != request for r in document["award"]["requests"]):
        hint = near(request, {r["request"]: r for r in document["award"]["requests"]})
        raise bad_input("the pack holds no such request.", file="REQUEST", value=request, code="unknown_id", hint=hint)
    return str((document.get("round") or {}).get("id") or pack.stem), document


@app.command()
def publish(round_id: Id, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False) -> int:
    """Publish the award: every grant becomes an offered circuit, and the appeal window opens.

    Example: cni round publish 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds.publishing import publish as use
    from cni.views.round_ import offers_document, offers_view

    done = use(house.engine(), house.act(by, why, dry_run), round_id)
    document = offers_document(done)
    render.show(document, offers_view, json)
    render.note(
        f"published; offers are open until {document['accept_by']}, appeals until {document['appeals_until']}; "
        f"next: cni round export {round_id} -o pack.json"
    )
    return DONE


@app.command()
def export(
    round_id: Id,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where the pack goes.")],
    disclosure: Disclosure = None,
    attempt: Annotated[
        int | None, typer.Option("--attempt", metavar="N", help="Which award, where a lot was decided again.")
    ] = None,
) -> int:
    """The round pack: complete for members (default), or masked for the public. It is all that `cni verify` needs.

    Example: cni round export 2027-Q1 -o public.json --disclosure public
    """
    from cni.cli import files, house, render
    from cni.rounds.packs import read_pack
    from topology.canonical import canonical_bytes
    from topology.problems import bad_input

    if disclosure not in (None, "member", "public"):
        said = "a pack is for member (complete) or public (masked)."
        raise bad_input(said, file="--disclosure", value=disclosure)
    engine = house.engine()
    pack = read_pack(engine, round_id, attempt)
    _say_if_unpublished(engine, round_id)
    if disclosure == "public":
        from allocation.files.masking import public_pack
        from allocation.files.pack import open_pack
        from topology.disclosure import disclosed
        from topology.files.json_form import network_to_json

        pack = public_pack(pack, network_to_json(disclosed(open_pack(pack).network, "public")))
    files.write_atomically(out, canonical_bytes(pack) + b"\n")
    render.note(f"written: {out}; next: cni verify {'--partial ' if disclosure == 'public' else ''}{out}")
    return DONE


def _say_if_unpublished(engine: Engine, round_id: str) -> None:
    from cni.cli import render
    from cni.rounds.life import get
    from cni.store.engine import reading

    with reading(engine) as connection:
        if get(connection, round_id).state == "awarded":
            render.note("the award is not published yet: this pack is for your own check, not for passing on")


@app.command()
def replay(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="A complete round pack.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write the award made anew.")] = None,
    effort: Annotated[int | None, typer.Option("--effort", metavar="N", help="As in the round, if it had one.")] = None,
    json: Json = False,
) -> int:
    """Decide the round of a pack again, without the database, and compare: exit 1 unless the bytes are the same.

    Bytes without `evidence` (certificates and effort), which is what the award's digest covers.

    Example: cni round replay pack.json
    """
    from allocation.award import allocate
    from allocation.files.pack import open_pack
    from cni.cli import files, render
    from cni.cli.progress import level_progress
    from cni.views.round_ import replay_view
    from topology.about import SOFTWARE
    from topology.canonical import canonical_bytes
    from topology.problems import bad_input

    document = files.read_document(pack, "cni.pack/1", whole=False)
    if document.get("disclosure") == "public":
        raise bad_input("a public pack is masked; only a complete one can be decided again.", file=str(pack))
    opened = open_pack(document)
    if not opened.award.get("repeatable", True):
        render.note("a wall limit cut this award, so it need not come out the same")
    with level_progress() as progress:
        again = allocate(
            opened.network,
            opened.circuits,
            opened.requests,
            opened.policy,
            on=needed_date(str(opened.award["on"]), "on"),
            seed=opened.award["seed"],
            effort=effort,
            progress=progress,
        )
    if out is not None:
        files.write_atomically(out, canonical_bytes(again) + b"\n")
        render.note(f"written: {out}")
    result = {
        "schema": "cni.replay/1",
        "software": SOFTWARE,
        "on": opened.award["on"],
        "same": again["digest"] == opened.award["digest"],
        "digest": again["digest"],
        "published": opened.award["digest"],
    }
    render.show(result, replay_view, json, illustrative=opened.network.illustrative)
    return DONE if result["same"] else NO


@app.command()
def waiting(round_id: Id, json: Json = False) -> int:
    """The waiting list of a published round, first in line first (rule G10).

    Example: cni round waiting 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds.telling import waiting_document
    from cni.store.engine import reading
    from cni.views.round_ import waiting_view

    with reading(house.engine()) as connection:
        document = waiting_document(connection, round_id, house.now())
    render.show(document, waiting_view, json)
    return DONE


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
