"""Who may what: every route of the portal, for every kind of visitor; and what is another's looks as if it did not exist.

`ROUTES` is written by hand. A route that it lacks fails here, so that whoever adds one says whom it is for.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from cni.portal.visitors import Needs
from tests.portal.house import CLOCK, FIRST, OFFERED, PEOPLE, RECALLED, SECOND, WORKS, copied
from tests.portal.sites import Site, serve

Response = Any
"""Of the library that the client is made with, which has had two names."""

ROUTES = """
public       GET  /
public       GET  /rounds
public       GET  /rounds/{round_id}
public       GET  /rounds/{round_id}/public-pack.json
public       GET  /offer
public       GET  /map
public       GET  /map.svg
public       GET  /map/explore
public       GET  /map/explore.css
public       GET  /map/explore.js
public       GET  /data
public       GET  /data/{name}
public       GET  /explain
public       GET  /explain/{code}
public       GET  /developers
public       GET  /accessibility
public       GET  /sign-in
public       POST /sign-in/mail
public       GET  /sign-in/link/{secret}
public       POST /sign-in/link/{secret}
public       POST /sign-in/passkey/options
public       POST /sign-in/passkey
enrolling    GET  /sign-in/passkey
enrolling    POST /sign-in/enrol/options
enrolling    POST /sign-in/enrol
auditor      POST /sign-out
auditor      GET  /me
auditor      GET  /me/access
auditor      POST /me/tokens
auditor      POST /me/tokens/{number}/end
auditor      POST /me/sessions/{number}/end
auditor      POST /me/passkeys/{number}/end
user         GET  /me/requests
user         GET  /me/requests/{round_id}
user         POST /me/requests/{round_id}/file
user         GET  /me/receipts
user         GET  /me/receipts/{round_id}/{number}                           read      ana
user         GET  /me/receipts/{round_id}/{number}/receipt.json              read      ana
user         POST /me/receipts/{round_id}/{number}/withdraw
user         GET  /me/results
user         GET  /me/results/{round_id}
user         GET  /me/results/{round_id}/{request_id}                        read      ana
user         GET  /me/results/{round_id}/{request_id}/map.svg                read      ana
member       GET  /me/circuits
member       GET  /me/circuits/{circuit_id}                                  read      ana,cora
member       GET  /me/circuits/{circuit_id}/sheet                            read      ana,cora
user         POST /me/circuits/{circuit_id}/accept
user         POST /me/circuits/{circuit_id}/decline
member       GET  /me/works
auditor      GET  /me/invoices
auditor      GET  /me/invoices/{number}                                      read      ana,cora
auditor      GET  /me/invoices/{number}.xml                                  read      ana,cora
auditor      GET  /me/invoices/{number}.pdf                                  read      ana,cora
contributor  GET  /me/spans
contributor  GET  /me/spans/{span_id}
contributor  GET  /me/fees
contributor  GET  /me/recalls
auditor      GET  /audit
auditor      GET  /audit/log
member       GET  /audit/rounds/{round_id}
member       POST /audit/rounds/{round_id}/verify
member       GET  /audit/rounds/{round_id}/pack.json
member       GET  /audit/rounds/{round_id}/requests/{request_id}
member       GET  /audit/rounds/{round_id}/requests/{request_id}/map.svg
coordinator  GET  /admin
coordinator  GET  /admin/rounds/{round_id}
coordinator  GET  /admin/circuits/{circuit_id}
coordinator  POST /admin/circuits/{circuit_id}/accept
coordinator  GET  /admin/works
coordinator  POST /admin/works
coordinator  POST /admin/works/look
coordinator  GET  /admin/works/{works_id}
coordinator  POST /admin/works/{works_id}/cancel
coordinator  GET  /admin/people
coordinator  POST /admin/sessions/{number}/end
coordinator  POST /admin/tokens/{number}/end
public       GET  /api/v1/rounds
member       GET  /api/v1/rounds/{round_id}/notice
public       GET  /api/v1/rounds/{round_id}/public-pack
member       GET  /api/v1/rounds/{round_id}/pack
member       POST /api/v1/rounds/{round_id}/verify
member       GET  /api/v1/rounds/{round_id}/requests/{request_id}/explanation
user         POST /api/v1/rounds/{round_id}/check
user         GET  /api/v1/rounds/{round_id}/routes?a=MA1&b=MA3
user         POST /api/v1/rounds/{round_id}/submissions                      submit
user         GET  /api/v1/rounds/{round_id}/submissions
user         GET  /api/v1/rounds/{round_id}/submissions/{number}             read      ana
user         POST /api/v1/rounds/{round_id}/submissions/{number}/withdraw    submit
member       GET  /api/v1/offer
member       GET  /api/v1/circuits
member       GET  /api/v1/circuits/{circuit_id}                              read      ana,cora
member       GET  /api/v1/circuits/{circuit_id}/sheet                        read      ana,cora
user         POST /api/v1/circuits/{circuit_id}/accept                       circuits
user         POST /api/v1/circuits/{circuit_id}/decline                      circuits
member       GET  /api/v1/works
coordinator  POST /api/v1/works                                              works
coordinator  POST /api/v1/works/{works_id}/cancel                            works
member       GET  /api/v1/recalls
coordinator  GET  /api/v1/due
auditor      GET  /api/v1/documents
auditor      GET  /api/v1/documents/{number}                                 read      ana,cora
auditor      GET  /api/v1/documents/{number}/ubl                             read      ana,cora
auditor      GET  /api/v1/log
"""
"""Whom a route is for, method, path; then the scope that a token needs, and to whom alone its example belongs."""

OPEN = {"/api/v1/openapi.json", "/static"}
"""What needs no gate: it is the same for everybody and tells of no person and no thing."""

EXAMPLES = {
    "round_id": FIRST,
    "request_id": "r001",
    "circuit_id": OFFERED,
    "works_id": WORKS,
    "span_id": RECALLED,
    "name": "network.json",
    "code": "span_full",
    "secret": "s" * 43,
    "number": "1",
}
NUMBERS = {"/documents/": "INV-000001", "/invoices/": "INV-000001"}

GROUPS = {
    "public": {"anonymous", "enrolling", *PEOPLE},
    "enrolling": {"enrolling", *PEOPLE},
    "auditor": set(PEOPLE),
    "member": {"ana", "hal", "ida", "aud", "cora"},
    "user": {"ana", "ida"},
    "contributor": {"hal"},
    "coordinator": {"cora"},
}
"""Who belongs to an audience on the house's day; yan's member has left."""

TOKENS = (
    *(("ana", scope) for scope in ("read", "submit", "circuits")),
    ("hal", "read"),
    ("aud", "read"),
    ("yan", "read"),
    *(("cora", scope) for scope in ("read", "circuits", "works")),
)


class Row:
    """A row of the table."""

    def __init__(self, line: str) -> None:
        words = line.split()
        self.audience, self.method, address = words[:3]
        self.path = address.partition("?")[0]
        self.scope = words[3] if len(words) > 3 else "read"
        self.own = set(words[4].split(",")) if len(words) > 4 else set()
        number = next((n for part, n in NUMBERS.items() if part in address), EXAMPLES["number"])
        self.address = address.format(**{**EXAMPLES, "number": number})

    @property
    def for_programs(self) -> bool:
        """Whether it is of the API."""
        return self.path.startswith("/api/")

    def ask(self, client: TestClient) -> Response:
        """Send the request, without a body."""
        return client.request(self.method, self.address)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


ROWS = [Row(line) for line in ROUTES.strip().splitlines()]


@pytest.fixture(scope="module")
def rights(built_house: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One portal for all: what is done in one test is of no weight in another."""
    made = serve(copied(built_house, tmp_path_factory.mktemp("rights") / "house"))
    made.session_of("cora")  # session 1, which the table ends
    return made


def test_the_table_has_every_route_and_each_has_one_gate(rights: Site) -> None:
    found: dict[str, list[Needs]] = {}
    for route in iter_route_contexts(rights.app.routes):
        if route.path in OPEN:
            continue
        gates = [d.call for d in route.dependant.dependencies if isinstance(d.call, Needs)]
        found.update({f"{method} {route.path}": gates for method in route.methods or ()})
    assert sorted(found) == sorted(map(str, ROWS)), "say in ROUTES whom a new route is for"
    assert [name for name, gates in found.items() if len(gates) != 1] == []
    assert {n: (g.audience, g.scope) for n, (g,) in found.items() if n.split()[1].startswith("/api/")} == {
        str(row): (row.audience, row.scope) for row in ROWS if row.for_programs
    }


def let_in(answer: Response) -> bool:
    """Whether a gate let somebody pass, whatever became of what they asked."""
    assert answer.status_code < 500, answer.text
    sent = answer.headers.get("location", "")
    return answer.status_code not in (401, 403) and not (answer.status_code == 303 and sent.startswith("/sign-in?"))


def turned_away(row: Row, answer: Response, known: bool) -> bool:
    """Whether it was refused in the form that fits."""
    if known:
        return answer.status_code == 403
    if row.for_programs:
        return answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def visitor(site: Site, who: str) -> TestClient:
    """A client of somebody."""
    if who == "anonymous":
        return site.client()
    return site.enrolling("ana") if who == "enrolling" else site.as_(who)


def verdict(row: Row, who: str, answer: Response) -> str:
    """What is wrong with an answer to somebody; nothing where it is as the table says."""
    if who not in GROUPS[row.audience]:
        return "" if turned_away(row, answer, who in PEOPLE) else "is let in"
    if not let_in(answer):
        return "is kept out"
    if row.method == "POST" or "secret" in row.path or row.path == "/sign-in":  # who is signed in is sent on from there
        return ""
    mine = not row.own or who in row.own
    if mine and row.path.endswith(".pdf") and find_spec("typst") is None:  # `python3 dev.py einvoice` installs it
        return "" if answer.status_code == 422 else "makes a PDF of nothing"
    return "" if answer.status_code == (200 if mine else 404) else "sees another's" if not mine else "misses its own"


@pytest.mark.parametrize("who", ["anonymous", "enrolling", *PEOPLE])
def test_every_route_in_a_browser(rights: Site, who: str) -> None:
    reader, wrong = visitor(rights, who), []
    for row in ROWS:
        answer = row.ask(reader if row.method == "GET" else visitor(rights, who))  # a change may end the session
        if said := verdict(row, who, answer):
            wrong.append((str(row), said, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(("who", "scope"), TOKENS)
def test_every_route_with_a_token(rights: Site, who: str, scope: str) -> None:
    """A token reaches the API alone, no further than its scope and its person."""
    program, wrong = rights.program(who, scope), []
    for row in ROWS:
        answer = row.ask(program)
        may = who in GROUPS[row.audience] and row.scope in ("read", scope)
        if not row.for_programs:
            fine = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        else:
            fine = let_in(answer) if may else answer.status_code == 403
        if not fine:
            wrong.append((str(row), answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("secret", ["", "cni_", f"cni_{'x' * 43}", "Bearer"])
def test_a_token_that_is_not_valid_is_refused_also_where_none_is_needed(rights: Site, secret: str) -> None:
    headers = {"authorization": f"Bearer {secret}"}
    assert rights.client().get("/api/v1/rounds", headers=headers).status_code == 401


OTHERS = (
    ("ida", "/api/v1/circuits/{}", (OFFERED, "c-001", f"{FIRST}.r059-1"), "no-such"),
    ("ida", "/api/v1/circuits/{}/sheet", (OFFERED, "c-001"), "no-such"),
    ("hal", "/api/v1/circuits/{}", (OFFERED, "c-001"), "no-such"),
    ("aud", "/api/v1/circuits/{}", (OFFERED, "c-001"), "no-such"),
    ("ida", f"/api/v1/rounds/{FIRST}/submissions/{{}}", ("1", "3"), "99"),
    ("ana", f"/api/v1/rounds/{SECOND}/submissions/{{}}", ("1",), "99"),
    ("ida", "/api/v1/documents/{}", ("INV-000001", "SBI-000001", "STM-000001"), "INV-999999"),
    ("ana", "/api/v1/documents/{}", ("INV-000002", "SBI-000001"), "INV-999999"),
    ("hal", "/api/v1/documents/{}", ("INV-000001", "SBI-000002"), "SBI-999999"),
    ("ida", "/api/v1/documents/{}/ubl", ("INV-000001",), "INV-999999"),
    ("ida", "/me/circuits/{}", (OFFERED, "c-001"), "no-such"),
    ("hal", "/me/circuits/{}/sheet", (OFFERED,), "no-such"),
    ("ida", "/me/invoices/{}", ("INV-000001",), "INV-999999"),
    ("ida", "/me/invoices/{}.xml", ("INV-000001",), "INV-999999"),
    ("ida", f"/me/results/{FIRST}/{{}}", ("r001", "r002"), "r999"),
    ("ana", "/me/results/{}", (SECOND,), "2030-Q1"),
    ("hal", "/me/spans/{}", ("S019", "S100"), "S999"),
    ("hal", "/me/fees?document={}", ("SBI-000002", "INV-000001"), "SBI-999999"),
    ("ana", "/audit/rounds/{}", (SECOND,), "2030-Q1"),
    ("ana", "/audit/rounds/{}/pack.json", (SECOND,), "2030-Q1"),
    ("cora", "/api/v1/rounds/{}/pack", (SECOND,), "2030-Q1"),
)
"""Who asks, for what, which ids are another's or not yet to be seen, and an id that is nobody's."""


@pytest.mark.parametrize(("who", "path", "taken", "free"), OTHERS)
def test_what_is_anothers_looks_as_if_it_did_not_exist(
    rights: Site, who: str, path: str, taken: tuple[str, ...], free: str
) -> None:
    """The same bytes but for the id, so that nobody can learn by guessing which ids there are."""
    client = rights.as_(who)
    expected = client.get(path.format(free))
    assert expected.status_code == 404
    for name in taken:
        found = client.get(path.format(name))
        assert (found.status_code, found.text.replace(name, "ID")) == (404, expected.text.replace(free, "ID"))
        assert dict(found.headers) | {"content-length": ""} == dict(expected.headers) | {"content-length": ""}


CHANGES = (
    ("ida", "/api/v1/circuits/{}/accept", (OFFERED, f"{FIRST}.r001-1"), "no-such"),
    ("ida", "/api/v1/circuits/{}/decline", (OFFERED,), "no-such"),
    ("ida", "/me/circuits/{}/accept", (OFFERED,), "no-such"),
    ("ida", "/me/circuits/{}/decline", (OFFERED,), "no-such"),
    ("ida", f"/api/v1/rounds/{FIRST}/submissions/{{}}/withdraw", ("1",), "99"),
    ("ana", f"/api/v1/rounds/{SECOND}/submissions/{{}}/withdraw", ("1",), "99"),
)


@pytest.mark.parametrize(("who", "path", "taken", "free"), CHANGES)
def test_nobody_changes_what_is_anothers(site: Site, who: str, path: str, taken: tuple[str, ...], free: str) -> None:
    client, before = site.as_(who), None
    for name in (free, *taken):
        answer = client.post(path.format(name))
        assert answer.status_code == 404
        before = before or answer.text.replace(name, "ID")
        assert answer.text.replace(name, "ID") == before
    assert site.document("circuit", "show", OFFERED, "--disclosure", "internal")["state"] == "offered"
    assert [r["withdrawn"] for r in site.document("round", "receipts", SECOND)["receipts"]] == [False]


def test_anothers_session_token_and_passkey_cannot_be_ended(site: Site) -> None:
    site.token_of("ana")
    site.session_of("ana")
    client = site.as_("ida")
    for kind in ("tokens", "sessions", "passkeys"):
        theirs, nobodys = (client.post(f"/me/{kind}/{number}/end") for number in (1, 999))
        assert (theirs.status_code, theirs.text.replace("999", "1")) == (404, nobodys.text.replace("999", "1"))


def test_who_leaves_is_let_in_no_further_than_the_log(site: Site) -> None:
    """Rule J2: from the day of leaving on, an open session sees what the public sees, and the log."""
    site.folder.run(CLOCK, "access", "add", "quin", "--email", "quin@example.org", "--member", "quill")
    client = site.as_("quin")
    assert client.get("/api/v1/circuits").status_code == 200
    site.folder.run(CLOCK, "member", "leave", "quill", "--on", "2027-04-06")
    assert client.get("/api/v1/circuits").status_code == 403
    assert client.get("/audit/log").status_code == 200


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://localhost:8471"])
def test_no_other_site_changes_anything(site: Site, origin: str) -> None:
    client = site.as_("ana")
    found = client.post(f"/api/v1/circuits/{OFFERED}/accept", headers={"origin": origin})
    assert (found.status_code, found.json()["code"]) == (403, "bad_origin")
    assert site.document("circuit", "show", OFFERED, "--disclosure", "internal")["state"] == "offered"


def test_who_may_come_in_no_longer_is_out_at_once(site: Site) -> None:
    client, program = site.as_("ana"), site.program("ana")
    site.folder.run(CLOCK, "access", "remove", "ana")
    assert client.get("/me").status_code == 303
    assert program.get("/api/v1/circuits").status_code == 401
