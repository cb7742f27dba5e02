"""Where the values of a JSON text stand, so that a finding can name line and character.

The text is walked only when somebody asks, and only as deep as entities and their fields; what lies deeper is skipped
by the decoder of the standard library, which is written in C. A package of 750 nodes and 900 spans takes some 50 ms.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import cached_property

Path = tuple[str | int, ...]
GAP = re.compile(r"[ \t\r\n,:]*")
SKIP = json.JSONDecoder()


class JsonPlaces:
    """The places of values down to a depth in a JSON text that has been read without a fault."""

    def __init__(self, text: str, depth: int) -> None:
        self.text, self.depth = text, depth

    def at(self, path: Path) -> tuple[int, int]:
        """Line and character, both from 1, of the value at a path; of the nearest value around it that is there."""
        while path not in self._offsets:
            path = path[:-1]
        offset = self._offsets[path]
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    @cached_property
    def _starts(self) -> list[int]:
        """The offset at which each line begins."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @cached_property
    def _offsets(self) -> dict[Path, int]:
        found: dict[Path, int] = {}
        self._walk(self._next(0), (), found)
        return found

    def _next(self, at: int) -> int:
        match = GAP.match(self.text, at)
        return match.end() if match else at

    def _walk(self, at: int, path: Path, found: dict[Path, int]) -> int:
        """Note a value and what is in it; the offset after it."""
        found[path] = at
        mark = self.text[at]
        if len(path) >= self.depth or mark not in "[{":
            return SKIP.raw_decode(self.text, at)[1]
        number, at = 0, self._next(at + 1)
        while self.text[at] not in "]}":
            key: str | int = number
            if mark == "{":
                key, at = SKIP.raw_decode(self.text, at)
                at = self._next(at)
            at = self._next(self._walk(at, (*path, key), found))
            number += 1
        return at + 1
