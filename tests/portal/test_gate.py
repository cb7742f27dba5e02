"""Sealed files through the portal: the gate by the server's clock, receipts, messages sent twice, drafts that are kept nowhere."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from starlette.testclient import TestClient

from cni import sealing
from tests.portal.house import FIRST, GATE, SECOND, moment
from tests.portal.sites import Site
from topology.canonical import canonical_bytes

PATH = f"/api/v1/rounds/{SECOND}/submissions"
WISH = {"id": "b-1", "kind": "fibre", "a": "MA1", "b": "BOL", "pairs": 1, "diversity": "risk"}


def recipient(site: Site) -> str:
    return str(json.loads((site.folder.place / "round-key.json").read_text())["recipient"])


def sealed(site: Site, member: str = "bobbin", **wish: Any) -> bytes:
    """A member's request as the browser seals it."""
    rows = [{**WISH, "member": member, **wish}]
    value = {"schema": sealing.REQUESTS_SCHEMA, "round": SECOND, "member": member, "requests": rows}
    return sealing.seal(canonical_bytes(value), recipient(site))


def hand_in(program: TestClient, data: bytes, key: str = "", path: str = PATH) -> Any:
    headers = {"content-type": "application/octet-stream", **({"idempotency-key": key} if key else {})}
    return program.post(path, content=data, headers=headers)


def test_the_receipt_says_when_the_server_had_it_and_ties_that_to_the_log(site: Site) -> None:
    site.clock.move("2027-04-20T11:59:58Z")
    data = sealed(site)
    answer = hand_in(site.program("ana", "submit"), data)
    receipt = answer.json()
    assert (answer.status_code, receipt["received"]) == (201, "2027-04-20T11:59:58+00:00")
    assert receipt["digest"] == sealing.digest_of_file(data)
    assert receipt["gate"] == "2027-04-20T12:00:00+00:00"
    entries = {e["number"]: e for e in site.document("audit", "log")["entries"]}
    entry = entries[receipt["entry"]]
    assert (entry["digest"], entry["who"]) == (receipt["entry_digest"], "ana")
    assert entry["why"].startswith("token ")


@pytest.mark.parametrize(("late", "status"), [(0, 201), (1, 409)])
def test_the_gate_is_the_server_s_clock_to_the_second(site: Site, late: int, status: int) -> None:
    site.clock.at = moment(GATE) + timedelta(seconds=late)
    answer = hand_in(site.program("ana", "submit"), sealed(site))
    assert answer.status_code == status
    if late:
        assert answer.json()["code"] == "late"


def test_a_message_sent_twice_acts_once(site: Site) -> None:
    program, data = site.program("ana", "submit"), sealed(site)
    first, second = (hand_in(program, data, "key-1") for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    other = hand_in(program, sealed(site), "key-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    without = hand_in(program, data)
    assert (without.status_code, without.json()["code"]) == (409, "duplicate_id")
    assert [r["number"] for r in program.get(PATH).json()["receipts"]] == [first.json()["number"]]
    assert (
        hand_in(site.program("ida", "submit"), sealed(site, "carder"), "key-1").status_code == 201
    )  # keys are per person


def test_twenty_at_once_with_one_key_act_once(site: Site) -> None:
    data, secret = sealed(site), site.token_of("ana", "submit")
    headers = {"authorization": f"Bearer {secret}"}

    def send(_: int) -> Any:
        return hand_in(TestClient(site.guard, base_url="http://localhost:8470", headers=headers), data, "once")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(20)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.text for a in answers}) == 1


def test_what_is_taken_back_before_the_gate_is_never_opened(site: Site) -> None:
    program = site.program("ana", "submit")
    number = hand_in(program, sealed(site)).json()["number"]
    gone = program.post(f"{PATH}/{number}/withdraw")
    assert (gone.status_code, gone.json()["withdrawn"]) == (200, True)
    other = site.program("ida", "submit").post(f"{PATH}/{number}/withdraw")
    assert other.status_code == 404
    second = hand_in(program, sealed(site)).json()["number"]
    site.clock.at = moment(GATE) + timedelta(seconds=1)
    late = site.program("ana", "submit").post(f"{PATH}/{second}/withdraw")
    assert (late.status_code, late.json()["code"]) == (409, "late")


@pytest.mark.parametrize("data", [b"", b"id,member\n", b"age-encryption.org/v2\n", b'{"schema":"cni.sealed/1"}'])
def test_what_is_not_sealed_is_refused(site: Site, data: bytes) -> None:
    answer = hand_in(site.program("ana", "submit"), data)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_sealed")
    assert site.program("ana").get(PATH).json()["receipts"] == []


def test_a_round_that_takes_nothing_says_why(site: Site) -> None:
    for path, code in ((f"/api/v1/rounds/{FIRST}/submissions", 409), ("/api/v1/rounds/none/submissions", 404)):
        assert hand_in(site.program("ana", "submit"), sealed(site), path=path).status_code == code


def test_a_draft_is_checked_as_the_command_checks_it_and_kept_nowhere(site: Site) -> None:
    program = site.program("ana")
    before = site.document("audit", "log")["entries"]
    rows = [{**WISH, "member": "bobbin", "id": "secret-wish-0815", "pairs": 2}]
    answer = program.post(f"/api/v1/rounds/{SECOND}/check", json={"requests": rows})
    assert answer.status_code == 200
    found = answer.json()
    (row,) = found["alone"]
    assert (row["request"], found["findings"]) == ("secret-wish-0815", [])
    assert 0 <= row["grantable"] <= 2
    for file in site.folder.place.rglob("*"):
        assert not file.is_file() or b"secret-wish-0815" not in file.read_bytes(), file
    assert site.document("audit", "log")["entries"] == before


def test_what_is_wrong_with_a_draft_names_its_field(site: Site) -> None:
    program = site.program("ana")

    def findings(**wish: Any) -> list[tuple[str, str, str]]:
        rows = [{**WISH, "member": "bobbin", **wish}]
        found = program.post(f"/api/v1/rounds/{SECOND}/check", json={"requests": rows}).json()["findings"]
        return [(f["code"], f["column"], f["value"]) for f in found]

    assert findings(a="NOWHERE")[0][1:] == ("a", "NOWHERE")
    assert findings(pairs=-1)[0][1] == "pairs"
    assert findings(diversity="very")[0][1:] == ("diversity", "very")
    assert findings(member="carder")[0] == ("wrong_member", "member", "carder")
    assert len(findings(a="NOWHERE", pairs=0, diversity="x")) == 3


def test_a_draft_of_others_and_by_others_is_not_looked_at(read_site: Site) -> None:
    body = {"requests": [{**WISH, "member": "bobbin"}]}
    for person in ("hal", "aud", "cora"):
        assert read_site.as_(person).post(f"/api/v1/rounds/{SECOND}/check", json=body).status_code == 403
    assert read_site.client().post(f"/api/v1/rounds/{SECOND}/check", json=body).status_code == 401


def test_an_accepted_offer_is_told_at_once_to_everybody_who_may_see_it(site: Site) -> None:
    from tests.portal.house import OFFERED

    program = site.program("ana", "circuits")
    assert program.get(f"/api/v1/circuits/{OFFERED}").json()["state"] == "offered"
    taken = program.post(f"/api/v1/circuits/{OFFERED}/accept", headers={"idempotency-key": "a"})
    assert taken.json()["state"] == "accepted"
    again = program.post(f"/api/v1/circuits/{OFFERED}/accept", headers={"idempotency-key": "a"})
    assert again.json() == taken.json()
    assert program.post(f"/api/v1/circuits/{OFFERED}/accept").status_code == 409
    assert program.get(f"/api/v1/circuits/{OFFERED}").json()["state"] == "accepted"
    assert site.document("circuit", "show", OFFERED, "--disclosure", "internal")["state"] == "accepted"
    other = site.program("ida", "circuits")
    assert other.post(f"/api/v1/circuits/{OFFERED}/decline").status_code == 404


@pytest.mark.parametrize("by_form", [False, True])
def test_waiting_for_a_turn_after_the_last_byte_costs_nobody_the_gate(
    site: Site, by_form: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.clock.at = moment(GATE)
    data, program, browser = sealed(site), site.program("ana", "submit"), site.as_("ana")
    module = "cni.portal.pages.asks" if by_form else "cni.portal.api.rounds"
    whole = import_module(module).submit_sealed

    def late(*words: Any) -> Any:
        site.clock.at = moment(GATE) + timedelta(seconds=5)
        return whole(*words)

    monkeypatch.setattr(f"{module}.submit_sealed", late)
    if by_form:
        assert browser.post(f"/me/requests/{SECOND}/file", files={"sealed": ("x.age", data)}).status_code == 303
    else:
        assert hand_in(program, data).status_code == 201
    (receipt,) = browser.get(PATH).json()["receipts"]
    assert receipt["received"] == "2027-04-20T12:00:00+00:00"
