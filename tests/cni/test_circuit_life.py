"""Rules H1 to H7: what becomes of a circuit, which act is allowed when, and that nothing is ever held twice."""

from __future__ import annotations

import base64
import hashlib
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cni.rounds import circuit_acts, dues, holdings, recalls, renewing
from cni.rounds.circuits import Event, Standing
from cni.rounds.lifecycle import ALLOWED, STATES, following_id, refusal, state_on
from cni.schemas.published import faults, json_schema
from cni.store.engine import open_engine
from tests.builders import circuit
from tests.cni.helpers import Cni
from tests.cni.living import UTC, act, copied, make
from tests.cni.sealed import House
from topology.problems import BadInput
from topology.room import free_strands

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
INTERNAL = ("--disclosure", "internal")


@pytest.fixture
def house(cni: Cni, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> House:
    return make(tmp_path, monkeypatch, cni, tmp_path_factory)


def state(house: House, name: str, *words: str) -> str:
    return str(house.document("circuit", "show", name, *INTERNAL, *words)["state"])


def standing(*events: tuple[str, date], origin: str = "award", end: date | None = None) -> Standing:
    made = circuit("c", "s1", start=date(2027, 1, 4), end=end)
    rows = tuple(Event(kind, on, {}, number) for number, (kind, on) in enumerate(events, 1))
    return Standing(made, origin, None, rows, made, datetime(2027, 2, 1, 9, tzinfo=UTC) if origin == "award" else None)


OFFER, TAKEN = ("offered", date(2027, 1, 20)), ("accepted", date(2027, 1, 25))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (standing(origin="file"), "in_service"),
        (standing(OFFER), "lapsed"),
        (standing(OFFER, TAKEN), "accepted"),
        (standing(OFFER, TAKEN, ("in_service", date(2027, 2, 2))), "in_service"),
        (standing(OFFER, TAKEN, ("ceased", date(2027, 3, 2))), "accepted"),
        (standing(OFFER, TAKEN, ("ceased", date(2027, 3, 1))), "ceased"),
        (standing(OFFER, TAKEN, ("recalled", date(2027, 3, 1)), ("ceased", date(2027, 2, 20))), "ceased"),
        (standing(OFFER, TAKEN, ("set_aside", date(2028, 1, 1))), "set_aside"),
        (standing(OFFER, TAKEN, end=date(2027, 3, 1)), "expired"),
        (standing(OFFER, TAKEN, end=date(2027, 3, 2)), "accepted"),
    ],
)
def test_the_state_follows_from_what_is_on_record(found: Standing, expected: str) -> None:
    """H1, on 1 March 2027: an end counts from its day on, the earliest first; a lot that was set aside at once."""
    assert state_on(found, NOON) == expected


def test_an_offer_lapses_at_the_very_moment() -> None:
    offer, moment = standing(OFFER), datetime(2027, 2, 1, 9, tzinfo=UTC)
    assert [state_on(offer, moment - timedelta(seconds=1)), state_on(offer, moment)] == ["offered", "lapsed"]


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_every_refusal_names_the_state(name: str) -> None:
    """H2: one table says which act is allowed in which state."""
    for found in (
        standing(OFFER),
        standing(OFFER, TAKEN),
        standing(origin="file"),
        standing(OFFER, ("lapsed", OFFER[1])),
    ):
        said, now = refusal(name, found, NOON - timedelta(days=30)), state_on(found, NOON - timedelta(days=30))
        assert (said is None) == (now in ALLOWED[name])
        if said is not None:
            assert now.replace("_", " ") in said.problems[0].text
            assert said.problems[0].hint
    assert set(ALLOWED[name]) <= set(STATES)


def test_what_follows_is_numbered_and_fits() -> None:
    assert following_id("c-1", "t", {"c-1"}) == "c-1.t1"
    assert following_id("c-1.t1", "t", {"c-1", "c-1.t1"}) == "c-1.t2"
    assert following_id("c-1.t1", "r", {"c-1.t1"}) == "c-1.t1.r1"
    assert len(following_id("x" * 64, "t", set())) <= 64


def test_an_offer_is_accepted_lit_and_ceased(house: House) -> None:
    Path("otdr.txt").write_text("1550 nm: 2.1 dB\n")
    accepted = house.document("circuit", "accept", "q1.r1-1", "--by", "isp")
    assert (accepted["state"], len(accepted["strands"])) == ("accepted", 2)
    assert list(faults(accepted, json_schema("cni.circuit/1"))) == []
    lit = house.document("circuit", "light", "q1.r1-1", "--lit", "2027-01-10", "--report", "otdr.txt")
    assert (lit["state"], lit["lit_on"]) == ("in_service", "2027-01-10")
    report = lit["events"][-1]["body"]["report"]
    assert report["sha256"] == hashlib.sha256(b"1550 nm: 2.1 dB\n").hexdigest()
    house.done("circuit", "cease", "q1.r1-1", "--on", "2027-06-01")
    assert [state(house, "q1.r1-1", "--on", day) for day in ("2027-05-31", "2027-06-01")] == ["in_service", "ceased"]
    assert house("audit", "verify").code == 0


def test_the_measured_report_is_kept_whole(house: House) -> None:
    Path("otdr.bin").write_bytes(bytes(range(256)))
    house.done("circuit", "accept", "q1.r1-1")
    house.done("circuit", "light", "q1.r1-1", "--report", "otdr.bin")
    found = holdings.read(open_engine("sqlite:///cni.db")).find("q1.r1-1")
    assert base64.b64decode(found.events[-1].body["report"]["content"]) == bytes(range(256))


def test_strands_never_shift_after_acceptance(house: House) -> None:
    """H3: what comes later is laid round a circuit that was accepted, whatever its id."""
    before = house.document("circuit", "accept", "q1.r2-1")["strands"]
    house.done("circuit", "accept", "q1.r1-1")
    house.done("circuit", "surrender", "q1.r1-1")
    assert house.document("circuit", "show", "q1.r2-1", *INTERNAL)["strands"] == before
    sheet = house.document("circuit", "sheet", "q1.r2-1", *INTERNAL)["circuits"][0]
    assert [[s["strands"][0]["number"], s["strands"][1]["number"]] for s in sheet["legs"][0]["spans"]] == before[0]


def test_an_offer_that_is_not_taken_up_gives_its_strands_back(house: House) -> None:
    """Until the lapse is on record no other round can sell them; any act records it."""
    house.at("2027-01-18T09:00:00Z")
    assert state(house, "q1.r2-1") == "lapsed"
    refused = house("circuit", "accept", "q1.r2-1")
    assert (refused.code, "[wrong_state]" in refused.err) == (2, True)
    assert house.document("circuit", "lapse")["circuits"][0]["end"] == "2027-01-18"
    assert house("circuit", "lapse").code == 2
    house.done("circuit", "cease", "c1", "--on", "2027-02-01")


def test_making_a_round_records_what_has_run_out(house: House) -> None:
    """The next notice offers the strands of offers that nobody took up: 3 pairs of de again."""
    house.at("2027-01-18T09:00:00Z").done("round", "create", "q2")
    spans = {
        s["id"]: s["pairs"]
        for s in house.document("round", "notice", "q2")["offer"]["spans"]
        if s["from"] == "2027-01-18"
    }
    first = {s["id"]: s["pairs"] for s in reversed(house.document("round", "notice", "q2")["offer"]["spans"])}
    assert spans.get("de", first["de"]) == 3
    assert "lapsed" in house.document("audit", "log")["entries"][-1]["what"]


def test_declining_frees_strands_at_once(house: House) -> None:
    assert house.document("circuit", "decline", "q1.r2-1")["state"] == "lapsed"
    assert house.document("circuit", "show", "q1.r2-1", *INTERNAL)["end"] == "2027-01-14"


def test_a_transfer_keeps_everything_but_the_holder(house: House) -> None:
    """H5: same legs, strands, end; the next holder must be an eligible user on that day."""
    for name in ("q1.r1-1", "q1.r2-1"):
        house.done("circuit", "accept", name)
    old = house.document("circuit", "light", "q1.r1-1")
    new = house.document("circuit", "transfer", "q1.r1-1", "--to", "third", "--on", "2027-03-01")
    assert (new["circuit"], new["member"], new["start"]) == ("q1.r1-1.t1", "third", "2027-03-01")
    assert [new[k] for k in ("legs", "strands", "end", "lit_on")] == [
        old[k] for k in ("legs", "strands", "end", "lit_on")
    ]
    assert state(house, "q1.r1-1", "--on", "2027-03-01") == "transferred"
    assert state(house, "q1.r1-1.t1", "--on", "2027-03-01") == "in_service"
    for words, code in (
        (("--to", "council"), "not_eligible"),
        (("--to", "nobody"), "unknown_id"),
        (("--to", "other"), "unchanged"),
        (("--to", "third", "--on", "2027-01-01"), "late"),
        (("--to", "third", "--on", "2030-01-04"), "unchanged"),
    ):
        refused = house("circuit", "transfer", "q1.r2-1", *words)
        assert (refused.code, f"[{code}]" in refused.err) == (2, True), refused.err


def test_a_circuit_is_renewed_once_lit_in_time_and_for_what_is_free(house: House) -> None:
    house.done("circuit", "accept", "q1.r1-1")
    assert "[idle]" in house("circuit", "renew", "c1", "--until", "2030-01-01").err
    house.done("circuit", "light", "c1", "--lit", "2026-01-01")
    assert house.document("circuit", "renew", "c1", "--until", "2030-01-01")["end"] == "2030-01-01"
    assert "[dates_reversed]" in house("circuit", "renew", "c1", "--until", "2029-01-01").err
    house.at("2029-11-01T09:00:00Z")
    assert "[late]" in house("circuit", "renew", "c1", "--until", "2031-01-01").err


def test_nobody_is_renewed_over_those_who_wait(house: House) -> None:
    """H7: r3 of third got less than it asked for, for want of de, which q1.r2-1 of other holds; the list runs for a year."""
    assert house.document("round", "waiting", "q1")["waiting"]
    for name in ("q1.r2-1", "q1.r3-1"):
        house.done("circuit", "accept", name)
        house.done("circuit", "light", name)
    refused = house("circuit", "renew", "q1.r2-1", "--until", "2031-01-04")
    assert ("[others_wait]" in refused.err, "q1/r3" in refused.err) == (True, True)
    house.at("2028-02-01T09:00:00Z")
    house.done("circuit", "renew", "q1.r2-1", "--until", "2031-01-04")


def test_ones_own_waiting_request_does_not_stand_in_the_way(house: House) -> None:
    house.done("circuit", "accept", "q1.r3-1")
    house.done("circuit", "light", "q1.r3-1")
    house.done("circuit", "renew", "q1.r3-1", "--until", "2031-01-04")


def test_what_a_span_asks_of_grants_it_asks_of_transfers(house: House) -> None:
    """third holds a pair of de; with a second from other it would be over the contributor's limit, or the funding's."""
    for name in ("q1.r2-1", "q1.r3-1"):
        house.done("circuit", "accept", name)
    spans = Path("net/spans.csv").read_text()
    for column, value, code in (
        ("max_pairs_per_member", "1", "member_cap"),
        ("funding_conditions", "isp", "not_eligible"),
    ):
        head, *rows = spans.splitlines()
        rows = [f"{row},{value if row.startswith('de,') else ''}" for row in rows]
        Path("net/spans.csv").write_text("\n".join([f"{head},{column}", *rows]) + "\n")
        house.done("network", "import", "net")
        refused = house("circuit", "transfer", "q1.r2-1", "--to", "third", "--on", "2027-03-01")
        assert f"[{code}]" in refused.err
        house.done("circuit", "transfer", "q1.r2-1", "--to", "isp", "--on", "2027-03-01", "--dry-run")


def test_an_override_that_gives_more_days_keeps_offers_open(published: House) -> None:
    """Published on 24 January with 14 days; an override makes them 40."""
    published.at("2027-01-25T09:00:00Z")
    words = ("--accept-days", "40", "--by", "ann", "--why", "splicers are ill")
    published.done("round", "override", "q1", "postpone", *words)
    published.done("round", "confirm", "1", "--by", "bob")
    shown = published.document("circuit", "show", "q1.r1-1", *INTERNAL)
    assert shown["accept_by"] == "2027-03-05T09:00:00+00:00"
    published.at("2027-03-05T08:59:59Z").done("circuit", "accept", "q1.r1-1")
    assert published.at("2027-03-05T09:00:00Z")("circuit", "accept", "q1.r2-1").code == 2


def test_nothing_is_lit_before_its_round_is_final(published: House) -> None:
    published.done("circuit", "accept", "q1.r1-1")
    assert "[too_early]" in published("circuit", "light", "q1.r1-1").err
    assert "[too_early]" in published("circuit", "transfer", "q1.r1-1", "--to", "other").err
    published.at("2027-02-03T09:00:00Z").done("round", "finalise", "q1")
    published.done("circuit", "light", "q1.r1-1")


def test_renewing_needs_what_it_holds_to_be_free_afterwards(house: House) -> None:
    """c1 ends in 2028; a circuit that takes the last strands of ab from then on stands against it."""
    Path("more.csv").write_text(
        "id,member,start,end,legs\nc1,isp,2025-01-01,2028-01-01,ab+bc|da+cd\nc7,other,2028-01-01,,ab\nc8,other,2028-01-01,,ab\n"
    )
    house.done("network", "import", "net", "--circuits", "more.csv")
    house.done("circuit", "accept", "q1.r1-1")
    house.done("circuit", "light", "c1", "--lit", "2026-01-01")
    refused = house("circuit", "renew", "c1", "--until", "2030-01-01")
    assert ("[no_room]" in refused.err, "span ab" in refused.err) == (True, True)


def test_what_falls_due_is_told_once(house: House) -> None:
    """c1 is not lit and ends on 1 January 2028; offers run out on 18 January 2027."""
    document = house.document("circuit", "due", *INTERNAL)
    assert list(faults(document, json_schema("cni.due/1"))) == []
    assert {(d["kind"], d["circuit"]) for d in document["due"]} >= {("offer", "q1.r1-1"), ("idle", "c1")}
    assert {t["member"] for t in document["tell"]} == {"isp", "other", "third"}
    assert all(d["warned"] for d in house.document("circuit", "due", *INTERNAL, "--record")["due"])
    assert "[unchanged]" in house("circuit", "due", "--record").err
    later = house.document("circuit", "due", *INTERNAL, "--on", "2027-12-20")["due"]
    assert ("end", "c1", False) in {(d["kind"], d["circuit"], d["warned"]) for d in later}
    text = house.done("circuit", "due", "--json").out
    assert '"c1"' not in text
    assert {d["member"] for d in house.document("circuit", "due", "--for", "isp")["due"]} == {"isp"}


def test_lists_are_cut_for_members(house: House) -> None:
    every = house.document("circuit", "list")
    assert list(faults(every, json_schema("cni.circuits/1"))) == []
    assert {c["member"] for c in every["circuits"]} == {"another-member"}
    assert {c["circuit"] for c in house.document("circuit", "list", "--for", "isp")["circuits"]} == {"c1", "q1.r1-1"}
    assert house("circuit", "list", "--disclosure", "public").code == 2
    assert house("circuit", "list", "--member", "isp").code == 2
    assert house("circuit", "show", "c1").code == 2
    assert house("circuit", "show", "c1", "--for", "other").code == 2
    offered = house.document("circuit", "list", "--state", "offered", *INTERNAL, "--member", "other")
    assert {c["state"] for c in offered["circuits"]} == {"offered"}
    assert house("circuit", "list", "--state", "dark").code == 2


def test_a_dry_run_of_each_act_changes_nothing(house: House) -> None:
    house.done("circuit", "accept", "q1.r1-1")
    before = house.document("audit", "log")
    for words in (
        ("accept", "q1.r2-1"),
        ("decline", "q1.r2-1"),
        ("light", "q1.r1-1"),
        ("cease", "c1"),
        ("surrender", "q1.r1-1"),
        ("transfer", "q1.r1-1", "--to", "other"),
        ("due", "--record"),
    ):
        house.done("circuit", *words, "--dry-run")
    assert house.document("audit", "log") == before


ACTS = st.tuples(
    st.sampled_from(
        ["accept", "decline", "light", "cease", "surrender", "transfer", "renew", "lapse", "due", "recall"]
    ),
    st.integers(0, 30),
    st.integers(0, 200),
    st.sampled_from(["isp", "other", "third"]),
    st.integers(0, 2),
)


@pytest.fixture
def source(house: House, tmp_path: Path) -> Path:
    assert house.cni.folder == tmp_path
    return tmp_path


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, min_size=4, max_size=14))
def test_no_sequence_of_acts_holds_a_strand_twice_or_loses_history(
    source: Path, acts: list[tuple[str, int, int, str, int]]
) -> None:
    """Spare is never negative on any day, no strand is recorded for two circuits on one day, and events only grow."""
    with TemporaryDirectory() as folder:
        engine = open_engine(copied(source, Path(folder)))
        before, day = holdings.read(engine), 0
        for name, pick, ahead, member, step in acts:
            day += step
            try:
                _do(engine, name, pick, ahead, member, day)
            except BadInput:
                assert holdings.read(engine) == before
                continue
            now = holdings.read(engine)
            _check_holds(now)
            for key, old in before.standings.items():
                assert now.standings[key].events[: len(old.events)] == old.events
            before = now
        engine.dispose()


def _do(engine: object, name: str, pick: int, ahead: int, member: str, day: int) -> None:
    from sqlalchemy import Engine

    assert isinstance(engine, Engine)
    doing, names = act(day), sorted(holdings.read(engine).standings)
    chosen, on = names[pick % len(names)], doing.at.date() + timedelta(days=ahead)
    match name:
        case "accept" | "decline" | "light":
            getattr(circuit_acts, name)(engine, doing, chosen)
        case "cease" | "surrender":
            getattr(circuit_acts, name)(engine, doing, chosen, on)
        case "transfer":
            circuit_acts.transfer(engine, doing, chosen, member, on)
        case "renew":
            renewing.renew(engine, doing, chosen, date(2035, 1, 4))
        case "lapse":
            circuit_acts.lapse(engine, doing)
        case "due":
            dues.record(engine, doing)
        case "recall":
            span = ("ab", "council") if pick % 2 else ("de", "tram")
            later = doing.at.date() + timedelta(days=180 + ahead)
            recalls.record(engine, doing, recalls.Asked(span[0], 1 + pick % 4, later, span[1]))


def _check_holds(found: holdings.Holdings) -> None:
    held = found.held.circuits
    assert all(n >= 0 for n in free_strands(found.network, held, date(2025, 1, 1), None).values())
    for one, other in combinations(held, 2):
        if one.holds_on(max(one.start, other.start)) and other.holds_on(max(one.start, other.start)):
            assert not set(_strands(one)) & set(_strands(other))


def _strands(made: object) -> list[tuple[str, int]]:
    legs, strands = made.legs, made.strands  # type: ignore[attr-defined]
    return [
        (span, strand)
        for leg, pairs in zip(legs, strands, strict=False)
        for span, pair in zip(leg, pairs, strict=True)
        for strand in pair
    ]
