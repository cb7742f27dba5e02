"""`cni request`: what a member does before the gate, and the requests of a round in the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import Circuits, Json, Net, On, PolicyFile, Requests, group
from cni.errors import DONE, NO

if TYPE_CHECKING:
    from cni.rounds.act import Act

NAME = "request"
app = group("Check requests before the gate; submit, import and list those of a round.")

Round = Annotated[str, typer.Option("--round", "-r", metavar="ROUND", help="The round.")]


@app.command()
def check(
    net: Net,
    requests: Requests,
    policy: PolicyFile = None,
    circuits: Circuits = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Every problem of a request file, and what each request could be granted if it were alone.

    Exit 1 if one would get nothing even alone.

    Example: cni request check my-network requests.csv --circuits circuits.csv
    """
    from allocation.check import check_requests
    from cni.cli import inputs, render
    from cni.views.award import request_check_view

    base = inputs.spine(net, circuits, on)
    rows = inputs.requests(requests, base)
    document = check_requests(base.network, base.circuits, rows, inputs.policy(policy), on=base.on)
    render.show(document, request_check_view, json, illustrative=base.network.illustrative)
    _say_what_was_left_out(circuits, policy)
    refused = [row for row in document["alone"] if row["grantable"] == 0]
    why = [reason["code"] for row in refused for reason in row["reasons"]]
    seal_it = f"cni request seal {requests} --round ROUND --member MEMBER --to RECIPIENT -o FILE"
    render.note(f"next: cni explain {why[0]}; {seal_it}" if why else f"next: {seal_it}")
    return NO if refused else DONE


def _say_what_was_left_out(circuits: Path | None, policy: Path | None) -> None:
    """A round counts live circuits and has a policy; a check without them promises more."""
    from cni.cli import render

    left = {"live circuits (--circuits)": circuits, "the round's policy (--policy)": policy}
    if told := [name for name, given in left.items() if given is None]:
        render.note(f"checked without {' and '.join(told)}; the round may grant less")


@app.command()
def seal(
    requests: Requests,
    round_id: Round,
    member: Annotated[str, typer.Option("--member", metavar="ID", help="Who asks.")],
    to: Annotated[
        str, typer.Option("--to", metavar="RECIPIENT", help="The round's key (age1...), as its notice gives it.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="A new file, say requests.age.")],
    net: Annotated[
        Path | None, typer.Option("--network", metavar="NET", help="Check the requests against this network too.")
    ] = None,
) -> int:
    """Seal a request file to a round: nobody can read it before the gate. `age -r` does the same to a plain request file.

    Prints the digest that the receipt will show.

    Example: cni request seal requests.csv --round 2027-Q1 --member bobbin --to age1... -o requests.age
    """
    from allocation.files.requests import read_requests, request_lines, requests_to_json
    from cni import sealing
    from cni.cli import files, inputs, render
    from topology.canonical import canonical_bytes
    from topology.problems import Problems

    base = inputs.spine(net, None, None) if net else None
    rows, remarks = read_requests(requests, base.network if base else None)
    render.remarks(remarks)
    if others := [row for row in rows if row.member != member]:
        found, lines = Problems(), request_lines(requests)
        hint = "A member seals its own requests, in a file of their own."
        for row in others:
            said, line = f"{row.id} is a request of another member than {member}.", lines.get(row.id, 0)
            found.add(said, file=requests.name, line=line, column="member", value=row.member, hint=hint)
        found.raise_errors()
    files.check_new(out)
    document = {
        "schema": sealing.REQUESTS_SCHEMA,
        "round": round_id,
        "member": member,
        "requests": requests_to_json(rows),
    }
    data = sealing.seal(canonical_bytes(document), to)
    files.write_atomically(out, data)
    render.plain(sealing.digest_of_file(data))
    render.note(
        f"sealed: {len(rows)} requests; next: cni request submit --round {round_id} --member {member} --sealed {out} "
        f"--receipt receipt.json"
    )
    return DONE


@app.command()
def submit(
    round_id: Round,
    member: Annotated[str, typer.Option("--member", metavar="ID", help="Who asks.")],
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="COLUMN=VALUE...", help="Columns as in a requests file: kind=fibre a=MA1 b=BOL pairs=2"),
    ] = None,
    id: Annotated[str, typer.Option("--id", metavar="ID", help="Id of the request.")] = "",
    sealed: Annotated[
        Path | None, typer.Option("--sealed", metavar="FILE", help="A sealed request file instead of columns.")
    ] = None,
    envelope: Annotated[
        str, typer.Option("--envelope", metavar="SEAL", help="The seal number of a paper request's envelope.")
    ] = "",
    receipt: Annotated[
        Path | None, typer.Option("--receipt", metavar="FILE", help="Write the receipt of a sealed file here.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Append a new version of a request that is there.")
    ] = False,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Submit to an open round: a sealed file or a paper envelope, which give a receipt; or one request as columns.

    Example: cni request submit --round 2027-Q1 --member bobbin --sealed requests.age --receipt receipt.json
    """
    from cni.cli import files, house, render
    from topology.problems import bad_input

    if (sealed is not None) + bool(envelope) + bool(fields) != 1 or bool(id) != bool(fields):
        said = "give --sealed FILE, or --envelope SEAL, or --id with columns."
        raise bad_input(said, file="request submit", code="bad_usage")
    if fields:
        return _submit_columns(round_id, id, member, fields, house.act(by, why, dry_run), replace=replace)
    from cni.rounds import submissions
    from cni.views.round_ import receipt_view
    from topology.canonical import canonical_bytes

    if receipt is not None:
        files.check_target(receipt, "--receipt")
    data = b"" if sealed is None else files.read_small(sealed, "--sealed", 1 << 20)
    made = submissions.submit(house.engine(), house.act(by, why, dry_run), round_id, member, data, envelope=envelope)
    if receipt is not None and not dry_run:
        files.write_atomically(receipt, canonical_bytes(made.as_json()) + b"\n", "--receipt")
    render.show(made.as_json(), receipt_view, json)
    written = f"written: {receipt}; " if receipt is not None and not dry_run else ""
    render.note(f"{written}next: `cni round receipts {round_id}` lists it, after the gate for everybody")
    return DONE


def _submit_columns(round_id: str, id: str, member: str, fields: list[str], act: Act, *, replace: bool) -> int:
    from cni.cli import house, render
    from cni.rounds import requests
    from topology.problems import Problems

    found, cells = Problems(), {"id": id, "member": member}
    for word in fields:
        column, equals, value = word.partition("=")
        if not equals or column in cells:
            said = "columns are given once each, as COLUMN=VALUE."
            found.add(said, file="request submit", column=column, value=word, code="bad_usage")
        cells[column] = value
    found.raise_errors()
    engine = house.engine()
    row = requests.from_cells(engine, round_id, cells)
    requests.submit(engine, act, round_id, [row], replace=replace)
    render.note(f"submitted: {id} to round {round_id}")
    return DONE


@app.command()
def withdraw(
    round_id: Round,
    member: Annotated[str, typer.Option("--member", metavar="ID", help="Whose it is.")],
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="Id of a request that was not sealed.")] = "",
    number: Annotated[
        int | None, typer.Option("--number", metavar="N", help="Number of a sealed submission, as on its receipt.")
    ] = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Take a request or a sealed submission back, before the gate. It stays in the record and is never opened.

    Example: cni request withdraw --round 2027-Q1 --member bobbin --number 3
    """
    from cni.cli import house, render
    from cni.rounds import submissions
    from topology.problems import bad_input

    if bool(request) == (number is not None):
        raise bad_input("give REQUEST or --number.", file="request withdraw", code="bad_usage")
    act = house.act(by, why, dry_run)
    if number is not None:
        submissions.withdraw(house.engine(), act, round_id, number, member)
    else:
        submissions.withdraw_request(house.engine(), act, round_id, request, member)
    render.note(f"withdrawn: {request or f'submission {number}'} of round {round_id}")
    return DONE


@app.command(name="import")
def import_(
    requests: Requests,
    round_id: Round,
    replace: Annotated[bool, typer.Option("--replace", help="Append new versions of requests that are there.")] = False,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Submit all requests of a file to an open round, or none.

    Example: cni request import requests.csv --round 2027-Q1
    """
    from allocation.files.requests import read_requests
    from cni.cli import house, render
    from cni.rounds import requests as use

    engine = house.engine()
    spine = use.spine_of(engine, round_id)
    rows, remarks = read_requests(requests, spine.network, spine.circuits)
    render.remarks(remarks)
    count = use.submit(engine, house.act(by, why, dry_run), round_id, rows, replace=replace)
    render.note(f"submitted: {count} requests to round {round_id}; next: cni round close {round_id}")
    return DONE


@app.command(name="list")
def list_(round_id: Round, json: Json = False) -> int:
    """The requests of a round as they hold now; before the gate only who handed in what number, for nobody reads them then.

    Example: cni request list --round 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds.requests import list_requests
    from cni.views.house import requests_document, requests_view, unread_view

    held, closed = list_requests(house.engine(), round_id)
    document = requests_document(round_id, held, closed=closed)
    render.show(document, requests_view if closed else unread_view, json)
    return DONE


@app.command()
def show(
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="Id of a request.")],
    round_id: Round,
    json: Json = False,
) -> int:
    """One request of a round with every column that it has; before the gate only that it is there.

    Example: cni request show r017 --round 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds.requests import list_requests
    from cni.views.house import request_view, requests_document
    from topology.problems import bad_input

    held, closed = list_requests(house.engine(), round_id)
    found = [s for s in held if s.request.id == request]
    if not found:
        raise bad_input("the round has no request of this id.", file="REQUEST", value=request, code="unknown_id")
    render.show(requests_document(round_id, found, closed=closed), request_view, json)
    return DONE
