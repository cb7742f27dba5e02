"""The day of a member that uses fibre, in a browser: from the mailed link to the invoice, with a draft that nobody reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from cni.access import sessions
from cni.portal.visitors import COOKIE
from cni.rounds.act import Act
from cni.store.engine import open_engine
from tests.portal.browser import Served, Visit
from tests.portal.house import CLOCK, FIRST, OFFERED, SECOND, Folder, copied, moment
from tests.portal.test_portal_in_browser import come_in, looked_at, press

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

pytestmark = pytest.mark.browser

DRAFT = f"/me/requests/{SECOND}"
SECRET = "wish-0815"
"""The id of a request: a word that must be nowhere but in its writer's browser."""

RESULTS_CLOCK = "2027-04-26T10:00:00Z"
PAGES = (
    "/me",
    "/me/requests",
    DRAFT,
    f"/me/requests/{FIRST}",
    "/me/receipts",
    f"/me/receipts/{FIRST}/1",
    "/me/results",
    f"/me/results/{FIRST}",
    f"/me/results/{FIRST}/r001",
    f"/me/results/{FIRST}/r002",
    "/me/circuits",
    f"/me/circuits/{OFFERED}",
    f"/me/circuits/{OFFERED}/sheet",
    "/me/works",
    "/me/invoices",
    "/me/invoices/INV-000001",
)


@dataclass
class House:
    """A portal on a house, with its folder."""

    folder: Folder
    served: Served

    @property
    def origin(self) -> str:
        """Where it is."""
        return self.served.origin

    def sign_in(self, visit: Visit, person: str = "ana") -> None:
        """Give a browser a session without the way there."""
        act = Act(person, moment(CLOCK), "test", clock_given=True)
        secret = sessions.start_full(open_engine(self.folder.url), act, person, "test")
        cookie = {"name": COOKIE, "value": secret, "domain": "localhost", "path": "/", "secure": True}
        visit.page.context.add_cookies([cookie])  # type: ignore[list-item]

    def holds(self, word: str) -> list[str]:
        """Files in which a word stands: the database, its journal, mail, and what the server said."""
        found = [str(p) for p in self.folder.place.rglob("*") if p.is_file() and word.encode() in p.read_bytes()]
        return found + (["log"] if word in "".join(self.served.log) else [])


@pytest.fixture
def house(serving: Callable[..., Served], built_house: Path, tmp_path: Path) -> House:
    folder = copied(built_house, tmp_path / "house")
    return House(folder, serving(folder.url, CNI_CLOCK=CLOCK))


def write(page: Page, row: int = 0, **values: str) -> None:
    """Fill fields of a request as a person does, one after the other."""
    for name, value in values.items():
        control = page.locator(".wish").nth(row).locator(f'[data-field="{name}"]')
        if not control.is_visible():
            page.locator(".wish").nth(row).locator("summary").click()
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
            control.blur()


def says(page: Page, text: str) -> None:
    """Wait until the check says so."""
    page.locator('[data-show="state"]', has_text=text).wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_can_be_read_and_reached(house: House, new_visit: Callable[..., Visit], dark: bool) -> None:
    visit = new_visit(color_scheme="dark" if dark else "light")
    house.sign_in(visit)
    found = []
    for path in PAGES:
        answer = visit.page.goto(f"{house.origin}{path}")
        assert answer is not None
        assert answer.status == 200, path
        found += looked_at(visit, "isp" + path.replace("/", "-") + ("-dark" if dark else ""))
    assert not found, "\n".join(found)


def test_a_mistake_is_told_at_its_field_and_what_is_possible_beside_it(house: House, visit: Visit) -> None:
    house.sign_in(visit)
    page = visit.page
    page.goto(f"{house.origin}{DRAFT}")
    write(page, a="MA1", b="BOLX")
    says(page, "1 field to mend.")
    wrong = page.locator('[data-field="b"]')
    assert wrong.get_attribute("aria-invalid") == "true"
    told = page.locator(f"#{wrong.get_attribute('aria-describedby')}")
    assert told.text_content() == "There is no node BOLX. Maybe BOL is meant."
    write(page, max_km="far")
    page.locator(".at-field").nth(1).wait_for()
    said = page.locator('[data-field="max_km"]').get_attribute("aria-describedby") or ""
    assert [word.rpartition("-")[2] for word in said.split()] == ["hint", "fault"]
    assert looked_at(visit, "isp-draft-mistake") == []
    write(page, max_km="")
    write(page, b="Bolton", diversity="risk")  # a place's name does as well
    says(page, "Checked: nothing to mend.")
    assert wrong.get_attribute("aria-invalid") is None
    page.get_by_text("Alone it could get 0 of 1 pair.").wait_for()
    page.get_by_text("none: Every route from MA1 to BOL passes span S019.").first.wait_for()
    write(page, a="PIC", b="VIC")
    page.get_by_text("Alone it could get 1 of 1 pair.").wait_for()
    page.get_by_role("button", name="Show on the map: two ways, no risk in common").wait_for()
    page.locator(".draft-map .way-2").first.wait_for()
    assert page.locator(".draft-map .end").count() == 2
    assert looked_at(visit, "isp-draft-ways") == []


def test_the_draft_is_kept_here_alone_and_goes_when_it_is_told_to(house: House, visit: Visit) -> None:
    house.sign_in(visit)
    page = visit.page
    page.goto(f"{house.origin}{DRAFT}")
    page.get_by_label("Check while I type").uncheck()
    before = len(visit.requests)
    write(page, id=SECRET, a="PIC", b="VIC", pairs="2")
    press(page, "Add a request")
    write(page, row=1, kind="colocation", node="MA1", rack_units="3")
    page.wait_for_timeout(1000)
    assert visit.requests[before:] == []
    page.reload()
    assert page.get_by_label("Check while I type").is_checked() is False
    assert page.locator('[data-field="id"]').first.input_value() == SECRET
    assert page.locator(".wish").nth(1).locator('[data-field="rack_units"]').input_value() == "3"
    with page.expect_download() as saved:
        press(page, "Save as file")
    text = Path(saved.value.path()).read_text()
    rows = json.loads(text)["requests"]
    assert rows[0] == {
        "id": SECRET, "kind": "fibre", "member": "bobbin", "a": "PIC", "b": "VIC", "pairs": 2, "end": "2028-07-01",
    }  # fmt: skip
    assert rows[1]["node"] == "MA1"
    press(page, "Forget the draft")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('cni-draft/'))") == []
    file = {"name": "draft.json", "mimeType": "application/json", "buffer": text.encode()}
    page.get_by_label("Open a file (JSON)").set_input_files(file)  # type: ignore[arg-type]
    page.locator(".wish").nth(1).wait_for()
    assert page.locator('[data-field="id"]').first.input_value() == SECRET
    assert house.holds(SECRET) == []


def test_only_the_sealed_file_leaves_the_browser(house: House, visit: Visit) -> None:
    """Every body that is sent is looked at: the draft's words are in those of the check alone, and the server keeps none."""
    house.sign_in(visit)
    page, sent = visit.page, []

    def note(request: Request) -> None:
        sent.append((urlsplit(request.url).path, request.url.encode() + b" " + (request.post_data_buffer or b"")))

    page.context.on("request", note)
    page.goto(f"{house.origin}{DRAFT}")
    write(page, id=SECRET, a="PIC", b="VIC")
    says(page, "Checked: nothing to mend.")
    press(page, "Seal the requests")
    page.get_by_role("heading", name="Sealed, not yet handed in").wait_for()
    digest = page.locator('[data-show="digest"]').text_content() or ""
    assert not [
        path for path, _ in sent if path.endswith("/submissions")
    ]  # the digest is shown before anything is sent
    press(page, "Hand it in")
    page.get_by_role("heading", name="Handed in: receipt 2").wait_for()
    assert {path for path, body in sent if SECRET.encode() in body} == {f"/api/v1/rounds/{SECOND}/check"}
    assert house.holds(SECRET) == []
    page.get_by_role("link", name="See the receipt").click()
    page.get_by_role("heading", name=f"Receipt 2 of round {SECOND}").wait_for()
    assert page.get_by_text(digest).count() == 1
    assert looked_at(visit, "isp-receipt") == []


def test_a_file_is_handed_in_without_any_script(house: House, new_visit: Callable[..., Visit], tmp_path: Path) -> None:
    visit = new_visit(java_script_enabled=False)
    house.sign_in(visit)
    source, file = tmp_path / "requests.csv", tmp_path / "requests.age"
    source.write_text("id,member,kind,a,b,pairs,end\nb-1,bobbin,fibre,PIC,VIC,1,2030-07-01\n")
    key = json.loads((house.folder.place / "round-key.json").read_text())["recipient"]
    words = ("--round", SECOND, "--member", "bobbin", "--to", key, "-o", file)
    house.folder.run(CLOCK, "request", "seal", source, *words)
    page = visit.page
    page.goto(f"{house.origin}{DRAFT}")
    page.get_by_label("Sealed file (.age)").set_input_files(file)
    press(page, "Hand in this file")
    page.wait_for_url(f"**/me/receipts/{SECOND}/2")
    assert page.get_by_text("The server has your sealed file").is_visible()


def test_the_day_of_an_isp(house: House, serving: Callable[..., Served], visit: Visit) -> None:
    page, origin = visit.page, house.origin
    come_in(house.served, visit, "ana@example.org")
    page.get_by_role("link", name="Ask for fibre").click()
    page.get_by_role("link", name="Write your requests").click()
    write(page, id="day-1", a="PIC", b="VIC", pairs="0")
    says(page, "1 field to mend.")
    press(page, "Seal the requests")
    page.get_by_text("Mend what is marked first.").wait_for()
    write(page, pairs="1")
    press(page, "Add a request")
    write(page, row=1, id="day-2", a="MA1", b="BOL", diversity="risk")
    says(page, "Checked: nothing to mend.")
    press(page, "Seal the requests")
    press(page, "Hand it in")
    page.get_by_role("heading", name="Handed in: receipt 2").wait_for()
    house.served.stop()
    decide(house.folder)

    later = serving(house.folder.url, CNI_CLOCK=RESULTS_CLOCK)
    page.goto(f"{later.origin}/me/results")  # the session has run out; the passkey is at hand
    press(page, "Sign in with a passkey")
    page.wait_for_url("**/me/results")
    assert later.origin != origin
    page.get_by_role("link", name=SECOND).click()
    page.get_by_role("link", name="day-2").click()
    page.get_by_role("heading", name="Request day-2: 0 pairs of 1").wait_for()
    assert page.get_by_role("heading", name="Why not more").is_visible()
    drawn = page.locator("figure.map img")
    assert drawn.evaluate("img => img.decode().then(() => img.naturalWidth > 0)")
    page.go_back()
    page.get_by_role("link", name="day-1").click()
    press(page, f"Accept {SECOND}.day-1-1")
    page.get_by_role("heading", name=f"Circuit {SECOND}.day-1-1").wait_for()
    assert page.get_by_text("accepted").first.is_visible()
    page.get_by_role("link", name="Connection sheet").click()
    page.get_by_role("heading", name="Ports and splices of leg 1").wait_for()
    assert looked_at(visit, "isp-day-sheet") == []
    page.goto(f"{later.origin}/me/invoices")
    page.get_by_role("link", name="INV-000001").click()
    assert page.get_by_text("439.68").first.is_visible()


def decide(folder: Folder) -> None:
    """What the coordinator and two trustees do at the gate and after it."""
    place = folder.place
    folder.run("2027-04-20T12:00:01Z", "round", "close", SECOND)
    folder.run("2027-04-20T12:00:02Z", "round", "unseal", SECOND, "-i", place / "ann.key", "-i", place / "cat.key")
    drawn = ("--secret-file", place / "lottery.txt", "--public-value", "1 2 3 4 5 6")
    folder.run("2027-04-24T20:00:00Z", "round", "award", SECOND, *drawn)
    folder.run("2027-04-26T09:00:00Z", "round", "publish", SECOND)
