"""A whole house on the illustrative Fibre Manchester data, made by the commands of `cni` alone, for tests of the portal.

`python -m tests.portal.house FOLDER` writes the same house for people and for tests in a browser.

Where it stands at `CLOCK`: round 2027-Q1 is published, some offers are accepted, one of bobbin is still open; the first quarter is
billed; works w-1 touch a circuit of bobbin; con-manchester takes strands back in 2028; round 2027-Q2 is open and sealed to
trustees, and carder has handed in a file.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cni.__main__ import main
from cni.config import Settings, use
from scenarios.fibre_manchester import folder as bundled

CLOCK = "2027-04-06T10:00:00Z"
"""The house's time: offers of 2027-Q1 can be taken up, 2027-Q2 takes requests."""

FIRST, SECOND, WORKS = "2027-Q1", "2027-Q2", "w-1"
GATE = "2027-04-20T12:00:00Z"
"""Of the second round."""

PERIOD = "2027-01-01/2027-04-01"
TRUSTEES = ("ann", "bob", "cat")
ASKING = ("bobbin", "carder", "damson")
"""Who hands in requests to the first round."""

RECALLED = "S022"
WORKED_ON = "S023"
ACCEPTED = ("2027-Q1.r059-1", "2027-Q1.r004-1")
OFFERED = "2027-Q1.r003-1"
"""An offer of bobbin's that nobody has answered."""


@dataclass(frozen=True)
class Known:
    """A person of the house as registered."""

    id: str
    member: str
    roles: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """Where links are sent."""
        return f"{self.id}@example.org"


PEOPLE = {
    p.id: p
    for p in (
        Known("ana", "bobbin"),
        Known("hal", "con-manchester"),
        Known("ida", "carder"),
        Known("aud", "", ("auditor",)),
        Known("yan", "yarrow"),  # whose member left on 1 October 2026
        Known("cora", "", ("coordinator",)),
    )
}

_KEPT = ("CNI_CLOCK", "CNI_DATABASE_URL", "NO_COLOR")


@dataclass(frozen=True)
class Folder:
    """`cni` in a folder with a clock."""

    place: Path

    @property
    def url(self) -> str:
        """Of its database."""
        return f"sqlite:///{self.place / 'cni.db'}"

    def run(self, at: str, *words: object, code: int = 0) -> str:
        """The same, with the environment put back as it was."""
        with _environment():
            return self.cni(at, *words, code=code)

    def cni(self, at: str, *words: object, code: int = 0) -> str:
        """Run a command that must succeed, or exit with `code`, at a time. Returns what it wrote."""
        os.environ["CNI_CLOCK"] = at
        use(Settings())
        out, err = _written(), _written()
        with redirect_stdout(out), redirect_stderr(err):
            found = main([*map(str, words), "--db", self.url, "--quiet"])
        if found != code:
            raise AssertionError(f"cni {' '.join(map(str, words))}: {found}\n{_text(out)}\n{_text(err)}")
        return _text(out)


def _written() -> io.TextIOWrapper:
    """What a command writes to; some write bytes."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()


def build(place: Path) -> Folder:
    """Make the house in an empty folder."""
    folder, source = Folder(place), place / "fm"
    shutil.copytree(bundled(), source, ignore=shutil.ignore_patterns("__pycache__"))
    with _environment():
        _spine(folder, source)
        _first_round(folder, source)
        _quarter(folder, source)
        _second_round(folder, source)
        for person in PEOPLE.values():
            _register(folder, person)
    return folder


def copied(template: Path, target: Path) -> Folder:
    """The same house in another folder, to be changed there."""
    shutil.copytree(template, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("fm"))
    return Folder(target)


@contextmanager
def _environment() -> Iterator[None]:
    """Put back what commands are told through the environment."""
    before = {name: os.environ.get(name) for name in _KEPT}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        use(Settings())


def _spine(folder: Folder, source: Path) -> None:
    at, place = "2027-01-04T09:00:00Z", folder.place
    folder.cni(at, "init")
    folder.cni(at, "network", "import", source / "network", "--circuits", source / "circuits.csv", "--why", "first")
    named = {name: folder.cni(at, "key", "new", place / f"{name}.key").strip() for name in TRUSTEES}
    trustees = [word for name, key in named.items() for word in ("-t", f"{name}={key}")]
    (place / "to").write_text(folder.cni(at, "key", "round", *trustees, "-o", place / "round-key.json"))
    (place / "lottery.txt").write_text("never use this secret again\n")


def _make_round(folder: Folder, at: str, name: str, on: str, gate: str, draw: str) -> None:
    place = folder.place
    folder.cni(
        at, "round", "create", name, "--policy", place / "fm" / "policy.toml", "--on", on, "--gate", gate,
        "--secret-file", place / "lottery.txt", "--public-source", f"the national lottery draw of {draw}",
        "--key", place / "round-key.json",
    )  # fmt: skip
    folder.cni(at, "round", "open", name)


def _hand_in(folder: Folder, at: str, name: str, files: Iterable[Path]) -> None:
    place, key = folder.place, json.loads((folder.place / "round-key.json").read_text())["recipient"]
    for file in files:
        member, sealed = file.stem, place / f"{name}-{file.stem}.age"
        folder.cni(at, "request", "seal", file, "--round", name, "--member", member, "--to", key, "-o", sealed)
        folder.cni(at, "request", "submit", "--round", name, "--member", member, "--sealed", sealed)


def _first_round(folder: Folder, source: Path) -> None:
    place = folder.place
    _make_round(folder, "2027-03-01T09:00:00Z", FIRST, "2027-04-01", "2027-03-20T12:00:00Z", "23 March 2027")
    _hand_in(folder, "2027-03-10T10:00:00Z", FIRST, _requests(folder, source, "first", ASKING, "2030-04-01"))
    folder.cni("2027-03-20T12:00:01Z", "round", "close", FIRST)
    folder.cni("2027-03-20T12:00:02Z", "round", "unseal", FIRST, "-i", place / "ann.key", "-i", place / "cat.key")
    drawn = ("--secret-file", place / "lottery.txt", "--public-value", "3 17 22 40 41 55")
    folder.cni("2027-03-24T09:00:00Z", "round", "award", FIRST, *drawn)
    folder.cni("2027-03-30T09:00:00Z", "round", "publish", FIRST)
    for circuit in ACCEPTED:
        folder.cni("2027-03-31T09:00:00Z", "circuit", "accept", circuit)


def _quarter(folder: Folder, source: Path) -> None:
    at = "2027-04-01T09:00:00Z"
    folder.cni(at, "bill", "tariff", "import", source / "tariff.toml")
    folder.cni(at, "bill", "policy", "import", source / "policy.toml")
    folder.cni(at, "bill", "facts", "import", source / "facts")
    folder.cni(at, "bill", "run", "--period", PERIOD, "--by", "ann")
    folder.cni(at, "bill", "review", 1, "--by", "bob")
    folder.cni(at, "bill", "finalise", 1, "--by", "cat")
    back = ("--strands", 2, "--on", "2028-01-01", "--contributor", "con-manchester", "--why", "a new tram line")
    folder.cni("2027-04-01T10:00:00Z", "recall", "plan", RECALLED, *back, "--record")
    night = ("--from", "2027-05-02T22:00:00Z", "--to", "2027-05-03T05:00:00Z")
    folder.cni("2027-04-01T11:00:00Z", "works", "plan", WORKS, "--span", WORKED_ON, *night, "--why", "duct repair")


def _second_round(folder: Folder, source: Path) -> None:
    _make_round(folder, "2027-04-02T09:00:00Z", SECOND, "2027-07-01", GATE, "24 April 2027")
    _hand_in(folder, "2027-04-05T10:00:00Z", SECOND, _requests(folder, source, "second", ["carder"], "2030-07-01"))


def _requests(folder: Folder, source: Path, name: str, members: Iterable[str], end: str) -> list[Path]:
    """The bundled requests of a half-year in a folder, each for three years from the round's day on (terms are whole years)."""
    place = folder.place / name
    place.mkdir()
    for member in members:
        text = (source / "year" / "2027-H1" / f"{member}.csv").read_text()
        (place / f"{member}.csv").write_text(text.replace("2030-01-04", end))
    return sorted(place.glob("*.csv"))


def _register(folder: Folder, person: Known) -> None:
    words = ["access", "add", person.id, "--email", person.email, "--name", person.id.capitalize()]
    words += ["--member", person.member] if person.member else []
    words += [word for role in person.roles for word in ("--role", role)]
    folder.cni("2027-04-05T11:00:00Z", *words)


def moment(text: str) -> datetime:
    """A time of the house."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


if __name__ == "__main__":
    made = Path(sys.argv[1])
    made.mkdir(parents=True)
    build(made.resolve())
    print(f"cd {made} && CNI_CLOCK={CLOCK} cni serve --db sqlite:///cni.db --mail-folder mail")  # noqa: T201
