"""Eight processes make eight runs final at the same moment: numbers have no gap and none stands twice."""

from __future__ import annotations

from tests.cni.billed import CLOCK, Bills
from tests.cni.children import Task, run_at_once
from tests.cni.stores import all_is_well

PERIODS = [f"2027-{month:02d}-01/2027-{month + 1:02d}-01" for month in range(1, 9)]


def tasks(bills: Bills, *commands: tuple[str, ...]) -> list[Task]:
    environment = (("CNI_DATABASE_URL", bills.store.url), ("CNI_CLOCK", CLOCK), ("LOGNAME", "cat"))
    return [Task((*words, "--quiet"), bills.cni.folder, environment) for words in commands]


def numbers(bills: Bills) -> dict[str, list[int]]:
    """Numbers given, by series."""
    found: dict[str, list[int]] = {}
    for row in bills.store.rows()["bill_document"]:
        found.setdefault(str(row[1]), []).append(int(str(row[2])))
    return {series: sorted(serials) for series, serials in found.items()}


def test_eight_processes_that_make_eight_runs_final_leave_no_gap_and_no_double(bills: Bills) -> None:
    for number, period in enumerate(PERIODS, 1):
        bills.run(period)
        bills.done("bill", "review", number, "--by", "bob")
    codes = run_at_once(tasks(bills, *(("bill", "finalise", str(n)) for n in range(1, 9))))
    assert codes == [0] * 8
    found = numbers(bills)
    assert found == {series: list(range(1, len(serials) + 1)) for series, serials in found.items()}
    assert len(found["INV"]) == 8 + 7  # c3 begins in February
    assert bills.well()
    assert all_is_well(bills.store)


def test_eight_processes_that_make_one_run_final_make_it_once(bills: Bills) -> None:
    bills.run()
    bills.done("bill", "review", 1, "--by", "bob")
    codes = run_at_once(tasks(bills, *[("bill", "finalise", "1")] * 8))
    assert sorted(codes) == [0] + [2] * 7
    assert numbers(bills) == {"INV": [1, 2], "SBI": [1], "STM": [1]}
    assert bills.well()


def test_eight_processes_that_run_one_period_make_one_draft(bills: Bills) -> None:
    codes = run_at_once(tasks(bills, *[("bill", "run", "--period", PERIODS[0])] * 8))
    assert set(codes) <= {0, 2}
    assert codes.count(0) >= 1
    assert len(bills.store.rows()["bill_run"]) == 1
