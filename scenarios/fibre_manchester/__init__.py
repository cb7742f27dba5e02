"""The bundled scenario `fibre-manchester`: an illustrative spine, its circuits, one round of requests, policy and tariff."""

from __future__ import annotations

from pathlib import Path


def folder() -> Path:
    """The folder that holds `network/`, `circuits.csv`, `requests.csv`, `policy.toml` and `tariff.toml`."""
    return Path(__file__).resolve().parent


ORDER = (
    "today",
    "ashton-duct",
    "exchange",
    "flood",
    "recall",
    "build-survives",
    "build-disjoint",
    "build-budget",
)


def scenario_files() -> tuple[Path, ...]:
    """The bundled scenario files, in the order in which they are told."""
    return tuple(folder() / "scenarios" / f"{name}.toml" for name in ORDER)
