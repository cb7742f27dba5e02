"""Runs of a period in the database: preview, draft, review, final, corrections to a fixpoint, on both kinds of database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cni.schemas.published import faults, json_schema
from tests.cni.billed import CIRCUITS, Q1, Q2, YEAR, Bills, write_facts
from tests.cni.helpers import Outcome
from topology.about import SOFTWARE


def lines(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for d in document["documents"] for line in d["lines"]]


def test_a_preview_writes_nothing_and_has_the_digest_of_the_run(bills: Bills) -> None:
    before = bills.store.rows()
    seen = bills.document("bill", "preview", "--live", "--period", Q1)
    assert bills.store.rows() == before
    made = bills.run()
    assert (made["digest"], made["settlement"]) == (seen["digest"], seen["settlement"])
    assert made["documents"] == seen["documents"]
    assert (seen["state"], made["state"], made["run"]) == ("preview", "draft", 1)


def test_the_same_period_again_writes_nothing_and_says_so(bills: Bills) -> None:
    made = bills.run()
    before = bills.store.rows()
    again = bills("bill", "run", "--period", Q1)
    assert again.code == 0
    assert "nothing new: run 1 says the same" in again.err
    assert bills.store.rows() == before
    bills.finalised(made["run"])
    before = bills.store.rows()
    again = bills("bill", "run", "--period", Q1)
    assert "nothing new: all of it stands already" in again.err
    assert bills.store.rows() == before


def test_documents_get_numbers_only_when_they_are_final(bills: Bills) -> None:
    draft = bills.run()
    assert {d["number"] for d in draft["documents"]} == {None}
    final = bills.finalised(1)
    assert [d["number"] for d in final["documents"]] == ["INV-000001", "INV-000002", "SBI-000001", "STM-000001"]
    assert [(d["kind"], d["party"]) for d in final["documents"]] == [
        ("invoice", "isp"),
        ("invoice", "other"),
        ("self_billed_invoice", "council"),
        ("statement", "tram"),
    ]
    assert {d["issued"] for d in final["documents"]} == {"2031-01-01"}
    second = bills.final(Q2)
    assert [d["number"] for d in second["documents"]] == ["INV-000003", "INV-000004", "SBI-000002", "STM-000002"]
    assert bills.well()


def test_who_made_a_run_does_not_review_it_and_only_what_was_reviewed_becomes_final(bills: Bills) -> None:
    bills.run()
    early = bills("bill", "finalise", 1)
    assert (early.code, "wrong_state" in early.err) == (2, True)
    own = bills("bill", "review", 1, "--by", "ann")
    assert (own.code, "second_person" in own.err) == (2, True)
    bills.finalised(1)
    twice = bills("bill", "finalise", 1)
    assert (twice.code, "wrong_state" in twice.err) == (2, True)


def test_a_correction_posts_only_the_difference_and_a_second_one_nothing(bills: Bills) -> None:
    first = bills.final()
    stood = {line["key"]: line["net_pence"] for line in lines(first)}
    bills.circuits(CIRCUITS.replace("c3,other,2027-02-10", "c3,other,2027-03-01"))
    draft = bills.run()
    changed = lines(draft)
    assert {line["corrects"]["document"] for line in changed if line["corrects"]} <= {
        "INV-000002",
        "SBI-000001",
        "STM-000001",
    }
    assert {d["party"] for d in draft["documents"] if d["kind"] in ("invoice", "credit_note")} == {"other"}
    bills.finalised(draft["run"])
    for line in changed:
        stood[line["key"]] = stood.get(line["key"], 0) + line["net_pence"]
    fresh = bills.document("bill", "preview", "--live", "--period", Q1)
    assert fresh["documents"] == []
    assert fresh["settlement"]["charges_pence"] == sum(p for k, p in stood.items() if k.startswith("charge/"))
    assert fresh["settlement"]["fees_pence"] == sum(p for k, p in stood.items() if k.startswith("fee/"))
    assert "nothing new" in bills("bill", "run", "--period", Q1).err
    assert bills.well()


def test_a_credit_turns_a_document_back_and_the_next_run_bills_it_anew(bills: Bills) -> None:
    bills.final()
    owed = bills.balances()["receivable:isp"]
    refused = bills("bill", "credit", "INV-000001")
    assert (refused.code, "--why" in refused.err) == (2, True)
    draft = bills.document("bill", "credit", "INV-000001", "--why", "to the wrong address", "--by", "ann")
    assert (draft["kind"], draft["subject"], draft["documents"][0]["kind"]) == ("credit", "INV-000001", "credit_note")
    bills.finalised(draft["run"])
    assert "receivable:isp" not in {k for k, v in bills.balances().items() if v}
    assert "bill_coverage" in {c["code"] for c in bills("bill", "check", "--json").document["checks"] if not c["ok"]}
    again = bills.final()
    assert {d["number"]: d["party"] for d in again["documents"]} == {"INV-000003": "isp"}
    assert {line["corrects"] for line in lines(again)} == {None}
    assert bills.balances()["receivable:isp"] == owed
    twice = bills("bill", "credit", "INV-000001", "--why", "again")
    assert (twice.code, "unchanged" in twice.err) == (2, True)
    assert bills.well()


def test_one_member_that_cannot_be_billed_does_not_stop_the_others(bills: Bills) -> None:
    """Rack space has no price: its holder is held back with what is wrong, until the price is there."""
    Path("tariff.toml").write_text('[[price]]\nproduct = "fibre_pair_metre_year"\namount = 0.4\n')
    bills.done("bill", "tariff", "import", "tariff.toml")
    made = bills.final()
    assert [h["member"] for h in made["held_back"]] == ["isp"]
    assert {p["code"] for h in made["held_back"] for p in h["problems"]} == {"no_price"}
    assert {d["party"] for d in made["documents"]} == {"other", "tram"}
    bills.tariff("0.4")
    later = bills.run()
    assert later["held_back"] == []
    assert {d["party"] for d in later["documents"]} == {"isp", "council", "tram"}
    bills.finalised(later["run"])
    assert bills.well()


def test_what_stands_for_a_member_that_is_held_back_stays(bills: Bills) -> None:
    bills.final()
    before = bills.balances()
    Path("tariff.toml").write_text('[[price]]\nproduct = "fibre_pair_metre_year"\namount = 0.8\n')
    bills.done("bill", "tariff", "import", "tariff.toml")
    bills.final()
    after = bills.balances()
    assert after["receivable:isp"] == before["receivable:isp"]
    assert after["receivable:other"] == 2 * before["receivable:other"]


def test_work_without_a_price_holds_back_only_the_member_that_it_was_done_for(bills: Bills) -> None:
    folder = Path("facts-with-work")
    folder.mkdir()
    (folder / "cross_connects.csv").write_text("id,member,node,made_on\nx1,isp,A,2027-02-01\n")
    bills.done("bill", "facts", "import", folder)
    made = bills.run()
    assert [h["member"] for h in made["held_back"]] == ["isp"]
    assert [h["problems"][0]["code"] for h in made["held_back"]] == ["no_price"]
    assert {d["party"] for d in made["documents"]} >= {"other"}


def test_periods_that_share_days_are_refused(bills: Bills) -> None:
    bills.final()
    for period in ("2027-02-01/2027-05-01", "2026-01-01/2028-01-01", "2027-01-01/2027-02-01"):
        refused = bills("bill", "run", "--period", period)
        assert (refused.code, "period_overlaps" in refused.err) == (2, True)
    assert bills("bill", "run", "--period", Q2).code == 0


def test_a_draft_that_another_run_overtook_is_stale(bills: Bills) -> None:
    bills.run()
    bills.tariff("0.5")
    bills.run()
    assert [r["state"] for r in bills.document("bill", "list")["runs"]] == ["stale", "draft"]
    refused = bills("bill", "review", 1, "--by", "bob")
    assert (refused.code, "wrong_state" in refused.err) == (2, True)
    bills.finalised(2)
    assert bills.well()


def test_two_overlapping_drafts_do_not_both_become_final(bills: Bills) -> None:
    bills.run(Q1)
    bills.run("2027-03-01/2027-05-01")
    bills.finalised(1)
    bills.done("bill", "review", 2, "--by", "bob")
    refused = bills("bill", "finalise", 2)
    assert (refused.code, "period_overlaps" in refused.err) == (2, True)


def test_a_run_comes_out_the_same_after_facts_tariff_and_circuits_changed(bills: Bills) -> None:
    bills.final()
    bills.tariff("0.9")
    write_facts(Path("facts"), outage="o1,c1,2027-01-10T00:00:00Z,2027-01-12T00:00:00Z")
    bills.done("bill", "facts", "import", "facts")
    bills.circuits(CIRCUITS.replace("c3,other", "c3,isp"))
    assert bills.document("bill", "reproduce", 1)["same"]
    bills.final()
    for run in (1, 2):
        assert bills.document("bill", "reproduce", run)["same"]


def test_a_run_of_an_earlier_version_comes_out_the_same(bills: Bills, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version stands in the bytes of settlement and drafts; what was billed does not hang on it."""
    with monkeypatch.context() as earlier:
        earlier.setitem(SOFTWARE, "version", "0.0.1")
        bills.final()
    assert SOFTWARE["version"] != "0.0.1"
    assert bills.document("bill", "reproduce", 1)["same"]


def test_what_differs_is_named_where_a_run_does_not_come_out_the_same(bills: Bills) -> None:
    bills.final()
    body = 'replace(body, \'"amount":"0.4"\', \'"amount":"0.5"\')'
    bills.store.behind_the_log(f"UPDATE bill_input SET body = {body} WHERE kind = 'tariff'")
    done = bills("bill", "reproduce", 1, "--json")
    assert (done.code, done.document["same"]) == (1, False)
    assert "settlement.charges_pence" in {d["where"] for d in done.document["differences"]}


def test_a_run_can_be_of_what_was_known_earlier(bills: Bills) -> None:
    then = bills.document("audit", "log")["entries"][-1]["number"]
    bills.circuits(CIRCUITS.replace("c3,other,2027-02-10", "c3,other,2027-03-01"))
    early = bills.document("bill", "preview", "--live", "--period", Q1, "--as-known-at", then)
    now = bills.document("bill", "preview", "--live", "--period", Q1)
    assert early["settlement"]["charges_pence"] > now["settlement"]["charges_pence"]
    assert bills("bill", "preview", "--live", "--period", Q1, "--as-known-at", 9999).code == 2


def test_the_tariff_is_the_one_that_holds_on_the_first_day(bills: Bills) -> None:
    bills.done("bill", "tariff", "import", "tariff.toml", "--from", "2027-04-01", "--why", "rise")
    Path("dear.toml").write_text(Path("tariff.toml").read_text().replace("0.4", "0.8"))
    bills.done("bill", "tariff", "import", "dear.toml", "--from", "2027-07-01")
    assert [v["valid_from"] for v in bills.document("bill", "tariff", "list")["versions"]] == [
        None,
        "2027-04-01",
        "2027-07-01",
    ]
    taken = [bills.document("bill", "preview", "--live", "--period", p)["pins"]["tariff"] for p in YEAR]
    assert taken == [1, 2, 3, 3]
    assert bills("bill", "tariff", "import", "dear.toml", "--from", "2027-07-01", "--json").document["written"] is False


def test_without_a_tariff_nothing_is_billed(at_home: object, store: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNI_CLOCK", "2031-01-01T09:00:00Z")
    refused: Outcome = at_home("bill", "run", "--period", Q1)  # type: ignore[operator]
    assert (refused.code, "no_tariff" in refused.err) == (2, True)


def test_an_agreement_that_ends_before_the_day_of_issue_asks_for_another_run(bills: Bills) -> None:
    write_facts(Path("facts"), self_billing_to="2031-02-01")
    bills.done("bill", "facts", "import", "facts")
    bills.run()
    bills.done("bill", "review", 1, "--by", "bob")
    bills.at("2031-02-01T09:00:00Z")
    refused = bills("bill", "finalise", 1)
    assert (refused.code, "changed_meanwhile" in refused.err, "council" in refused.err) == (2, True, True)


def test_documents_that_lack_what_vat_asks_need_a_reason(bills: Bills) -> None:
    facts = Path("facts/parties.csv")
    facts.write_text(facts.read_text().replace("3 Canal Street", ""))
    bills.done("bill", "facts", "import", "facts")
    bills.run()
    bills.done("bill", "review", 1, "--by", "bob")
    refused = bills("bill", "finalise", 1)
    assert (refused.code, "Another Ltd" in refused.err) == (1, True)
    bills.done("bill", "finalise", 1, "--accept-missing", "it moves house")
    assert "it moves house" in bills("audit", "log", "--json").out


@pytest.fixture
def washed(bills: Bills) -> Bills:
    """Fees ten times the price."""
    Path("policy.toml").write_text('version = "p2"\n\n[fees]\nrate = 4\n')
    bills.done("bill", "policy", "import", "policy.toml")
    bills.circuits(CIRCUITS.replace("A,2,1", "A,40,40"))
    return bills


def test_fees_above_a_charge_stop_a_run_from_becoming_final(washed: Bills) -> None:
    made = washed.run()
    assert made["wash_stops"]
    washed.done("bill", "review", 1, "--by", "bob")
    refused = washed("bill", "finalise", 1)
    assert (refused.code, "c1, c3" in refused.err) == (1, True)
    final = washed.document("bill", "finalise", 1, "--accept-wash", "voted on 3 March")
    assert final["steps"][-1]["accept_wash"] == "voted on 3 March"
    assert "voted on 3 March" in washed("audit", "log", "--json").out
    assert washed.well()


def test_a_policy_that_limits_fees_needs_no_reason(washed: Bills) -> None:
    Path("policy.toml").write_text('version = "p3"\n\n[fees]\nrate = 4\nwash_trade = "limit"\n')
    washed.done("bill", "policy", "import", "policy.toml")
    washed.final()
    assert washed.well()


def test_two_periods_side_by_side(bills: Bills) -> None:
    bills.final(Q1)
    bills.circuits(
        CIRCUITS.replace("c2,isp,2025-01-01,,", "c2,isp,2025-01-01,2027-03-15,") + "c4,other,2027-05-01,,ab,,,\n"
    )
    bills.final(Q1)
    number = bills.run(Q2)["run"]
    found = bills.document("bill", "compare", number)
    change = {(r["party"], r["product"], r["side"]): r["change"] for r in found["rows"]}
    assert change["isp", "kw_month", "charge"] == "gone"
    assert change["other", "fibre_pair_metre_year", "charge"] == "changed"
    assert change["isp", "fibre_pair_metre_year", "charge"] in ("same", "changed")
    assert bills("bill", "compare", 1).code == 2


def test_documents_keep_to_their_schemas(bills: Bills) -> None:
    bills.final(Q1)
    bills.run(Q2)
    for words in (
        ("bill", "tariff", "list"),
        ("bill", "tariff", "show", 1),
        ("bill", "facts", "import", "facts"),
        ("bill", "show", 1),
        ("bill", "show", 2),
        ("bill", "preview", "--live", "--period", YEAR[2]),
        ("bill", "list"),
        ("bill", "reproduce", 1),
        ("bill", "compare", 2),
        ("bill", "check"),
    ):
        document = bills.document(*words)
        assert list(faults(document, json_schema(document["schema"]))) == [], words
        assert bills.done(*words).out


def test_a_dry_run_of_each_step_changes_nothing(bills: Bills) -> None:
    before = bills.store.rows()
    bills.done("bill", "run", "--period", Q1, "--dry-run", "--by", "ann")
    bills.done("bill", "tariff", "import", "tariff.toml", "--from", "2029-01-01", "--dry-run")
    assert bills.store.rows() == before
    bills.run()
    bills.done("bill", "review", 1, "--by", "bob")
    before = bills.store.rows()
    bills.done("bill", "finalise", 1, "--dry-run")
    assert bills.store.rows() == before


def test_final_documents_are_exported(bills: Bills) -> None:
    assert bills("bill", "export", 1, "--to", "json", "-o", "out").code == 2
    bills.run()
    refused = bills("bill", "export", 1, "--to", "json", "-o", "out")
    assert (refused.code, "wrong_state" in refused.err) == (2, True)
    bills.finalised(1)
    bills.done("bill", "export", 1, "--to", "json", "-o", "out")
    assert len(Path("out/documents.jsonl").read_text().splitlines()) == 4
    bills.done("bill", "export", "--year", "2031-01-01/2032-01-01", "--to", "json", "-o", "out")
    assert bills("bill", "export", 1, "--to", "no-such", "-o", "out").code == 2


def test_a_final_document_is_told_line_by_line_and_as_the_document_itself(bills: Bills) -> None:
    made = bills.final()
    number = made["documents"][0]["number"]
    assert bills.document("bill", "show", number) == made["documents"][0]
    told = bills("bill", "show", number).out
    assert f"Invoice {number}" in told
    assert "Total, GBP" in told
    unknown = bills("bill", "show", "INV-9")
    assert (unknown.code, unknown.out, "INV-9" in unknown.err) == (2, "", True)
