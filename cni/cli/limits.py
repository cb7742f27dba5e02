"""The limits that a person may put on an allocation."""

from __future__ import annotations

from topology.problems import Problems


def check_limits(effort: int | None, time_limit: float | None) -> None:
    """Raise BadInput for limits that mean nothing."""
    found = Problems()
    if effort is not None and effort < 0:
        found.add("--effort must not be negative.", file="--effort", value=str(effort))
    if time_limit is not None and not 0 < time_limit < 10_000_000:
        found.add("--time-limit must be a positive number of seconds.", file="--time-limit", value=str(time_limit))
    found.raise_errors()
