"""`cni allocate`: one round as a pure function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import Circuits, Json, MapFile, Net, On, PolicyFile, Requests
from cni.errors import BOUNDED, DONE

NAME = "allocate"


def command(
    net: Net,
    requests: Requests,
    policy: PolicyFile = None,
    circuits: Circuits = None,
    seed: Annotated[str | None, typer.Option("--seed", metavar="TEXT", help="Seed of the lot (rule B2).")] = None,
    effort: Annotated[int | None, typer.Option("--effort", metavar="N", help="Limit of work; repeatable.")] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="SECONDS", help="Limit of wall time; not repeatable.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="AWARD", help="Write the award here too.")] = None,
    pack: Annotated[Path | None, typer.Option("--pack", metavar="FILE", help="Write the round pack here.")] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="REQUEST", help="Show why this request got what it got, instead.")
    ] = None,
    map_file: MapFile = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Decide one round: who gets which pairs over which routes, with proof and a reason for each refusal.

    Exit 0 when the award is proved optimal, 3 when a limit or Ctrl-C ended it before (the award then carries its bound).

    Example: cni allocate my-network requests.csv --policy policy.toml --seed 2027-Q1 -o award.json --pack pack.json
    """
    from allocation.award import allocate
    from allocation.explain import explanation
    from allocation.files.pack import make_pack
    from cni.cli import files, inputs, render
    from cni.cli.explaining import check_map, draw
    from cni.cli.limits import check_limits
    from cni.cli.progress import level_progress
    from cni.views.award import award_view
    from cni.views.explanation import explain_view
    from topology.canonical import canonical_bytes
    from topology.problems import bad_input

    check_limits(effort, time_limit)
    check_map(map_file)
    if map_file is not None and explain is None:
        raise bad_input("--map draws one request; name it with --explain REQUEST.", file="--map")
    base = inputs.spine(net, circuits, on)
    rows = inputs.requests(requests, base)
    rules = inputs.policy(policy)
    if explain is not None and all(r.id != explain for r in rows):
        raise bad_input("there is no request of this id.", file="--explain", value=explain, code="unknown_id")
    for target, option in ((out, "-o"), (pack, "--pack")):
        if target is not None:
            files.check_target(target, option)
    with level_progress() as progress:
        award = allocate(
            base.network,
            base.circuits,
            rows,
            rules,
            on=base.on,
            seed=seed,
            effort=effort,
            time_limit_s=time_limit,
            progress=progress,
        )
    if out is not None:
        files.write_atomically(out, canonical_bytes(award) + b"\n")
    if pack is not None:
        made = make_pack(award, base.network, base.circuits, rows, rules)
        files.write_atomically(pack, canonical_bytes(made) + b"\n", "--pack")
    if explain is not None:
        document = explanation(award, explain, base.network, rows)
        draw(map_file, document, base.network)
        render.show(document, explain_view, json, illustrative=base.network.illustrative)
    else:
        render.show(award, award_view, json, illustrative=base.network.illustrative)
    return DONE if award["proof"] == "optimal" else BOUNDED
