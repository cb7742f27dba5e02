"""`cni network map`: which layers may be drawn for whom, and the file in its form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cni.cli import converting, files, inputs, render
from cni.views.maps import AUDIENCES, plain_layers
from topology.problems import bad_input

if TYPE_CHECKING:
    from topology.maps.styles import Damage, Layer
    from topology.model import Network

SUFFIXES = (".html", ".svg", ".png")


@dataclass(frozen=True, slots=True)
class Failing:
    """The ids of what fails."""

    spans: tuple[str, ...]
    nodes: tuple[str, ...]
    risk_groups: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.spans or self.nodes or self.risk_groups)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is drawn: the spine in full, the network as the audience may see it, and who that is."""

    base: inputs.Spine
    network: Network
    audience: str


def colours(by: str | None, award: Path | None, failing: Failing) -> str:
    """The layer that the options mean. Raises BadInput where they do not go together."""
    if by is not None and by not in AUDIENCES:
        raise bad_input(f"--by must be one of {', '.join(AUDIENCES)}.", file="--by", value=by)
    key = by or ("failure" if failing else "award" if award else "spare")
    if key == "award" and award is None:
        raise bad_input("--by award needs --award FILE.", file="--by", value=key, code="missing_value")
    if key == "failure" and not failing:
        text = "--by failure needs what fails: --span, --node or --risk-group."
        raise bad_input(text, file="--by", value=key, code="missing_value")
    return key


def check_out(out: Path, key: str, disclosure: str | None, member: str | None, net: Path | None) -> None:
    """Refuse early what cannot be written, or may not be shown. Raises BadInput."""
    if out.suffix.lower() not in SUFFIXES:
        text = f"a map is {', '.join(SUFFIXES)}."
        raise bad_input(text, file="-o", value=out.suffix or str(out), code="not_served")
    files.check_target(out, "-o")
    audience = converting.audience_of(disclosure, member, "internal" if net else "member")
    if audience not in AUDIENCES[key]:
        text = f"{key} is not for the audience {audience}, which may see {_allowed(audience)}."
        raise bad_input(text, file="--by", value=key, code="not_disclosed")


def _allowed(audience: str) -> str:
    return ", ".join(key for key, who in AUDIENCES.items() if audience in who)


def subject(
    net: Path | None, circuits: Path | None, on: str | None, disclosure: str | None, member: str | None
) -> Subject:
    """The network of files or of the database, and as it may be shown. Raises BadInput."""
    if net is not None:
        base = inputs.spine(net, circuits, on)
    else:
        from cni.cli import house
        from cni.rounds import networks

        if circuits is not None:
            raise bad_input(
                "the database has its own circuits.", file="--circuits", value=str(circuits), code="bad_usage"
            )
        held = networks.show(house.engine())
        base = inputs.Spine(held.network, held.circuits, inputs.date_of(held.network, on))
    audience = converting.audience_of(disclosure, member, "internal" if net else "member")
    return Subject(base, converting.cut(base.network, audience, member), audience)


def layers(shown: Subject, first: str, award: Path | None, failing: Failing) -> list[Layer]:
    """Every layer that there are figures for and that the audience may see; the one asked for first.

    Raises BadInput for an award that cannot be read, and for something that fails and is not there.
    """
    from topology.maps.styles import award_layer, failure_layer

    on, base = shown.base.on, shown.base
    made = plain_layers(base.network, shown.network, base.circuits, on, shown.audience)
    if award is not None:
        made["award"] = award_layer(shown.network, files.read_document(award, "cni.award/1"))
    if failing:
        made["failure"] = failure_layer(shown.network, _damage(base, failing), on)
    seen = {key: layer for key, layer in made.items() if shown.audience in AUDIENCES[key]}
    return [seen.pop(first), *seen.values()]


def _damage(base: inputs.Spine, failing: Failing) -> Damage:
    """What breaks, what that takes down, and what is no longer joined to the largest part."""
    from collections import Counter

    from scenarios.failures.events import broken_by, make_event, on_service, parts
    from topology.maps.styles import Damage

    names = {"spans": failing.spans, "nodes": failing.nodes, "risk_groups": failing.risk_groups}
    event = make_event(base.network, **names)
    network, held = on_service(base.network, base.circuits, base.on)
    broken = broken_by(network, event)
    part = parts(network, broken)
    sizes = Counter(part.values())
    largest = min(sizes, key=lambda p: (-sizes[p], p)) if sizes else ""
    down = frozenset(s for c in held if broken.circuit(c) for s in c.spans)
    words = ", ".join(
        f"{kind.replace('_', ' ')[:-1]} {name}" for kind, ids in names.items() for name in sorted(set(ids))
    )
    apart = frozenset(n for n, p in part.items() if p != largest) | broken.nodes
    return Damage(words, broken.spans, broken.nodes, down - broken.spans, apart)


def write(out: Path, network: Network, drawn: list[Layer], title: str, context: Path | None, licence: str) -> None:
    """Draw, and write the file. Raises BadInput for outlines that cannot be read."""
    from topology.maps.context import read_context
    from topology.maps.page import map_page
    from topology.maps.plain import svg_map
    from topology.picture import png

    if context is None and licence:
        raise bad_input(
            "--context-licence goes with --context.", file="--context-licence", value=licence, code="bad_usage"
        )
    behind = read_context(context, licence) if context else None
    form = out.suffix.lower()
    if form == ".html":
        data = map_page(network, drawn, title=title or None, context=behind).encode()
    else:
        svg = svg_map(network, layer=drawn[0], title=title or None, context=behind)
        data = png(svg) if form == ".png" else svg.encode()
    files.write_atomically(out, data)
    render.note(f"written: {out}")
