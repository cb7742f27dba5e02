"""Making a run final: numbers without gaps, documents, entries, all in one transaction (rules F24 to F26)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, text

from billing.documents.document import SERIES, Document, documents_of, finalised
from billing.facts import Facts
from cni.bills import inputs
from cni.bills.books import entry_of, entry_of_kept, post
from cni.bills.runs import FINAL, REVIEWED, RUN, Run, check_period, drafts_of, get, require
from cni.bills.values import document_from_json, text_of
from cni.errors import CniError
from cni.rounds.act import Act, changing, one_line
from cni.store.schema_billing import bill_document, bill_step
from topology.problems import bad_input

DIGITS = 6


class Refused(CniError):  # noqa: N818 -- the answer is no, and it is no fault
    """A run may not be made final as it is; exit 1."""

    exit_code = 1


@dataclass(frozen=True)
class Done:
    """A final run with its documents."""

    run: Run
    documents: tuple[dict[str, Any], ...]


def finalise(engine: Engine, act: Act, number: int, accept_wash: str = "", accept_missing: str = "") -> Done:
    """reviewed -> final: documents get numbers and dates, the books their entries; the period is closed.

    `accept_wash`: why circuits whose fees are more than their charge are billed all the same; `accept_missing`: why VAT
    documents go out without something that they must show. Raises BadInput for a run in another state, or whose documents
    would be others on this day; Refused where such a reason is needed and not given.
    """
    one_line(accept_wash, "--accept-wash")
    one_line(accept_missing, "--accept-missing")
    with changing(engine, act, f"bill finalise {number}") as change:
        connection = change.connection
        run = get(connection, number)
        require(run, REVIEWED)
        _check_wash(run, accept_wash)
        if run.kind == RUN:
            check_period(connection, run.start, run.end)
        accepted = {"accept_wash": accept_wash, "accept_missing": accept_missing}
        accepted = {name: why for name, why in accepted.items() if why}
        change.what += "".join(f"; --{name.replace('_', '-')}: {why}" for name, why in accepted.items())
        facts = inputs.facts_of(connection, run.pins.facts)
        today = act.at.date()
        drafts = [document_from_json(body) for body in drafts_of(connection, number)]
        documents = _numbered(connection, _on_day(connection, run, drafts, facts, today), today, facts)
        written = tuple(document.written(facts) for document in documents)
        bodies = tuple(body for body, _ in written)
        _check_particulars(run, bodies, accept_missing)
        both = enumerate(zip(documents, written, strict=True), 1)
        change.add_all(bill_document, (_row(number, place, document, *told) for place, (document, told) in both))
        entries = [entry_of(document) for document in documents]
        kept = entry_of_kept(run.body["kept"], f"{run.start}/{run.end}")
        post(change, number, today.isoformat(), [*entries, *([kept] if kept else [])])
        told = {"digest": run.digest, **accepted}
        change.add(bill_step, run=number, step=2, state=FINAL, who=act.who, body=text_of(told))
        step = {"state": FINAL, "by": act.who, "at": change.at, **told}
        return Done(replace(run, state=FINAL, steps=(*run.steps, step)), bodies)


def _check_wash(run: Run, accepted: str) -> None:
    if run.body["wash_stops"] and not accepted:
        names = ", ".join(row["circuit"] for row in run.body["settlement"]["wash"])
        raise Refused(
            f"fees of these circuits are more than their charge (F9): {names}.",
            "Change tariff, rate or wash_trade of the policy and run again, or give --accept-wash REASON.",
            "wash_trade",
        )


def _check_particulars(run: Run, bodies: Iterable[dict[str, Any]], accepted: str) -> None:
    lacking = sorted({what for body in bodies for what in body["missing"]})
    if lacking and not accepted and not run.body["illustrative"]:
        shown = "; ".join(lacking[:10]) + (f"; and {len(lacking) - 10} more" if len(lacking) > 10 else "")
        raise Refused(
            f"VAT documents would lack what they must show: {shown}.",
            "Complete parties.csv, import the facts and run again, or give --accept-missing REASON.",
            "particulars_missing",
        )


def _on_day(connection: Connection, run: Run, drafts: list[Document], facts: Facts, day: date) -> list[Document]:
    """The drafts as they are on the day of issue. Raises BadInput where that makes them other documents than were reviewed."""
    if run.kind != RUN:
        return drafts
    tariff = inputs.tariff_of(connection, run.pins.tariff)
    lines = [line for draft in drafts for line in draft.lines]
    period, illustrative = (run.start, run.end), run.body["illustrative"]
    made = documents_of(lines, facts, tariff.tax_rate, period, day, tariff.codes, illustrative=illustrative)
    if [(d.kind, d.party) for d in made] != [(d.kind, d.party) for d in drafts]:
        before = {(d.kind, d.party) for d in drafts}
        changed = ", ".join(sorted({d.party for d in made if (d.kind, d.party) not in before}))
        said = f"on {day} {changed} gets another kind of document than was reviewed: an agreement began or ended."
        raise bad_input(said, file="RUN", value=str(run.number), code="changed_meanwhile", hint="Run the period again.")
    return list(made)


def _numbered(connection: Connection, drafts: Iterable[Document], day: date, facts: Facts) -> list[Document]:
    """Documents with the next numbers of their series, taken from counters that this transaction holds."""
    every = list(drafts)
    counts: dict[str, int] = defaultdict(int)
    for document in every:
        counts[SERIES[document.kind]] += 1
    following = {series: _take(connection, series, count) for series, count in sorted(counts.items())}
    made = []
    for document in every:
        series = SERIES[document.kind]
        made.append(finalised(document, f"{series}-{following[series]:0{DIGITS}d}", day, facts))
        following[series] += 1
    return made


def counter_of(series: str) -> str:
    """The name of a series' counter."""
    return f"number/{series}"


def _take(connection: Connection, series: str, count: int) -> int:
    """Take so many numbers of a series; returns the first. The row stays locked until the transaction ends."""
    name = {"name": counter_of(series)}
    connection.execute(
        text("INSERT INTO counter (name, value, head) VALUES (:name, 0, '') ON CONFLICT (name) DO NOTHING"), name
    )
    taken = text("UPDATE counter SET value = value + :count WHERE name = :name RETURNING value")
    return int(connection.execute(taken, {**name, "count": count}).scalar_one()) - count + 1


def _row(run: int, place: int, document: Document, body: dict[str, Any], text: str) -> dict[str, Any]:
    series, _, serial = document.number.partition("-")
    return {
        "number": document.number,
        "series": series,
        "serial": int(serial),
        "run": run,
        "place": place,
        "kind": document.kind,
        "party": document.party,
        "issued": body["issued"],
        "net_pence": document.net_pence,
        "tax_pence": document.tax_pence,
        "body": text,
        "digest": body["digest"],
    }
