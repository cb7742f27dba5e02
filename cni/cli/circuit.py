"""`cni circuit`: what members hold, down to the strand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cni.cli.options import Circuits, Json, On, PolicyFile, group
from cni.errors import DONE, NO

if TYPE_CHECKING:
    from cni.cli.inputs import Spine

NAME = "circuit"
app = group("What members hold, down to the strand: connection reports and splice schedules.")


@app.command()
def sheet(
    first: Annotated[
        str, typer.Argument(metavar="[NET]", help="Network, with --circuits; left out: the database.")
    ] = "",
    second: Annotated[str, typer.Argument(metavar="[CIRCUIT]", help="One circuit; all if not given.")] = "",
    circuits: Circuits = None,
    node: Annotated[str, typer.Option("--node", metavar="ID", help="Every port and splice at this node.")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="An .html page for A4.")] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="Write the circuits with their strands (CSV).")
    ] = None,
    member: Annotated[
        str, typer.Option("--for", metavar="MEMBER", help="Only the circuits of this member's group.")
    ] = "",
    policy: PolicyFile = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Connection report and splice schedule: which strands, tubes and colours, which splices, what loss.

    Recorded strands are kept; others are proposed, and --record writes them down. Without --for the sheets show every
    member's circuits: they are for the coordinator and the crew. Exit 1 if a circuit finds no strands.

    Example: cni circuit sheet my-network c-001 --circuits circuits.csv -o c-001.html
    """
    from cni.cli import files, inputs, render
    from cni.cli.views.circuit import sheet_view
    from topology.formats.circuits import write_circuits
    from topology.problems import bad_input
    from topology.sheet import sheet_document
    from topology.sheet_page import sheet_page
    from topology.strands import plan_strands, with_strands

    if out is not None and out.suffix.lower() != ".html":
        raise bad_input("-o writes .html.", file="-o", value=out.suffix or str(out), code="not_served")
    for path, option in ((out, "-o"), (record, "--record")):
        if path is not None:
            files.check_target(path, option)
    base, wanted = _base(first, second, circuits, on)
    optics = inputs.policy(policy).optics
    document = sheet_document(
        base.network, base.circuits, base.on, circuit=wanted, node=node, member=member, optics=optics
    )
    render.show(document, sheet_view, json, illustrative=base.network.illustrative)
    if out is not None:
        files.write_atomically(out, sheet_page(document).encode())
        render.note(f"written: {out}")
    if record is not None:
        laid = with_strands(base.circuits, plan_strands(base.network, base.circuits))
        files.write_atomically(record, write_circuits(laid).encode(), "--record")
        render.note(f"written: {record}")
    return NO if document["unplaced"] else DONE


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
