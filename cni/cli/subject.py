"""What a question about the spine is asked of: files, or the co-operative's own spine in the database, cut for an audience."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from topology.problems import bad_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cni.cli import inputs
    from cni.views.blocks import Block
    from scenarios.runs.audience import Seen

MaybeNet = Annotated[Path | None, typer.Argument(metavar="NET", help="Network files; left out with --live.")]
Live = Annotated[
    bool, typer.Option("--live", help="The database's network and circuits; today without --on. Cut for members.")
]


@dataclass(frozen=True, slots=True)
class Subject:
    """The spine that is computed on, already cut, and who the results are for."""

    base: inputs.Spine
    seen: Seen

    def show(
        self, key: str, document: dict[str, Any], view: Callable[[dict[str, Any]], Iterable[Block]], json: bool
    ) -> None:
        """Print a result as the audience may see it, with what it is of."""
        from cni.cli import render  # here and below: `cni --help` must load no rich

        if self.seen.left_out is not None:
            render.note(str(self.seen.left_out["text"]))
        shown = self.seen.shown(key, document)
        render.show(shown, view, json, illustrative=self.base.network.illustrative)


def subject(
    net: Path | None,
    circuits: Path | None,
    on: str | None,
    live: bool,
    disclosure: str | None,
) -> Subject:
    """The spine of files, whole unless `disclosure` says otherwise, or of the database as members may see it. Raises BadInput."""
    from cni.cli import inputs
    from scenarios.runs.audience import seen_by

    audience = audience_for(live, disclosure)
    base = whole(net, circuits, on, live)
    _say_what_counts_nothing(base, circuits is None and not live)
    seen = seen_by(base.network, base.circuits, audience)
    return Subject(inputs.Spine(seen.network, seen.circuits, base.on), seen)


def audience_for(live: bool, disclosure: str | None) -> str:
    """Who a single result is for: members with --live, else all who hold the files. Raises BadInput for the public."""
    from cni.cli import converting

    audience = converting.audience_of(disclosure, None, "member" if live else "internal")
    if audience == "public":
        said = "single results are for members; the public is shown counts only."
        hint = "`cni scenario run FILE --disclosure public` gives them."
        raise bad_input(said, file="--disclosure", value=audience, code="not_disclosed", hint=hint)
    return audience


def _say_what_counts_nothing(base: inputs.Spine, without: bool) -> None:
    """Say why a figure is 0 whatever fails: no circuits were given, or the network has fewer than two key nodes."""
    from cni.cli import render

    if without:
        render.note("without --circuits no circuit is counted, only nodes and key pairs")
    if len(base.network.key_nodes) < 2:
        render.note("fewer than two nodes are key nodes (column key), so no key pair is counted")


def whole(net: Path | None, circuits: Path | None, on: str | None, live: bool) -> inputs.Spine:
    """The spine of files or of the database, uncut. Raises BadInput."""
    return _of_house(net, circuits, on) if live else _of_files(net, circuits, on)


def _of_files(net: Path | None, circuits: Path | None, on: str | None) -> inputs.Spine:
    from cni.cli import inputs

    if net is None:
        raise bad_input("name a NET, or give --live for the database.", file="NET", code="missing_value")
    return inputs.spine(net, circuits, on)


def _of_house(net: Path | None, circuits: Path | None, on: str | None) -> inputs.Spine:
    from cni.cli import house, inputs
    from cni.cli.options import a_date
    from cni.rounds import networks
    from cni.rounds.circuits import Scope

    if net is not None or circuits is not None:
        raise bad_input(
            "--live looks into the database; leave NET and --circuits out.", file="--live", code="bad_usage"
        )
    day = a_date(on, "--on") or house.today()
    held = networks.show(house.engine(), scope=Scope(day=day))
    return inputs.Spine(held.network, held.circuits, day)
