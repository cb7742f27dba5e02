"""The files that pages bring to the browser: nothing of another host's, nothing changed unseen."""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.cni.helpers import ROOT

STATIC = ROOT / "cni" / "portal" / "static"
VENDOR = STATIC / "vendor"
OURS = sorted(path for path in STATIC.glob("*.js"))


def test_the_library_is_what_its_page_says() -> None:
    data, told = (VENDOR / "age.js").read_bytes(), (VENDOR / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(data).hexdigest() in told
    assert f"({len(data):,} bytes)".replace(",", " ") in told
    assert data.startswith(b"/* age-encryption 0.3.1 (BSD-3-Clause)")


def test_each_part_of_the_library_has_its_version_and_licence_in_full() -> None:
    licences = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    parts = re.findall(r"^\| (\S+) \| ([0-9.]+) \|", (VENDOR / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(parts) == 6
    assert not [part for part in parts if " ".join(part) not in licences]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_scripts_reach_no_other_host_and_make_no_code_from_text(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(
        r"https?://|\beval\b|new Function|innerHTML|outerHTML|document\.write|insertAdjacentHTML", text
    )
    assert all(
        source.startswith("./")
        for source in re.findall(r'\bfrom "([^"]+)"|\bimport\("([^"]+)"\)', text)
        for source in source
        if source
    )
