"""The portal as a person meets it: `cni serve` in a process, Chromium before it, an authenticator in its hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.portal.browser import PHONE, Authenticator, Served, Visit
from tests.portal.house import CLOCK, FIRST, SECOND, copied

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PUBLIC = (
    "/",
    "/rounds",
    f"/rounds/{FIRST}",
    f"/rounds/{SECOND}",
    "/offer",
    "/map",
    "/map/explore",
    "/data",
    "/explain",
    "/developers",
    "/accessibility",
    "/sign-in",
)
NARROWEST = 320
"""CSS pixels at which nothing needs scrolling sideways (WCAG 2.2, 1.4.10)."""


@pytest.fixture
def portal(serving: Callable[..., Served], built_house: Path, tmp_path: Path) -> Served:
    """The portal on a copy of the house, at its time."""
    return serving(copied(built_house, tmp_path / "house").url, CNI_CLOCK=CLOCK)


def looked_at(visit: Visit, name: str) -> list[str]:
    """What is wrong with the page, on a desk and on a phone: axe's faults, and whether it needs scrolling sideways."""
    visit.picture(name)
    wide = [] if visit.fits(NARROWEST) else [f"wider than {NARROWEST} px"]
    path = urlsplit(visit.page.url).path
    return [f"{path}: {fault}" for fault in (*visit.faults(), *visit.faults(PHONE), *wide)]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def come_in(portal: Served, visit: Visit, email: str) -> Authenticator:
    """By mail for the first time: a link, a passkey, the person's own page."""
    page, held = visit.page, visit.authenticator()
    page.goto(f"{portal.origin}/sign-in")
    page.get_by_label("Your e-mail address").fill(email)
    press(page, "Send me a link")
    page.get_by_role("heading", name="Look into your mail").wait_for()
    page.goto(portal.link(within_s=20))
    press(page, "Go on")
    page.get_by_label("What this passkey is called").fill("test device")
    press(page, "Make the passkey")
    page.wait_for_url("**/me")
    return held


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_public_page_can_be_read_and_reached(portal: Served, new_visit: Callable[..., Visit], dark: bool) -> None:
    visit = new_visit(color_scheme="dark" if dark else "light")
    found = []
    for path in PUBLIC:
        answer = visit.page.goto(f"{portal.origin}{path}")
        assert answer is not None
        assert answer.status == 200, path
        name = "public" + path.replace("/", "-").rstrip("-") + ("-dark" if dark else "")
        found += looked_at(visit, name)
    assert not found, "\n".join(found)


def test_public_pages_work_without_any_script(portal: Served, new_visit: Callable[..., Visit]) -> None:
    page = new_visit(java_script_enabled=False).page
    page.goto(portal.origin)
    page.get_by_role("link", name="Rounds", exact=True).first.click()
    page.wait_for_url("**/rounds")
    page.get_by_role("link", name=FIRST).first.click()
    page.wait_for_url(f"**/rounds/{FIRST}")
    assert page.get_by_role("heading", level=1).count() == 1


def test_a_person_comes_in_by_mail_once_and_by_passkey_from_then_on(portal: Served, visit: Visit) -> None:
    held, page = come_in(portal, visit, "ana@example.org"), visit.page
    assert page.get_by_text("for bobbin").first.is_visible()
    assert len(held.passkeys) == 1
    assert looked_at(visit, "me") == []
    page.goto(f"{portal.origin}/me/access")
    assert looked_at(visit, "me-access") == []
    press(page, "Sign out here")
    page.wait_for_url(f"{portal.origin}/")
    page.goto(f"{portal.origin}/me/access")
    page.wait_for_url(f"{portal.origin}/sign-in?to=/me/access")
    press(page, "Sign in with a passkey")
    page.wait_for_url("**/me/access")


def test_a_link_works_once_and_in_its_own_browser_alone(portal: Served, new_visit: Callable[..., Visit]) -> None:
    visit, other = new_visit(), new_visit()
    come_in(portal, visit, "ana@example.org")
    for each in (other, visit):
        each.page.goto(portal.link())
        with each.page.expect_navigation():
            press(each.page, "Go on")
        assert each.page.get_by_role("heading", level=1).is_visible()
        assert not each.page.url.endswith("/me")
        assert len(each.take_errors()) == 1  # the status of the answer, which the browser logs


def test_a_copied_passkey_is_refused(portal: Served, visit: Visit) -> None:
    held, page = come_in(portal, visit, "ana@example.org"), visit.page
    page.goto(f"{portal.origin}/me/access")
    press(page, "Sign out here")
    page.wait_for_url(f"{portal.origin}/")
    held.set_sign_count(0)
    page.goto(f"{portal.origin}/sign-in")
    press(page, "Sign in with a passkey")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.text_content()
    assert page.url.endswith("/sign-in")
    assert len(visit.take_errors()) == 1


def test_a_token_is_shown_once(portal: Served, visit: Visit) -> None:
    come_in(portal, visit, "ana@example.org")
    page = visit.page
    page.goto(f"{portal.origin}/me/access")
    page.get_by_label("What it is for").fill("nightly")
    press(page, "Make the token")
    shown = page.locator("code", has_text="cni_")
    secret = shown.text_content() or ""
    assert len(secret) == len("cni_") + 43
    assert looked_at(visit, "token") == []
    answer = page.context.request.get(f"{portal.origin}/api/v1/circuits", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status == 200
    page.goto(f"{portal.origin}/me/access")
    assert shown.count() == 0
    assert secret not in "".join(portal.log)


def test_the_same_device_makes_no_second_passkey(portal: Served, visit: Visit) -> None:
    come_in(portal, visit, "ana@example.org")
    page = visit.page
    page.goto(f"{portal.origin}/me/access")
    press(page, "Add a passkey")
    page.get_by_role("alert").wait_for()
    assert "already holds a passkey" in (page.get_by_role("alert").text_content() or "")
