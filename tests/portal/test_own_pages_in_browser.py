"""The pages of contributors, auditors and the coordinator, as a browser shows them: axe, a phone, and what is pressed."""

from __future__ import annotations

import pytest

from tests.portal.browser import Served, Visit
from tests.portal.house import FIRST, OFFERED, RECALLED, SECOND, WORKS
from tests.portal.test_portal_in_browser import come_in, looked_at, portal, press  # noqa: F401 -- portal is a fixture

pytestmark = pytest.mark.browser

PAGES = {
    "hal": ("/me/spans", f"/me/spans/{RECALLED}", "/me/fees", "/me/recalls"),
    "aud": (
        "/audit",
        f"/audit/rounds/{FIRST}",
        f"/audit/rounds/{FIRST}/requests/r001",
        f"/audit/rounds/{FIRST}/requests/r059",
        "/audit/log",
    ),
    "cora": (
        "/admin",
        f"/admin/rounds/{FIRST}",
        f"/admin/rounds/{SECOND}",
        f"/admin/circuits/{OFFERED}",
        "/admin/works",
        f"/admin/works/{WORKS}",
        "/admin/people",
    ),
}


@pytest.mark.parametrize("who", PAGES)
def test_every_page_can_be_read_by_everybody(portal: Served, visit: Visit, who: str) -> None:  # noqa: F811
    come_in(portal, visit, f"{who}@example.org")
    found = []
    for path in PAGES[who]:
        answer = visit.page.goto(f"{portal.origin}{path}")
        assert answer is not None
        assert answer.status == 200, path
        found += looked_at(visit, who + path.replace("/", "-"))
    assert not found, "\n".join(found)


def test_an_auditor_checks_a_pack_with_one_button(portal: Served, visit: Visit) -> None:  # noqa: F811
    come_in(portal, visit, "aud@example.org")
    page = visit.page
    page.goto(f"{portal.origin}/audit")
    page.get_by_role("link", name=FIRST, exact=True).first.click()
    press(page, "Check the pack now")
    page.get_by_role("heading", name="The pack holds").wait_for()
    assert looked_at(visit, "verified") == []


def test_the_coordinator_plans_works_in_two_steps(portal: Served, visit: Visit) -> None:  # noqa: F811
    come_in(portal, visit, "cora@example.org")
    page = visit.page
    page.goto(f"{portal.origin}/admin/works")
    page.get_by_label("Id of the works").fill("w-9")
    page.get_by_label("From (UTC)").fill("2027-06-01T22:00")
    page.get_by_label("To (UTC)").fill("2027-06-02T05:00")
    page.get_by_label("Spans").fill("S023")
    press(page, "See who must be told")
    page.get_by_text("Nothing is planned yet.").wait_for()
    assert looked_at(visit, "works-look") == []
    press(page, "Plan these works")
    page.wait_for_url("**/admin/works/w-9")
    assert page.get_by_text("These works are planned.").is_visible()


def test_a_form_of_works_with_faults_leads_to_each_of_them(portal: Served, visit: Visit) -> None:  # noqa: F811
    """What was typed stands; only what is wrong has to be typed again."""
    come_in(portal, visit, "cora@example.org")
    page = visit.page
    page.goto(f"{portal.origin}/admin/works")
    page.get_by_label("Id of the works").fill("w-8")
    page.get_by_label("From (UTC)").fill("2027-06-01T22:00")
    page.get_by_label("To (UTC)").fill("2027-06-01T21:00")
    page.get_by_label("Spans").fill("S999")
    press(page, "See who must be told")
    page.get_by_role("alert").wait_for()
    assert looked_at(visit, "works-faults") == []
    assert all("422" in error for error in visit.take_errors())  # the browser notes the status of the answer
    page.get_by_role("link", name="there is no such span.").click()
    spans = page.get_by_label("Spans")
    assert spans.evaluate("at => at === document.activeElement || location.hash === '#' + at.id")
    assert spans.get_attribute("aria-invalid") == "true"
    spans.fill("S023")
    assert page.get_by_label("From (UTC)").input_value() == "2027-06-01T22:00"
    page.get_by_label("To (UTC)").fill("2027-06-02T05:00")
    press(page, "See who must be told")
    page.get_by_text("Nothing is planned yet.").wait_for()
