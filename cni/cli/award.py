"""`cni award`: what to do with an award."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import a_date, group, needed_date
from cni.errors import DONE

NAME = "award"
app = group("Use an award: its circuits, and what it was decided from.")


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
    from topology.files.circuits import write_circuits
    from topology.problems import bad_input

    if not start:
        raise bad_input("--start DATE is needed.", file="--start")
    first, last = needed_date(start, "--start"), a_date(end, "--end")
    if last is not None and last <= first:
        raise bad_input("--end must be after --start.", file="--end", value=end or "")
    document = files.read_document(award, "cni.award/1", "cni.pack/1")
    if document["schema"] == "cni.pack/1":
        from allocation.files.pack import open_pack

        document = open_pack(document).award
    granted = award_circuits(document, (), first, last)
    data = write_circuits(granted).encode()
    if out is None:
        render.put(data)
    else:
        files.write_atomically(out, data)
        render.note(f"written: {out} ({len(granted)} circuits)")
    return DONE


@app.command()
def inputs(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="A complete round pack.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="A folder that is not there yet.")],
) -> int:
    """What a round was decided from, as files: network, circuits.csv (held before it), requests.csv and policy.toml.

    With these every other command works on what a pack holds: offers, failures, what a circuit costs.

    Example: cni award inputs pack.json -o opened
    """
    from allocation.files.pack import open_pack
    from allocation.files.policy_file import policy_to_toml
    from allocation.files.requests import write_requests_csv
    from cni.cli import files, render
    from topology.files.circuits import write_circuits
    from topology.files.csv_folder import write_network
    from topology.problems import bad_input

    document = files.read_document(pack, "cni.pack/1", whole=False)
    if document.get("disclosure") == "public":
        said = "a public pack is masked and has no network."
        raise bad_input(said, file=str(pack), hint="Take the pack that members get.")
    if out.exists():
        raise bad_input("this is there already; name a folder that is not.", file="-o", value=str(out))
    opened = open_pack(document)
    out.mkdir(parents=True)
    write_network(opened.network, out / "network")
    files.write_atomically(out / "circuits.csv", write_circuits(opened.circuits).encode())
    files.write_atomically(out / "requests.csv", write_requests_csv(opened.requests).encode())
    files.write_atomically(out / "policy.toml", policy_to_toml(opened.policy).encode())
    render.note(f"written: {out} (network, circuits.csv, requests.csv, policy.toml)")
    return DONE
