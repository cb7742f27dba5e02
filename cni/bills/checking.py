"""Whether runs, documents, numbers and books agree (rule F27)."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from billing.documents.document import CHARGE
from billing.settlement import charge_lines
from cni.bills.books import EXPENSE, INCOME, account_of, balances
from cni.bills.computing import Material, material
from cni.bills.finalising import counter_of
from cni.bills.posted import KEPT, SURPLUS, final_bodies, lines_standing
from cni.bills.runs import FINAL, RUN, Run, drafts_of, every
from cni.rounds.database import Check
from cni.store.audit import last_of
from cni.store.engine import reading
from cni.store.schema import counter
from cni.store.schema_billing import bill_document, entry, entry_line
from topology.canonical import digest_of
from topology.model import Circuit

RECURRING = ("fibre_pair_metre_year", "rack_unit_month", "kw_month", "cost_share")
"""Products whose lines cover days."""

Days = dict[str, list[tuple[date, date]]]
"""Product -> the days of its lines."""


def check(engine: Engine) -> tuple[tuple[Check, ...], dict[str, int]]:
    """Every check of the books, each saying what was looked at, and the trial balance: pence by account."""
    with reading(engine) as connection:
        runs = every(connection)
        documents = connection.execute(
            select(bill_document).order_by(bill_document.c.series, bill_document.c.serial)
        ).all()
        made = (
            ("bill_balance", "every entry adds up to 0, and so do all", _balance(connection)),
            ("bill_documents", "every final document has one entry of its total", _entries(connection, documents)),
            (
                "bill_accounts",
                "what each party's documents say is what its account says",
                _accounts(connection, documents),
            ),
            ("bill_numbers", "each series counts from 1 without a gap", _numbers(connection, documents)),
            ("bill_digests", "documents and runs have the digests beside them", _digests(connection, runs, documents)),
            ("bill_surplus", "surplus is income less fees, and what was set apart adds up to it", _surplus(connection)),
            ("bill_coverage", "each day on which a circuit is held is billed once", _coverage(connection, runs)),
        )
        return tuple(_told(code, said, list(faults)) for code, said, faults in made), balances(connection)


def _told(code: str, said: str, faults: list[str]) -> Check:
    return Check(code, not faults, "; ".join(faults[:5]), said if not faults else f"{len(faults)} faults")


def _balance(connection: Connection) -> Iterator[str]:
    sums = select(entry_line.c.entry, func.sum(entry_line.c.pence), func.count()).group_by(entry_line.c.entry)
    found = {number: (int(pence), count) for number, pence, count in connection.execute(sums)}
    heads = {row.number: row.lines for row in connection.execute(select(entry.c.number, entry.c.lines))}
    for number in sorted(found.keys() | heads.keys()):
        pence, count = found.get(number, (0, 0))
        if pence or count != heads.get(number):
            yield f"entry {number}: {count} lines, {pence} pence over"
    if sorted(heads) != list(range(1, len(heads) + 1)):
        yield "entries do not count from 1 without a gap"
    if total := sum(balances(connection).values()):
        yield f"all accounts: {total} pence over"


def _entries(connection: Connection, documents: Any) -> Iterator[str]:
    wanted = (
        select(entry.c.document, func.sum(entry_line.c.pence))
        .join(entry_line, entry_line.c.entry == entry.c.number)
        .where(entry.c.kind == "document", entry_line.c.account.like("%able:%"))
        .group_by(entry.c.document)
    )
    found = {number: abs(int(pence)) for number, pence in connection.execute(wanted)}
    heads = set(connection.execute(select(entry.c.document).where(entry.c.kind == "document")).scalars())
    for row in documents:
        if row.number not in heads or found.get(row.number, 0) != abs(row.net_pence + row.tax_pence):
            yield row.number


def _accounts(connection: Connection, documents: Any) -> Iterator[str]:
    said: dict[str, int] = defaultdict(int)
    for row in documents:
        account = account_of(row.kind, row.party)
        said[account] += (row.net_pence + row.tax_pence) * (1 if account.startswith("receivable") else -1)
    held = {name: pence for name, pence in balances(connection).items() if name.startswith(("receivable:", "payable:"))}
    for name in sorted(said.keys() | held.keys()):
        if said[name] != held.get(name, 0):
            yield f"{name}: {said[name]} on documents, {held.get(name, 0)} in the books"


def _numbers(connection: Connection, documents: Any) -> Iterator[str]:
    series: dict[str, list[int]] = defaultdict(list)
    for row in documents:
        series[row.series].append(row.serial)
    names = {counter_of(name): name for name in series}
    held = {row.name: row.value for row in connection.execute(select(counter.c.name, counter.c.value))}
    counted = {names.get(name, name): value for name, value in held.items() if name.startswith(counter_of(""))}
    for name in sorted(series.keys() | counted.keys()):
        found = sorted(series.get(name, ()))
        if found != list(range(1, len(found) + 1)) or counted.get(name) != len(found):
            yield f"{name}: {len(found)} documents, the counter says {counted.get(name)}"


def _digests(connection: Connection, runs: tuple[Run, ...], documents: Any) -> Iterator[str]:
    for row in documents:
        body = json.loads(row.body)
        told = body.pop("digest")
        same = {"number": row.number, "kind": row.kind, "party": row.party, "issued": row.issued}
        sums = (body["net_pence"], body["tax_pence"]) == (row.net_pence, row.tax_pence)
        if digest_of(body) != told or told != row.digest or not sums or any(body[k] != v for k, v in same.items()):
            yield row.number
    for run in runs:
        kept = {k: v for k, v in run.body.items() if k != "pins"}
        head = {"period": f"{run.start}/{run.end}"} if run.kind == RUN else {"credits": run.subject}
        drafts = [draft["digest"] for draft in drafts_of(connection, run.number)]
        if digest_of({**head, **kept}) != run.digest or drafts != kept["documents"]:
            yield f"run {run.number}"


def _surplus(connection: Connection) -> Iterator[str]:
    held = balances(connection)
    earned = held.get(INCOME, 0) + held.get(EXPENSE, 0) + held.get(SURPLUS, 0)
    if earned:
        yield f"{earned} pence between income, fees and surplus"
    if apart := held.get(SURPLUS, 0) + sum(held.get(name, 0) for name in KEPT):
        yield f"{apart} pence of the surplus are set apart nowhere"


def _coverage(connection: Connection, runs: tuple[Run, ...]) -> Iterator[str]:
    """Each closed period against the circuits that its last run knew of; what was turned back and not billed anew is named."""
    last = {(run.start, run.end): run for run in runs if run.kind == RUN and run.state == FINAL}
    for (start, end), run in sorted(last.items()):
        out = {row["member"] for row in run.body["held_back"]}
        held = material(connection, run.pins)
        days = _billed(connection, start, end)
        for circuit in held.circuits:
            found = days.pop(circuit.id, {})
            if (
                circuit.member not in out
                and (said := _fault(circuit, found, start, end))
                and not _free(held, run, circuit, found)
            ):
                yield said
        yield from (f"{name}: billed in {start}/{end}, and not held" for name in sorted(days))


def _free(held: Material, run: Run, circuit: Circuit, billed: Days) -> bool:
    """Whether days are not billed because they cost nothing, which documents leave out: then all others are."""
    if held.policy.method == "cost_share":
        return True  # who is charged what depends on all circuits together
    found: Days = defaultdict(list)
    for line in charge_lines(held.network, [circuit], held.tariff, held.policy, run.start, run.end, held.facts):
        if line.product in RECURRING and line.amount_pence:
            found[line.product].append((line.first, line.last))
    return {name: sorted(days) for name, days in found.items()} == {name: sorted(days) for name, days in billed.items()}


def _billed(connection: Connection, start: date, end: date) -> dict[str, Days]:
    """Circuit -> product -> the days of lines that stand."""
    found: dict[str, Days] = defaultdict(lambda: defaultdict(list))
    for row in lines_standing(final_bodies(connection, start, end, last_of(connection)[0])).values():
        if row.line.side == CHARGE and row.line.product in RECURRING:
            found[row.line.subject][row.line.product].append((row.line.first, row.line.last))
    return found


def _fault(circuit: Circuit, billed: Days, start: date, end: date) -> str:
    """What is wrong with the billed days of a circuit; empty where each product covers each held day once."""
    first, last = max(circuit.start, start), end if circuit.end is None else min(circuit.end, end)
    held = (last - first).days
    for product, days in sorted(billed.items()):
        cuts = sorted(days)
        joined = all(a[1] <= b[0] for a, b in itertools.pairwise(cuts))
        covered = sum((b - a).days for a, b in cuts)
        if not joined or cuts[0][0] < first or cuts[-1][1] > last or covered != held:
            return f"{circuit.id}: {covered} days of {product} in {start}/{end}, held for {held}"
    return "" if billed else f"{circuit.id}: not billed in {start}/{end}, held for {held} days"
