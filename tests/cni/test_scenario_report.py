"""`cni scenario report`: one page from scenario files, cut for its audience."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cni.helpers import Cni, run
from tests.scenarios.folders import scenario_in, spine_in

DUCT = '[event]\nrisk_groups = ["secret-duct"]\n'
IMPACT = 'schema = "cni.impact/1"\nsource = "general meeting, 2027-03-01"\ncircuits_down = [1, 2, 3, 25]\n'


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A scenario that cuts a duct, and one that changes nothing."""
    monkeypatch.chdir(tmp_path)
    spine_in(tmp_path)
    return scenario_in(tmp_path, "duct", DUCT), scenario_in(tmp_path, "today")


def test_a_report_is_written_for_members_unless_another_audience_is_named(cni: Cni, files):
    done = cni("scenario", "report", *files, "--form", "register", "-o", "r.html")
    assert (done.code, done.out) == (0, "")
    assert "for the audience member" in done.err
    page = Path("r.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "secret-duct" not in page


def test_internally_the_duct_is_named_with_the_command_that_gives_the_figures(cni: Cni, files):
    done = cni("scenario", "report", files[0], "--form", "register", "--disclosure", "internal", "-o", "r.html")
    assert done.code == 0
    page = Path("r.html").read_text()
    assert "cni scenario fail net --circuits circuits.csv --risk-group secret-duct --on 2027-01-04" in page


def test_cut_offs_from_a_file_stand_in_the_report_with_their_source(cni: Cni, files, tmp_path):
    (tmp_path / "impact.toml").write_text(IMPACT)
    words = ("--form", "register", "--impact", "impact.toml", "--title", "Risks <of> 2027", "-o", "r.html")
    assert cni("scenario", "report", files[0], *words).code == 0
    page = Path("r.html").read_text()
    assert "general meeting, 2027-03-01" in page
    assert "<h1>Risks &lt;of&gt; 2027</h1>" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--form", "poem", "-o", "r.html"), "--form"),
        (("--form", "register", "-o", "r.pdf"), "-o"),
        (("--form", "register", "-o", "nowhere/r.html"), "-o"),
        (("--form", "options", "--impact", "impact.toml", "-o", "r.html"), "--impact"),
        (("--form", "options", "--curve", "3", "-o", "r.html"), "--curve"),
        (("--form", "register", "--disclosure", "internal", "--curve", "3", "-o", "r.html"), "--curve"),
        (("--form", "options", "--disclosure", "internal", "--curve", "300", "-o", "r.html"), "--curve"),
        (("--form", "register", "--title", "a\x1b[31m", "-o", "r.html"), "--title"),
        (("--form", "register", "--disclosure", "friends", "-o", "r.html"), "--disclosure"),
    ],
    ids=str,
)
def test_what_cannot_be_written_is_refused_before_anything_is_computed(cni: Cni, files, words, said):
    done = cni("scenario", "report", files[0], *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not Path("r.html").exists()


def test_every_fault_of_the_cut_offs_is_named_at_once(cni: Cni, files, tmp_path):
    text = 'schema = "cni.impact/9"\ncircuits_down = [5, 1, 20, 50]\nmembers_hit = [1, 5, 20, 500]\nmoney = [1]\n'
    (tmp_path / "impact.toml").write_text(text)
    done = cni("scenario", "report", files[0], "--form", "register", "--impact", "impact.toml", "-o", "r.html")
    assert done.code == 2
    for said in ("cni.impact/1", "source", "circuits_down", "members_hit", "money", "impact.toml:3"):
        assert said in done.err


def test_the_same_files_give_the_same_page_in_every_process(files, tmp_path):
    made = set()
    for seed in ("0", "1"):
        words = ("scenario", "report", *files, "--form", "register", "--disclosure", "internal", "-o", f"r{seed}.html")
        assert run(*words, folder=tmp_path, PYTHONHASHSEED=seed).code == 0
        made.add((tmp_path / f"r{seed}.html").read_bytes())
    assert len(made) == 1
