"""`cni bill`, third part: runs in the database. The commands join the group of `bill`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.bill import a_period, say_if_cut_short, say_if_no_policy
from cni.cli.bill_inputs import NAME, app
from cni.cli.house import By, DryRun, Why
from cni.cli.options import Json
from cni.errors import DONE, NO

__all__ = ["NAME", "app"]

Period = Annotated[str, typer.Option("--period", metavar="START/END", help="Half-open: 2027-01-01/2027-04-01.")]
Known = Annotated[
    int | None,
    typer.Option("--as-known-at", metavar="N", help="Circuits and inputs as of this audit entry; else all."),
]
RunId = Annotated[int, typer.Argument(metavar="RUN", help="Number of a run.")]


@app.command()
def run(
    period: Period, known_at: Known = None, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False
) -> int:
    """Draft a run of a period: settlement, and documents without numbers. The same period with nothing new writes nothing.

    Of a period that is closed only differences are drafted, each of which names the line that it corrects.

    Example: cni bill run --period 2027-01-01/2027-04-01
    """
    from cni.bills.runs import run as use
    from cni.cli import house, render
    from cni.views.bill_runs import outcome_document, run_view

    done = use(house.engine(), house.act(by, why, dry_run), *a_period(period), known_at)
    document = outcome_document(done)
    render.show(document, run_view, json, illustrative=document["illustrative"])
    say_if_cut_short(period)
    say_if_no_policy(document["pins"]["policy"])
    if not done.written:
        stands = f"run {done.run.number} says the same" if done.run else "all of it stands already"
        render.note(f"nothing new: {stands}; nothing was written")
    elif done.run is not None:
        render.note(f"drafted: run {done.run.number}; next: cni bill review {done.run.number} --by NAME")
    return DONE


@app.command("list")
def list_(json: Json = False) -> int:
    """All runs, oldest first.

    Example: cni bill list
    """
    from cni.bills.runs import list_runs
    from cni.cli import house, render
    from cni.views.bill_runs import runs_document, runs_view

    render.show(runs_document(list_runs(house.engine())), runs_view, json)
    return DONE


@app.command()
def show(
    which: Annotated[str, typer.Argument(metavar="RUN|DOCUMENT", help="Number of a run, or of a final document.")],
    json: Json = False,
) -> int:
    """One run: what it was computed from, its sums, its documents. Or one final document, line by line.

    Example: cni bill show 1
    """
    from cni.bills.runs import document_of
    from cni.bills.runs import show as use
    from cni.cli import house, render
    from cni.views.bill_runs import run_document, run_view

    if which.isdecimal():
        document = run_document(*use(house.engine(), int(which)))
        render.show(document, run_view, json, illustrative=document["illustrative"])
        return DONE
    from cni.views.bill_document import document_view

    render.show(document_of(house.engine(), which), document_view, json)
    return DONE


@app.command()
def review(number: RunId, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False) -> int:
    """A second person has looked at a draft: another one than who made the run.

    Example: cni bill review 1 --by bob
    """
    from cni.bills.runs import review as use
    from cni.bills.runs import show as read
    from cni.cli import house, render
    from cni.views.bill_runs import run_document, run_view

    engine = house.engine()
    made = use(engine, house.act(by, why, dry_run), number)
    if json:
        render.show(run_document(made, read(engine, number)[1]), run_view, json)
    render.note(f"reviewed: run {number}; next: cni bill finalise {number}")
    return DONE


@app.command()
def finalise(
    number: RunId,
    accept_wash: Annotated[
        str,
        typer.Option("--accept-wash", metavar="REASON", help="Bill although fees of a circuit are above its charge."),
    ] = "",
    accept_missing: Annotated[
        str,
        typer.Option("--accept-missing", metavar="REASON", help="Send VAT documents that lack an address or a number."),
    ] = "",
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Make a reviewed run final: documents get their numbers, the books their entries, the period is closed.

    Exit 1 where fees of a circuit are more than its charge (F9), or a VAT document lacks what it must show, and nobody
    says why that is right.

    Example: cni bill finalise 1
    """
    from cni.bills.finalising import finalise as use
    from cni.cli import house, render
    from cni.views.bill_runs import run_document, run_view

    done = use(house.engine(), house.act(by, why, dry_run), number, accept_wash, accept_missing)
    document = run_document(done.run, done.documents)
    render.show(document, run_view, json, illustrative=document["illustrative"])
    render.note(
        f"final: run {number}, {len(done.documents)} documents; next: cni bill export {number} --to pdf -o FOLDER"
    )
    return DONE


@app.command()
def credit(
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Number of a final document.")],
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Draft what turns a whole document back, with the reason (--why). The next run of its period bills the lines anew.

    Example: cni bill credit INV-000001 --why "sent to the wrong member"
    """
    from cni.bills.crediting import credit as use
    from cni.bills.runs import show as read
    from cni.cli import house, render
    from cni.views.bill_runs import run_document, run_view

    engine = house.engine()
    made = use(engine, house.act(by, why, dry_run), document)
    shown = run_document(made, () if dry_run else read(engine, made.number)[1])
    render.show(shown, run_view, json, illustrative=shown["illustrative"])
    render.note(f"drafted: run {made.number}; next: cni bill review {made.number} --by NAME")
    return DONE


@app.command()
def reproduce(number: RunId, json: Json = False) -> int:
    """Compute a run again from its pins: exit 1 unless the bytes are the same, with the places that differ.

    Example: cni bill reproduce 1
    """
    from cni.bills.reproducing import reproduce as use
    from cni.cli import house, render
    from cni.views.bill_runs import reproduce_document, reproduce_view

    done = use(house.engine(), number)
    render.show(reproduce_document(done), reproduce_view, json)
    return DONE if done.same else NO


@app.command()
def compare(
    number: RunId,
    other: Annotated[
        int | None, typer.Argument(metavar="RUN", help="The run before; else the last final one of the period before.")
    ] = None,
    json: Json = False,
) -> int:
    """A run beside that of the period before, by member and product: what is new, gone, changed.

    Example: cni bill compare 2
    """
    from cni.bills.comparing import compare as use
    from cni.cli import house, render
    from cni.views.bill_runs import compare_document, compare_view

    render.show(compare_document(use(house.engine(), number, other)), compare_view, json)
    return DONE


@app.command()
def check(json: Json = False) -> int:
    """The trial balance, and whether the books agree with documents, numbers, digests and circuits; exit 1 where not.

    Example: cni bill check
    """
    from cni.bills.checking import check as use
    from cni.cli import house, render
    from cni.views.bill_runs import check_document, check_view

    found, accounts = use(house.engine())
    render.show(check_document(found, accounts), check_view, json)
    return DONE if all(c.ok for c in found) else NO


@app.command()
def export(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="A folder, made if it is not there.")],
    to: Annotated[
        str, typer.Option("--to", metavar="NAME", help="What for: json, or another name; --to ? lists them.")
    ],
    number: Annotated[int | None, typer.Argument(metavar="RUN", help="Number of a final run.")] = None,
    year: Annotated[
        str | None, typer.Option("--year", metavar="START/END", help="All documents issued in [START, END) instead.")
    ] = None,
) -> int:
    """Write final documents of a run, or of all runs of a time, for an accounts package, as PDF or as UBL.

    Example: cni bill export 1 --to json -o out
    """
    from billing.exports.forms import export as use
    from billing.exports.forms import export_names
    from cni.bills.exporting import final_documents
    from cni.cli import files, house, render
    from cni.views.award import counted
    from topology.problems import bad_input

    if to not in export_names():
        hint = f"There is: {', '.join(export_names())}."
        raise bad_input("there is no such export.", file="--to", value=to, hint=hint)
    if (number is None) == (year is None):
        raise bad_input("name a run, or give --year.", file="RUN", code="bad_usage")
    documents, facts = final_documents(house.engine(), number, a_period(year) if year is not None else None)
    made = use(to, documents, facts)
    out.mkdir(parents=True, exist_ok=True)
    for name, data in sorted(made.items()):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(out / name, data)
    render.note(f"written to {out}: {counted(len(made), 'file')} of {len(documents)} documents")
    return DONE
