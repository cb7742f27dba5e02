"""The fuzzer: a few cases always, an hour of them with `python3 dev.py fuzz`; and that it sees a fault where there is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz import corpus
from tests.fuzz.run import case_of, load_everything, main, run


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus."""
    place = tmp_path_factory.mktemp("corpus")
    corpus.build(place)
    load_everything()
    return place


@pytest.mark.slow
def test_a_few_hundred_broken_inputs_end_within_the_contract(seeded: Path) -> None:
    outcomes = [run(case_of(number), seeded) for number in range(10**6, 10**6 + 300)]
    assert not [(o.fault, o.case.words, o.said[-2000:]) for o in outcomes if o.fault]
    assert {o.code for o in outcomes} >= {0, 2}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("raise RuntimeError('x')", "exit 99"),
        ("return 5", "exit 5"),
        ("open('left', 'w').write('x'); return 2", "exit 2, and left left"),
        ("open('OUT.json', 'w').write('{'); return 0", "half written: OUT.json"),
        ("open('policy.toml', 'a').write('x'); return 0", "changed its input policy.toml"),
        ("print('Traceback (most recent call last)'); return 1", "traceback"),
    ],
)
def test_the_fuzzer_sees_what_is_wrong(seeded: Path, monkeypatch: pytest.MonkeyPatch, said: str, fault: str) -> None:
    space: dict[str, object] = {}
    exec(f"def broken(words):\n    {said}", space)
    monkeypatch.setattr("cni.__main__._run", space["broken"])
    case = next(c for c in map(case_of, range(1000)) if not c.on_house and not c.breaks)
    assert run(case, seeded).fault == fault


@pytest.mark.fuzz
def test_an_hour_of_broken_inputs(tmp_path: Path) -> None:
    """`CNI_FUZZ_SECONDS` for less or more, `CNI_FUZZ_FIRST` to go on elsewhere; faults are kept in the folder fuzz-found."""
    seconds, first = os.environ.get("CNI_FUZZ_SECONDS", "3600"), os.environ.get("CNI_FUZZ_FIRST", "0")
    assert main(["--seconds", seconds, "--first", first, "--out", "fuzz-found"]) == 0
