"""The fuzzer: `python -m tests.fuzz.run --seconds 3600 --jobs 2 --out found`. Case N is the same on every machine.

Each case runs in a process of its own, forked from one that has everything loaded, in a fresh folder. It is a fault where a
command ends with an exit code outside the contract, shows a traceback, takes more than its time, leaves a file half
written or one of its inputs changed, or breaks the database. Faults are kept with their inputs and the words to repeat them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tests.fuzz import corpus
from tests.fuzz.commands import HOUSE, PURE
from tests.fuzz.mutate import broken, word

CODES = (0, 1, 2, 3)
SECONDS = 60
MEMORY = 4 << 30
SLOT = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class Case:
    """A case: the words, which of them name files, and which file is broken ("" for a wrong word instead)."""

    number: int
    words: tuple[str, ...]
    breaks: str
    on_house: bool


@dataclass(frozen=True)
class Outcome:
    """What a case did: its exit code (None where it was stopped), what it wrote, and what is wrong with it ("" for nothing)."""

    case: Case
    code: int | None
    said: str
    fault: str


def case_of(number: int) -> Case:
    """The case of a number."""
    dice = random.Random(number)
    on_house = dice.random() < 0.4
    words = dice.choice(HOUSE if on_house else PURE).split()
    files = [match[1] for each in words if (match := SLOT.search(each))]
    breaks = dice.choice(files) if files and dice.random() < 0.85 else ""
    if not breaks:
        place = dice.randrange(1, len(words))
        if not SLOT.search(words[place]) and not words[place].startswith("OUT"):
            kind = dice.randrange(4)
            if kind < 3:
                words[place] = word(words[place], dice)
            else:
                del words[place]
    return Case(number, tuple(SLOT.sub(r"\1", each) for each in words), breaks, on_house)


def break_input(case: Case, place: Path) -> str:
    """Break the file of a case in its folder, or one of the files of its folder; returns which."""
    if not case.breaks:
        return ""
    dice = random.Random(case.number + 1)
    target = place / case.breaks
    if target.is_dir():
        target = dice.choice(sorted(p for p in target.iterdir() if p.is_file()))
    if dice.random() < 0.02:
        target.unlink()
        return str(target)
    target.write_bytes(broken(target.name, target.read_bytes(), dice))
    return str(target)


def snapshot(place: Path) -> dict[str, bytes]:
    """Every file of a folder but the database's, with its bytes."""
    files = (p for p in place.rglob("*") if p.is_file() and not p.name.startswith("cni.db"))
    return {str(p.relative_to(place)): p.read_bytes() for p in files}


def run(case: Case, seeded: Path) -> Outcome:
    """Run a case in a fresh copy of the corpus."""
    place = Path(tempfile.mkdtemp(prefix="cnifuzz"))
    try:
        shutil.copytree(seeded, place, dirs_exist_ok=True)
        break_input(case, place)
        before = snapshot(place)
        code = _forked(case, place)
        said = (place / ".said").read_text("utf-8", "replace") if (place / ".said").exists() else ""
        (place / ".said").unlink(missing_ok=True)
        return Outcome(case, code, said, _fault(case, code, said, place, before))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _forked(case: Case, place: Path) -> int | None:
    child = os.fork()
    if child == 0:
        _be_the_command(case, place)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.003)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _be_the_command(case: Case, place: Path) -> None:
    """Never returns: the child ends with the command's exit code."""
    os.chdir(place)
    said = os.open(".said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.environ.update(CNI_CLOCK="2027-01-20T09:00:00Z", COLUMNS="80", NO_COLOR="1")
    os.environ["CNI_DATABASE_URL"] = f"sqlite:///{place}/cni.db"
    sys.stdin = open(os.devnull)  # noqa: SIM115 -- for the rest of the process
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", errors="surrogateescape")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace")  # type: ignore[misc]
    sys.argv = ["cni", *case.words]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    code = 99
    try:
        from cni.__main__ import main

        code = main(list(case.words))
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    os._exit(code)


def _fault(case: Case, code: int | None, said: str, place: Path, before: dict[str, bytes]) -> str:
    if code is None:
        return f"took more than {SECONDS} s"
    if code not in CODES:
        return f"exit {code}"
    if "Traceback (most recent call last)" in said:
        return "traceback"
    after = snapshot(place)
    for name, data in before.items():
        if after.get(name) != data and not name.startswith("OUT"):
            return f"changed its input {name}"
    made = sorted(after.keys() - before.keys())
    if code == 2 and made:
        return f"exit 2, and left {' '.join(made)}"
    for name in made:
        if not _whole(name, after[name]):
            return f"half written: {name}"
    return _database_fault(place) if case.on_house else ""


def _whole(name: str, data: bytes) -> bool:
    """Whether a written file is what its name says, to its end."""
    if name.endswith(".json"):
        try:
            json.loads(data)
        except ValueError:
            return False
    if name.endswith((".svg", ".kml", ".html")):
        return data.rstrip().endswith(b">")
    return bool(data)


def _database_fault(place: Path) -> str:
    try:
        with sqlite3.connect(place / "cni.db") as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            numbers, rows = connection.execute("SELECT max(number), count(*) FROM audit").fetchone()
    except sqlite3.Error as error:
        return f"the database is broken: {error}"
    return "" if found == "ok" and numbers == rows else "the database is broken"


def keep(outcome: Outcome, out: Path) -> None:
    """Write a fault down: the words, what was said, and how to run it again."""
    out.mkdir(parents=True, exist_ok=True)
    said = outcome.said[-6000:]
    text = f"{outcome.fault}\ncni {' '.join(map(repr, outcome.case.words))}\nbreaks {outcome.case.breaks}\n\n{said}"
    (out / f"{outcome.case.number}.txt").write_text(text, "utf-8", "replace")


def load_everything() -> None:
    """Import what commands import late, once, before any fork."""
    import cni.bills.finalising
    import cni.bills.runs
    import cni.rounds.awards
    import cni.rounds.publishing
    import cni.views.explanation
    import scenarios.runs.run
    from topology.formats import exchange

    _ = (cni, scenarios, exchange)


def work(first: int, step: int, seconds: float, most: int, out: Path) -> tuple[int, int]:
    """Run cases first, first + step, ...; returns how many ran and how many were faults."""
    seeded = Path(tempfile.mkdtemp(prefix="cniseed"))
    corpus.build(seeded)
    load_everything()
    end, ran, faults, number = time.monotonic() + seconds, 0, 0, first
    while time.monotonic() < end and ran < most:
        outcome = run(case_of(number), seeded)
        ran += 1
        if outcome.fault:
            faults += 1
            keep(outcome, out)
        number += step
    shutil.rmtree(seeded, ignore_errors=True)
    return ran, faults


def _be_a_worker(job: int, asked: argparse.Namespace) -> NoReturn:
    """Never returns, whatever happens: what forked it goes on in another process."""
    code = 99
    try:
        ran, faults = work(asked.first + job, asked.jobs, asked.seconds, asked.most, asked.out)
        os.write(2, f"job {job}: {ran} cases, {faults} faults\n".encode())
        code = 1 if faults else 0
    except BaseException:
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        os._exit(code)


def main(argv: list[str] | None = None) -> int:
    """Run the fuzzer; exit 1 where it found a fault."""
    words = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    words.add_argument("--seconds", type=float, default=3600)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--first", type=int, default=0, help="number of the first case")
    words.add_argument("--most", type=int, default=10**9, help="cases of each job")
    words.add_argument("--out", type=Path, default=Path("fuzz-found"))
    asked = words.parse_args(argv)
    children = []
    for job in range(asked.jobs):
        child = os.fork()
        if child == 0:
            _be_a_worker(job, asked)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
