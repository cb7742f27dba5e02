"""The script of passkeys against an authenticator of the browser, and a server of the test's own that checks what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tests.portal.browser import Visit
from tests.portal.files import EMPTY, Answer, files

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

BODY = """<main><h1>Passkey</h1><p role="alert" hidden></p>
<form><label for="name">Name</label><input id="name" data-passkey="name" value="Work laptop">
<button data-passkey="enrol">Make a passkey</button></form>
<button type="button" data-passkey="sign-in" data-to="/rounds?open=1">Sign in</button></main>
<script type="module" src="/static/passkey.js"></script>"""
PAGE = EMPTY.replace("<body>", f"<body>{BODY}")
MUST = UserVerificationRequirement.REQUIRED
OLDER = """for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON']) delete PublicKeyCredential[name];
delete PublicKeyCredential.prototype.toJSON;"""


class Server:
    """What the portal does with passkeys, for one person, by the library that it uses."""

    def __init__(self) -> None:
        self.origin, self.challenge, self.seen = "", b"", list[tuple[str, dict[str, Any]]]()
        self.keys: dict[bytes, tuple[bytes, int]] = {}
        self.refusal: Answer | None = None
        self.to = "/done"

    def __call__(self, path: str, value: dict[str, Any]) -> Answer:
        self.seen.append((path, value))
        if self.refusal is not None:
            return self.refusal
        if path.endswith("/options"):
            return 200, self.options("enrol" in path)
        self.check("enrol" in path, value["credential"])
        return 200, {"to": value.get("to", self.to)}

    def options(self, enrol: bool) -> dict[str, Any]:
        if enrol:
            made = webauthn.generate_registration_options(
                rp_id="localhost",
                rp_name="Test",
                user_id=b"ada",
                user_name="Ada",
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=MUST
                ),
                exclude_credentials=[PublicKeyCredentialDescriptor(id=key) for key in self.keys],
            )
        else:
            made = webauthn.generate_authentication_options(rp_id="localhost", user_verification=MUST)
        self.challenge = made.challenge
        return dict(json.loads(webauthn.options_to_json(made)))

    def check(self, enrol: bool, credential: dict[str, Any]) -> None:
        expected: dict[str, Any] = {
            "credential": credential,
            "expected_challenge": self.challenge,
            "expected_rp_id": "localhost",
            "expected_origin": self.origin,
            "require_user_verification": True,
        }
        if enrol:
            done = webauthn.verify_registration_response(**expected)
            self.keys[done.credential_id] = (done.credential_public_key, done.sign_count)
            return
        key = base64url_to_bytes(credential["id"])
        public, count = self.keys[key]
        done = webauthn.verify_authentication_response(
            **expected, credential_public_key=public, credential_current_sign_count=count
        )
        assert credential["response"]["userHandle"] == bytes_to_base64url(b"ada")
        self.keys[key] = (public, done.new_sign_count)


@pytest.fixture
def server() -> Iterator[Server]:
    """The server, and its origin."""
    made = Server()
    after = dict.fromkeys(("/done", "/rounds?open=1", "/me"), EMPTY)
    with files({"/": PAGE, **after}, made) as origin:
        made.origin = origin
        yield made


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def told(page: Page) -> str:
    """What the alert says once it says something."""
    alert = page.get_by_role("alert")
    alert.wait_for()
    return str(alert.text_content())


@pytest.mark.parametrize("before", ["", OLDER], ids=["with the browser's JSON", "with our own"])
def test_a_passkey_is_made_and_signs_in(server: Server, visit: Visit, before: str) -> None:
    page, held = visit.page, visit.authenticator()
    if before:
        page.add_init_script(before)
    page.goto(server.origin)
    press(page, "Make a passkey")
    page.wait_for_url("**/done")
    assert server.seen[-1][1]["name"] == "Work laptop"
    assert len(server.keys) == len(held.passkeys) == 1
    page.goto(server.origin)
    press(page, "Sign in")
    page.wait_for_url("**/rounds?open=1")
    assert server.seen[-1][0] == "/sign-in/passkey"


def test_a_person_who_is_not_verified_is_told_so_and_may_try_again(server: Server, visit: Visit) -> None:
    page, held = visit.page, visit.authenticator()
    page.goto(server.origin)
    press(page, "Make a passkey")
    page.wait_for_url("**/done")
    held.verifies(False)
    page.goto(server.origin)
    press(page, "Sign in")
    assert told(page).startswith("No passkey came back")
    assert visit.faults() == []
    held.verifies(True)
    press(page, "Sign in")
    page.wait_for_url("**/rounds?open=1")


def test_a_device_that_has_one_makes_no_second(server: Server, visit: Visit) -> None:
    page, held = visit.page, visit.authenticator()
    page.goto(server.origin)
    press(page, "Make a passkey")
    page.wait_for_url("**/done")
    page.goto(server.origin)
    press(page, "Make a passkey")
    assert "already holds a passkey" in told(page)
    assert len(held.passkeys) == 1


def test_what_the_portal_refuses_is_told_in_its_words_as_text(server: Server, visit: Visit) -> None:
    rows = [{"code": "x", "text": "This <b>link</b> was used.", "hint": "Ask for another one."}, {"text": "And this."}]
    server.refusal = (409, {"detail": "not shown", "problems": rows})
    visit.page.goto(server.origin)
    press(visit.page, "Make a passkey")
    assert told(visit.page) == "This <b>link</b> was used. Ask for another one. And this."
    server.refusal = (503, {})
    press(visit.page, "Sign in")
    visit.page.get_by_text("The portal refused this (503).").wait_for()
    assert len(visit.take_errors()) == 2


def test_no_answer_sends_anyone_to_another_site(server: Server, visit: Visit) -> None:
    server.to = "https://elsewhere.example/me"
    visit.authenticator()
    visit.page.goto(server.origin)
    press(visit.page, "Make a passkey")
    visit.page.wait_for_url("**/me")
    assert visit.page.url == f"{server.origin}/me"


def test_a_browser_without_passkeys_is_told_at_once(server: Server, visit: Visit) -> None:
    visit.page.add_init_script("delete globalThis.PublicKeyCredential;")
    visit.page.goto(server.origin)
    assert told(visit.page).startswith("This browser offers no passkeys here.")
    assert visit.page.get_by_role("button", name="Sign in").is_disabled()


def test_without_an_answer_the_connection_is_named(server: Server, visit: Visit) -> None:
    visit.page.goto(server.origin)
    visit.page.route("**/sign-in/**", lambda route: route.abort("connectionrefused"))
    press(visit.page, "Sign in")
    assert told(visit.page).startswith("The portal did not answer.")
    assert len(visit.take_errors()) == 1
