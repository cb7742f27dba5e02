"""`cni network regroom --record`: a proposal written down as circuits with their strands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cni.cli import files, render
from topology.problems import bad_input

if TYPE_CHECKING:
    from cni.cli.inputs import Spine

GOALS = ("fewest_moves", "straight")


def check(goal: str, record: Path | None) -> None:
    """Refuse early what cannot be written. Raises BadInput."""
    if goal not in GOALS:
        raise bad_input(f"--goal must be {' or '.join(GOALS)}.", file="--goal", value=goal)
    if record is not None:
        files.check_target(record, "--record")


def write(record: Path, base: Spine, document: Mapping[str, Any], goal: str) -> bool:
    """Write the circuits as a proposal leaves them; False, and no file, where there is none.

    Raises BadInput where the file cannot be written there.
    """
    from topology.files.circuits import write_circuits
    from topology.strands.regroom_report import regroomed

    moved = regroomed(base.network, base.circuits, document, goal)
    if moved is None:
        render.note(f"there is no proposal to record; {record} was not written")
        return False
    files.write_atomically(record, write_circuits(moved).encode(), "--record")
    render.note(f"written: {record}")
    return True
