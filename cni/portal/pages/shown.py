"""A page that shows blocks of `cni/views` as they are, with the way back to it and a few ways on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import Response

from cni.portal.html import Links, without_commands
from cni.portal.web import page
from cni.views.blocks import Block

Way = tuple[str, str]
"""Address and words."""


@dataclass(frozen=True)
class Part:
    """A section: blocks below a heading, or a command to be run at home."""

    heading: str = ""
    blocks: Sequence[Block] = ()
    links: Links = field(default_factory=dict)
    words: str = ""
    command: str = ""


def shown(
    request: Request,
    title: str,
    parts: Iterable[Part],
    *,
    lead: str = "",
    trail: Sequence[Way] = (),
    actions: Sequence[Way] = (),
    illustrative: bool = False,
    template: str = "shown.html",
    more: Mapping[str, object] | None = None,
    status: int = 200,
) -> Response:
    """The page."""
    values = {"parts": list(parts), "lead": lead, "trail": trail, "actions": actions, "illustrative": illustrative}
    return page(request, template, title, {**values, **(more or {})}, status=status)


def plain(blocks: Iterable[Block]) -> list[Block]:
    """Blocks without their first heading, which is the page's own, and without what concerns the command line alone."""
    return list(without_commands(blocks))[1:]
