"""The reference of files in docs is what the column tables say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from allocation.files.columns import POLICY_KEYS, REQUESTS
from allocation.files.requests import policy_to_json
from allocation.policy import Deadlines, Policy
from billing.fact_rows import TABLES as FACTS
from billing.fees.policy import KINDS as FEES
from scenarios.builds.candidates import CANDIDATES, CONSTRUCTION, COST
from scenarios.builds.planning import CARBON, WEIGHTS
from scenarios.failures.register import REGISTER
from topology.files.columns import CIRCUITS, NETWORK_TABLES
from topology.files.table_text import reference
from topology.optics import Optics

PAGE = Path(__file__).parents[2] / "docs" / "files.md"
OPENING = """# Files, column by column

Made from the column tables in the code (`topology/files/columns.py`, `allocation/files/columns.py`, `billing/fact_rows.py`,
`scenarios/builds/candidates.py`, `planning.py`, `register.py`); a test keeps it true.
Columns in bold are required. All text is UTF-8; CSV follows RFC 4180 with a header; dates are ISO 8601 and intervals are
[start, end); an empty cell means "not given"; lists in a cell are separated by spaces; ids are 1 to 64 of the characters
A-Z a-z 0-9 `.` `_` `-`. Unknown columns are kept and reported. `network.toml` holds `name`, `id`, `licence`, `as_of`,
`illustrative`, `colours` (`tia-598`, the default, `iec-60304`, `abnt-14771`, or the colours themselves in order),
`strands_per_tube` (12), and under `[defaults.spans]` (or `[defaults]`) values for empty cells.
"""


def default_of(table: str, attribute: str) -> str:
    """The default of a policy key as text; empty where the clause is off."""
    plain = {"optics": Optics(), "deadlines": Deadlines()}.get(table, Policy())
    held = getattr(plain, attribute)
    return " ".join(held) if isinstance(held, tuple) else "" if held in (None, "") else str(held).lower()


def page() -> str:
    """The whole page."""
    parts = [OPENING]
    for table in (*NETWORK_TABLES, CIRCUITS, REQUESTS):
        also = " (also `.json`, `.yaml`)" if table is REQUESTS else ""
        parts.append(f"## `{table.file}`{also}\n\n{reference(table)}")
    keys = ["| key | what may stand there | unit | default | meaning |", "|---|---|---|---|---|"]
    for key in POLICY_KEYS:
        words = key.kind.words, key.unit, default_of(key.table, key.attribute), key.meaning
        keys.append(f"| `{key.path}` | " + " | ".join(words) + " |")
    for name, kind in FEES.items():
        keys.append(f"| `fees.{name}` | {kind.words} | | | docs/rules/f-billing.md |")
    parts.append("## `policy.toml`\n\n" + "\n".join(keys) + "\n")
    parts.append("## Facts of billing: a folder, of which each file may be missing\n")
    parts += [f"### `{table.file}`\n\n{reference(table)}" for table in FACTS.values()]
    more = replace(CANDIDATES, columns=(COST, CONSTRUCTION))
    parts.append(f"## Plans\n\n### `candidates.csv`: as `spans.csv`, and\n\n{reference(more)}")
    parts += [f"### `{table.file}`\n\n{reference(table)}" for table in (WEIGHTS, CARBON, REGISTER)]
    return "\n".join(parts)


def test_the_page_is_what_the_tables_say():
    """To mend it: write what `page()` returns to docs/files.md."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_no_key_of_a_default_policy_is_written():
    assert policy_to_json(Policy()) == {}
