"""No second truth: what the API answers is what the command prints with --json, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from tests.portal.house import FIRST, OFFERED
from tests.portal.sites import Site
from topology.canonical import canonical_bytes

ANA: list[tuple[str, tuple[str, ...]]] = [
    ("/api/v1/circuits?limit=1000", ("circuit", "list", "--for", "bobbin")),
    (f"/api/v1/circuits/{OFFERED}", ("circuit", "show", OFFERED, "--for", "bobbin")),
    (f"/api/v1/circuits/{OFFERED}/sheet", ("circuit", "sheet", OFFERED, "--for", "bobbin")),
    ("/api/v1/works", ("works", "list", "--for", "bobbin")),
    ("/api/v1/recalls", ("recall", "list", "--for", "bobbin")),
    ("/api/v1/offer", ("network", "offer", "--live", "--for", "bobbin")),
]
CORA: list[tuple[str, tuple[str, ...]]] = [
    ("/api/v1/circuits?limit=1000", ("circuit", "list", "--disclosure", "internal")),
    ("/api/v1/works", ("works", "list", "--disclosure", "internal")),
    ("/api/v1/recalls", ("recall", "list", "--disclosure", "internal")),
    ("/api/v1/due", ("circuit", "due", "--disclosure", "internal")),
    ("/api/v1/offer", ("network", "offer", "--live", "--disclosure", "internal")),
    ("/api/v1/rounds", ("round", "show")),
    (f"/api/v1/rounds/{FIRST}/notice", ("round", "notice", FIRST)),
    (f"/api/v1/rounds/{FIRST}/requests/r003/explanation", ("round", "explain", "r003", "--round", FIRST)),
]


@pytest.mark.parametrize(
    ("who", "path", "words"), [*(("ana", *row) for row in ANA), *(("cora", *row) for row in CORA)], ids=str
)
def test_the_api_and_the_command_say_the_same(read_site: Site, who: str, path: str, words: tuple[str, ...]) -> None:
    answer = read_site.as_(who).get(path)
    assert answer.status_code == 200, answer.text
    expected = read_site.document(*words)
    if path == "/api/v1/rounds":
        expected = {**expected, "rounds": sorted(expected["rounds"], key=lambda r: str(r["round"]), reverse=True)}
    assert answer.content == canonical_bytes(expected) + b"\n"


def test_the_packs_are_those_of_the_command(read_site: Site) -> None:
    place = read_site.folder.place
    for disclosure, path in (("member", "pack"), ("public", "public-pack")):
        out = place / f"{path}.json"
        at = read_site.clock.at.isoformat()
        read_site.folder.run(at, "round", "export", FIRST, "-o", out, "--disclosure", disclosure)
        assert read_site.as_("aud").get(f"/api/v1/rounds/{FIRST}/{path}").content == out.read_bytes()
    assert (
        read_site.client().get(f"/rounds/{FIRST}/public-pack.json").content == (place / "public-pack.json").read_bytes()
    )


def test_the_server_s_verification_says_what_the_command_says(read_site: Site) -> None:
    place = read_site.folder.place
    read_site.folder.run(read_site.clock.at.isoformat(), "round", "export", FIRST, "-o", place / "p.json")
    answer = read_site.as_("aud").post(f"/api/v1/rounds/{FIRST}/verify")
    assert answer.json()["ok"] is True
    assert answer.content == canonical_bytes(read_site.document("verify", place / "p.json")) + b"\n"


def test_pages_of_a_list_hold_each_row_once_in_order(read_site: Site) -> None:
    client = read_site.as_("cora")
    whole = client.get("/api/v1/circuits", params={"limit": 1000}).json()["circuits"]
    for size in (1, 7, len(whole), len(whole) + 1):
        path, rows = f"/api/v1/circuits?limit={size}", list[Any]()
        while path:
            answer = client.get(path)
            rows += answer.json()["circuits"]
            link = answer.headers.get("link", "")
            path = link.partition(">")[0].lstrip("<") if link else ""
        assert rows == whole


def test_the_log_in_pages_is_the_log(site: Site) -> None:
    client = site.as_("aud")
    whole = site.document("audit", "log")
    path, rows = "/api/v1/log?limit=9", list[Any]()
    while path:
        answer = client.get(path)
        rows += answer.json()["entries"]
        link = answer.headers.get("link", "")
        path = link.partition(">")[0].lstrip("<") if link else ""
    assert [r["number"] for r in rows] == list(range(1, len(rows) + 1))
    assert rows[-len(whole["entries"]) :] == whole["entries"]
