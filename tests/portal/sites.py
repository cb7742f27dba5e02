"""Fixtures: the portal on a copy of the house (`tests.portal.house`), a clock that a test moves, and people who are let in.

`site` is the portal, served within this process; `as_("ana")` is a client with a full session of hers, `token_of` makes a token.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from cni.access import links, sessions, tokens
from cni.access.mail import Folder as MailFolder
from cni.portal.app import make_site
from cni.portal.desk import Desk
from cni.portal.security import Guard
from cni.portal.settings import Portal
from cni.portal.visitors import COOKIE
from cni.rounds.act import Act
from tests.portal.house import CLOCK, PEOPLE, Folder, build, copied, moment

ORIGIN = "http://localhost:8470"
BROWSER = "b" * 43
"""The secret of a browser that asks for a link."""


@dataclass
class Clock:
    """A time that only a test moves."""

    at: datetime = field(default_factory=lambda: moment(CLOCK))

    def __call__(self) -> datetime:
        return self.at

    def move(self, text: str) -> None:
        """Set it."""
        self.at = moment(text)


@dataclass
class Site:
    """The portal on a house that belongs to one test."""

    folder: Folder
    clock: Clock
    guard: Guard

    @property
    def app(self) -> Any:
        """The application behind the guard."""
        return self.guard.app

    @property
    def desk(self) -> Desk:
        """What it shares while it runs."""
        found: Desk = self.app.state.desk
        return found

    @property
    def engine(self) -> Engine:
        """Of its database."""
        return self.desk.engine

    def act(self, who: str, why: str = "test") -> Act:
        """Somebody acts now."""
        return Act(who, self.clock.at, why, clock_given=True)

    def client(self) -> TestClient:
        """Nobody known, in a browser: requests come from the portal's own pages, answers are not followed."""
        made = TestClient(self.guard, base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)
        made.cookies.jar.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))
        return made

    def session_of(self, person: str) -> str:
        """The secret of a new full session."""
        return sessions.start_full(self.engine, self.act(person), person, "test")

    def as_(self, person: str) -> TestClient:
        """A person with a full session."""
        return self._with(self.session_of(person))

    def enrolling(self, person: str) -> TestClient:
        """A person who has come by a mailed link and has no passkey yet."""
        asked = links.ask(self.engine, self.act("portal"), PEOPLE[person].email, BROWSER)
        assert asked is not None
        return self._with(links.use(self.engine, self.act("portal"), asked[1], BROWSER)[1])

    def _with(self, secret: str) -> TestClient:
        made = self.client()
        made.cookies.set(COOKIE, secret, domain="localhost.local", path="/")
        return made

    def token_of(self, person: str, *scopes: str) -> str:
        """The secret of a new token, good for a day."""
        until = self.clock.at + timedelta(days=1)
        return tokens.make(self.engine, self.act(person), person, "test", scopes or ("read",), until)[1]

    def program(self, person: str, *scopes: str) -> TestClient:
        """A program with a token of a person's."""
        headers = {"authorization": f"Bearer {self.token_of(person, *scopes)}"}
        return TestClient(self.guard, base_url=ORIGIN, headers=headers, follow_redirects=False)

    def document(self, *words: object, code: int = 0) -> dict[str, Any]:
        """What a command of `cni` says with --json, on this house, now."""
        at = self.clock.at.isoformat(timespec="seconds")
        found: dict[str, Any] = json.loads(self.folder.run(at, *words, "--json", code=code))
        return found


@pytest.fixture(scope="session")
def built_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house, made once; tests work on copies."""
    place = tmp_path_factory.mktemp("portal-house")
    build(place)
    return place


@pytest.fixture
def site(built_house: Path, tmp_path: Path) -> Site:
    """The portal on a copy of the house."""
    return serve(copied(built_house, tmp_path / "house"))


@pytest.fixture(scope="module")
def read_site(built_house: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The same for all tests of a file: for those that change nothing."""
    return serve(copied(built_house, tmp_path_factory.mktemp("portal") / "house"))


@pytest.fixture
def as_(site: Site) -> Callable[[str], TestClient]:
    """`as_("ana")`: a client with a full session."""
    return site.as_


def serve(folder: Folder) -> Site:
    """The portal on a house."""
    clock, mail = Clock(), MailFolder(folder.place / "mail")
    return Site(folder, clock, make_site(Portal(folder.url, ORIGIN, mail, clock, clock_given=True)))
