"""Which circuits are billed, and from which day: offers, what is taken up, handed back, transferred (rule F21)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cni.bills.spine import Spine, spine_at, version_at
from cni.rounds import circuit_acts
from cni.rounds.act import changing
from cni.rounds.circuits import happen
from cni.store.audit import last_of
from cni.store.engine import open_engine, reading
from tests.cni.helpers import Cni
from tests.cni.living import act, make
from tests.cni.sealed import House
from topology.model import Circuit

FIRST, LAST = date(2027, 1, 1), date(2027, 7, 1)


@pytest.fixture
def house(cni: Cni, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> House:
    return make(tmp_path, monkeypatch, cni, tmp_path_factory)


def spine(known_at: int | None = None, first: date = FIRST, last: date = LAST) -> Spine:
    """What would be billed now, or as known then."""
    with reading(open_engine("sqlite:///cni.db")) as connection:
        at = known_at or last_of(connection)[0]
        return spine_at(connection, version_at(connection, at), at, first, last)


def billed(known_at: int | None = None) -> dict[str, Circuit]:
    return {c.id: c for c in spine(known_at).circuits}


def engine() -> Engine:
    return open_engine("sqlite:///cni.db")


def test_an_offer_is_not_billed_and_one_that_was_accepted_is_from_its_start(house: House) -> None:
    assert set(billed()) == {"c1"}
    house.done("circuit", "accept", "q1.r1-1")
    found = billed()
    assert set(found) == {"c1", "q1.r1-1"}
    assert found["q1.r1-1"].start == date(2027, 1, 4)


@pytest.mark.parametrize("how", ["decline", "lapse"])
def test_what_was_declined_or_lapsed_is_never_billed(house: House, how: str) -> None:
    if how == "decline":
        house.done("circuit", "decline", "q1.r2-1")
    else:
        house.at("2027-06-01T09:00:00Z").done("circuit", "lapse")
    assert set(billed()) == {"c1"}


def test_what_is_known_later_is_not_known_earlier(house: House) -> None:
    before = house.document("audit", "log")["entries"][-1]["number"]
    house.done("circuit", "accept", "q1.r2-1")
    assert set(billed(before)) == {"c1"}
    assert set(billed()) == {"c1", "q1.r2-1"}


def test_who_hands_back_early_is_committed_to_the_agreed_end(house: House) -> None:
    house.done("circuit", "accept", "q1.r2-1")
    agreed = billed()["q1.r2-1"].end
    house.at("2027-03-01T09:00:00Z").done("circuit", "surrender", "q1.r2-1", "--on", "2027-04-01")
    found = billed()["q1.r2-1"]
    assert (found.end, found.term_end, found.state) == (date(2027, 4, 1), agreed, "surrendered")
    later = spine(first=LAST, last=LAST + timedelta(days=92)).circuits
    assert "q1.r2-1" not in {c.id for c in later}


def test_a_transfer_is_no_early_end_and_each_day_is_billed_to_one(house: House) -> None:
    tariff = Path("tariff.toml")
    tariff.write_text(tariff.read_text() + "\n[early_cease]\nshare = 1\n")
    house.done("bill", "tariff", "import", "tariff.toml")
    circuit_acts.transfer(engine(), act(10), "c1", "third", date(2027, 4, 1))
    found = house.at("2027-07-01T09:00:00Z").document("bill", "preview", "--live", "--period", f"{FIRST}/{LAST}")
    lines = [line for d in found["documents"] if d["kind"] == "invoice" for line in d["lines"]]
    assert {line["product"] for line in lines} == {"fibre_pair_metre_year"}
    held = sorted(
        (line["from"], line["to"], d["party"]) for d in found["documents"] for line in d["lines"] if line in lines
    )
    assert [row[:2] for row in held] == [("2027-01-01", "2027-04-01"), ("2027-04-01", "2027-07-01")]
    assert [row[2] for row in held] == ["isp", "third"]


def test_a_surrender_costs_what_the_tariff_says(house: House) -> None:
    tariff = Path("tariff.toml")
    tariff.write_text(tariff.read_text() + "\n[early_cease]\nshare = 0.5\n")
    house.done("bill", "tariff", "import", "tariff.toml")
    house.done("circuit", "accept", "q1.r2-1")
    house.at("2027-03-01T09:00:00Z").done("circuit", "surrender", "q1.r2-1", "--on", "2027-04-01")
    words = ("bill", "preview", "--live", "--period", f"{FIRST}/{LAST}")
    found = house.at("2027-07-01T09:00:00Z").document(*words)
    products = [line["product"] for d in found["documents"] for line in d["lines"] if d["party"] == "other"]
    assert sorted(products) == ["early_cease", "fibre_pair_metre_year"]


def test_a_renewal_keeps_the_price_of_the_first_term(house: House) -> None:
    """Else a longer term would reach back and change what was billed."""
    house.done("circuit", "accept", "q1.r2-1")
    agreed = billed()["q1.r2-1"].end
    with changing(engine(), act(20), "test") as change:
        happen(change, "q1.r2-1", "renewed", date(2027, 2, 3), {"end": "2040-01-04"})
    found = billed()["q1.r2-1"]
    assert (found.end, found.term_end) == (date(2040, 1, 4), agreed)
