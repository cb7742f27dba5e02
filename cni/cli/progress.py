"""Progress on stderr while something long runs: only on a terminal, never with --quiet."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cni.cli.render import clean, width
from cni.config import settings


@contextmanager
def _line() -> Iterator[Callable[[str], None] | None]:
    """A line on stderr that is rewritten, and wiped at the end; None where nobody would see it."""
    if settings().quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    try:
        yield lambda text: _rewrite(clean(text))
    finally:
        _rewrite("")


def _rewrite(text: str) -> None:
    sys.stderr.write("\r\x1b[2K" + text[: width() - 1])
    sys.stderr.flush()


@contextmanager
def level_progress() -> Iterator[Callable[[Any], None] | None]:
    """For `allocate`: the level at work, groups found to hold it, and the bound."""
    with _line() as line:
        yield None if line is None else lambda p: line(_words(p))


def _words(progress: Any) -> str:
    """A message of `allocation` as one line."""
    if not hasattr(progress, "stage"):
        return str(progress)
    level = f" {progress.level}" if progress.level else ""
    return f"{progress.stage}{level}: found {progress.found}, bound {progress.bound}"


step_progress = level_progress


@contextmanager
def count_progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """For work in pieces of a known number: a bar, and how many are done."""
    with _line() as line:
        yield None if line is None else lambda done, of: line(_bar(done, of, what))


BAR = 30


def _bar(done: int, of: int, what: str) -> str:
    full = BAR * done // max(1, of)
    return f"{'#' * full}{'.' * (BAR - full)} {done} of {of} {what}"
