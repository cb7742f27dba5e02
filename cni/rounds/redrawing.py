"""Putting right a public value of the lottery that was mistyped, between award and publication (rules E4 and G8, kind `value`).

The award that was drawn with the wrong value is set aside, stays on record, and names itself in the override. The round is
closed again, and `cni.rounds.awards` decides it anew on the same inputs with the value in force; the secret stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from cni.rounds import packs
from cni.rounds.act import one_line
from cni.rounds.life import Round
from topology.problems import BadInput, bad_input

AFTERWARDS = (
    "What was published stands until an appeal is upheld (`cni round appeal`) or the round is annulled by an override."
)


def body_of(connection: Connection, found: Round, value: str) -> dict[str, Any]:
    """What an override says that puts the public value right: both values, the source in the notice, the award set aside.

    Raises BadInput where the round has no award that waits for its publication, or its lottery no public value, and for a
    value that is empty, longer than a line, or the one that was used.
    """
    _check_state(found)
    one_line(value, "--public-value")
    lottery = packs.pack_of(connection, found.id)["round"]["lottery"]
    if not lottery["public_source"]:
        said = "the notice announced no public value, so there is none to put right."
        raise bad_input(said, file="KIND", value="value", code="no_seed")
    if not value.strip():
        raise bad_input("give the value as its source printed it.", file="--public-value", code="missing_value")
    if value == lottery["public_value"]:
        said = "the award was drawn with this very value."
        raise bad_input(said, file="--public-value", value=value, code="unchanged")
    return {
        "public_value": value,
        "instead_of": lottery["public_value"],
        "source": lottery["public_source"],
        "award": packs.pack_of(connection, found.id)["award"]["digest"],
    }


def check(connection: Connection, found: Round, body: Mapping[str, Any]) -> None:
    """Raise BadInput where an override of the public value does not, or no longer, fit the award that waits."""
    _check_state(found)
    if packs.pack_of(connection, found.id)["award"]["digest"] != body["award"]:
        said = "the award that it would set aside was decided again since."
        hint = "Propose another one, if the value is still wrong."
        raise bad_input(said, file="NUMBER", value=body["award"], code="wrong_state", hint=hint)


def _check_state(found: Round) -> None:
    if found.state == "awarded" and not found.published_at:
        return
    raise _too_late(found) if found.published_at else _too_early(found)


def _too_late(found: Round) -> BadInput:
    said = "the public value was published with the first award; an override of it is for an award that is not."
    return bad_input(said, file="ROUND", value=found.id, code="wrong_state", hint=AFTERWARDS)


def _too_early(found: Round) -> BadInput:
    said = f"the round is {found.state}; an override of the public value is for an award that is not published."
    hint = f"`cni round award {found.id} --public-value TEXT` takes the value."
    return bad_input(
        said, file="ROUND", value=found.id, code="wrong_state", hint=hint if found.state == "closed" else ""
    )
