"""What guards every answer: headers, no code or style inside a page, the origin of what changes something, sizes, errors."""

from __future__ import annotations

import re

import pytest

from cni.explanations.codes import EXPLANATIONS
from cni.portal.security import LARGEST
from tests.cni.helpers import ROOT
from tests.portal.house import FIRST, SECOND
from tests.portal.sites import ORIGIN, Site

PUBLIC = (
    "/",
    "/rounds",
    f"/rounds/{FIRST}",
    f"/rounds/{SECOND}",
    "/offer",
    "/map",
    "/map/explore",
    "/data",
    "/explain",
)
PUBLIC += ("/explain/late", "/developers", "/accessibility", "/sign-in", "/nowhere", "/explain/nothing")
INSIDE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.I)
ELSEWHERE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""", re.I)


@pytest.mark.parametrize(
    "path", [*PUBLIC, "/map.svg", "/static/portal.css", "/api/v1/rounds", "/api/v1/circuits", "/me"]
)
def test_every_answer_has_the_headers(read_site: Site, path: str) -> None:
    headers = read_site.client().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", PUBLIC)
def test_no_page_has_code_or_style_inside_or_asks_for_anything_elsewhere(read_site: Site, path: str) -> None:
    text = read_site.client().get(path).text
    assert text.startswith("<!DOCTYPE html>")
    assert INSIDE.search(text) is None
    assert ELSEWHERE.search(text) is None


def test_what_changes_something_must_come_from_the_portal_itself(site: Site) -> None:
    client = site.as_("ana")
    bad = {"origin": "https://evil.example"}
    for headers in (bad, {"origin": "null"}, {"origin": ORIGIN + ".evil.example"}):
        answer = client.post("/sign-out", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "bad_origin")
    del client.headers["origin"]
    assert client.post("/sign-out").status_code == 403
    assert client.post("/sign-out", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get("/me").status_code == 200
    assert client.post("/sign-out", headers={"sec-fetch-site": "same-origin"}).status_code == 303
    assert site.client().get("/me").status_code == 303


def test_what_is_too_large_is_refused_whatever_length_was_announced(site: Site) -> None:
    program = site.program("ana", "submit")
    path, before = f"/api/v1/rounds/{SECOND}/submissions", len(site.document("audit", "log")["entries"])
    assert program.post(path, content=b"x" * (LARGEST + 1)).status_code == 413
    unannounced = program.post(path, content=iter([b"x" * 65536] * 20))
    assert unannounced.status_code == 413
    assert len(site.document("audit", "log")["entries"]) == before


def test_a_portal_on_loopback_has_one_name(read_site: Site) -> None:
    """Passkeys are bound to a name, and another site's name may be made to lead to loopback."""
    client = read_site.client()
    other = client.get("/rounds", headers={"host": "127.0.0.1:8470"})
    assert (other.status_code, other.headers["location"]) == (307, f"{ORIGIN}/rounds")
    for host in ("evil.example", "localhost:1", "localhost.evil.example:8470"):
        assert client.get("/rounds", headers={"host": host}).status_code == 403


def test_errors_are_pages_for_people_and_problem_details_for_programs(read_site: Site) -> None:
    client = read_site.client()
    page = client.get("/rounds/nowhere")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    told = client.get("/api/v1/rounds/nowhere/public-pack")
    assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
    assert {"type", "title", "status", "detail", "code"} <= told.json().keys()
    assert client.get("/api/v1/circuits").status_code == 401
    wrong = read_site.program("ana").get("/api/v1/circuits", params={"limit": "many"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_value")
    assert client.request("DELETE", "/rounds").status_code == 405


def test_a_fault_of_ours_is_told_without_its_inside(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("cni.portal.pages.public.rounds_by_date", broken)
    client = site.client()
    client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    answer = client.get("/rounds")
    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x\n/y"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(read_site: Site, to: str) -> None:
    answer = read_site.as_("ana").get("/sign-in", params={"to": to})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")


def test_the_public_never_sees_a_member_s_own_names_of_places(read_site: Site) -> None:
    """The public map, offer and data are the cut that `cni network export --disclosure public` makes."""
    from topology.disclosure import disclosed

    whole = read_site.desk.holdings().network
    shown = disclosed(whole, "public")
    hidden = {n for n in whole.nodes if n not in shown.nodes} | {s for s in whole.spans if s not in shown.spans}
    client = read_site.client()
    for path in ("/", "/offer", "/map/explore", "/map.svg", "/data/network.json", "/data/network.kml"):
        words = set(re.findall(r"[A-Za-z0-9._-]+", client.get(path).text))
        assert not words & hidden, path


def test_every_code_of_the_portal_is_explained() -> None:
    """An error page leads to what its code means."""
    texts = (p.read_text(encoding="utf-8") for p in (ROOT / "cni" / "portal").rglob("*.py"))
    codes = {code for text in texts for code in re.findall(r'Refusal\(\s*"([a-z_]+)"', text)}
    assert len(codes) > 8
    assert sorted(codes - EXPLANATIONS.keys()) == []
