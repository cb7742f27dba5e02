"""`cni verify`: an award checked without trusting what made it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cni.cli.options import Circuits, Json, PolicyFile
from cni.errors import DONE, NO

NAME = "verify"


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A round pack, or an award with the options below.")],
    network: Annotated[Path | None, typer.Option("--network", metavar="NET", help="Network of the award.")] = None,
    requests: Annotated[Path | None, typer.Option("--requests", metavar="FILE", help="Requests of the award.")] = None,
    policy: PolicyFile = None,
    circuits: Circuits = None,
    digest: Annotated[
        str | None, typer.Option("--digest", metavar="HEX", help="The digest that was published; must match.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Accept that a public pack cannot be checked in full.")
    ] = False,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="PACK", help="The member pack that a public one was made from.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Also re-prove the tie-breaks (rules B2 to B5).")] = False,
    json: Json = False,
) -> int:
    """Check a round pack, or an award against its inputs: digests, every clause, level bounds, reasons.

    Exit 1 where a check fails; each failing check is named with its place.

    Example: cni verify pack.json
    """
    from cni.cli import files, inputs, render
    from cni.cli.progress import step_progress
    from cni.views.award import verify_view
    from topology.problems import bad_input

    document = files.read_document(file, "cni.pack/1", "cni.award/1", whole=False)
    named = (("--network", network), ("--requests", requests), ("--policy", policy), ("--circuits", circuits))
    given = [option for option, value in named if value is not None]
    from allocation.verify import verify_award, verify_pack  # brings the engine, which an unreadable file does not need

    if document.get("disclosure") == "public":
        return _public(document, against, partial=partial, digest=digest, json=json)
    if against is not None:
        raise bad_input("--against is for a public pack.", file="--against", value=str(against))
    if document["schema"] == "cni.pack/1":
        if given:
            raise bad_input("a pack holds all its inputs; leave this option out.", file=given[0])
        about = document.get("network", {})
        with step_progress() as progress:
            result = verify_pack(document, full=full, expected_digest=digest, progress=progress)
        invented = isinstance(about, dict) and bool(about.get("about", {}).get("illustrative"))
    else:
        if network is None or requests is None:
            raise bad_input("an award needs --network and --requests (a pack does not).", file=str(file))
        base = inputs.spine(network, circuits, None)
        rows, rules = inputs.requests(requests, base), inputs.policy(policy)
        with step_progress() as progress:
            result = verify_award(
                document, base.network, base.circuits, rows, rules, full=full, expected_digest=digest, progress=progress
            )
        invented = base.network.illustrative
    render.show(result, verify_view, json, illustrative=invented)
    return DONE if result["ok"] else NO


def _public(document: dict[str, Any], against: Path | None, *, partial: bool, digest: str | None, json: bool) -> int:
    """A public pack: exit 0 only where everything was checked (--against) or the caller accepts less (--partial)."""
    from allocation.verify.public import verify_public
    from cni.cli import files, render
    from cni.views.award import verify_view
    from topology.problems import bad_input

    member = None if against is None else files.read_document(against, "cni.pack/1", whole=False)
    result = verify_public(document, member)
    if digest is not None and document["award"].get("digest") != digest.strip().lower():
        raise bad_input("it is not the award of this digest.", file="--digest", value=digest)
    render.show(result, verify_view, json, illustrative=bool(document["award"].get("illustrative")))
    if result["partial"] and not partial:
        render.note(
            "a public pack is masked: --partial accepts what was checked, --against MEMBER_PACK checks every mask"
        )
    return DONE if result["ok"] and (partial or not result["partial"]) else NO
