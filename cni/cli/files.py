"""Files in and out for commands: written whole or not at all, read within limits."""

from __future__ import annotations

import os
import tempfile
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from cni.schemas.published import faults, json_schema
from topology.files.reading import inside, read_json
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

    Raises BadInput for a file that cannot be read as JSON within the limits of `topology.files.reading`, for another schema, and
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


SECRET_SIZE = 64 << 10


def check_new(path: Path, option: str = "-o") -> None:
    """Refuse a file that is there already: keys and what is sealed are never overwritten. Raises BadInput."""
    check_target(path, option)
    if path.exists():
        said, hint = "there is a file already; it is never overwritten.", "Give another name, or move that file away."
        raise bad_input(said, file=str(path), code="would_overwrite", hint=hint)


def write_secret(path: Path, text: str) -> None:
    """A new file that only its owner may read. Raises BadInput where there is one already."""
    check_new(path, "FILE")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def read_small(path: Path, option: str, limit: int = SECRET_SIZE) -> bytes:
    """The bytes of a small file. Raises BadInput where it cannot be read or is larger than `limit` bytes."""
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        said = f"{option} cannot be read: {error.strerror or error}."
        raise bad_input(said, file=str(path), code="unreadable_file", hint=inside(path)) from None
    if len(data) > limit:
        raise bad_input(f"{option} has more than {limit} bytes.", file=str(path), code="file_too_large")
    return data


def read_secret(path: Path) -> str:
    """The text of a key or secret file; what it says is never repeated in a message. Raises BadInput."""
    try:
        return read_small(path, "the key").decode().strip()
    except UnicodeDecodeError:
        raise bad_input("this is no text, so it holds no key.", file=str(path), code="bad_key") from None


def read_key(path: Path) -> dict[str, Any]:
    """A round's key document. Raises BadInput."""
    from cni.sealing import key_document

    _check_no_recipient(path)
    found = Problems()
    value = read_json(path, found)
    found.raise_errors()
    return key_document(value, str(path))


def _check_no_recipient(path: Path) -> None:
    """Raises BadInput where a file is a trustee's half of a key, which stands beside the round's key on the coordinator's desk."""
    try:
        with path.open("rb") as stream:
            head = stream.read(1024).lower()
    except OSError:
        return  # reading it says why
    for mark, what in ((b"age1", "one trustee's public key"), (b"age-secret-key-", "a secret key")):
        if any(line.startswith(mark) for line in head.splitlines()):  # age writes comments first
            hint = "`cni key round` makes the round's key of three trustees' public keys; give the file that it wrote."
            raise bad_input(f"this is {what}, not the key of a round.", file=str(path), code="bad_key", hint=hint)
