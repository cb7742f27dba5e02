"""Running `cni` in this process, and in another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cni.__main__ import main
from cni.config import Settings, use

ROOT = Path(__file__).resolve().parents[2]


class Outcome(NamedTuple):
    """Exit code, and what was written where."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document that stands alone on stdout."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


class Cni:
    """`cni` with a folder of its own to run in."""

    def __init__(self, capfd: pytest.CaptureFixture[str], folder: Path) -> None:
        self.capfd, self.folder = capfd, folder

    def __call__(self, *words: object) -> Outcome:
        use(Settings())
        self.capfd.readouterr()
        code = main([str(word) for word in words])
        return Outcome(code, *self.capfd.readouterr())


def run(*words: object, folder: Path, **environment: str) -> Outcome:
    """`cni` in another process."""
    found = subprocess.run(
        [sys.executable, "-m", "cni", *(str(word) for word in words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Outcome(found.returncode, found.stdout, found.stderr)
