"""What a contributor reads: the figures are those of the commands, and nobody else's network can be read off."""

from __future__ import annotations

from datetime import date, timedelta

from billing.documents.page import page_of
from billing.pence import pounds
from tests.portal.house import RECALLED
from tests.portal.seen import seen
from tests.portal.sites import Site

HAL = "con-manchester"


def test_the_spans_are_the_contributor_s_own_with_the_figures_of_the_offer(read_site: Site) -> None:
    page = seen(read_site.as_("hal").get("/me/spans").text)
    offer = read_site.document("network", "offer", "--live", "--for", HAL)
    figures = {row["id"]: row for row in offer["spans"]}
    owned = {s.id for s in read_site.desk.holdings().network.spans.values() if s.owner == HAL}
    rows = page.table("Span", "Spare pairs")
    assert [r["Span"] for r in rows] == sorted(owned)
    for row in rows:
        found = figures[row["Span"]]
        besides = found["reserve"] + found["maintenance_spare"] + found["recalled"]
        shown = [row[t] for t in ("Installed", "Own use", "Set aside besides", "In use by others", "Spare pairs")]
        assert shown == [str(n) for n in (found["technical"], found["own_use"], besides, found["live"], found["pairs"])]
    assert ("/me/spans/" + rows[0]["Span"], rows[0]["Span"]) in page.links


def test_who_uses_a_span_is_told_by_codes(read_site: Site) -> None:
    """The codes are those that members see in the list of circuits; no id and no member is on the page."""
    page = seen(read_site.as_("hal").get(f"/me/spans/{RECALLED}").text)
    listed = read_site.document("circuit", "list")["circuits"]
    today = read_site.clock.at.date()
    live = {
        c["circuit"]
        for c in listed
        if any(RECALLED in leg for leg in c["legs"])
        and date.fromisoformat(c["start"]) <= today
        and (c["end"] is None or today < date.fromisoformat(c["end"]))
    }
    assert {r["Circuit"] for r in page.table("Circuit", "State")} == live
    assert page.terms["in use by others"] == f"{2 * len(live)} strands"
    for standing in read_site.desk.holdings().standings.values():
        assert standing.circuit.id not in page.text
        assert standing.circuit.member not in page.text


def test_fees_spell_each_sum_out(read_site: Site) -> None:
    """Each line of the document with its text and its sum; and the sums add up to the total."""
    page = seen(read_site.as_("hal").get("/me/fees").text)
    (head,) = page.table("Number", "Total, £")
    document = read_site.document("bill", "show", head["Number"])
    assert document["party"] == HAL
    lines = page.table("What", "Net")
    expected = page_of(document)["lines"]
    assert [r["Net"] for r in lines] == [pounds(row["pence"]) for row in expected]
    for shown, row in zip(lines, expected, strict=True):
        assert shown["What"].endswith(row["text"].replace("\u200b", ""))
    assert sum(row["pence"] for row in expected) == document["net_pence"]
    assert head["Total, £"] == pounds(document["net_pence"] + document["tax_pence"])


def test_a_recall_is_shown_with_the_notice_that_the_next_one_needs(read_site: Site) -> None:
    page = seen(read_site.as_("hal").get("/me/recalls").text)
    (recall,) = read_site.document("recall", "list")["recalls"]
    (row,) = page.table("Span", "Strands")
    codes = " ".join(c["circuit"] for c in recall["circuits"])
    assert (row["From"], row["Span"], row["Strands"], row["Circuits"]) == ("2028-01-01", RECALLED, "2", codes)
    days = read_site.desk.holdings().default.recall_days
    assert f"after {days} days of notice" in page.text


def test_what_a_recall_would_do_is_what_the_command_plans(read_site: Site) -> None:
    """Without a word of whose circuits they are or where they go; and nothing is written."""
    client = read_site.as_("hal")
    form = seen(client.get("/me/recalls").text).form("/me/recalls")
    assert form.buttons == ["Show what it would do"]
    before = read_site.document("audit", "log", "--last", 1)
    page = seen(client.get(f"/me/recalls?span={RECALLED}&strands=4&on=2028-02-01").text)
    expected = read_site.document(
        *("recall", "plan", RECALLED, "--strands", 4, "--on", "2028-02-01", "--contributor", HAL, "--why", "x"),
        code=1,  # for one of them there is no other way
    )
    rows = page.table("Circuit", "Gives way on")
    assert expected["affected"]
    assert [(r["Gives way on"], r["Offered instead"]) for r in rows] == [
        (a["ends"], "another way" if a["replacement"] else "nothing") for a in expected["affected"]
    ]
    assert page.terms["spare then"] == f"{expected['spare']} strands"
    assert not any(a["circuit"] in page.text or a["member"] in page.text for a in expected["affected"])
    assert read_site.document("audit", "log", "--last", 1) == before


def test_a_recall_that_cannot_be_is_told_why(read_site: Site) -> None:
    client = read_site.as_("hal")
    short = client.get(f"/me/recalls?span={RECALLED}&strands=2&on=2027-05-01")
    assert (short.status_code, "180 days of notice" in short.text) == (422, True)
    assert client.get("/me/recalls?span=S019&strands=2&on=2028-05-01").status_code == 404
    assert client.get(f"/me/recalls?span={RECALLED}&strands=2&on=soon").status_code == 422


def test_a_contributor_without_bills_and_recalls_is_told_so(site: Site) -> None:
    at = site.clock.at.isoformat()
    site.folder.run(at, "access", "add", "sto", "--email", "s@example.org", "--member", "con-datacentres")
    client = site.as_("sto")
    assert "owns no span" in client.get("/me/spans").text
    assert "nothing is final yet" in client.get("/me/fees").text.lower()
    assert seen(client.get("/me/recalls").text).h1 == "Recalls"


def test_a_span_is_told_as_of_the_day(site: Site) -> None:
    """Strands that were taken back count from their day on."""
    before = seen(site.as_("hal").get(f"/me/spans/{RECALLED}").text).terms["taken back"]
    site.clock.at += timedelta(days=300)
    after = seen(site.as_("hal").get(f"/me/spans/{RECALLED}").text).terms["taken back"]
    assert (before, after) == ("0 strands", "2 strands")
