"""`cni round`: the life of a round in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.house import By, Why
from cni.cli.options import Json, MapFile, On, PolicyFile, a_date, group
from cni.errors import BOUNDED, DONE

NAME = "round"
app = group("The life of a round: create, open, close, award, show, explain.")

Id = Annotated[str, typer.Argument(metavar="ROUND", help="Id of the round.")]


@app.command()
def create(
    round_id: Id,
    policy: PolicyFile = None,
    on: On = None,
    seed: Annotated[str | None, typer.Option("--seed", metavar="TEXT", help="Seed of the lot (rule B2).")] = None,
    by: By = None,
    why: Why = "",
) -> int:
    """Make a round on the newest network; policy, date and seed are fixed from now on.

    Example: cni round create 2027-Q1 --policy policy.toml --seed "drawn on 4 January"
    """
    from cni.cli import house, inputs, render
    from cni.cli.names import an_id
    from cni.rounds import life

    made = life.create(
        house.engine(),
        house.act(by, why),
        an_id(round_id, "ROUND"),
        inputs.policy(policy),
        on=a_date(on, "--on"),
        seed=seed,
    )
    render.note(
        f"round {made.id} is {made.state}, on network version {made.network}, {made.on}; {life.NEXT[made.state]}"
    )
    return DONE


@app.command(name="open")
def open_(round_id: Id, by: By = None, why: Why = "") -> int:
    """Let requests come in.

    Example: cni round open 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds import life

    made = life.open_round(house.engine(), house.act(by, why), round_id)
    render.note(f"round {made.id} is {made.state}; {life.NEXT[made.state]}")
    return DONE


@app.command()
def close(round_id: Id, by: By = None, why: Why = "") -> int:
    """Close the gate: no request comes in any more.

    Example: cni round close 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds import life

    made = life.close_round(house.engine(), house.act(by, why), round_id)
    render.note(f"round {made.id} is {made.state}; {life.NEXT[made.state]}")
    return DONE


@app.command()
def award(
    round_id: Id,
    effort: Annotated[int | None, typer.Option("--effort", metavar="N", help="Limit of work; repeatable.")] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="SECONDS", help="Limit of wall time; not repeatable.")
    ] = None,
    pack: Annotated[Path | None, typer.Option("--pack", metavar="FILE", help="Write the round pack here too.")] = None,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Decide a closed round and keep the award with all its inputs.

    Exit 0 when the award is proved optimal, 3 when a limit or Ctrl-C ended it before.

    Example: cni round award 2027-Q1 --pack pack.json
    """
    from cni.cli import files, house, render
    from cni.cli.limits import check_limits
    from cni.cli.progress import level_progress
    from cni.cli.views.award import award_view
    from cni.rounds.awards import award_round
    from topology.canonical import canonical_bytes

    check_limits(effort, time_limit)
    if pack is not None:
        files.check_target(pack, "--pack")
    with level_progress() as progress:
        made = award_round(
            house.engine(), house.act(by, why), round_id, effort=effort, time_limit_s=time_limit, progress=progress
        )
    if pack is not None:
        files.write_atomically(pack, canonical_bytes(made) + b"\n", "--pack")
    render.show(made["award"], award_view, json, illustrative=_invented(made))
    render.note(f"kept; next: cni round explain REQUEST, cni round show {round_id}")
    return DONE if made["award"]["proof"] == "optimal" else BOUNDED


def _invented(pack: dict[str, dict[str, object]]) -> bool:
    """Whether a pack's award is of an illustrative network."""
    return bool(pack["award"].get("illustrative"))


@app.command()
def show(
    round_id: Annotated[str, typer.Argument(metavar="ROUND", help="Which; all if not given.")] = "", json: Json = False
) -> int:
    """One round with its award, or the list of all rounds.

    Example: cni round show 2027-Q1
    """
    from cni.cli import house, render
    from cni.cli.views.house import round_document, round_view, rounds_document, rounds_view
    from cni.rounds import life
    from cni.store.engine import reading

    engine = house.engine()
    if not round_id:
        render.show(rounds_document(life.list_rounds(engine)), rounds_view, json)
        return DONE
    with reading(engine) as connection:
        found = life.get(connection, round_id)
    pack = None
    if found.state == "awarded":
        from cni.rounds.awards import read_pack  # brings the solver, which a round without an award does not need

        pack = read_pack(engine, round_id)
    document = round_document(found, pack["award"] if pack else None)
    render.show(document, round_view, json, illustrative=bool(pack and _invented(pack)))
    return DONE


@app.command()
def explain(
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="Id of a request.")],
    round_id: Annotated[str | None, typer.Option("--round", "-r", metavar="ROUND", help="Else the last award.")] = None,
    map_file: MapFile = None,
    json: Json = False,
) -> int:
    """Why a request got what it got: in one sentence, with figures, who holds what binds, and what is free instead.

    Example: cni round explain r017 --map r017.svg
    """
    from allocation.explain import explanation
    from allocation.pack import open_pack
    from cni.cli import house, render
    from cni.cli.explaining import check_map, draw
    from cni.cli.views.explanation import explain_view
    from cni.rounds.awards import deciding_pack

    check_map(map_file)
    where, pack = deciding_pack(house.engine(), request, round_id)
    opened = open_pack(pack)
    document = {"round": where, **explanation(opened.award, request, opened.network, opened.requests)}
    draw(map_file, document, opened.network)
    render.show(document, explain_view, json, illustrative=opened.network.illustrative)
    return DONE
