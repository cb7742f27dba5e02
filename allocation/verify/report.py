"""What a verification found: one entry per failure with its place, one entry for each rule where all is well."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `code`: the rule, or the part of the award; `where`: request, span, node or level ("" for the whole)."""

    code: str
    ok: bool
    where: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The entry as `cni.verify/1` shows it."""
        return {"code": self.code, "ok": self.ok, "where": self.where, "text": self.text}


@dataclass(slots=True)
class Report:
    """Gathers findings. A rule that was looked at and has no failure gets one entry that says so."""

    failures: list[Check] = field(default_factory=list)
    passed: dict[str, str] = field(default_factory=dict)
    notes: list[Check] = field(default_factory=list)

    def fail(self, code: str, where: str, text: str) -> None:
        """Something is wrong at a place."""
        self.failures.append(Check(code, False, where, text))

    def looked_at(self, code: str, text: str) -> None:
        """The rule was checked; `text` says what was found good, for the case that no failure is recorded under it."""
        self.passed.setdefault(code, text)

    def note(self, code: str, where: str, text: str) -> None:
        """Something that is not wrong and that the reader should know, above all what was not checked."""
        self.notes.append(Check(code, True, where, text))

    def equal(self, code: str, where: str, what: str, said: object, found: object) -> bool:
        """Compare what the award says with what was computed; JSON types are told apart (true is not 1)."""
        if same_value(said, found):
            return True
        self.fail(code, where, f"{what}: the award says {shown(said)}, it is {shown(found)}.")
        return False

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failures

    def checks(self) -> list[dict[str, Any]]:
        """All entries: failures first in the order found, then what is well, then notes."""
        failed = {check.code for check in self.failures}
        good = [Check(code, True, "", text) for code, text in self.passed.items() if code not in failed]
        return [check.as_json() for check in (*dict.fromkeys(self.failures), *good, *self.notes)]


def same_value(one: object, two: object) -> bool:
    """Equality of JSON values in which true and 1, and 1 and 1.0, differ."""
    if type(one) is not type(two):
        return False
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(same_value(x, y) for x, y in zip(one, two, strict=True))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same_value(one[k], two[k]) for k in one)
    return one == two


def shown(value: object) -> str:
    """A value in a sentence, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 90 else f"{text[:87]}..."
