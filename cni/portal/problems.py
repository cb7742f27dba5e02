"""What goes wrong, told by status and in words: problem details for programs (RFC 9457), a page for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cni.errors import CniError
from topology.problems import BadInput

STATUS = {
    "unknown_id": 404,
    "no_network": 404,
    "duplicate_id": 409,
    "unchanged": 409,
    "wrong_state": 409,
    "late": 409,
    "both_legs": 409,
    "too_early": 409,
    "changed_meanwhile": 409,
    "key_reused": 422,
    "not_sealed": 422,
    "too_large": 404,
    "file_too_large": 413,
    "not_disclosed": 403,
    "forbidden": 403,
    "bad_origin": 403,
    "no_scope": 403,
    "sign_in_needed": 401,
    "too_many": 429,
    "not_found": 404,
    "method_not_allowed": 405,
    "locked": 503,
    "no_server": 503,
    "disk_full": 503,
    "fault": 500,
}
"""HTTP status by code; what is not listed is 422, a database that cannot be used 503."""

TITLES = {
    401: "Sign in first",
    403: "This is not for you to see or do",
    404: "There is no such page or thing",
    405: "This cannot be done here",
    409: "It cannot be done now",
    413: "The file is too large",
    422: "Something in what you sent has to be put right",
    429: "Too many tries in a short time",
    500: "A fault of ours",
    503: "The database cannot be used just now",
}


class Refusal(Exception):  # noqa: N818 -- an answer, not a fault
    """An answer of the portal itself: a code, what it means here, and how to go on."""

    def __init__(self, code: str, text: str, hint: str = "", *, retry_after: int = 0) -> None:
        self.code, self.text, self.hint, self.retry_after = code, text, hint, retry_after
        super().__init__(text)


def not_there() -> Refusal:
    """The answer for what does not exist and for what is another member's: the two cannot be told apart."""
    return Refusal("not_found", "There is nothing here under this name, or it is not yours.")


@dataclass(frozen=True, slots=True)
class Told:
    """An error as both forms show it."""

    status: int
    code: str
    text: str
    problems: tuple[dict[str, Any], ...] = ()
    retry_after: int = 0

    @property
    def title(self) -> str:
        """What kind of error it is, in a few words."""
        return TITLES.get(self.status, TITLES[422])

    def as_json(self) -> dict[str, Any]:
        """Problem details with our code and every problem found."""
        return {
            "type": f"/explain/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.text,
            "code": self.code,
            "problems": list(self.problems),
        }


def told(error: Exception) -> Told:
    """An error of the house as it is told."""
    if isinstance(error, Refusal):
        row = {"code": error.code, "text": error.text, "hint": error.hint}
        return Told(STATUS.get(error.code, 422), error.code, error.text, (row,), error.retry_after)
    if isinstance(error, BadInput):
        rows = tuple(
            {
                "code": p.code,
                "file": p.file,
                "line": p.line,
                "column": p.column,
                "value": p.value[:200],
                "text": p.text,
                "hint": p.hint,
            }
            for p in error.problems
        )
        first = error.problems[0]
        return Told(STATUS.get(first.code, 422), first.code, " ".join(p.text for p in error.problems[:5]), rows)
    if isinstance(error, CniError):
        code = error.code or "fault"
        row = {"code": code, "text": error.text, "hint": error.hint}
        return Told(STATUS.get(code, 503), code, error.text, (row,))
    return Told(500, "fault", "The portal met something that it did not expect. Nothing was changed.")
