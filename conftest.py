"""Runs the terminal sessions of README.md and docs/ (`python3 dev.py docs`).

A block marked `console` holds commands after `$ ` and, below each, what it prints. The commands of one document run in one
empty folder, 80 columns wide, with `cni` on the path. `CNI_WRITE_DOCS=1 python3 dev.py docs` writes what they print now.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

settings.register_profile("cni", deadline=None)  # a deadline fails a busy machine, not wrong code
settings.load_profile("cni")

EVERY = 50_000
"""Objects between two collections of garbage, as in the command itself (cni/__main__.py)."""

COMMAND = re.compile(r"^\$ (?P<command>(?:.*\\\n)*.*)\n?", re.MULTILINE)
LONGEST_S = 300


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not in what the modules of all tests hold: a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(EVERY)


def session(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with what stands below it."""
    starts = list(COMMAND.finditer(block))
    ends = [m.start() for m in starts[1:]] + [len(block)]
    return [(m["command"], block[m.end() : end].rstrip("\n")) for m, end in zip(starts, ends, strict=True)]


def environment() -> dict[str, str]:
    """A plain terminal of 80 columns whose `cni` is that of this Python."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CNI_", "PYTEST"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    root = str(Path(__file__).resolve().parent)
    return {**kept, "PATH": path, "PYTHONPATH": root, "COLUMNS": "80", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}


def printed(command: str, namespace: dict[str, Any]) -> str:
    """What a command prints, run where the one before it ended."""
    marker = Path(namespace["folder"]) / ".where"
    kept = Path(namespace["folder"]) / ".exported"  # `export CNI_...` holds for the commands below it, as in a terminal
    script = (
        f"cd '{namespace['where']}'\n[ -f '{kept}' ] && . '{kept}'\n{command}\ncode=$?\npwd > '{marker}'\n"
        f"export -p | grep ' CNI_' > '{kept}'\nexit $code"
    )
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LONGEST_S,
        check=False,
    )
    namespace["where"] = marker.read_text().strip() if marker.exists() else namespace["where"]
    return done.stdout.decode().rstrip("\n")


def run(example: Example) -> str | None:
    """Run a block; None where it prints what is written, else both."""
    block = str(example.parsed)
    fresh, wrong = [], []
    for command, expected in session(block):
        actual = printed(command, example.namespace)
        fresh.append(f"$ {command}\n{actual}\n" if actual else f"$ {command}\n")
        if actual != expected:
            wrong.append(f"$ {command}\n--- written\n{expected}\n--- printed\n{actual}")
    if wrong and os.environ.get("CNI_WRITE_DOCS"):
        path = Path(example.path)
        path.write_text(path.read_text().replace(block, "".join(fresh), 1))
        return None
    return "\n".join(wrong) or None


def set_up(namespace: dict[str, Any]) -> None:
    """An empty folder for a document."""
    namespace["folder"] = namespace["where"] = tempfile.mkdtemp(prefix="cni-docs-")


def tear_down(namespace: dict[str, Any]) -> None:
    """Remove it."""
    shutil.rmtree(namespace["folder"], ignore_errors=True)


pytest_collect_file = Sybil(
    parsers=[CodeBlockParser(language="console", evaluator=run)],
    patterns=["README.md", "docs/*.md", "docs/**/*.md"],
    setup=set_up,
    teardown=tear_down,
).pytest()
