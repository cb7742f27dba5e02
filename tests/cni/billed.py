"""A house with a tariff, a fee policy and facts, for the tests of runs; on both kinds of database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from cni.config import Settings, use
from tests.cni.helpers import Cni, Outcome
from tests.cni.stores import Store

Q1, Q2, Q3, Q4 = (
    "2027-01-01/2027-04-01",
    "2027-04-01/2027-07-01",
    "2027-07-01/2027-10-01",
    "2027-10-01/2028-01-01",
)
YEAR = (Q1, Q2, Q3, Q4)
CLOCK = "2031-01-01T09:00:00+00:00"
PARTIES = (
    "id,name,address,city,postcode,vat_number,self_billing_from,self_billing_to,vat_checked_on\n"
    "cni,The Co-operative,1 Canal Street,Manchester,M1 1AA,GB333289454,,,\n"
    "isp,An Internet Provider Ltd,2 Canal Street,Manchester,M1 1AA,,,,\n"
    "other,Another Ltd,3 Canal Street,Manchester,M1 1AA,,,,\n"
    "council,The Council,4 Canal Street,Manchester,M1 1AA,GB123456727,2026-01-01,{to},2026-01-01\n"
    "tram,The Tramway,5 Canal Street,Manchester,M1 1AA,,,,\n"
)
CIRCUITS = (
    "id,member,start,end,legs,node,rack_units,power_kw\n"
    "c1,isp,2025-01-01,,ab+bc|da+cd,,,\n"
    "c2,isp,2025-01-01,,,A,2,1\n"
    "c3,other,2027-02-10,2030-02-10,cd+de,,,\n"
)


def write_facts(folder: Path, self_billing_to: str = "", outage: str = "") -> Path:
    """A folder of facts: all parties, and an outage of a circuit."""
    folder.mkdir(exist_ok=True)
    (folder / "parties.csv").write_text(PARTIES.format(to=self_billing_to))
    if outage:
        (folder / "outages.csv").write_text(f"id,circuit,start,end\n{outage}\n")
    return folder


TARIFF = (
    'version = "t1"\n{more}\n'
    '[[price]]\nproduct = "fibre_pair_metre_year"\namount = {fibre}\n\n'
    '[[price]]\nproduct = "rack_unit_month"\namount = 30\n\n[[price]]\nproduct = "kw_month"\namount = 200\n'
)


def write_tariff(path: Path, fibre: str = "0.4", more: str = "") -> Path:
    """The test tariff with another price, or with more tables."""
    path.write_text(TARIFF.format(fibre=fibre, more=more))
    return path


class Bills:
    """`cni bill` in a house, with a clock and names of people."""

    def __init__(self, cni: Cni, store: Store) -> None:
        self.cni, self.store = cni, store

    def at(self, clock: str) -> Bills:
        """Set the clock."""
        os.environ["CNI_CLOCK"] = clock
        return self

    def __call__(self, *words: object) -> Outcome:
        use(Settings())
        return self.cni(*words)

    def done(self, *words: object) -> Outcome:
        """What must succeed."""
        found = self(*words)
        assert found.code == 0, (words, found.err)
        return found

    def document(self, *words: object) -> dict[str, Any]:
        """The JSON of what must succeed."""
        return self.done(*words, "--json").document

    def run(self, period: str = Q1, *more: object) -> dict[str, Any]:
        """A draft."""
        return self.document("bill", "run", "--period", period, "--by", "ann", *more)

    def final(self, period: str = Q1, *more: object) -> dict[str, Any]:
        """A run that is drafted, reviewed and made final."""
        return self.finalised(self.run(period)["run"], *more)

    def finalised(self, number: int, *more: object) -> dict[str, Any]:
        """Review and make final."""
        self.done("bill", "review", number, "--by", "bob")
        return self.document("bill", "finalise", number, "--by", "cat", *more)

    def circuits(self, text: str) -> None:
        """Import the network with other circuits."""
        Path("circuits.csv").write_text(text)
        self.done("network", "import", "net", "--circuits", "circuits.csv")

    def tariff(self, fibre: str, more: str = "") -> None:
        """Import another tariff."""
        self.done("bill", "tariff", "import", write_tariff(Path("tariff.toml"), fibre, more))

    def well(self) -> bool:
        """Whether the books and the database check clean."""
        found = self("bill", "check", "--json").document
        bad = [c for c in found["checks"] if not c["ok"]]
        assert not bad, bad
        return self("audit", "verify").code == 0

    def balances(self) -> dict[str, int]:
        """The trial balance."""
        from cni.bills.books import balances
        from cni.store.engine import open_engine, reading

        with reading(open_engine(self.store.url)) as connection:
            return balances(connection)


@pytest.fixture
def bills(at_home: Cni, store: Store, monkeypatch: pytest.MonkeyPatch) -> Bills:
    """Three circuits, a tariff, a policy that pays contributors, facts; nothing billed yet."""
    monkeypatch.setenv("CNI_CLOCK", CLOCK)
    made = Bills(at_home, store)
    made.circuits(CIRCUITS)
    made.done("bill", "tariff", "import", "tariff.toml", "--why", "meeting of December")
    made.done("bill", "policy", "import", "policy.toml")
    made.done("bill", "facts", "import", write_facts(at_home.folder / "facts"))
    return made
