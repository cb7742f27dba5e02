"""The house itself: the lock, the two commands, the documents."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from tests.cni.helpers import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ \\;]+)(?: ; (.*?))? \\$", LOCK, re.MULTILINE)


def test_the_lock_names_no_address_and_hashes_every_package() -> None:
    assert "://" not in LOCK
    assert len(PINS) == len(re.findall(r"^[a-z0-9]", LOCK, re.MULTILINE)) > 40
    for block in re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block


def test_every_python_gets_the_same_versions() -> None:
    names = [name for name, _, _ in PINS]
    assert len(names) == len(set(names))
    served = [marker for _, _, marker in PINS if "sys_platform == 'emscripten'" not in marker]  # no Python in a browser
    assert not [marker for marker in served if "python_version" in marker or "python_full_version" in marker]


def test_the_lock_holds_what_the_project_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*asked["project"]["dependencies"], *asked["dependency-groups"]["dev"]]
    names = {re.split(r"[<>=\[]", each)[0].lower() for each in wanted}
    assert names <= {name for name, _, _ in PINS}


def test_each_dependency_earns_its_line() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*asked["project"]["dependencies"], *asked["dependency-groups"]["dev"]]
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert not [name for each in wanted if (name := re.split(r"[<>=\[]", each)[0]) not in text]


@pytest.mark.parametrize(("words", "code"), [((), 2), (("--help",), 0), (("nonsense",), 2)])
def test_dev_py_says_what_there_is(words: tuple[str, ...], code: int) -> None:
    done = subprocess.run([sys.executable, "dev.py", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "test" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_a_module_that_a_page_names_is_there() -> None:
    """A name that stayed behind when a module moved sends a reader nowhere. A bare name may lie anywhere."""
    files = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    ends = {"/".join(parts[n:]) for file in files for parts in [file.split("/")] for n in range(len(parts))}
    for page in [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md"), *ROOT.glob("*/README.md")]:
        named = set(re.findall(r"(?<![\w./*])((?:\w+/)*\w+\.py)\b", page.read_text(encoding="utf-8")))
        assert sorted(named - ends) == [], page.relative_to(ROOT)


def test_every_rule_is_named_by_code_or_test_and_every_name_is_a_rule() -> None:
    """Of the rule book, docs/rules: a rule that nothing names is not kept, and a name that is no rule explains nothing."""
    pages = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs" / "rules").glob("[a-z]-*.md"))]
    rules = {rule for page in pages for rule in re.findall(r"\*\*([A-J][0-9]+)\b", page)}
    texts = [p.read_text(encoding="utf-8") for room in ROOMS for p in (ROOT / room).rglob("*.py")]
    assert sorted(rules - {name for text in texts for name in _named(text)}) == []
    cited = {name for text in texts for name in re.findall(r"\brules? ([A-J][0-9]+)\b", text)}
    assert sorted(cited - rules) == []


ROOMS = ("cni", "topology", "allocation", "billing", "scenarios", "tests")


def _named(text: str) -> set[str]:
    """The rules that a text names, those within "H1 to H6" and "A1-A7" too."""
    spans = re.findall(r"\b([A-J])([0-9]+)(?: to |-)\1?([0-9]+)\b", text)
    within = {f"{letter}{n}" for letter, first, last in spans for n in range(int(first), int(last) + 1)}
    return within | set(re.findall(r"\b([A-J][0-9]+)\b", text))
