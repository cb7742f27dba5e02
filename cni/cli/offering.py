"""`cni network offer`: what is spare, of files or of the spine in the database as an audience may see it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from cni.cli import converting, house, inputs
from cni.cli.options import a_date
from topology.problems import bad_input


def offered(net: Path | None, circuits: Path | None, on: str | None, end: date | None) -> dict[str, Any]:
    """The offer document of files. Raises BadInput."""
    from topology.offer import offer_document

    if net is None:
        raise bad_input("name a NET, or give --live for the database.", file="NET", code="missing_value")
    base = inputs.spine(net, circuits, on)
    _check(base.on, end)
    return offer_document(base.network, base.circuits, base.on, end)


def _check(on: date, end: date | None) -> None:
    if end is not None and end <= on:
        raise bad_input("--until must be after the date to look at.", file="--until", value=end.isoformat())


def live_offer(on: str | None, end: date | None, disclosure: str | None, member: str | None) -> dict[str, Any]:
    """The offer document of the database's newest network and circuits (`cni.offer/1`).

    Members see the figures of every span that its owner does not hide, as in a round's notice; circuits of others are codes.
    The day is today where none is given; without `end` only that day is told. Raises BadInput for the public, which has `cni network export --disclosure public`.
    """
    from cni.rounds import networks
    from cni.rounds.circuits import Scope
    from cni.views.offers import offer_for

    audience = converting.audience_of(disclosure, member, "member")
    if audience == "public":
        hint = "`cni network export OUT --disclosure public` gives spare in bands."
        said = "the figures of the offer are for members."
        raise bad_input(said, file="--disclosure", value=audience, hint=hint, code="not_disclosed")
    asked = a_date(on, "--on") or house.today()
    _check(asked, end)
    return offer_for(networks.show(house.engine(), scope=Scope(day=asked)), asked, end, audience, member)
