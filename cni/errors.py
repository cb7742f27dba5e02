"""What can go wrong, and the exit code that each outcome has.

    CniError                     anything that a person can understand and mend
    +-- StoreError               the database cannot be used as it is          exit 2
    +-- NeedsTerminal            a question that cannot be asked               exit 2
    topology.problems.BadInput   the input cannot be used, every problem named exit 2

Exit code 1 only ever means "the answer is no"; libraries that exit 1 on a crash are wrapped in `cni.__main__`.
"""

from __future__ import annotations

DONE = 0
NO = 1
BAD_INPUT = 2
BOUNDED = 3
FAULT = 70
INTERRUPTED = 130


class CniError(Exception):
    """Something that a person can understand and mend. `hint` says how, `code` can be given to `cni explain`."""

    exit_code = BAD_INPUT

    def __init__(self, text: str, hint: str = "", code: str = "") -> None:
        self.text, self.hint, self.code = text, hint, code
        super().__init__(text)


class StoreError(CniError):
    """The database cannot be used as it is: missing, locked, read-only, of another version, or not ours."""


class NeedsTerminal(CniError):  # noqa: N818 -- names the situation, as in the interfaces
    """A question would have to be asked, and there is nobody to ask; the hint names the option that answers it."""
