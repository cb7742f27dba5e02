"""Circuits from rows that are not checked again are those that the checks would have let through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.benchmarks.networks import Size, circuits_on, metro
from topology.files.json_form import circuits_from_json, circuits_to_json
from topology.files.kept import kept_circuits
from topology.model import Circuit
from topology.problems import BadInput

SIZE = Size(30, 45, 8, 60)


def test_kept_rows_give_the_circuits_that_checked_rows_give() -> None:
    network = replace(metro(SIZE), organisations=None)
    fibre = circuits_on(network, SIZE.circuits)
    more = [
        replace(fibre[0], id="open", end=None),
        replace(fibre[1], id="told", request="r1", state="in service", price_key="old"),
        replace(fibre[2], id="lit", lit_on=date(2027, 2, 1)),
        replace(fibre[3], id="laid", strands=tuple(tuple((1, 2) for _ in leg) for leg in fibre[3].legs)),
        Circuit("room", "m1", date(2027, 1, 1), None, (), next(iter(network.nodes)), 2, 1500),
        replace(fibre[4], id="other", extra=(("colour", "blue"),)),
    ]
    rows = circuits_to_json([*fibre, *more])
    assert tuple(sorted(kept_circuits(rows).values(), key=lambda c: c.id)) == circuits_from_json(rows, network)


def test_rows_that_were_never_written_so_are_refused() -> None:
    with pytest.raises(BadInput):
        kept_circuits([{"id": "c", "member": "m", "start": "2027-01-01", "rack_units": "many"}])
