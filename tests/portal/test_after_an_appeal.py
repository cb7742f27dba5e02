"""After an appeal a round has two awards: both can be read, and nobody sees the second before it is published."""

from __future__ import annotations

import json

import pytest

from tests.portal.house import CLOCK, FIRST
from tests.portal.seen import seen
from tests.portal.sites import Site

APPEAL = "2027-04-06T09:00:00Z"


@pytest.fixture
def again(site: Site) -> Site:
    """The appeal of damson is upheld, and what was set aside is awarded but not yet published."""
    why = ("--why", "its rank was copied wrongly")
    site.folder.run(APPEAL, "round", "appeal", FIRST, "--member", "damson", "--request", "r006", *why)
    site.folder.run(APPEAL, "round", "decide", FIRST, "appeal-1", "--uphold", *why)
    site.folder.run(APPEAL, "round", "award", FIRST)
    return site


def digest(site: Site, attempt: int) -> str:
    out = site.folder.place / f"exported-{attempt}.json"
    site.folder.run(APPEAL, "round", "export", FIRST, "-o", out, "--attempt", attempt)
    return str(json.loads(out.read_text())["award"]["digest"])


def test_an_award_that_is_not_published_is_seen_by_the_coordinator_alone(again: Site) -> None:
    first, second = digest(again, 1), digest(again, 2)
    for who, path in (("aud", f"/audit/rounds/{FIRST}"), ("ana", f"/api/v1/rounds/{FIRST}/pack")):
        text = again.as_(who).get(path).text
        assert first in text
        assert second not in text
        assert again.as_(who).get(f"/audit/rounds/{FIRST}?attempt=2").status_code == 404
        assert again.as_(who).get(f"/audit/rounds/{FIRST}/pack.json?attempt=2").status_code == 404
        assert again.as_(who).post(f"/audit/rounds/{FIRST}/verify?attempt=2").status_code == 404
    for path in (f"/rounds/{FIRST}", f"/rounds/{FIRST}/public-pack.json", f"/api/v1/rounds/{FIRST}/public-pack"):
        assert second not in again.client().get(path).text
    assert second in again.as_("cora").get(f"/audit/rounds/{FIRST}").text


def test_once_published_both_awards_and_the_reason_of_every_request_can_be_read(again: Site) -> None:
    again.folder.run(APPEAL, "round", "publish", FIRST)
    client = again.as_("aud")
    pages = [seen(client.get(f"/audit/rounds/{FIRST}?attempt={n}").text) for n in (1, 2)]
    assert [p.h1.rpartition(", ")[2] for p in pages] == ["award 1 of 2", "award 2 of 2"]
    assert [p.terms["digest"] for p in pages] == [digest(again, 1), digest(again, 2)]
    for request in ("r001", "r004", "r006", "r059"):
        page = seen(client.get(f"/audit/rounds/{FIRST}/requests/{request}").text)
        assert again.document("round", "explain", request, "--round", FIRST)["summary"] in page.text
    for number, page in enumerate(pages, 1):
        form = page.form(f"/audit/rounds/{FIRST}/verify?attempt={number}")
        assert (2, "The pack holds") in seen(client.post(form.action).text).headings


def test_a_member_whom_the_appeal_does_not_touch_keeps_its_results(again: Site) -> None:
    """Before the second award is published and after."""
    for published in (False, True):
        page = seen(again.as_("ana").get(f"/me/results/{FIRST}").text)
        assert [r["Request"] for r in page.table("Request", "Got")] == ["r001", "r002", "r003", "r059"]
        rows = seen(again.as_("ana").get("/me/results").text).table("Round", "Requests")
        assert [(r["Round"], r["Requests"]) for r in rows] == [(FIRST, "4")]
        if not published:
            again.folder.run(CLOCK, "round", "publish", FIRST)
