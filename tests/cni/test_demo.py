"""`cni demo` tells the whole story, and each command that it shows gives the same figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cni.helpers import Outcome, run


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, run("demo", folder=folder, COLUMNS="80", NO_COLOR="1")


def commands(text: str) -> list[str]:
    """The commands shown after `$`, each on one line."""
    joined = re.sub(r" \\\n +", " ", text)
    return re.findall(r"^  \$ (cni .*)$", joined, re.MULTILINE)


def test_it_ends_well_and_says_that_it_is_illustrative(told: tuple[Path, Outcome]) -> None:
    _, done = told
    assert (done.code, done.err) == (0, "")
    assert "illustrative" in done.out.splitlines()[1]


def test_it_shows_proof_reasons_verification_balance_and_a_failure(told: tuple[Path, Outcome]) -> None:
    _, done = told
    assert "Proof: optimal." in done.out
    assert "span_full" in done.out
    assert "pack.json is verified" in done.out
    assert re.search(r"= balance +0\.00", done.out)
    assert re.search(r"circuits down +[1-9]", done.out)


def test_it_fits_80_columns_and_a_minute_of_reading(told: tuple[Path, Outcome]) -> None:
    lines = told[1].out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 110


def test_it_leaves_a_folder_of_its_own_and_a_second_run_another(told: tuple[Path, Outcome]) -> None:
    folder, _ = told
    left = {p.name for p in (folder / "cni-demo").iterdir()}
    assert {"cni.db", "map.svg", "pack.json", "award.json", "after.csv", "network"} <= left
    (folder / "mine").mkdir()
    (folder / "mine" / "note.txt").write_text("keep")
    assert run("demo", "--folder", "mine", folder=folder).code == 2
    assert [p.name for p in (folder / "mine").iterdir()] == ["note.txt"]


@pytest.mark.slow
def test_each_command_that_it_shows_works_in_that_folder(told: tuple[Path, Outcome]) -> None:
    folder, done = told
    shown = commands(done.out)
    assert len(shown) >= 9
    for command in shown:
        # deciding takes seconds, so it is not done once more for the document
        award = ("-o", "again.json") if "allocate" in command else ()
        again = run(*command.split()[1:], *award, folder=folder / "cni-demo", COLUMNS="80", NO_COLOR="1")
        assert again.code == 0, command
        assert "Traceback" not in again.err
    here = folder / "cni-demo"
    assert (here / "again.json").read_bytes() == (here / "award.json").read_bytes()
