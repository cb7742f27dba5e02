"""Fixtures: a headless Chromium that reaches this machine alone, and `cni serve` as a process of its own.

`visit` is a page with all that it asked for and complained about; it ends with a fault where it asked another host, or where
its log holds an error that the test did not take. `page` is its Playwright page. `serving` starts the portal on a database; a test
names it before `visit`, so that the page is closed before its server.
What Playwright needs is imported late, since the quick tests' environment has none of it.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.browser import executable
from tests.cni.helpers import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

OWN = ("localhost", "127.0.0.1")
WORDS = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
DESK, PHONE = (1280, 900), (390, 844)
STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
READY_S = 60
LINK = re.compile(r"https?://\S+")


@dataclass
class Authenticator:
    """A virtual authenticator of the browser: keeps passkeys, and verifies its person, or not."""

    session: CDPSession
    number: str

    @property
    def passkeys(self) -> list[dict[str, Any]]:
        """What it keeps, as the browser's protocol tells it."""
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.number})
        return list(found["credentials"])

    def verifies(self, yes: bool) -> None:
        """Whether its person is recognised (by fingerprint, say) from now on."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.number, "isUserVerified": yes})

    def set_sign_count(self, count: int) -> None:
        """Put its passkeys back as they are, but for their counter: what a copy of the device would hold."""
        for each in self.passkeys:
            where = {"authenticatorId": self.number, "credentialId": each["credentialId"]}
            self.session.send("WebAuthn.removeCredential", where)
            again = {**each, "signCount": count}
            self.session.send("WebAuthn.addCredential", {"authenticatorId": self.number, "credential": again})


@dataclass
class Visit:
    """A page, every request that it made as (method, address), and the errors in its log that no test has taken."""

    page: Page
    requests: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def elsewhere(self) -> list[str]:
        """Addresses of other hosts that were asked for. There must be none."""
        found = [(urlsplit(address), address) for _, address in self.requests]
        return [address for u, address in found if u.scheme not in ("data", "blob", "about") and u.hostname not in OWN]

    def take_errors(self) -> list[str]:
        """The errors so far, which the test expected; they count no more."""
        taken, self.errors[:] = list(self.errors), []
        return taken

    def faults(self, size: tuple[int, int] = DESK) -> list[str]:
        """What axe finds against WCAG 2.2 AA and good practice on the page at a size: rule, what it says, and where."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        only = {"runOnly": {"type": "tag", "values": list(STANDARD)}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=only).response["violations"]
        return [
            f"{rule['id']}: {rule['help']}: {node['html'][:200]} ({size[0]} px)"
            for rule in found
            for node in rule["nodes"]
        ]

    def fits(self, width: int) -> bool:
        """Whether nothing has to be scrolled sideways at a width in CSS pixels (WCAG 2.2, 1.4.10: 320)."""
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": width, "height": PHONE[1]})
        script = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        fine = bool(self.page.evaluate(script))
        if before is not None:
            self.page.set_viewport_size(before)
        return fine

    def picture(self, name: str) -> None:
        """The page as a desk and a phone show it, as PNG files in the folder CNI_PICTURES; nothing without one."""
        folder = os.environ.get("CNI_PICTURES")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        for wide, high in (PHONE, DESK):
            self.page.set_viewport_size({"width": wide, "height": high})
            self.page.screenshot(path=Path(folder) / f"{name}-{wide}.png", full_page=True)

    def authenticator(self, *, verified: bool = True) -> Authenticator:
        """A virtual authenticator of this page's browser, which keeps passkeys and agrees at once."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verified,
            "automaticPresenceSimulation": True,
        }
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return Authenticator(session, made["authenticatorId"])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each test has a context of its own in it."""
    from playwright.sync_api import sync_playwright

    sandbox = not hasattr(os, "geteuid") or os.geteuid() != 0  # Chromium refuses to start as root with one
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable(), args=list(WORDS), chromium_sandbox=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def new_visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Makes visits, each as another person's browser would: nothing is shared. Words go to Playwright's `new_context`."""
    made: list[Visit] = []

    def make(**words: Any) -> Visit:
        viewport = {"width": DESK[0], "height": DESK[1]}
        context = chromium.new_context(**{"viewport": viewport, "locale": "en-GB", **words})
        visit = Visit(context.new_page())
        watch(visit)
        made.append(visit)
        return visit

    yield make
    for visit in made:
        visit.page.context.close()
    elsewhere = [address for visit in made for address in visit.elsewhere()]
    errors = [error for visit in made for error in visit.errors]
    assert (elsewhere, errors) == ([], [])


def watch(visit: Visit) -> None:
    """Note every request, and every error that the page's log tells."""
    page = visit.page
    page.context.on("request", lambda request: visit.requests.append((request.method, request.url)))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("console", lambda said: visit.errors.append(said.text) if said.type == "error" else None)


@pytest.fixture
def visit(new_visit: Callable[..., Visit]) -> Visit:
    """A page with what it did."""
    return new_visit()


@pytest.fixture
def page(visit: Visit) -> Page:
    """The Playwright page of `visit`."""
    return visit.page


@dataclass
class Served:
    """A running portal: its address, and the folder into which its mail goes."""

    process: subprocess.Popen[str]
    origin: str
    mail: Path
    log: list[str]

    def mails(self) -> list[EmailMessage]:
        """What was mailed, oldest first."""
        files = sorted(self.mail.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        read = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in files)
        return [each for each in read if isinstance(each, EmailMessage)]

    def link(self, within_s: float = 0) -> str:
        """The address in the newest mail; waits for a first one, as a mail goes out after the page that tells of it."""
        end = monotonic() + within_s
        while not self.mails() and monotonic() < end:
            sleep(0.05)
        body = self.mails()[-1].get_body(("plain",))
        assert body is not None
        found = LINK.search(body.get_content())
        assert found is not None
        return found[0]

    def stop(self) -> int:
        """End it as a service manager would; its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts `cni serve` on a database (its address) and waits until it says where it is. More words go to the command."""
    running: list[Served] = []

    def start(database: str, *words: str, **environment: str) -> Served:
        site = _started(database, words, environment, tmp_path / f"mail-{len(running)}")
        running.append(site)
        return site

    yield start
    for site in running:
        if site.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                site.stop()
        site.process.kill()
        site.process.wait()


def _started(database: str, words: tuple[str, ...], environment: dict[str, str], mail: Path) -> Served:
    port = free_port()
    mail.mkdir()
    given = ["serve", "--port", str(port), "--mail-folder", str(mail), "--db", database, *words]
    process = subprocess.Popen(
        [sys.executable, "-m", "cni", *given],
        cwd=mail,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    told: Queue[str] = Queue()
    site = Served(process, f"http://localhost:{port}", mail, [])
    Thread(target=_read, args=(process, told, site.log), daemon=True).start()
    end = monotonic() + READY_S
    while monotonic() < end and process.poll() is None:
        with suppress(Empty):
            if f"{site.origin}/" in told.get(timeout=0.2):
                return site
    process.kill()
    process.wait()
    raise AssertionError(f"cni serve did not come up (exit {process.returncode}):\n" + "".join(site.log))


def _read(process: subprocess.Popen[str], told: Queue[str], log: list[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        log.append(line)
        told.put(line)
