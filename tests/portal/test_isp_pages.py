"""What a member that uses fibre does without any script: files and receipts, results, offers, circuits, works, invoices."""

from __future__ import annotations

import json
from datetime import timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest

from cni import sealing
from cni.portal.pages import invoices
from tests.portal.house import ACCEPTED, FIRST, GATE, OFFERED, SECOND, WORKS, moment
from tests.portal.sites import Site
from topology.canonical import canonical_bytes

WISH = {"id": "b-1", "kind": "fibre", "member": "bobbin", "a": "MA1", "b": "BOL", "pairs": 1, "end": "2030-07-01"}


def sealed(site: Site) -> bytes:
    key = json.loads((site.folder.place / "round-key.json").read_text())["recipient"]
    value = {"schema": sealing.REQUESTS_SCHEMA, "round": SECOND, "member": "bobbin", "requests": [WISH]}
    return sealing.seal(canonical_bytes(value), str(key))


def hand_in(client: Any, data: bytes) -> Any:
    files = {"sealed": ("requests.age", data, "application/octet-stream")}
    return client.post(f"/me/requests/{SECOND}/file", files=files)


def test_a_file_that_was_sealed_at_home_gets_a_receipt_that_can_be_kept(site: Site) -> None:
    client, data = site.as_("ana"), sealed(site)
    answer = hand_in(client, data)
    assert answer.status_code == 303
    address = answer.headers["location"]
    page = client.get(address).text
    assert sealing.digest_of_file(data) in page
    assert "Take this file back" in page
    kept = client.get(f"{address}/receipt.json")
    number = address.rpartition("/")[2]
    assert kept.json() == client.get(f"/api/v1/rounds/{SECOND}/submissions/{number}").json()
    (site.folder.place / "receipt.json").write_bytes(kept.content)
    assert site.document("audit", "verify", "--head", site.folder.place / "receipt.json")["ok"]


def test_a_file_is_taken_back_before_the_gate_and_not_after(site: Site) -> None:
    client = site.as_("ana")
    first, second = (hand_in(client, sealed(site)).headers["location"] for _ in range(2))
    assert client.post(f"{first}/withdraw").headers["location"] == first
    assert "You took this file back" in client.get(first).text
    assert "Take this file back" not in client.get(first).text
    site.clock.at = moment(GATE) + timedelta(seconds=1)
    late = site.as_("ana")
    assert "Take this file back" not in late.get(second).text
    assert late.post(f"{second}/withdraw").status_code == 409
    assert "takes no requests now" in late.get(f"/me/requests/{SECOND}").text


def test_what_is_not_sealed_is_refused_in_words(site: Site) -> None:
    answer = hand_in(site.as_("ana"), b"id,member,kind\n")
    assert answer.status_code == 422
    assert "no sealed (age) file" in answer.text


def test_the_form_has_the_key_and_the_terms_of_its_round_and_is_only_for_open_rounds(read_site: Site) -> None:
    client = read_site.as_("ana")
    page = client.get(f"/me/requests/{SECOND}").text
    key = json.loads((read_site.folder.place / "round-key.json").read_text())["recipient"]
    assert f'data-recipient="{key}"' in page
    assert 'data-terms="1 3 5"' in page
    assert "takes no requests now" in client.get(f"/me/requests/{FIRST}").text


def test_the_map_of_the_form_has_every_span_that_members_may_see(read_site: Site) -> None:
    page = read_site.as_("ana").get(f"/me/requests/{SECOND}").text
    spans = {row["id"] for row in read_site.document("network", "offer", "--live", "--for", "bobbin")["spans"]}
    assert [s for s in sorted(spans) if f'<path data-id="{s}"' not in page] == []


def test_a_finding_names_the_place_of_its_request(read_site: Site) -> None:
    rows = [WISH, {**WISH, "id": "b-2", "a": "NOWHERE"}, {**WISH, "id": "b-3", "pairs": 0}]
    found = read_site.as_("ana").post(f"/api/v1/rounds/{SECOND}/check", json={"requests": rows}).json()["findings"]
    assert [(f["line"], f["column"]) for f in found] == [(2, "a"), (3, "pairs")]


def test_results_say_what_the_explanation_says(read_site: Site) -> None:
    client = read_site.as_("ana")
    listed = client.get(f"/me/results/{FIRST}").text
    words = ("round", "explain", "r002", "--round", FIRST)
    found = read_site.document(*words)
    page = unescape(client.get(f"/me/results/{FIRST}/r002").text)
    assert found["summary"] in page
    assert found["reasons"][0]["text"] in listed
    assert [r["text"] for r in found["reasons"] if r["text"] not in page] == []
    assert [s["span"] for s in found["binding_spans"] if f">{s['span']}<" not in page] == []
    svg = client.get(f"/me/results/{FIRST}/r002/map.svg")
    assert svg.headers["content-type"].startswith("image/svg+xml")


def test_others_requests_are_not_among_ones_own(read_site: Site) -> None:
    page = read_site.as_("ana").get(f"/me/results/{FIRST}").text
    assert "carder" not in page
    assert read_site.as_("ida").get(f"/me/results/{FIRST}/r002").status_code == 404


@pytest.mark.parametrize(("verb", "state"), [("accept", "accepted"), ("decline", "lapsed")])
def test_an_offer_is_answered_on_its_page(site: Site, verb: str, state: str) -> None:
    client = site.as_("ana")
    assert "This is an offer" in client.get(f"/me/circuits/{OFFERED}").text
    answer = client.post(f"/me/circuits/{OFFERED}/{verb}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/me/circuits/{OFFERED}")
    assert "This is an offer" not in client.get(f"/me/circuits/{OFFERED}").text
    assert site.document("circuit", "show", OFFERED, "--disclosure", "internal")["state"] == state
    assert client.post(f"/me/circuits/{OFFERED}/{verb}").status_code == 409


def test_circuits_are_told_apart_by_what_can_be_done_about_them(read_site: Site) -> None:
    page = read_site.as_("ana").get("/me/circuits").text
    offers, held = page.split("<h2>")[1:3]
    assert OFFERED in offers
    assert "c-001" in held
    assert ACCEPTED[0] in held


def test_the_sheet_shows_each_strand(read_site: Site) -> None:
    client = read_site.as_("ana")
    page = client.get("/me/circuits/c-001/sheet").text
    found = read_site.document("circuit", "sheet", "c-001", "--for", "bobbin")
    for span in found["circuits"][0]["legs"][0]["spans"]:
        for strand in span["strands"]:
            assert f"{strand['number']} (tube {strand['tube']} {strand['tube_colour']}" in page
    assert client.get(f"/me/circuits/{ACCEPTED[0]}/sheet").status_code == 404  # a place in a rack


def test_works_that_touch_ones_circuits_come_first(read_site: Site) -> None:
    mine, theirs = (read_site.as_(who).get("/me/works").text for who in ("ana", "hal"))
    assert "One planned work touches your circuits" in mine
    assert "<h2>w-1: duct repair</h2>" in mine
    assert "None of your circuits is touched" in theirs
    assert WORKS in theirs
    assert "c-001" not in theirs


def test_an_invoice_is_a_page_an_e_invoice_and_a_pdf(read_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = read_site.as_("ana")
    page = client.get("/me/invoices/INV-000001").text
    assert "439.68" in page
    whole = ElementTree.fromstring(client.get("/me/invoices/INV-000001.xml").content)
    assert whole.tag.endswith("Invoice")
    monkeypatch.setattr(invoices, "TYPST", "no_such_module")
    without = client.get("/me/invoices/INV-000001").text
    assert "INV-000001.pdf" not in without
    assert "Print this page" in without


def test_a_contributor_s_statements_name_it_too(read_site: Site) -> None:
    page = read_site.as_("hal").get("/me/invoices").text
    assert "SBI-000001" in page or "STM-000001" in page
    assert "INV-000001" not in page
