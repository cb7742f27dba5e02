"""Rules J3 to J6 through the portal: link, passkey, session, tokens."""

from __future__ import annotations

import email
import json
import re
from email.policy import default
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cni.portal.visitors import BROWSER_COOKIE, COOKIE
from tests.cni.authenticator import Authenticator
from tests.portal.house import PEOPLE
from tests.portal.sites import Site

JSON = {"x-cni": "1"}


def mails(site: Site) -> list[email.message.EmailMessage]:
    """What was mailed, the oldest first."""
    files = sorted(Path(site.folder.place / "mail").glob("*.eml"), key=lambda p: p.stat().st_mtime_ns)
    return [email.message_from_bytes(f.read_bytes(), policy=default) for f in files]


def link_in(mail: email.message.EmailMessage) -> str:
    """The path of the link."""
    body = mail.get_content()
    found = re.search(r"http://localhost:8470(/sign-in/link/\S+)", body)
    assert found, body
    return found[1]


def asked(site: Site, client: TestClient, person: str = "ana") -> str:
    """The path of a fresh link for a person."""
    (site.folder.place / "mail").mkdir(exist_ok=True)
    assert client.post("/sign-in/mail", data={"email": PEOPLE[person].email}).status_code == 200
    return link_in(mails(site)[-1])


def enrolled(site: Site, client: TestClient, person: str = "ana") -> Authenticator:
    """A passkey of a person's, made by a link; the client is signed in then."""
    assert client.post(asked(site, client, person)).headers["location"] == "/sign-in/passkey"
    holder = Authenticator()
    options = client.post("/sign-in/enrol/options", headers=JSON).text
    body = {"name": "a key", "credential": json.loads(holder.enrol(options))}
    done = client.post("/sign-in/enrol", json=body, headers=JSON)
    assert done.json() == {"to": "/me"}, done.text
    return holder


def test_a_link_makes_a_passkey_and_the_passkey_lets_in_again(site: Site) -> None:
    client = site.client()
    holder = enrolled(site, client)
    assert "Hello Ana" in client.get("/me").text
    assert client.post("/sign-out").status_code == 303
    fresh = site.client()
    options = fresh.post("/sign-in/passkey/options", headers=JSON).text
    body = {"credential": json.loads(holder.sign_in(options)), "to": "/audit"}
    done = fresh.post("/sign-in/passkey", json=body, headers=JSON)
    assert done.json() == {"to": "/audit"}
    assert fresh.get("/me").status_code == 200
    again = site.client()
    again.cookies.set(BROWSER_COOKIE, fresh.cookies[BROWSER_COOKIE], domain="localhost.local", path="/")
    assert again.post("/sign-in/passkey", json=body, headers=JSON).status_code == 422  # the challenge is used up
    said = [(e["who"], e["what"]) for e in site.document("audit", "log")["entries"]][-6:]
    assert all(who == "ana" for who, what in said if "session" in what or "passkey" in what)


def test_a_passkey_sends_nobody_to_another_site(site: Site) -> None:
    client = site.client()
    holder = enrolled(site, client)
    for to, sent in (("https://evil.example/", "/me"), ("//evil.example", "/me"), ("/audit/log", "/audit/log")):
        fresh = site.client()
        options = fresh.post("/sign-in/passkey/options", headers=JSON).text
        body = {"credential": json.loads(holder.sign_in(options)), "to": to}
        assert fresh.post("/sign-in/passkey", json=body, headers=JSON).json() == {"to": sent}


def test_cookies_are_kept_from_scripts_and_from_other_sites(site: Site) -> None:
    client = site.client()
    answer = client.post("/sign-in/mail", data={"email": "nobody@example.org"})
    link = asked(site, client)
    used = client.post(link)
    for header in (answer.headers["set-cookie"], used.headers["set-cookie"]):
        assert header.startswith("__Host-cni")
        assert all(word in header for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
        assert "Domain" not in header


def test_a_link_alone_opens_nothing(site: Site) -> None:
    client = site.client()
    client.post(asked(site, client))
    assert client.get("/me").headers["location"] == "/sign-in?to=/me"
    assert client.get("/api/v1/circuits").status_code == 401
    assert client.get("/sign-in/passkey").status_code == 200


def test_looking_at_a_link_leaves_it_whole_and_using_it_uses_it_up(site: Site) -> None:
    client = site.client()
    link = asked(site, client)
    for _ in range(3):
        assert client.get(link).status_code == 200
    assert site.client().get(link).status_code == 200  # a scanner of mail
    assert site.client().post(link).status_code == 422  # another browser
    assert client.post(link).status_code == 303
    assert client.post(link).status_code == 422


def test_a_link_runs_out_after_a_quarter_of_an_hour(site: Site) -> None:
    client = site.client()
    link = asked(site, client)
    site.clock.move("2027-04-06T10:15:00Z")
    assert client.post(link).status_code == 422
    link = asked(site, client)
    site.clock.move("2027-04-06T10:29:59Z")
    assert client.post(link).status_code == 303


def test_nobody_learns_who_is_registered(site: Site) -> None:
    (site.folder.place / "mail").mkdir()
    answers = []
    for address in (PEOPLE["ana"].email, "nobody@example.org"):
        answer = site.client().post("/sign-in/mail", data={"email": address})
        answers.append((answer.status_code, answer.text.replace(address, "ADDRESS"), sorted(answer.headers)))
    assert answers[0] == answers[1]
    assert [m["to"] for m in mails(site)] == [PEOPLE["ana"].email]


def test_mails_are_limited(site: Site) -> None:
    client = site.client()
    codes = [client.post("/sign-in/mail", data={"email": "x@example.org"}).status_code for _ in range(7)]
    assert codes == [200] * 5 + [429] * 2
    assert client.post("/sign-in/mail", data={"email": "x@example.org"}).headers["retry-after"]


def test_trying_passkeys_is_limited(site: Site) -> None:
    client = site.client()
    codes = [client.post("/sign-in/passkey/options", headers=JSON).status_code for _ in range(12)]
    assert codes[:10] == [200] * 10
    assert codes[10:] == [429] * 2


def test_another_s_answer_and_another_challenge_are_refused(site: Site) -> None:
    client = site.client()
    holder = enrolled(site, client)
    fresh, other = site.client(), site.client()
    options = fresh.post("/sign-in/passkey/options", headers=JSON).text
    other.post("/sign-in/passkey/options", headers=JSON)
    body = {"credential": json.loads(holder.sign_in(options))}
    assert other.post("/sign-in/passkey", json=body, headers=JSON).json()["code"] == "passkey_refused"
    assert fresh.post("/sign-in/passkey", json={"credential": "x"}, headers=JSON).json()["code"] == "passkey_refused"


def test_a_session_ends_when_it_is_ended_when_it_is_old_and_when_its_person_goes(site: Site) -> None:
    one, two = site.as_("ana"), site.as_("ana")
    number = re.findall(r"/me/sessions/(\d+)/end", one.get("/me/access").text)
    assert len(number) == 2
    one.post(f"/me/sessions/{number[1]}/end")
    assert (one.get("/me").status_code, two.get("/me").status_code) == (200, 303)
    site.clock.move("2027-04-06T21:59:59Z")
    assert one.get("/me").status_code == 200
    site.clock.move("2027-04-06T22:00:00Z")
    assert one.get("/me").status_code == 303
    late = site.as_("ida")
    site.document("access", "remove", "ida")
    assert late.get("/me").status_code == 303


def test_a_token_is_shown_once_does_what_its_scope_says_and_ends(site: Site) -> None:
    client = site.as_("ana")
    made = client.post("/me/tokens", data={"name": "nightly", "days": "7", "scope": "read"})
    secret = re.search(r"cni_[A-Za-z0-9_-]{43}", made.text)
    assert secret
    assert secret[0] not in client.get("/me/access").text
    program = TestClient(site.guard, base_url="http://localhost:8470", headers={"authorization": f"Bearer {secret[0]}"})
    assert program.get("/api/v1/circuits").status_code == 200
    refused = program.post("/api/v1/rounds/2027-Q2/submissions", content=b"age-encryption.org/v1\n")
    assert (refused.status_code, refused.json()["code"]) == (403, "no_scope")
    assert program.get("/me", follow_redirects=False).status_code in (303, 401)
    site.clock.move("2027-04-13T10:00:00Z")
    assert program.get("/api/v1/circuits").status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer cni_" + "x" * 43, "Basic YTpi", "bearer  ", "Token x", "\x7f"])
def test_a_token_that_is_none_is_refused_not_ignored(read_site: Site, header: str) -> None:
    for path in ("/api/v1/rounds", "/api/v1/circuits"):
        assert read_site.client().get(path, headers={"authorization": header}).status_code == 401


def test_secrets_stand_in_no_file_of_the_house(site: Site) -> None:
    client = site.client()
    link = asked(site, client)
    client.post(link)
    held = [link.rpartition("/")[2], client.cookies[COOKIE], client.cookies[BROWSER_COOKIE], site.token_of("ana")]
    for file in site.folder.place.glob("cni.db*"):
        data = file.read_bytes()
        assert not [secret for secret in held if secret.encode() in data], file.name
