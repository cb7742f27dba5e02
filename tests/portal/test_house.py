"""The house that tests of the portal stand on is as its page says, and every part of the way in reaches it."""

from __future__ import annotations

import pytest

from tests.portal.house import ACCEPTED, FIRST, OFFERED, PEOPLE, PERIOD, RECALLED, SECOND, WORKS
from tests.portal.sites import Site


def test_the_house_is_as_its_page_says(site: Site) -> None:
    rounds = {r["round"]: r["state"] for r in site.document("round", "show")["rounds"]}
    assert rounds == {FIRST: "published", SECOND: "open"}
    circuits = {c["circuit"]: c for c in site.document("circuit", "list", "--disclosure", "internal")["circuits"]}
    assert [circuits[c]["state"] for c in (*ACCEPTED, OFFERED)] == ["accepted", "accepted", "offered"]
    assert circuits[OFFERED]["member"] == "bobbin"
    works = site.document("works", "show", WORKS, "--disclosure", "internal")
    assert "bobbin" in {t["member"] for t in works["tell"]}
    assert [r["span"] for r in site.document("recall", "list")["recalls"]] == [RECALLED]
    assert [(r["period"], r["state"]) for r in site.document("bill", "list")["runs"]] == [(PERIOD, "final")]
    assert site.folder.run("2027-04-06T10:00:00Z", "audit", "verify")


@pytest.mark.parametrize("person", sorted(PEOPLE))
def test_everybody_gets_in(site: Site, person: str) -> None:
    assert site.as_(person).get("/me").status_code == 200
    assert site.enrolling(person).get("/sign-in/passkey").status_code == 200
    assert site.program(person).get("/api/v1/rounds").status_code == 200
    assert site.client().get("/me").status_code == 303
