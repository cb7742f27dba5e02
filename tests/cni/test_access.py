"""Who may come in (rules J): people, links, sessions, tokens, keys of acts. On SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from cni.access import links, people, repeats, secrets, sessions, tokens
from cni.access.people import Person
from cni.rounds.act import Act, Key, changing
from cni.rounds.members import add_member
from cni.rounds.outages import Works
from cni.rounds.works import plan
from cni.store.engine import open_engine, reading
from cni.store.schema_access import session as session_table
from tests.cni.stores import Store, all_is_well
from topology.model import Organisation
from topology.problems import BadInput

NOON = datetime(2027, 3, 1, 12, tzinfo=timezone.utc)  # noqa: UP017 -- reads as what it is
ACT = Act("clerk", NOON, clock_given=True, accept_clock=True)
ANN = Person("ann", "Ann", "ann@isp.example", "isp")
BOB = Person("bob", "Bob", "bob@house.example", "", ("coordinator",))


@pytest.fixture
def engine(store: Store) -> Engine:
    """A house with a member isp, for which Ann acts, and a coordinator, Bob."""
    made = open_engine(store.url)
    people.add_person(made, ACT, ANN)
    people.add_person(made, ACT, BOB)
    return made


def later(**time: float) -> Act:
    return replace(ACT, at=NOON + timedelta(**time))


def code_of(error: pytest.ExceptionInfo[BadInput]) -> list[str]:
    return [p.code for p in error.value.problems]


def live(engine: Engine, secret: str, at: datetime = NOON) -> bool:
    with reading(engine) as connection:
        return sessions.find(connection, secret, at) is not None


# People (J1)


def test_each_version_of_a_person_stays_and_the_highest_holds(engine: Engine, store: Store) -> None:
    assert people.add_person(engine, ACT, replace(ANN, email="Ann@New.example"), replace=True) == 2
    assert [(p.id, p.email, p.version) for p in people.list_people(engine)] == [
        ("ann", "ann@new.example", 2),
        ("bob", "bob@house.example", 1),
    ]
    assert len(store.rows()["person"]) == 3
    assert all_is_well(store)


@pytest.mark.parametrize(
    ("person", "codes"),
    [
        (ANN, ["duplicate_id"]),
        (replace(ANN, id="ann2"), ["duplicate_id"]),
        (replace(ANN, id="ann2", email="ANN@isp.example"), ["duplicate_id"]),
        (
            replace(ANN, id="a b", email="nobody", member="nobody", roles=("king",)),
            ["bad_value", "unknown_id", "unknown_role"],
        ),
        (replace(ANN, id="x", email="a@b\nBcc: c@d"), ["bad_value"]),
        (replace(ANN, id="x", email="a@b@c"), ["bad_value"]),
        (replace(ANN, id="x", email="a@" + "b" * 300), ["bad_value"]),
        (replace(ANN, id="x", email="x@y.example", name="two\nlines"), ["bad_value"]),
    ],
    ids=lambda v: getattr(v, "email", None),
)
def test_what_is_wrong_with_a_person_is_said_and_nothing_written(
    engine: Engine, store: Store, person: Person, codes: list[str]
) -> None:
    before = store.rows()
    with pytest.raises(BadInput) as error:
        people.add_person(engine, ACT, person)
    assert sorted(set(code_of(error))) == codes
    assert store.rows() == before


def test_nothing_new_to_say_of_a_person_is_refused(engine: Engine) -> None:
    with pytest.raises(BadInput) as error:
        people.add_person(engine, ACT, replace(ANN, email="ANN@isp.example "), replace=True)
    assert code_of(error) == ["unchanged"]


def test_an_email_of_somebody_who_was_removed_is_free_again(engine: Engine) -> None:
    people.remove_person(engine, ACT, "ann")
    assert people.add_person(engine, ACT, replace(ANN, id="anna")) == 1
    with pytest.raises(BadInput) as error:
        people.add_person(engine, ACT, ANN)
    assert code_of(error) == ["duplicate_id"]


def test_removing_a_person_ends_all_that_they_hold(engine: Engine, store: Store) -> None:
    """A session, a token, a link that is under way; and coming back revives none of them."""
    session = sessions.start_full(engine, ACT, "ann", "passkey 1")
    _, token = tokens.make(engine, ACT, "ann", "nightly", ["read"], NOON + timedelta(days=9))
    asked = links.ask(engine, ACT, ANN.email, "cookie")
    assert asked is not None
    for step in (lambda: people.remove_person(engine, ACT, "ann"), lambda: people.add_person(engine, ACT, ANN)):
        step()
        with reading(engine) as connection:
            assert sessions.find(connection, session, NOON) is None
            assert tokens.find(connection, token, NOON) is None
        with pytest.raises(BadInput):
            links.use(engine, ACT, asked[1], "cookie")
    people.remove_person(engine, ACT, "ann")
    with pytest.raises(BadInput) as error:
        people.remove_person(engine, ACT, "ann")
    assert code_of(error) == ["unchanged"]
    assert all_is_well(store)


# Audiences (J2)


@pytest.mark.parametrize(
    ("person", "on", "expected"),
    [
        (ANN, "2027-03-01", "auditor member public user"),
        (replace(ANN, member="tram"), "2027-03-01", "auditor contributor member public"),
        (replace(ANN, member="tram"), "2026-12-31", "auditor public"),
        (replace(ANN, member="tram"), "2027-12-31", "auditor contributor member public"),
        (replace(ANN, member="tram"), "2028-01-01", "auditor public"),
        (replace(ANN, member=""), "2027-03-01", "auditor public"),
        (replace(ANN, member="nobody"), "2027-03-01", "auditor public"),
        (replace(ANN, member="", roles=("auditor",)), "2027-03-01", "auditor member public"),
        (BOB, "2027-03-01", "auditor coordinator member public"),
        (replace(BOB, active=False), "2027-03-01", "public"),
    ],
)
def test_what_a_person_counts_as_follows_from_member_roles_and_day(
    engine: Engine, person: Person, on: str, expected: str
) -> None:
    tram = Organisation("tram", "Tram", ("contributor",), "", date(2027, 1, 1), date(2028, 1, 1))
    add_member(engine, ACT, tram)
    with reading(engine) as connection:
        assert " ".join(sorted(people.audiences_of(connection, person, date.fromisoformat(on)))) == expected


# Links (J3)


def test_a_link_gives_a_session_that_can_enrol_once(engine: Engine, store: Store) -> None:
    asked = links.ask(engine, ACT, " ANN@isp.example", "cookie")
    assert asked is not None
    person, secret = links.use(engine, later(minutes=14, seconds=59), asked[1], "cookie")
    with reading(engine) as connection:
        session = sessions.find(connection, secret, NOON + timedelta(minutes=29))
        assert session is not None
        assert (person.id, session.kind, session.how) == ("ann", "enrol", "link 1")
        assert sessions.find(connection, secret, NOON + timedelta(minutes=29, seconds=59)) is None
    with pytest.raises(BadInput) as error:
        links.use(engine, later(minutes=14, seconds=59), asked[1], "cookie")
    assert code_of(error) == ["link_used"]
    assert all_is_well(store)


def test_asking_for_nobody_writes_nothing(engine: Engine, store: Store) -> None:
    before = store.rows()
    assert links.ask(engine, ACT, "nobody@isp.example", "cookie") is None
    assert store.rows() == before


@pytest.mark.parametrize(
    ("secret", "browser", "minutes", "code"),
    [
        ("x", "cookie", 0, "link_unknown"),
        ("", "cookie", 0, "link_unknown"),
        ("\udc80", "cookie", 0, "link_unknown"),
        (None, "other", 0, "link_other_browser"),
        (None, "", 0, "link_other_browser"),
        (None, "cookie", 15, "link_expired"),
    ],
)
def test_a_link_that_does_not_hold_is_refused_and_nothing_written(
    engine: Engine, store: Store, secret: str | None, browser: str, minutes: int, code: str
) -> None:
    asked = links.ask(engine, ACT, ANN.email, "cookie")
    assert asked is not None
    before = store.rows()
    with pytest.raises(BadInput) as error:
        links.use(engine, later(minutes=minutes), asked[1] if secret is None else secret, browser)
    assert code_of(error) == [code]
    assert store.rows() == before


def test_a_new_email_ends_links_to_the_old_one(engine: Engine) -> None:
    asked = links.ask(engine, ACT, ANN.email, "cookie")
    assert asked is not None
    people.add_person(engine, ACT, replace(ANN, email="new@isp.example"), replace=True)
    with pytest.raises(BadInput) as error:
        links.use(engine, ACT, asked[1], "cookie")
    assert code_of(error) == ["link_used"]


def test_of_many_at_a_time_one_uses_a_link(engine: Engine, store: Store) -> None:
    asked = links.ask(engine, ACT, ANN.email, "cookie")
    assert asked is not None
    together = Barrier(4)

    def one(_: int) -> str:
        together.wait()
        try:
            return links.use(open_engine(store.url), ACT, asked[1], "cookie")[1]
        except BadInput as bad:
            return bad.problems[0].code

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, range(4)))
    assert found.count("link_used") == 3
    assert len(store.rows()["session"]) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["cookie", "other"]), st.integers(0, 1800)), max_size=5))
def test_a_link_works_at_most_once_never_late_never_elsewhere(
    built: Path, tmp_path: Path, tries: list[tuple[str, int]]
) -> None:
    """Whatever is tried, in whatever order: it works for the first who comes in time from the browser that asked."""
    engine = sqlite_house(built, tmp_path)
    asked = links.ask(engine, ACT, ANN.email, "cookie")
    assert asked is not None
    worked = []
    for number, (browser, seconds) in enumerate(tries):
        try:
            links.use(engine, later(seconds=seconds), asked[1], browser)
            worked.append(number)
        except BadInput:
            pass
    right = [n for n, (browser, seconds) in enumerate(tries) if browser == "cookie" and seconds < 900]
    assert worked == right[:1]


def sqlite_house(built: Path, tmp_path: Path) -> Engine:
    """A fresh copy for each example."""
    file = tmp_path / "example.db"
    for end in ("", "-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    file.write_bytes((built / "cni.db").read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    people.add_person(engine, ACT, ANN)
    return engine


# Sessions (J5)


def test_a_session_lasts_twelve_hours_unless_it_is_ended(engine: Engine) -> None:
    secret = sessions.start_full(engine, ACT, "ann", "passkey 2")
    assert live(engine, secret, NOON + timedelta(hours=11, minutes=59, seconds=59))
    assert not live(engine, secret, NOON + timedelta(hours=12))
    assert not live(engine, secret + "x")
    assert sessions.end(engine, later(hours=1), 1, "ann")
    assert not live(engine, secret)
    assert not sessions.end(engine, later(hours=2), 1, "ann")
    (held,) = sessions.list_sessions(engine, "ann")
    assert (held.how, held.ended) == ("passkey 2", NOON + timedelta(hours=1))
    assert sessions.list_sessions(engine, "bob") == ()


def test_nobody_ends_what_is_anothers(engine: Engine, store: Store) -> None:
    sessions.start_full(engine, ACT, "ann", "passkey 1")
    tokens.make(engine, ACT, "ann", "nightly", [], NOON + timedelta(days=1))
    before = store.rows()
    for end in (sessions.end, tokens.end):
        for number, person in ((1, "bob"), (2, "ann"), (2, None)):
            with pytest.raises(BadInput) as error:
                end(engine, ACT, number, person)
            assert code_of(error) == ["unknown_id"]
    assert store.rows() == before
    assert sessions.end(engine, ACT, 1, None)
    assert tokens.end(engine, ACT, 1, None)


# Tokens (J6)


def test_a_token_is_shown_once_and_reads_whatever_else_it_may(engine: Engine) -> None:
    made, secret = tokens.make(engine, ACT, "ann", " nightly ", ["submit"], NOON + timedelta(days=366))
    assert (len(secret), secret[:4], made.name, made.scopes) == (47, "cni_", "nightly", ("read", "submit"))
    with reading(engine) as connection:
        assert tokens.find(connection, secret, NOON) == made
        assert tokens.find(connection, secret, NOON + timedelta(days=366)) is None
        assert tokens.find(connection, secret[4:], NOON) is None
    assert tokens.end(engine, ACT, made.number, "ann")
    assert not tokens.end(engine, ACT, made.number, "ann")
    with reading(engine) as connection:
        assert tokens.find(connection, secret, NOON) is None


@pytest.mark.parametrize(
    ("person", "name", "scopes", "days", "codes"),
    [
        ("ann", "n", ["works"], 1, {"unknown_scope"}),
        ("ann", "n", ["all"], 1, {"unknown_scope"}),
        ("ann", "", ["read"], 0, {"bad_value"}),
        ("ann", "n", ["read"], 367, {"bad_value"}),
        ("ann", "a\nb", ["king"], 1, {"bad_value", "unknown_scope"}),
        ("nobody", "n", ["read"], 1, {"unknown_id"}),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    engine: Engine, store: Store, person: str, name: str, scopes: list[str], days: int, codes: set[str]
) -> None:
    before = store.rows()
    with pytest.raises(BadInput) as error:
        tokens.make(engine, ACT, person, name, scopes, NOON + timedelta(days=days))
    assert set(code_of(error)) == codes
    assert store.rows() == before


def test_a_coordinator_may_have_a_token_for_works(engine: Engine) -> None:
    assert tokens.make(engine, ACT, "bob", "n", ["works"], NOON + timedelta(days=1))[0].scopes == ("read", "works")


# Secrets (J7) and the record


def test_no_secret_stands_in_the_database(built: Path, tmp_path: Path) -> None:
    """Nor in its audit log: the bytes of its files are searched, with what SQLite keeps beside them."""
    engine = sqlite_house(built, tmp_path)
    asked = links.ask(engine, ACT, ANN.email, "cookie-secret-of-the-browser")
    assert asked is not None
    _, enrolling = links.use(engine, ACT, asked[1], "cookie-secret-of-the-browser")
    full = sessions.start_full(engine, ACT, "ann", "passkey 1")
    _, token = tokens.make(engine, ACT, "ann", "nightly", [], NOON + timedelta(days=1))
    bytes_ = b"".join(file.read_bytes() for file in tmp_path.glob("example.db*"))
    for secret in (asked[1], enrolling, full, token, token[4:], "cookie-secret-of-the-browser"):
        assert secret.encode() not in bytes_
    assert secrets.digest(token).encode() in bytes_


def test_a_secret_has_256_random_bits() -> None:
    made = {secrets.fresh() for _ in range(100)}
    assert len(made) == 100
    assert {len(secret) for secret in made} == {43}


def test_the_log_says_who_used_a_link_and_how(engine: Engine, store: Store) -> None:
    asked = links.ask(engine, Act("portal", NOON, accept_clock=True), ANN.email, "cookie")
    assert asked is not None
    links.use(engine, Act("portal", NOON, accept_clock=True), asked[1], "cookie")
    rows = sorted(store.rows()["audit"])[-2:]
    assert [row[2:5] for row in rows] == [
        ("portal", "access link ann", ""),
        ("ann", "access link ann used", "link 1"),
    ]


# Keys of acts (J9)


def test_a_message_that_comes_twice_acts_once(engine: Engine, store: Store) -> None:
    keyed = replace(ACT, who="ann", key=Key("k1", "a" * 64))
    with changing(engine, keyed, "first"):
        pass
    before = store.rows()
    with pytest.raises(BadInput) as error, changing(engine, keyed, "again"):
        raise AssertionError
    assert code_of(error) == ["repeated"]
    other = replace(keyed, key=Key("k1", "b" * 64))
    with pytest.raises(BadInput) as error, changing(engine, other, "another"):
        raise AssertionError
    assert code_of(error) == ["key_reused"]
    assert store.rows() == before
    with reading(engine) as connection:
        assert repeats.found(connection, "ann", "k1") == "a" * 64
        assert repeats.found(connection, "bob", "k1") is None
    with changing(engine, replace(other, who="bob"), "bob's own k1"):
        pass
    assert all_is_well(store)


def test_works_that_are_planned_twice_with_one_key_are_told_as_a_repeat(engine: Engine, store: Store) -> None:
    """Though their id is taken by then, which would be said without a key."""
    begin = NOON + timedelta(days=90)
    wanted = Works("w1", begin, begin + timedelta(hours=5), frozenset({"ab"}), frozenset(), frozenset(), frozenset())
    keyed = replace(ACT, key=Key("k1", "a" * 64))
    plan(engine, keyed, wanted)
    before = store.rows()
    for act, code in ((keyed, "repeated"), (replace(keyed, key=Key("k1", "b" * 64)), "key_reused")):
        with pytest.raises(BadInput) as error:
            plan(engine, act, wanted)
        assert code_of(error) == [code]
    with pytest.raises(BadInput) as error:
        plan(engine, ACT, wanted)
    assert code_of(error) == ["duplicate_id"]
    assert store.rows() == before


def test_an_act_that_fails_leaves_its_key_free(engine: Engine) -> None:
    keyed = replace(ACT, who="ann", key=Key("k1", "a" * 64))
    with pytest.raises(ZeroDivisionError), changing(engine, keyed, "fails"):
        raise ZeroDivisionError
    with changing(engine, keyed, "works"):
        pass


def test_a_key_is_one_line() -> None:
    with pytest.raises(BadInput):
        Key("two\nlines", "a" * 64)


def test_numbers_follow_on_each_other(engine: Engine) -> None:
    for _ in range(3):
        sessions.start_full(engine, ACT, "ann", "passkey 1")
    with reading(engine) as connection:
        assert list(connection.execute(session_table.select()).scalars()) == [1, 2, 3]
