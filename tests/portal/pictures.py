"""The pictures of docs/portal-days.md: `python -m tests.portal.pictures docs/pictures` takes them anew, on the house of the tests.

Needs what `python3 dev.py browser` installs. Pictures are cut below 1,500 pixels.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cni.access import sessions
from cni.portal.visitors import COOKIE
from cni.rounds.act import Act
from cni.store.engine import open_engine
from tests.browser import executable
from tests.portal.browser import _started
from tests.portal.house import CLOCK, FIRST, OFFERED, RECALLED, SECOND, build, moment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESK, PHONE, TALLEST = (1000, 760), (390, 780), 1500
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
Do = Callable[["Page"], None]


def drafted(page: Page) -> None:
    """A draft with an end that is no place."""
    page.get_by_label("From", exact=True).fill("MA1")
    page.get_by_label("To", exact=True).fill("BOLX")
    page.get_by_text("There is no node BOLX").wait_for()


def mended(page: Page) -> None:
    """The draft put right, with the ways drawn."""
    page.get_by_label("From", exact=True).fill("PIC")
    page.get_by_label("To", exact=True).fill("VIC")
    page.get_by_label("How safe").select_option(index=3)
    page.get_by_text("Alone it could get").wait_for()
    page.get_by_role("button", name="Show").last.click()


def handed_in(page: Page) -> None:
    """The draft sealed and handed in: the receipt."""
    mended(page)
    page.get_by_role("button", name="Seal the requests").click()
    page.get_by_role("button", name="Hand it in").click()
    page.get_by_role("link", name="See the receipt").click()
    page.get_by_role("heading", name=f"Receipt 2 of round {SECOND}").wait_for()


def verified(page: Page) -> None:
    """The pack checked by the server."""
    page.get_by_role("button", name="Check the pack now").click()
    page.get_by_role("heading", name="The pack holds").wait_for()


def planned(page: Page) -> None:
    """Works looked at before they are planned."""
    page.get_by_label("Id of the works").fill("w-9")
    page.get_by_label("From (UTC)").fill("2027-06-01T22:00")
    page.get_by_label("To (UTC)").fill("2027-06-02T05:00")
    page.get_by_label("Spans").fill("S023")
    page.get_by_role("button", name="See who must be told").click()
    page.get_by_text("Nothing is planned yet.").wait_for()


SHOTS: tuple[tuple[str, str, str, tuple[int, int], Do | None], ...] = (
    ("public", "", "/", DESK, None),
    ("sign-in", "", "/sign-in", DESK, None),
    ("isp-first", "ana", "/me", DESK, None),
    ("isp-mistake", "ana", f"/me/requests/{SECOND}", DESK, drafted),
    ("isp-ways", "ana", f"/me/requests/{SECOND}", DESK, mended),
    ("isp-ways-phone", "ana", f"/me/requests/{SECOND}", PHONE, mended),
    ("isp-receipt", "ana", f"/me/requests/{SECOND}", DESK, handed_in),
    ("isp-reason", "ana", f"/me/results/{FIRST}/r002", DESK, None),
    ("isp-offer", "ana", f"/me/circuits/{OFFERED}", DESK, None),
    ("isp-sheet", "ana", f"/me/circuits/{OFFERED}/sheet", DESK, None),
    ("isp-invoice", "ana", "/me/invoices/INV-000001", DESK, None),
    ("contributor-spans", "hal", "/me/spans", DESK, None),
    ("contributor-span", "hal", f"/me/spans/{RECALLED}", DESK, None),
    ("contributor-fees", "hal", "/me/fees", DESK, None),
    ("contributor-recalls", "hal", "/me/recalls", DESK, None),
    ("auditor-round", "aud", f"/audit/rounds/{FIRST}", DESK, verified),
    ("auditor-log", "aud", "/audit/log", DESK, None),
    ("coordinator", "cora", "/admin", DESK, None),
    ("coordinator-works", "cora", "/admin/works", DESK, planned),
    ("coordinator-people", "cora", "/admin/people", DESK, None),
)
"""Name, who, which page, how large, and what is done there before the picture."""


def main(out: Path) -> None:
    """Take them all."""
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        house = build(Path(place))
        engine = open_engine(house.url)
        served = _started(house.url, (), {"CNI_CLOCK": CLOCK}, Path(place) / "mail")
        try:
            with sync_playwright() as running:
                browser = running.chromium.launch(executable_path=executable(), args=list(FLAGS))
                for name, who, path, size, do in SHOTS:
                    act = Act(who, moment(CLOCK), "pictures", clock_given=True)
                    secret = sessions.start_full(engine, act, who, "pictures") if who else ""
                    _shot(browser, served.origin, out / f"{name}.png", secret, path, size, do)
        finally:
            served.stop()


def _shot(
    browser: Browser, origin: str, file: Path, secret: str, path: str, size: tuple[int, int], do: Do | None
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme="light")
    if secret:
        cookie = {"name": COOKIE, "value": secret, "domain": "localhost", "path": "/", "secure": True}
        context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(origin + path)
    if do is not None:
        do(page)
    page.wait_for_timeout(300)
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": size[0], "height": min(whole, TALLEST)})
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
