"""`cni circuit`: what members hold, down to the strand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cni.cli.options import Circuits, Disclosure, Json, On, PolicyFile, group
from cni.errors import DONE, NO

if TYPE_CHECKING:
    from cni.cli.inputs import Spine

NAME = "circuit"
app = group("What members hold, down to the strand: connection reports and splice schedules.")


@app.command()
def sheet(
    first: Annotated[str, typer.Argument(metavar="NET", help="Network, with --circuits; left out: the database.")] = "",
    second: Annotated[str, typer.Argument(metavar="CIRCUIT", help="One circuit; all if not given.")] = "",
    circuits: Circuits = None,
    node: Annotated[str, typer.Option("--node", metavar="ID", help="Every port and splice at this node.")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="An .html page for A4.")] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="Write the circuits with their strands (CSV).")
    ] = None,
    disclosure: Disclosure = None,
    member: Annotated[
        str,
        typer.Option("--for", metavar="MEMBER", help="Only the circuits of this member's group, as it may see them."),
    ] = "",
    policy: PolicyFile = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Connection report and splice schedule: which strands, tubes and colours, which splices, what loss.

    Recorded strands are kept; others are proposed, and --record writes them down. Files are shown whole unless --disclosure
    says otherwise; the database as members may see it: with --for a member's own circuits, without it all under codes;
    the coordinator and the crew add --disclosure internal. Exit 1 if a circuit finds no strands.

    Example: cni circuit sheet my-network c-001 --circuits circuits.csv -o c-001.html
    """
    from cni.cli import files, inputs, render
    from cni.views.circuit import sheet_view
    from topology.files.circuits import write_circuits
    from topology.problems import bad_input
    from topology.strands.laying import plan_strands, with_strands
    from topology.strands.sheet import sheet_document
    from topology.strands.sheet_page import sheet_page

    if out is not None and out.suffix.lower() != ".html":
        raise bad_input("-o writes .html.", file="-o", value=out.suffix or str(out), code="not_served")
    for path, option in ((out, "-o"), (record, "--record")):
        if path is not None:
            files.check_target(path, option)
    audience = _audience(disclosure, member, circuits, record)
    base, wanted = _base(first, second, circuits, on)
    optics = inputs.policy(policy).optics
    document = sheet_document(
        base.network, base.circuits, base.on, circuit=wanted, node=node, member=member, optics=optics, audience=audience
    )
    if audience == "member" and not member:
        render.note("for members: codes stand for circuits; --for MEMBER shows its own, --disclosure internal all")
    render.show(document, sheet_view, json, illustrative=base.network.illustrative)
    if out is not None:
        files.write_atomically(out, sheet_page(document).encode())
        render.note(f"written: {out}")
    if record is not None:
        laid = with_strands(base.circuits, plan_strands(base.network, base.circuits))
        files.write_atomically(record, write_circuits(laid).encode(), "--record")
        render.note(f"written: {record}")
    return NO if document["unplaced"] else DONE


def _audience(disclosure: str | None, member: str, circuits: Path | None, record: Path | None) -> str:
    """Who the sheets are for: files internal, the database member, unless it is said. Raises BadInput."""
    from cni.cli.converting import audience_of
    from topology.problems import bad_input

    audience = audience_of(disclosure, member or None, "internal" if circuits else "member")
    if audience == "public":
        text = "sheets are not for the public."
        raise bad_input(text, file="--disclosure", value=audience, code="not_disclosed")
    if record is not None and audience != "internal":
        text = "--record writes the circuits of every member."
        raise bad_input(text, file="--record", value=str(record), code="not_disclosed", hint="--disclosure internal")
    return audience


def _base(first: str, second: str, circuits: Path | None, on: str | None) -> tuple[Spine, str]:
    """The spine of the files or of the database, and the circuit asked for. Raises BadInput."""
    from cni.cli import inputs
    from topology.problems import bad_input

    if circuits is not None:
        if not first:
            raise bad_input("--circuits needs NET before it.", file="NET", code="missing_value")
        return inputs.spine(Path(first), circuits, on), second
    if second:
        raise bad_input(
            "give --circuits with NET, or leave NET out to look into the database.", file="--circuits", value=first
        )
    from cni.cli import house
    from cni.rounds import networks

    held = networks.show(house.engine())
    return inputs.Spine(held.network, held.circuits, inputs.date_of(held.network, on)), first
