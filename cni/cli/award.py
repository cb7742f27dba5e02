"""`cni award`: what to do with an award."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import a_date, group, needed_date
from cni.errors import DONE

NAME = "award"
app = group("Use an award.")


@app.command()
def circuits(
    award: Annotated[Path, typer.Argument(metavar="FILE", help="A round pack, or an award with --requests.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write here, else to stdout.")] = None,
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="First day of the circuits.")] = "",
    end: Annotated[
        str | None, typer.Option("--end", metavar="DATE", help="First day no longer held; open if empty.")
    ] = None,
) -> int:
    """The granted circuits as a circuits file, for billing, failures and the next round.

    Example: cni award circuits award.json -o circuits.csv --start 2027-01-01 --end 2030-01-01
    """
    from allocation.award import award_circuits
    from cni.cli import files, render
    from topology.formats.circuits import write_circuits
    from topology.problems import bad_input

    if not start:
        raise bad_input("--start DATE is needed.", file="--start")
    first, last = needed_date(start, "--start"), a_date(end, "--end")
    if last is not None and last <= first:
        raise bad_input("--end must be after --start.", file="--end", value=end or "")
    document = files.read_document(award, "cni.award/1", "cni.pack/1")
    if document["schema"] == "cni.pack/1":
        from allocation.pack import open_pack

        document = open_pack(document).award
    granted = award_circuits(document, (), first, last)
    data = write_circuits(granted).encode()
    if out is None:
        render.put(data)
    else:
        files.write_atomically(out, data)
        render.note(f"written: {out} ({len(granted)} circuits)")
    return DONE
