"""`cni access`: the coordinator's commands on who may come in."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from cni.access import passkeys, sessions, tokens
from cni.access.passkeys import RelyingParty
from cni.access.people import Person
from cni.rounds.act import Act
from cni.schemas.published import faults, json_schema
from cni.store.engine import open_engine
from tests.cni.authenticator import Authenticator
from tests.cni.helpers import Cni
from tests.cni.stores import Store, all_is_well

NOW = "2031-03-01T12:00:00Z"
AT = datetime(2031, 3, 1, 12, tzinfo=timezone.utc)  # noqa: UP017 -- reads as what it is
HERE = RelyingParty("localhost", "Test house", "http://localhost:8470")


@pytest.fixture
def cni_with_ann(at_home: Cni, store: Store, monkeypatch: pytest.MonkeyPatch) -> Cni:
    """Ann acts for isp and holds passkey 1, session 1 that began with it, and token 1."""
    monkeypatch.setenv("CNI_CLOCK", NOW)
    words = ("access", "add", "ann", "--name", "Ann", "--email", "Ann@isp.example", "--member", "isp")
    assert at_home(*words).code == 0
    engine, act, device = open_engine(store.url), Act("ann", AT), Authenticator()
    ann = Person("ann", "Ann", "ann@isp.example", "isp")
    options, challenge = passkeys.enrolment_options(engine, HERE, ann)
    passkeys.enrol(engine, act, HERE, ann, device.enrol(options), challenge, "laptop")
    options, challenge = passkeys.sign_in_options(HERE)
    passkeys.sign_in(engine, AT, HERE, device.sign_in(options), challenge)
    tokens.make(engine, act, "ann", "nightly", ["submit"], AT + timedelta(days=30))
    return at_home


def test_people_are_listed_as_registered(cni_with_ann: Cni) -> None:
    cni = cni_with_ann
    done = cni(
        "access", "add", "bob", "--email", "bob@cni.example", "--role", "coordinator", "--role", "auditor", "--json"
    )
    assert list(faults(done.document, json_schema("cni.people/1"))) == []
    assert done.document["people"][0]["roles"] == ["auditor", "coordinator"]
    assert cni("access", "add", "ann", "--email", "ann@new.example", "--member", "isp").code == 2
    assert cni("access", "add", "ann", "--email", "ann@new.example", "--member", "isp", "--replace").code == 0
    document = cni("access", "list", "--json").document
    assert list(faults(document, json_schema("cni.people/1"))) == []
    assert [(p["id"], p["email"], p["version"]) for p in document["people"]] == [
        ("ann", "ann@new.example", 2),
        ("bob", "bob@cni.example", 1),
    ]
    lines = cni("access", "list").out.splitlines()
    assert [line.split()[0] for line in lines if line.strip()] == ["id", "ann", "bob"]
    assert "may come in" in lines[1]


def test_what_ann_holds_is_listed_without_secrets(cni_with_ann: Cni) -> None:
    expected = {"passkeys": "laptop", "sessions": "passkey 1", "tokens": "nightly"}
    for name, said in expected.items():
        document = cni_with_ann("access", name, "--json").document
        assert list(faults(document, json_schema(f"cni.{name}/1"))) == []
        assert said in cni_with_ann("access", name, "--person", "ann").out
        assert cni_with_ann("access", name, "--person", "bob", "--json").document[name] == []
        assert not {"digest", "secret", "public_key", "credential"} & set(document[name][0])
    assert "until 2031-03-02T00:00:00" in cni_with_ann("access", "sessions").out


def test_what_is_over_is_said_to_be(cni_with_ann: Cni, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNI_CLOCK", "2031-03-02T00:00:00Z")
    assert "over since 2031-03-02T00:00:00" in " ".join(cni_with_ann("access", "sessions").out.split())


@pytest.mark.parametrize("kind", ["session", "token", "passkey"])
def test_the_coordinator_ends_what_anyone_holds(cni_with_ann: Cni, store: Store, kind: str) -> None:
    before = store.rows()
    assert cni_with_ann("access", "end", kind, "1", "--dry-run").code == 0
    assert store.rows() == before
    done = cni_with_ann("access", "end", kind, "1", "--by", "clerk", "--why", "laptop stolen", "--json")
    assert done.document[f"{kind}s"][0]["ended"]
    entry = cni_with_ann("audit", "log", "--json").document["entries"][-1]
    assert (entry["who"], entry["what"], entry["why"]) == ("clerk", f"access end {kind} 1", "laptop stolen")
    assert cni_with_ann("access", "end", kind, "1").code == 2
    assert cni_with_ann("access", "end", kind, "9").code == 2
    assert all_is_well(store)


def test_ending_a_passkey_ends_the_session_that_began_with_it(cni_with_ann: Cni, store: Store) -> None:
    assert cni_with_ann("access", "end", "passkey", "1").code == 0
    assert [s.ended for s in sessions.list_sessions(open_engine(store.url))] == [AT]


def test_removing_ann_ends_all(cni_with_ann: Cni, store: Store) -> None:
    assert cni_with_ann("access", "remove", "ann", "--why", "left").code == 0
    assert "removed" in cni_with_ann("access", "list").out
    for name in ("passkeys", "sessions", "tokens"):
        assert all(row["ended"] for row in cni_with_ann("access", name, "--json").document[name])
    assert all_is_well(store)


@pytest.mark.parametrize(
    "words",
    [
        ("add", "x"),
        ("add", "x y", "--email", "x@y.example"),
        ("add", "x", "--email", "x"),
        ("add", "x", "--email", "ann@ISP.example"),
        ("add", "x", "--email", "x@y.example", "--member", "nobody"),
        ("add", "x", "--email", "x@y.example", "--role", "king"),
        ("remove", "nobody"),
        ("end", "cookie", "1"),
        ("end", "session", "x"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_changes_nothing(cni_with_ann: Cni, store: Store, words: tuple[str, ...]) -> None:
    before = store.rows()
    done = cni_with_ann("access", *words)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert store.rows() == before
