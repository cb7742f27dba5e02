"""`cni network offer --live`: what is spare in the database, on either kind, as an audience may see it."""

from __future__ import annotations

import pytest

from tests.cni.helpers import Cni


def test_the_database_says_what_its_files_say(at_home: Cni, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one day; with --until each change before it too, as from files."""
    monkeypatch.setenv("CNI_CLOCK", "2031-05-01T12:00:00Z")
    files = ("network", "offer", "net", "--circuits", "circuits.csv", "--on", "2031-05-01")
    live = ("network", "offer", "--live", "--disclosure", "internal")
    for more in ((), ("--until", "2032-01-01")):
        from_files = at_home(*files, *(more or ("--until", "2031-05-02")), "--json").document
        from_database = at_home(*live, *more, "--json").document
        for part in ("on", "until", "spans", "nodes"):
            assert from_database[part] == from_files[part]
    assert at_home(*live, "--on", "2020-01-01", "--json").document["on"] == "2020-01-01"


def test_members_see_figures_and_no_circuit_of_others(at_home: Cni) -> None:
    words = ("network", "offer", "--live", "--on", "2024-06-01", "--until", "2026-01-01")
    whole = at_home(*words, "--disclosure", "internal", "--json").document
    seen = at_home(*words, "--json").document
    own = at_home(*words, "--for", "isp", "--json").document
    named = [{c["circuit"] for s in d["spans"] for c in s["changes"]} - {None} for d in (whole, seen, own)]
    assert named[0] == named[2] == {"c1"}
    assert named[1]
    assert not named[1] & named[0]
    assert [s["offered"] for s in seen["spans"]] == [s["offered"] for s in whole["spans"]]


@pytest.mark.parametrize(
    "words",
    [
        ("network", "offer"),
        ("network", "offer", "net", "--live"),
        ("network", "offer", "--live", "--circuits", "circuits.csv"),
        ("network", "offer", "net", "--disclosure", "member"),
        ("network", "offer", "--live", "--disclosure", "public"),
        ("network", "offer", "--live", "--on", "2031-01-02", "--until", "2031-01-02"),
        ("network", "offer", "--live", "--on", "1.2.2031"),
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_refused(at_home: Cni, words: tuple[str, ...]) -> None:
    done = at_home(*words)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
