"""Ids that a person types."""

from __future__ import annotations

from topology.cells import IDENTIFIER, CellError
from topology.problems import bad_input


def an_id(text: str, option: str) -> str:
    """The text, which must be an id. Raises BadInput."""
    try:
        IDENTIFIER.read(text)
    except CellError as error:
        raise bad_input(error.text, file=option, value=text, hint=error.hint, code=error.code) from None
    return text
