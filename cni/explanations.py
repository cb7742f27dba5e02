"""What every code means: reasons of an award, findings of a check, checks of a verification, errors of an input."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {
    "reason": "reason of an award",
    "finding": "finding about a network or a request",
    "check": "check of a verification",
    "input": "error of an input",
    "store": "error of the database",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`meaning` in plain words, an `example`, and what a person may do about it (`remedy`)."""

    code: str
    kind: str
    meaning: str
    example: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """As `cni explain --json` shows it."""
        return {f: getattr(self, f) for f in self.__slots__}


EXPLANATIONS: dict[str, Explanation] = {}
