"""Final documents for exports."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import Engine, select

from billing.facts import Facts
from cni.bills import inputs
from cni.bills.inputs import FACTS, versions
from cni.bills.runs import FINAL, get, require
from cni.store.engine import reading
from cni.store.schema_billing import bill_document
from topology.problems import bad_input


def final_documents(
    engine: Engine, run: int | None, issued: tuple[date, date] | None
) -> tuple[tuple[dict[str, Any], ...], Facts]:
    """The final documents of a run, or those issued in [first, last), and the newest facts.

    Raises BadInput for a run that is not final, and where there is none.
    """
    with reading(engine) as connection:
        wanted = select(bill_document.c.body).order_by(bill_document.c.series, bill_document.c.serial)
        if run is not None:
            require(get(connection, run), FINAL)
            wanted = wanted.where(bill_document.c.run == run)
        if issued is not None:
            first, last = (day.isoformat() for day in issued)
            wanted = wanted.where(bill_document.c.issued >= first, bill_document.c.issued < last)
        found = tuple(json.loads(text) for text in connection.execute(wanted).scalars())
        if not found:
            raise bad_input("there are no final documents to export.", file="RUN", code="unknown_id")
        held = versions(connection, FACTS)
        return found, inputs.facts_of(connection, held[-1].number if held else 0)
