"""A house with a sealed round, for the tests of what happens to rounds: trustees, a clock, members who seal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cni.helpers import Cni, Outcome

OPENS, GATE = "2027-01-04T09:00:00Z", "2027-01-20T12:00:00Z"
DURING, AFTER, DRAWN = "2027-01-10T10:00:00Z", "2027-01-20T12:00:01Z", "2027-01-24T09:00:00Z"
VALUE = "3 17 22 40 41 55"
TRUSTEES = ("ann", "bob", "cat")
HEAD = "id,member,kind,a,b,pairs,diversity"


class House:
    """`cni` with a clock that a test sets."""

    def __init__(self, cni: Cni, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cni, self.monkeypatch = cni, monkeypatch

    def at(self, time: str) -> House:
        """Set the clock."""
        self.monkeypatch.setenv("CNI_CLOCK", time)
        return self

    def __call__(self, *words: object) -> Outcome:
        return self.cni(*words)

    def done(self, *words: object) -> Outcome:
        """Run what must succeed."""
        found = self.cni(*words)
        assert found.code == 0, found.err
        return found

    def document(self, *words: object) -> dict[str, Any]:
        """The JSON of what must succeed."""
        return self.done(*words, "--json").document

    def seal(self, member: str, *rows: str, round_id: str = "q1", to: str | None = None) -> Path:
        """A member's sealed file."""
        number = len(list(Path().glob("*.age")))
        source, sealed = Path(f"{member}-{number}.csv"), Path(f"{member}-{number}.age")
        source.write_text("\n".join((HEAD, *rows)) + "\n")
        key = to or json.loads(Path("round-key.json").read_text())["recipient"]
        self.done("request", "seal", source, "--round", round_id, "--member", member, "--to", key, "-o", sealed)
        return sealed

    def submit(self, member: str, *rows: str, round_id: str = "q1") -> dict[str, Any]:
        """A member seals and hands in; returns the receipt."""
        sealed = self.seal(member, *rows, round_id=round_id)
        return self.hand_in(member, sealed, round_id=round_id)

    def hand_in(self, member: str, sealed: Path, round_id: str = "q1") -> dict[str, Any]:
        """Hand in a file; returns the receipt."""
        return self.document("request", "submit", "--round", round_id, "--member", member, "--sealed", sealed)

    def open_together(self, *names: str, round_id: str = "q1", more: tuple[object, ...] = ()) -> Outcome:
        """Trustees open the round."""
        keys = [word for name in names for word in ("-i", f"{name}.key")]
        return self.cni("round", "unseal", round_id, *keys, *more)

    def award(self, round_id: str = "q1", **more: str) -> dict[str, Any]:
        """Award with the secret and the public value."""
        self.done("round", "award", round_id, "--secret-file", "lottery.txt", "--public-value", VALUE)
        return self.document("round", "show", round_id)["award"]  # type: ignore[no-any-return]


def make_house(cni: Cni, monkeypatch: pytest.MonkeyPatch, net: Path) -> House:
    """A house with members isp and other, the test ring, trustees' keys, and no round yet."""
    house = House(cni, monkeypatch).at("2027-01-01T09:00:00Z")
    house.done("init")
    for member in ("isp", "other", "third"):
        house.done("member", "add", member, "--roles", "user")
    house.done("network", "import", net, "--circuits", "circuits.csv")
    recipients = {name: house.done("key", "new", f"{name}.key").out.strip() for name in TRUSTEES}
    trustees = [word for name, key in recipients.items() for word in ("-t", f"{name}={key}")]
    house.done("key", "round", *trustees, "-o", "round-key.json")
    house.done("round", "secret", "lottery.txt")
    return house


def make_round(house: House, round_id: str = "q1", *more: object) -> None:
    """A sealed round, made, and opened at its time."""
    house.done(
        *("round", "create", round_id, "--policy", "policy.toml", "--opens", OPENS, "--gate", GATE),
        *("--secret-file", "lottery.txt", "--public-source", "state lottery, 23 January 2027"),
        *("--key", "round-key.json", *more),
    )
    house.at(OPENS).done("round", "open", round_id)
    house.at(DURING)
