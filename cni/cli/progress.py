"""Progress on stderr while something long runs: only on a terminal, never with --quiet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cni.cli.render import clean, width
from cni.config import settings


@contextmanager
def _line() -> Iterator[Callable[[str], None] | None]:
    """A line on stderr that is rewritten, and wiped at the end; None where nobody would see it."""
    if settings().quiet or not sys.stderr.isatty():
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
