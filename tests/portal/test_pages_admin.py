"""What the coordinator reads and does in a browser: what is due, who has not answered, accepting for a member, works, people."""

from __future__ import annotations

import re

import pytest

from tests.portal.house import FIRST, OFFERED, PEOPLE, SECOND, WORKS
from tests.portal.seen import seen
from tests.portal.sites import Site

NIGHT = {"start": "2027-06-01T22:00", "end": "2027-06-02T05:00", "why": "new duct"}


def test_the_first_page_tells_where_rounds_stand_and_who_has_not_answered(read_site: Site) -> None:
    page = seen(read_site.as_("cora").get("/admin").text)
    rounds = {r["Round"]: r for r in page.table("Round", "Next")}
    assert rounds[SECOND]["State"] == "open for requests"
    assert f"cni round close {SECOND}" in rounds[SECOND]["Next"]
    assert f"cni round finalise {FIRST}" in rounds[FIRST]["Next"]
    offered = read_site.document("circuit", "list", "--state", "offered", "--disclosure", "internal")["circuits"]
    rows = page.table("Circuit", "Answer by")
    assert {(r["Circuit"], r["Member"]) for r in rows} == {(c["circuit"], c["member"]) for c in offered}
    assert [r["Works"] for r in page.table("Works", "State")] == [WORKS]


def test_what_is_due_today_is_what_the_command_tells(site: Site) -> None:
    """On the day on which offers run out they are due; the day after their lapses are."""
    site.clock.move("2027-04-13T08:00:00Z")
    page = seen(site.as_("cora").get("/admin").text)
    due = site.document("circuit", "due", "--disclosure", "internal")
    today = {(d["by"], d["what"], d["circuit"]) for d in _rows(due) if d["by"] <= "2027-04-13"}
    assert today
    assert {(r["By"], r["What"], r["Circuit"]) for r in page.table("By", "Warned")} == today


def _rows(due: dict[str, object]) -> list[dict[str, str]]:
    rows = due["due"]
    assert isinstance(rows, list)
    return [{"by": r["by"], "what": r["kind"], "circuit": r["circuit"]} for r in rows]


def test_a_round_shows_what_came_in_and_nothing_of_what_it_says(read_site: Site) -> None:
    page = seen(read_site.as_("cora").get(f"/admin/rounds/{SECOND}").text)
    receipts = read_site.document("round", "receipts", SECOND)["receipts"]
    assert [(r["Member"], r["Digest"]) for r in page.table("Member", "Digest")] == [
        (r["member"], r["digest"]) for r in receipts
    ]
    assert "r004" not in page.text
    assert not page.forms


def test_the_coordinator_accepts_for_a_member_and_the_log_tells_for_whom(site: Site) -> None:
    client = site.as_("cora")
    page = seen(client.get(f"/admin/circuits/{OFFERED}").text)
    form = page.form(f"/admin/circuits/{OFFERED}/accept")
    assert form.buttons == ["Accept for bobbin"]
    done = client.post(form.action)
    assert (done.status_code, done.headers["location"]) == (303, f"/admin/circuits/{OFFERED}")
    after = seen(client.get(done.headers["location"]).text)
    assert not after.forms
    assert "accepted" in after.text
    assert site.document("circuit", "show", OFFERED, "--disclosure", "internal")["state"] == "accepted"
    entry = site.document("audit", "log", "--last", 1)["entries"][0]
    assert (entry["who"], entry["what"]) == ("cora", f"circuit accept {OFFERED}")
    assert entry["why"].startswith("for bobbin (")
    assert client.post(form.action).status_code == 409


def test_works_are_looked_at_first_and_planned_by_a_second_button(site: Site) -> None:
    client = site.as_("cora")
    blank = seen(client.get("/admin/works").text).form("/admin/works/look")
    before = site.document("audit", "log", "--last", 0)["entries"]
    look = client.post(blank.action, data={**blank.fields, **NIGHT, "works": "w-2", "spans": "S023"})
    page = seen(look.text)
    assert "Nothing is planned yet" in page.text
    assert site.document("audit", "log", "--last", 0)["entries"] == before
    told = page.table("Member", "Circuit")
    second = page.form("/admin/works")
    done = client.post(second.action, data=second.fields)
    assert (done.status_code, done.headers["location"]) == (303, "/admin/works/w-2")
    found = site.document("works", "show", "w-2", "--disclosure", "internal")
    assert [(t["Member"], t["Circuit"]) for t in told] == [(t["member"], t["circuit"]) for t in found["tell"]]
    assert (found["from"], found["to"]) == ("2027-06-01T22:00:00+00:00", "2027-06-02T05:00:00+00:00")
    assert found["why"].startswith("new duct (")
    after = seen(client.get("/admin/works/w-2").text)
    assert after.table("Member", "Circuit") == told
    cancel = after.form("/admin/works/w-2/cancel")
    assert client.post(cancel.action).status_code == 303
    assert site.document("works", "show", "w-2", "--disclosure", "internal")["state"] == "cancelled"
    assert not seen(client.get("/admin/works/w-2").text).forms


def test_works_that_take_both_legs_have_no_second_button(site: Site) -> None:
    """Of c-007 one leg is over S023, the other over S016."""
    client = site.as_("cora")
    asked = {**NIGHT, "works": "w-3", "spans": "S023, S016"}
    page = seen(client.post("/admin/works/look", data=asked).text)
    assert not page.forms
    assert "cannot be planned" in page.text
    assert "loses both legs" in page.text
    refused = client.post("/admin/works", data=asked)
    assert "both" in refused.text
    assert refused.status_code in (409, 422)
    assert client.get("/admin/works/w-3").status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"works": "w 4"}, "An id is"),
        ({"start": "tomorrow"}, "From: this is no time"),
        ({"end": "2027-13-01T00:00"}, "To: this is no time"),
        ({"end": "2027-06-01T21:00"}, "must be after"),
        ({"spans": "S999"}, "no such span"),
        ({"spans": ""}, "name what is out of use"),
        ({"start": "2027-04-06T12:00"}, "days of notice"),
        ({"works": WORKS}, "works of this id are planned"),
        ({"why": "x" * 121}, "why"),
        ({"why": "two\nlines"}, "line"),
    ],
)
def test_a_form_that_is_wrong_is_told_what(read_site: Site, given: dict[str, str], said: str) -> None:
    asked = {**NIGHT, "works": "w-4", "spans": "S023", **given}
    for action in ("/admin/works/look", "/admin/works"):
        answer = read_site.as_("cora").post(action, data=asked)
        assert answer.status_code in (409, 422), answer.text
        assert said in seen(answer.text).text


def test_a_form_that_is_wrong_comes_back_as_it_was_filled_in(read_site: Site) -> None:
    """Each fault stands beside its field, which names it to a screen reader, and at the top, which leads to the field."""
    asked = {
        **NIGHT,
        "works": "w-4",
        "spans": "S023 S999",
        "nodes": "N999",
        "risk_groups": "",
        "agreed": "",
        "why": "a < b",
    }
    blank = marked(read_site.as_("cora").get("/admin/works").text)
    assert not any(field["wrong"] for field in blank.values())
    for action in ("/admin/works/look", "/admin/works"):
        html = read_site.as_("cora").post(action, data={**asked, "end": "2027-06-01T21:00"}).text
        page, fields = seen(html), marked(html)
        assert page.form("/admin/works/look").fields == {**asked, "end": "2027-06-01T21:00"}
        assert {name: field["says"] for name, field in fields.items() if field["wrong"]} == {
            "spans": "there is no such span. (S999) Maybe S099 is meant.",
            "nodes": "there is no such node. (N999)",
            "end": "To must be after From. (2027-06-01T21:00:00+00:00)",
        }
        assert [to for to, _ in page.links if to.startswith("#") and to != "#plan"] == ["#end", "#spans", "#nodes"]
        assert [r["Works"] for r in page.table("Works", "State")] == [WORKS]


def test_a_form_tells_all_that_cannot_be_read_at_once(read_site: Site) -> None:
    answer = read_site.as_("cora").post("/admin/works/look", data={"start": "tomorrow", "why": "x" * 121})
    wrong = {name for name, field in marked(answer.text).items() if field["wrong"]}
    assert wrong == {"works", "start", "end", "why"}
    assert answer.status_code == 422
    assert seen(answer.text).form("/admin/works/look").fields["why"] == "x" * 121


def marked(html: str) -> dict[str, dict[str, str | bool]]:
    """Each field of the form: whether it is marked as wrong, and what is said beside it."""
    found: dict[str, dict[str, str | bool]] = {}
    for tag in re.findall(r"<input [^>]*>", html):
        name = re.search(r' name="(\w+)"', tag)
        assert name is not None
        described = re.search(r'aria-describedby="([^"]+)"', tag)
        said = re.search(rf'<div class="fault-text" id="{name[1]}-fault">(.*?)</div>', html)
        wrong = 'aria-invalid="true"' in tag
        assert wrong == (said is not None) == (described is not None and f"{name[1]}-fault" in described[1])
        found[name[1]] = {"wrong": wrong, "says": re.sub("<[^>]+>", "", said[1]).strip() if said else ""}
    return found


def test_people_and_what_lets_them_in(site: Site) -> None:
    ana, program = site.as_("ana"), site.program("ana")
    client = site.as_("cora")
    page = seen(client.get("/admin/people").text)
    assert {r["Id"] for r in page.table("Id", "E-mail")} == set(PEOPLE)
    assert {r["Person"] for r in page.table("Number", "By")} == {"ana", "cora"}
    assert [r["Person"] for r in page.table("Number", "Scopes")] == ["ana"]
    number = next(r["Number"] for r in page.table("Number", "By") if r["Person"] == "ana")
    assert client.post(f"/admin/sessions/{number}/end").status_code == 303
    assert client.post("/admin/tokens/1/end").status_code == 303
    assert ana.get("/me").status_code == 303
    assert program.get("/api/v1/circuits").status_code == 401
    assert [r["Person"] for r in seen(client.get("/admin/people").text).table("Number", "By")] == ["cora"]
    entry = site.document("audit", "log", "--last", 1)["entries"][0]
    assert (entry["who"], entry["what"]) == ("cora", "access end token 1")


def test_no_page_shows_a_secret(site: Site) -> None:
    secret, token = site.session_of("ana"), site.token_of("ana")
    html = site.as_("cora").get("/admin/people").text + site.as_("aud").get("/audit/log").text
    assert secret not in html
    assert token not in html
