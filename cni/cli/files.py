"""Files in and out for commands: written whole or not at all, read within limits."""

from __future__ import annotations

import os
import tempfile
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from cni.schemas import faults, json_schema
from topology.files import read_json
from topology.problems import Problems, bad_input

MOST_FAULTS = 20


def write_atomically(path: Path, data: bytes, option: str = "-o") -> None:
    """Write a file so that a reader sees the old content or the new, never half of it.

    Raises BadInput where the path is a folder or its folder is not there. A device or pipe is written to directly.
    """
    check_target(path, option)
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The mode of the file that is replaced, else what the umask gives."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def read_document(path: Path, *schemas: str, whole: bool = True) -> dict[str, Any]:
    """A JSON document of one of the given schemas; with `whole` it has all that its schema asks for.

    Raises BadInput for a file that cannot be read as JSON within the limits of `topology.files`, for another schema, and
    for what is missing or misshaped.
    """
    found = Problems()
    value = read_json(path, found)
    found.raise_errors()
    name = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(value, dict) or name not in schemas:
        raise bad_input(
            f"this is not a document of schema {' or '.join(schemas)}.",
            file=path.name,
            column="schema",
            value="" if name is None else str(name),
            code="wrong_schema",
            hint="Maybe another file was meant.",
        )
    document = {key: _numbers(inner) for key, inner in value.items()}
    if whole:
        _check_form(document, path.name)
    return document


def _check_form(document: dict[str, Any], file: str) -> None:
    """Raise BadInput where a document lacks what its schema asks for, so that nothing stumbles over it later."""
    found = Problems()
    for place, said in islice(sorted(faults(document, json_schema(document["schema"]))), MOST_FAULTS):
        found.add(f"{place} {said}.", file=file, column=place, code="wrong_form")
    found.raise_errors()


def _numbers(value: Any) -> Any:
    """The value with fractions as JSON numbers again, so that its canonical bytes are those that were read."""
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {key: _numbers(inner) for key, inner in value.items()}
        case list():
            return [_numbers(inner) for inner in value]
    return value


def check_target(path: Path, option: str) -> None:
    """Refuse early a file that cannot be written, before minutes of work. Raises BadInput."""
    if path.is_dir():
        raise bad_input(
            f"{option} names a folder; name a file in it.", file=str(path), hint=f"Maybe {path / 'out.json'}."
        )
    if not path.parent.is_dir():
        raise bad_input(f"{option}: there is no folder {path.parent}.", file=str(path), hint="Make it first.")
