"""Writing a network to files: the form by suffix, the audience, and what was left out said beside it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from cni.cli import files, render
from topology.problems import bad_input

if TYPE_CHECKING:
    from topology.model import Network

FOLDERS = ("csv", "netbox")
LOST = {"netbox": "own use, reserves, risk groups, routes and dates (docs/formats.md)"}
DOUBT = "the lengths of the source look like metres; --lengths m reads them so"


def audience_of(disclosure: str | None, member: str | None, default: str) -> str:
    """The audience that options mean: --disclosure, `member` with --for, else the default. Raises BadInput."""
    from topology.disclosure import AUDIENCES

    if disclosure is not None and disclosure not in AUDIENCES:
        text = f"--disclosure must be one of {', '.join(AUDIENCES)}."
        raise bad_input(text, file="--disclosure", value=disclosure)
    audience = disclosure or ("member" if member else default)
    if member and audience != "member":
        raise bad_input("--for goes with --disclosure member.", file="--for", value=member, code="bad_usage")
    return audience


def cut(network: Network, audience: str, member: str | None) -> Network:
    """The network as the audience may see it; what is left out is said. Raises BadInput for an unknown member."""
    from topology.disclosure import PUBLIC_TYPES, disclosed

    if member and network.organisations is not None and member not in network.organisations:
        raise bad_input("there is no such organisation.", file="--for", value=member, code="unknown_id")
    shown = disclosed(network, audience, member)
    if shown is not network:
        gone = len(network.nodes) - len(shown.nodes), len(network.spans) - len(shown.spans)
        render.note(f"for {audience}: {gone[0]} nodes and {gone[1]} spans left out, figures as docs/formats.md says")
        if audience == "public" and gone[0]:
            kinds = Counter(n.type for n in network.nodes.values() if n.type not in PUBLIC_TYPES)
            listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
            if listed:
                render.note(f"of kinds that the public does not see: {listed}; the spans that end there go too")
    return shown


def check_out(out: Path, form: str, source: Path | None = None) -> None:
    """Refuse early what cannot be written. Raises BadInput."""
    if form in FOLDERS:
        if out.is_file() or (out.is_dir() and any(out.iterdir())):
            raise bad_input("OUT must be a new or an empty folder.", file=str(out), code="would_overwrite")
        return
    files.check_target(out, "OUT")
    if source is not None and out.exists() and source.exists() and out.samefile(source):
        raise bad_input("OUT is the file that is read.", file=str(out), code="would_overwrite")


def write(network: Network, out: Path, form: str) -> None:
    """Write a network; each file whole or not at all. Raises BadInput where one cannot be written there."""
    from topology.formats import exchange

    made = exchange.files(network, out, form)
    if form in FOLDERS:
        out.mkdir(parents=True, exist_ok=True)
    for path, data in made.items():
        files.write_atomically(path, data, "OUT")
    if form in LOST:
        render.note(f"not carried by {form}: {LOST[form]}")
    written = " and ".join(str(path) for path in made) if form not in FOLDERS else str(out)
    render.note(f"written: {written} ({len(network.nodes)} nodes, {len(network.spans)} spans)")
