"""The year of docs/year.md on PostgreSQL, command by command, with the very output that the page shows.

On SQLite the page itself is run (`python3 dev.py docs`). What needs no database is run there alone.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

from conftest import printed, session
from tests.cni.helpers import ROOT

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PURE = ("cni verify", "cni round replay", "cni request check", "mkdir")
OTHERWISE = ("cni db check",)
"""What each database says in its own words: only its last line is compared."""


@pytest.mark.slow
def test_the_year_is_the_same_on_postgresql(empty_postgres: str) -> None:
    page = (ROOT / "docs" / "year.md").read_text()
    with tempfile.TemporaryDirectory(prefix="cni-year-") as folder:
        namespace: dict[str, Any] = {"folder": folder, "where": folder}
        Path(folder, ".exported").write_text(f'declare -x CNI_DATABASE_URL="{empty_postgres}"\n')
        for block in BLOCK.findall(page):
            for command, expected in session(block):
                if command.startswith(PURE):
                    continue
                found = printed(command, namespace)
                if command.startswith(OTHERWISE):
                    found, expected = found.splitlines()[-1], expected.splitlines()[-1]
                assert found == expected, command
