"""An award that was set aside for a mistyped public value comes with the one that took its place, and says what it is (rule G8)."""

from __future__ import annotations

import pytest

from tests.portal.house import GATE, SECOND
from tests.portal.seen import seen
from tests.portal.sites import Site

AFTER = "2027-04-24T12:00:00Z"
WRONG, RIGHT = "1 2 3 4 5 7", "1 2 3 4 5 6"
AUDIT = f"/audit/rounds/{SECOND}"


@pytest.fixture
def closed_again(site: Site) -> Site:
    """The second round was awarded with a mistyped value, which two persons put right."""

    def run(*words: object) -> None:
        site.folder.run(AFTER, "round", *words)

    run("close", SECOND)
    run("unseal", SECOND, "-i", site.folder.place / "ann.key", "-i", site.folder.place / "bob.key")
    run("award", SECOND, "--secret-file", site.folder.place / "lottery.txt", "--public-value", WRONG)
    run("override", SECOND, "value", "--public-value", RIGHT, "--by", "dora", "--why", "mistyped")
    run("confirm", 1, "--by", "edith")
    site.clock.move(AFTER)
    return site


@pytest.fixture
def corrected(closed_again: Site) -> Site:
    """It was awarded again."""
    closed_again.folder.run(AFTER, "round", "award", SECOND)
    return closed_again


def test_between_the_two_awards_the_coordinator_sees_none(closed_again: Site) -> None:
    """As `cni round show`: the one that was set aside is not the round's award, and there is no other yet."""
    assert closed_again.as_("cora").get(AUDIT).status_code == 404
    closed_again.folder.run(AFTER, "round", "award", SECOND)
    assert seen(closed_again.as_("cora").get(AUDIT).text).h1.endswith("award 2 of 2")


def test_nobody_sees_the_wrong_award_before_the_right_one_is_published(corrected: Site) -> None:
    assert GATE < AFTER
    assert corrected.as_("aud").get(AUDIT).status_code == 404
    corrected.folder.run(AFTER, "round", "publish", SECOND)
    last, first = (seen(corrected.as_("aud").get(f"{AUDIT}{which}").text) for which in ("", "?attempt=1"))
    assert last.h1.endswith("award 2 of 2")
    assert "Each request leads to the reason" in last.text
    assert f"drawn with {WRONG}, and the source printed {RIGHT}, as dora proposed and edith confirmed" in first.text
    for page in (last, first):
        assert "A public value was mistyped" in page.text
        assert "An appeal was upheld" not in page.text
