"""What the two commands that explain a request share: the map beside the words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cni.cli import files, render
from topology.problems import bad_input

if TYPE_CHECKING:
    from topology.model import Network

SUFFIXES = (".svg", ".html")


def check_map(path: Path | None) -> None:
    """Refuse early a map that cannot be written. Raises BadInput."""
    if path is None:
        return
    if path.suffix.lower() not in SUFFIXES:
        raise bad_input("--map writes .svg or .html.", file="--map", value=path.suffix or str(path), code="not_served")
    files.check_target(path, "--map")


def draw(path: Path | None, document: dict[str, Any], network: Network) -> None:
    """Write the map of an explanation, where one was asked for. Raises BadInput where it cannot be written there."""
    if path is None:
        return
    from cni.views.explanation import marking
    from topology.maps.marking import html_page, marked_map

    of_group = {
        g: tuple(name for kind, name in members if kind == "span") for g, members in network.members_of_group.items()
    }
    shown = marking(document, of_group)
    svg = marked_map(network, shown)
    data = html_page(svg, shown.title) if path.suffix.lower() == ".html" else svg
    files.write_atomically(path, data.encode(), "--map")
    render.note(f"written: {path}")
