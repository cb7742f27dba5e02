"""Pages: one environment of templates, one way to answer with one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from billing.pence import pounds
from cni.portal.html import as_html, without_commands
from cni.portal.reading import STATES
from cni.portal.visitors import desk_of, visitor_of
from topology.about import SOFTWARE
from topology.canonical import canonical_bytes

HERE = Path(__file__).parent
ILLUSTRATIVE = "Illustrative data: invented for planning and tests, not a record of any real network."

NAVIGATION = (
    ("public", "/", "Home"),
    ("public", "/offer", "Offer"),
    ("public", "/map", "Map"),
    ("public", "/rounds", "Rounds"),
    ("public", "/data", "Data"),
    ("auditor", "/me", "Your pages"),
    ("auditor", "/audit", "Audit"),
    ("coordinator", "/admin", "Coordination"),
)
"""What the head of each page leads to, and from which audience on."""


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        blocks=as_html, software=SOFTWARE, pounds=pounds, states=STATES, without_commands=without_commands
    )
    made.filters.update(moment=moment, day=day, sentence=lambda text: text[:1].upper() + text[1:])
    return made


def moment(value: str | datetime | None) -> str:
    """A time as people read it, in UTC: 4 January 2027, 12:00 UTC."""
    if value is None:
        return "not fixed"
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def day(value: Any) -> str:
    """A day as people read it: 4 January 2027; open where there is none."""
    if value is None:
        return "open"
    at = datetime.fromisoformat(str(value)[:10])
    return f"{at.day} {at:%B %Y}"


ENVIRONMENT = _environment()


def page(
    request: Request, template: str, title: str, values: Mapping[str, Any] | None = None, *, status: int = 200
) -> HTMLResponse:
    """A page of a template, in the frame that all share."""
    visitor, desk = visitor_of(request), desk_of(request)
    here = request.url.path
    known = {
        "title": title,
        "visitor": visitor,
        "site": desk.portal.name,
        "origin": desk.portal.origin,
        "here": here,
        "now": desk.now(),
        "navigation": [(to, words) for who, to, words in NAVIGATION if visitor.may(who)],
        "illustrative": False,
        "illustrative_words": ILLUSTRATIVE,
    }
    text = ENVIRONMENT.get_template(template).render({**known, **(values or {})})
    return HTMLResponse(text, status)


def document(value: dict[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A document of the house as its canonical bytes: the same that the command line prints with --json."""
    return Response(canonical_bytes(value) + b"\n", status, headers, media_type="application/json")


def download(data: bytes, name: str, kind: str) -> Response:
    """A file to keep."""
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
