"""The Fibre Manchester year by the command line: four quarters billed, corrected, closed, exported, on both databases."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from importlib.util import find_spec
from pathlib import Path

import pytest

from billing.exports.forms import export_names
from scenarios.fibre_manchester import folder
from tests.cni.billed import YEAR, Bills
from tests.cni.helpers import Cni
from tests.cni.stores import Store, all_is_well

AFTER = ("2027-04-05", "2027-07-05", "2027-10-05", "2028-01-05")


@pytest.fixture
def fibre_manchester(cni: Cni, empty: str, monkeypatch: pytest.MonkeyPatch) -> Bills:
    """The illustrative house with its tariff, policy and facts."""
    monkeypatch.setenv("CNI_CLOCK", "2027-01-04T09:00:00Z")
    monkeypatch.setenv("CNI_DATABASE_URL", empty)
    shutil.copytree(folder(), cni.folder / "fm")
    made = Bills(cni, Store(empty))
    made.done("init")
    made.done("network", "import", "fm/network", "--circuits", "fm/circuits.csv")
    made.done("bill", "tariff", "import", "fm/tariff.toml")
    made.done("bill", "policy", "import", "fm/policy.toml")
    made.done("bill", "facts", "import", "fm/facts")
    return made


def posted(bills: Bills) -> dict[str, int]:
    """What all final documents say together, by party."""
    found: dict[str, int] = defaultdict(int)
    for run in bills.document("bill", "list")["runs"]:
        if run["state"] == "final":
            for document in bills.document("bill", "show", run["run"])["documents"]:
                side = "receivable" if document["kind"] in ("invoice", "credit_note") else "payable"
                sign = 1 if side == "receivable" else -1
                found[f"{side}:{document['party']}"] += sign * document["total_pence"]
    return {name: pence for name, pence in found.items() if pence}


@pytest.mark.slow
def test_a_year_billed_corrected_closed_and_exported(fibre_manchester: Bills) -> None:
    bills = fibre_manchester
    for day, period in zip(AFTER, YEAR, strict=True):
        bills.at(f"{day}T09:00:00Z")
        seen = bills.document("bill", "preview", "--live", "--period", period)
        made = bills.run(period)
        assert made["digest"] == seen["digest"]
        assert bills.finalised(made["run"])["state"] == "final"
        assert "nothing new" in bills("bill", "run", "--period", period).err
        assert bills.well()
    kept = bills.store.rows()["bill_document"]
    whole = bills.balances()
    _correct(bills)
    _turn_back(bills)
    assert bills.well()
    assert all_is_well(bills.store)
    after = {
        name: pence for name, pence in bills.balances().items() if name.startswith(("receivable", "payable")) and pence
    }
    assert after == posted(bills)
    assert after != {name: pence for name, pence in whole.items() if pence}
    assert set(kept) <= set(bills.store.rows()["bill_document"]), "what was final stays as it was"
    for run in bills.document("bill", "list")["runs"]:
        if run["kind"] == "run":
            assert bills.document("bill", "reproduce", run["run"])["same"], run
    _exported(bills)


def _correct(bills: Bills) -> None:
    """A circuit had ended earlier than the list said: every quarter is run again until nothing is left."""
    circuits = Path("fm/circuits.csv")
    circuits.write_text(re.sub(r"(?m)^(c-006,gable,2026-04-01),2029-04-01", r"\1,2027-08-15", circuits.read_text()))
    bills.at("2028-02-01T09:00:00Z").done("network", "import", "fm/network", "--circuits", "fm/circuits.csv")
    drafted = 0
    for period in YEAR:
        done = bills("bill", "run", "--period", period, "--by", "ann", "--json")
        if "nothing new" not in done.err:
            drafted += 1
            assert any(line["corrects"] for d in done.document["documents"] for line in d["lines"])
            bills.finalised(done.document["run"])
        assert "nothing new" in bills("bill", "run", "--period", period).err
    assert drafted >= 2  # the quarter in which it ended, and the one after


def _turn_back(bills: Bills) -> None:
    """An invoice is turned back and its lines are billed anew."""
    before = bills.balances()
    draft = bills.document("bill", "credit", "INV-000001", "--why", "wrong order number", "--by", "ann")
    bills.finalised(draft["run"])
    bills.final(YEAR[0])
    assert bills.balances() == before


def _exported(bills: Bills) -> None:
    """Every export of the whole year; numbers are those of the books."""
    for name in export_names():
        words = ("bill", "export", "--year", "2027-01-01/2029-01-01", "--to", name, "-o", f"out/{name}")
        if name == "pdf" and find_spec("typst") is None:  # `python3 dev.py einvoice` installs it; CI does so first
            refused = bills(*words)
            assert (refused.code, "PDF needs Typst" in refused.err) == (2, True)
            continue
        bills.done(*words)
        assert any(path.stat().st_size for path in Path(f"out/{name}").rglob("*")), name
    found = [json.loads(line) for line in Path("out/json/documents.jsonl").read_text().splitlines()]
    assert len(found) == len(bills.store.rows()["bill_document"])
    series: dict[str, list[int]] = defaultdict(list)
    for document in found:
        name, _, serial = document["number"].partition("-")
        series[name].append(int(serial))
    assert all(sorted(serials) == list(range(1, len(serials) + 1)) for serials in series.values())
    assert Counter(d["number"] for d in found).most_common(1)[0][1] == 1
