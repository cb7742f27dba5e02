"""`cni round`, second part: telling and publishing. The commands join the group of `round_`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import Disclosure, Json, MapFile, needed_date
from cni.cli.round_ import NAME, Id, app
from cni.errors import DONE, NO

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["NAME", "Id", "app"]


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
        int | None, typer.Option("--attempt", metavar="N", help="Which award, where there are several.")
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
