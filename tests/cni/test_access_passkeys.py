"""Passkeys (rule J4), with an authenticator in software whose keys and signatures are real."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from cni.access import links, passkeys, people, sessions
from cni.access.passkeys import Passkey, RelyingParty
from cni.access.people import Person
from cni.rounds.act import Act
from cni.store.engine import open_engine, reading
from tests.cni.authenticator import Authenticator
from tests.cni.stores import Store, all_is_well
from topology.problems import BadInput

NOON = datetime(2027, 3, 1, 12, tzinfo=timezone.utc)  # noqa: UP017 -- reads as what it is
ACT = Act("ann", NOON, clock_given=True, accept_clock=True)
HERE = RelyingParty("localhost", "Test house", "http://localhost:8470")
ANN = Person("ann", "Ann", "ann@isp.example", "isp")
BOB = Person("bob", "Bob", "bob@isp.example", "isp")


@dataclass
class Gate:
    """A portal's part: it keeps each challenge for one answer."""

    engine: Engine

    def enrol(self, device: Authenticator, person: Person = ANN, at: Act = ACT, **changes: Any) -> Passkey:
        options, challenge = passkeys.enrolment_options(self.engine, HERE, person)
        return passkeys.enrol(self.engine, at, HERE, person, device.enrol(options, **changes), challenge, "laptop")

    def sign_in(self, device: Authenticator, **changes: Any) -> tuple[Person, str]:
        options, challenge = passkeys.sign_in_options(HERE)
        return self.take(device.sign_in(options, **changes), challenge)

    def take(self, answer: str, challenge: bytes) -> tuple[Person, str]:
        return passkeys.sign_in(self.engine, NOON, HERE, answer, challenge, accept_clock=True)


@pytest.fixture
def gate(store: Store) -> Gate:
    engine = open_engine(store.url)
    for person in (ANN, BOB):
        people.add_person(engine, ACT, person)
    return Gate(engine)


def refused(store: Store, use: Callable[[], object]) -> None:
    """It is refused, and nothing is written."""
    before = store.rows()
    with pytest.raises(BadInput) as error:
        use()
    assert [p.code for p in error.value.problems] == ["passkey_refused"]
    assert store.rows() == before


@pytest.mark.parametrize("counts", [True, False], ids=["with a counter", "without"])
def test_a_passkey_is_enrolled_and_signs_in(gate: Gate, store: Store, counts: bool) -> None:
    device = Authenticator(counts=counts)
    assert gate.enrol(device).number == 1
    for _ in range(2):
        person, secret = gate.sign_in(device)
        assert person.id == "ann"
        with reading(gate.engine) as connection:
            session = sessions.find(connection, secret, NOON)
        assert session is not None
        assert (session.person, session.kind, session.how) == ("ann", "full", "passkey 1")
    last = sorted(store.rows()["audit"])[-1]
    assert last[2:5] == ("ann", "access sign-in ann", "passkey 1")
    assert all_is_well(store)


def test_options_ask_for_a_passkey_that_knows_its_person_and_checks_who_holds_it(gate: Gate) -> None:
    gate.enrol(device := Authenticator())
    asked = json.loads(passkeys.enrolment_options(gate.engine, HERE, ANN)[0])
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [e["id"] for e in asked["excludeCredentials"]] == [json.loads(device.enrol(json.dumps(asked)))["id"]]
    assert "ann" not in asked["user"]["id"]
    assert json.loads(passkeys.sign_in_options(HERE)[0])["userVerification"] == "required"


def test_two_challenges_are_never_the_same(gate: Gate) -> None:
    assert passkeys.sign_in_options(HERE)[1] != passkeys.sign_in_options(HERE)[1]


def test_enrolling_ends_the_session_that_could_do_nothing_else(gate: Gate) -> None:
    asked = links.ask(gate.engine, ACT, ANN.email, "cookie")
    assert asked is not None
    _, secret = links.use(gate.engine, ACT, asked[1], "cookie")
    gate.enrol(Authenticator())
    with reading(gate.engine) as connection:
        assert sessions.find(connection, secret, NOON) is None


WRONG = {
    "another site": {"origin": "http://localhost:8471"},
    "another challenge": {"challenge": "AAAA"},
    "no challenge": {"challenge": ""},
    "another act": {"type": "payment.get"},
    "a type that is none": {"type": 7},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_an_answer_for_something_else_is_refused(gate: Gate, store: Store, changes: dict[str, Any]) -> None:
    """At the enrolment and at the sign-in, though the key is right and has signed it."""
    gate.enrol(device := Authenticator())
    refused(store, lambda: gate.sign_in(device, **changes))
    refused(store, lambda: gate.enrol(Authenticator(), **changes))


def test_an_answer_of_an_enrolment_signs_nobody_in(gate: Gate, store: Store) -> None:
    gate.enrol(device := Authenticator())
    options, challenge = passkeys.enrolment_options(gate.engine, HERE, ANN)
    refused(store, lambda: gate.take(device.enrol(options), challenge))


def test_an_answer_counts_for_its_challenge_alone(gate: Gate, store: Store) -> None:
    """Sent again it meets another challenge; with a counter not even its own one takes it again."""
    gate.enrol(device := Authenticator())
    options, challenge = passkeys.sign_in_options(HERE)
    answer = device.sign_in(options)
    gate.take(answer, challenge)
    refused(store, lambda: gate.take(answer, passkeys.sign_in_options(HERE)[1]))
    refused(store, lambda: gate.take(answer, challenge))


def test_an_answer_for_another_host_is_refused(gate: Gate, store: Store) -> None:
    gate.enrol(device := Authenticator())
    device.rp = "evil.example"
    refused(store, lambda: gate.sign_in(device))


@pytest.mark.parametrize("back", [1, 2])
def test_a_counter_that_does_not_go_forwards_is_refused(gate: Gate, store: Store, back: int) -> None:
    """A copy of the authenticator may be about; the passkey itself goes on."""
    gate.enrol(device := Authenticator(counter=5))
    gate.sign_in(device)
    device.counter -= back
    refused(store, lambda: gate.sign_in(device))
    device.counter += back
    gate.sign_in(device)


def test_a_counter_that_vanishes_is_refused(gate: Gate, store: Store) -> None:
    gate.enrol(device := Authenticator())
    refused(store, lambda: gate.sign_in(replace(device, counts=False, counter=0)))


def test_without_user_verification_nobody_comes_in(gate: Gate, store: Store) -> None:
    """A stolen device that asks for no finger and no number."""
    refused(store, lambda: gate.enrol(Authenticator(verifies=False)))
    gate.enrol(device := Authenticator())
    refused(store, lambda: gate.sign_in(replace(device, verifies=False)))


def test_anothers_credential_is_refused(gate: Gate, store: Store) -> None:
    """With a key of one's own under another's name; with one's own passkey and another's handle; enrolled a second time."""
    ann, bob = Authenticator(), Authenticator()
    gate.enrol(ann)
    gate.enrol(bob, BOB)
    refused(store, lambda: gate.sign_in(replace(bob, credential=ann.credential, handle=ann.handle, counter=9)))
    refused(store, lambda: gate.sign_in(replace(bob, handle=ann.handle)))
    refused(store, lambda: gate.enrol(ann, BOB))
    refused(store, lambda: gate.enrol(replace(Authenticator(), credential=ann.credential), BOB))
    assert gate.sign_in(bob)[0].id == "bob"


def test_an_unknown_passkey_is_refused(gate: Gate, store: Store) -> None:
    refused(store, lambda: gate.sign_in(Authenticator(rp="localhost")))


def test_a_passkey_that_ended_is_refused_and_its_sessions_end(gate: Gate, store: Store) -> None:
    gate.enrol(device := Authenticator())
    gate.enrol(other := Authenticator())
    _, secret = gate.sign_in(device)
    _, stays = gate.sign_in(other)
    assert passkeys.remove_passkey(gate.engine, ACT, 1, "ann")
    assert not passkeys.remove_passkey(gate.engine, ACT, 1, "ann")
    assert [p.ended for p in passkeys.list_passkeys(gate.engine, "ann")] == [True, False]
    with reading(gate.engine) as connection:
        assert sessions.find(connection, secret, NOON) is None
        assert sessions.find(connection, stays, NOON) is not None
    refused(store, lambda: gate.sign_in(device))
    refused(store, lambda: gate.enrol(device))
    assert gate.sign_in(other)[0].id == "ann"


def test_nobody_ends_anothers_passkey(gate: Gate, store: Store) -> None:
    gate.enrol(Authenticator())
    before = store.rows()
    for number, person in ((1, "bob"), (2, "ann"), (2, None)):
        with pytest.raises(BadInput):
            passkeys.remove_passkey(gate.engine, ACT, number, person)
    assert store.rows() == before
    assert passkeys.remove_passkey(gate.engine, ACT, 1, None)


def test_a_person_who_was_removed_cannot_sign_in_nor_come_back_with_the_old_passkey(gate: Gate, store: Store) -> None:
    gate.enrol(device := Authenticator())
    people.remove_person(gate.engine, ACT, "ann")
    refused(store, lambda: gate.sign_in(device))
    with pytest.raises(BadInput):
        gate.enrol(Authenticator())
    people.add_person(gate.engine, ACT, ANN)
    refused(store, lambda: gate.sign_in(device))


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 81])
def test_a_passkey_has_a_name_of_one_line(gate: Gate, store: Store, name: str) -> None:
    options, challenge = passkeys.enrolment_options(gate.engine, HERE, ANN)
    before = store.rows()
    with pytest.raises(BadInput):
        passkeys.enrol(gate.engine, ACT, HERE, ANN, Authenticator().enrol(options), challenge, name)
    assert store.rows() == before


def test_of_one_answer_at_several_doors_one_counts(gate: Gate, store: Store) -> None:
    """The same answer and challenge at one time: the counter lets one through."""
    gate.enrol(device := Authenticator())
    options, challenge = passkeys.sign_in_options(HERE)
    answer, together = device.sign_in(options), Barrier(3)

    def one(_: int) -> bool:
        together.wait()
        try:
            Gate(open_engine(store.url)).take(answer, challenge)
        except BadInput:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(one, range(3))) == [False, False, True]
    assert len(store.rows()["session"]) == 1


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", "null", '{"id": 7}', '{"id": "x"}', "[" * 9000, "x" * 70_000, '{"id": "\\u0000"}'],
    ids=lambda a: a[:9],
)
def test_what_is_no_answer_is_refused(gate: Gate, store: Store, answer: str) -> None:
    refused(store, lambda: gate.take(answer, b"c" * 64))
    refused(store, lambda: passkeys.enrol(gate.engine, ACT, HERE, ANN, answer, b"c" * 64, "laptop"))


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]),
    place=st.integers(0, 9_999),
    shift=st.integers(1, 63),
)
def test_an_answer_with_any_letter_changed_is_refused(gate: Gate, part: str, place: int, shift: int) -> None:
    """Client data, authenticator data, signature. The last letter of base64 is left out: it may hold bits that mean nothing."""
    gate.enrol(device := Authenticator())
    options, challenge = passkeys.sign_in_options(HERE)
    answer = json.loads(device.sign_in(options))
    text = answer["response"][part]
    place %= len(text) - 1
    letter = LETTERS[(LETTERS.index(text[place]) + shift) % 64]
    answer["response"][part] = text[:place] + letter + text[place + 1 :]
    with pytest.raises(BadInput) as error:
        gate.take(json.dumps(answer), challenge)
    assert [p.code for p in error.value.problems] == ["passkey_refused"]


def test_a_session_of_a_sign_in_lasts_twelve_hours(gate: Gate) -> None:
    gate.enrol(device := Authenticator())
    _, secret = gate.sign_in(device)
    with reading(gate.engine) as connection:
        assert sessions.find(connection, secret, NOON + timedelta(hours=12, seconds=-1)) is not None
        assert sessions.find(connection, secret, NOON + timedelta(hours=12)) is None
