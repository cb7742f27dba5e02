"""What an auditor reads and presses: the same award, reasons and verification as on the command line, and the whole log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cni.portal.html import as_html
from cni.portal.pages.reasons import reason_parts
from tests.portal.house import FIRST, SECOND
from tests.portal.seen import seen
from tests.portal.sites import Site


def test_rounds_and_the_head_of_the_log(read_site: Site) -> None:
    page = seen(read_site.as_("aud").get("/audit").text)
    assert [r["Round"] for r in page.table("Round", "Published")] == [FIRST]
    assert [r["Round"] for r in page.table("Round", "Gate")] == [SECOND]
    newest = read_site.document("audit", "log", "--last", 1)["entries"][0]
    assert page.terms["digest of the last"] == newest["digest"]
    assert page.code == [f"cni audit verify --head {newest['digest']}"]
    read_site.folder.run(read_site.clock.at.isoformat(), *page.code[0].split()[1:])


def test_the_award_is_that_of_the_command_and_each_request_leads_to_its_reason(read_site: Site) -> None:
    page = seen(read_site.as_("ana").get(f"/audit/rounds/{FIRST}").text)
    award = read_site.document("round", "show", FIRST)["award"]
    granted = {r["Request"]: r["Granted"] for r in page.table("Request", "First circuit")}
    assert granted == {r["request"]: f"{r['granted']} of {r['requested']}" for r in award["requests"] if r["granted"]}
    refused = {r["Request"] for r in page.table("Request", "Reasons")}
    assert refused == {r["request"] for r in award["requests"] if r["granted"] < r["requested"]}
    for name in (*granted, *refused):
        assert (f"/audit/rounds/{FIRST}/requests/{name}", name) in page.links


def test_one_button_checks_the_pack_and_the_command_does_the_same_at_home(read_site: Site, tmp_path: Path) -> None:
    client = read_site.as_("aud")
    before = seen(client.get(f"/audit/rounds/{FIRST}").text)
    form = before.form(f"/audit/rounds/{FIRST}/verify")
    assert form.buttons == ["Check the pack now"]
    after = seen(client.post(form.action).text)
    assert (2, "The pack holds") in after.headings
    checks = {r["Check"]: r["Result"] for r in after.table("Check", "Result")}
    pack = tmp_path / f"{FIRST}.json"
    pack.write_bytes(client.get(f"/audit/rounds/{FIRST}/pack.json").content)
    (command,) = before.code
    words = command.replace(pack.name, str(pack)).split()[1:]
    found = read_site.document(*words)
    assert found["ok"]
    assert sorted(checks) == sorted({c["code"] for c in found["checks"]})


def test_the_pack_is_the_file_that_the_command_writes(read_site: Site) -> None:
    out = read_site.folder.place / "exported.json"
    read_site.folder.run(read_site.clock.at.isoformat(), "round", "export", FIRST, "-o", out)
    assert read_site.as_("ida").get(f"/audit/rounds/{FIRST}/pack.json").content == out.read_bytes()


@pytest.mark.parametrize("request_id", ["r001", "r002", "r059"])
def test_a_reason_reads_as_on_the_command_line_and_has_its_map(read_site: Site, request_id: str) -> None:
    client, path = read_site.as_("ana"), f"/audit/rounds/{FIRST}/requests/{request_id}"
    page = seen(client.get(path).text)
    found = read_site.document("round", "explain", request_id, "--round", FIRST)
    assert found["summary"] in page.text
    assert all(reason["text"] in page.text for reason in found["reasons"])
    drawn = read_site.folder.place / f"{request_id}.svg"
    read_site.folder.run(
        read_site.clock.at.isoformat(), "round", "explain", request_id, "--round", FIRST, "--map", drawn
    )
    assert client.get(f"{path}/map.svg").text == drawn.read_text()


def test_who_checks_reads_what_the_member_reads(read_site: Site) -> None:
    """The same tables of what binds and why, the same map; nothing that is drawn for a terminal."""
    award = read_site.document("round", "show", FIRST)["award"]
    named = [row["request"] for row in award["requests"] if row["member"] == "bobbin"]
    member, auditor = read_site.as_("ana"), read_site.as_("aud")
    headings: set[tuple[int, str]] = set()
    for name in named:
        own, checked = f"/me/results/{FIRST}/{name}", f"/audit/rounds/{FIRST}/requests/{name}"
        mine, theirs = seen(member.get(own).text), seen(auditor.get(checked).text)
        assert theirs.tables == mine.tables
        assert theirs.headings == [h for h in mine.headings if h[0] == 2 and h[1] != "Offers"]
        assert "marked #" not in theirs.text
        maps = [client.get(f"{path}/map.svg") for client, path in ((auditor, checked), (member, own))]
        assert maps[0].content == maps[1].content
        assert ((f"{checked}/map.svg", "") in theirs.links) == ((2, "On the map") in theirs.headings)
        headings |= set(theirs.headings)
    assert {(2, "On the map"), (2, "Where it binds"), (2, "Why not more")} <= headings


def test_a_place_that_is_full_is_told_with_its_figures_and_who_holds_them() -> None:
    room = {"offered": 10, "granted": 9, "left": 1}
    held = [{"member": "weft", "group": "weft", "rack_units": 3}, {"member": "warp", "group": "loom", "rack_units": 6}]
    found = {
        "request": "r1",
        "member": "pirn",
        "kind": "colocation",
        "requested": 4,
        "granted": 0,
        "summary": "Nothing was granted.",
        "circuits": [],
        "a": "X",
        "b": "",
        "binding_spans": [],
        "binding_nodes": [{"node": "X", "name": "Exchange", "rack_units": room, "power_w": None, "held": held}],
        "risk_groups": [],
        "reasons": [],
        "would_help": [],
        "alternative": None,
    }
    html = as_html(next(part.blocks for part in reason_parts(found) if part.heading == "Where it binds"))
    (row,) = seen(f"<main><h1>r1</h1>{html}</main>").table("Place", "Room")
    assert row == {
        "Place": "X",
        "Name": "Exchange",
        "Room": "10 U offered, 9 granted, 1 left",
        "Held by": "warp (group loom) 6, weft 3",
    }


def test_a_round_that_is_not_published_is_not_there(read_site: Site) -> None:
    for path in (
        f"/audit/rounds/{SECOND}",
        f"/audit/rounds/{SECOND}/requests/r001",
        f"/audit/rounds/{SECOND}/pack.json",
    ):
        assert read_site.as_("aud").get(path).status_code == 404
    assert read_site.as_("aud").post(f"/audit/rounds/{SECOND}/verify").status_code == 404


def test_the_log_can_be_read_from_end_to_end(site: Site) -> None:
    """Page by page backwards and forwards every entry is there, with the digest that the command prints."""
    for _ in range(40):
        site.session_of("cora")
    client = site.as_("aud")
    expected = site.document("audit", "log", "--last", 0)["entries"]
    last = seen(client.get("/audit/log").text)
    numbers = [int(r["Entry"]) for r in last.table("Entry", "Digest")]
    assert numbers == [e["number"] for e in expected][-50:]
    (older,) = [to for to, words in last.links if words == "Older entries"]
    first = seen(client.get(older).text)
    entries = {int(r["Entry"]): r for r in (*first.table("Entry", "Digest"), *last.table("Entry", "Digest"))}
    assert sorted(entries) == [e["number"] for e in expected]
    for entry in expected:
        row = entries[entry["number"]]
        assert (row["Who"], row["What"], row["Digest"]) == (entry["who"], entry["what"], f"{entry['digest'][:16]}…")
    assert [words for to, words in first.links if to.startswith("/audit/log?")] == ["Newer entries"]


def test_a_page_of_the_log_that_is_too_far_says_so(read_site: Site) -> None:
    assert "no entry after this one" in read_site.as_("aud").get("/audit/log?after=999999").text


def test_who_has_left_is_led_to_the_public_pages(read_site: Site) -> None:
    page = seen(read_site.as_("yan").get("/audit").text)
    assert (f"/rounds/{FIRST}", FIRST) in page.links
    assert not [to for to, _ in page.links if to.startswith("/audit/rounds")]


def test_a_pack_that_does_not_hold_is_said_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from cni.portal import log

    found = json.loads(site.as_("aud").post(f"/api/v1/rounds/{FIRST}/verify").content)
    bad = {**found, "ok": False, "checks": [{**found["checks"][0], "ok": False}, *found["checks"][1:]]}
    monkeypatch.setattr(log, "verified_pack", lambda *_: bad)
    page = seen(site.as_("aud").post(f"/audit/rounds/{FIRST}/verify").text)
    assert (2, "The pack does not hold") in page.headings
    assert "NOT verified" in page.text
