"""Database files that appear whole or not at all, and never in the place of another."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cni.errors import StoreError
from cni.store.engine import APPLICATION_ID

PRIVATE = 0o600
"""Only the owner may read: what a backup holds is confidential."""
AS_USUAL = 0o666
"""As the user's umask says."""


def require_new(target: Path, hint: str) -> None:
    """Raise StoreError where a file is there already, or its folder is not."""
    if target.exists() or target.is_symlink():
        raise StoreError(f"there is a file {target} already.", hint, "not_empty")
    if not target.parent.is_dir():
        raise StoreError(f"there is no folder {target.parent}.", "Make it first.", "no_database")


def appear(target: Path, write: Callable[[Path], None], mode: int = AS_USUAL) -> None:
    """Write a database under another name beside `target`; it gets its name when it is whole.

    Raises StoreError where a file of that name came in between, or the disk refuses.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)  # left by a process of the same number that was killed
    try:
        with open(part, "xb", opener=lambda path, flags: os.open(path, flags, mode)):
            pass
        write(part)
        _into_one_file(part)
        _name(part, target)
    except FileExistsError:
        raise StoreError(f"there is a file {target} already.", "Name another.", "not_empty") from None
    except sqlite3.Error as error:
        raise StoreError(f"the copy failed: {error}.", "See to disk and permissions.", "disk") from error
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + end).unlink(missing_ok=True)


def _name(part: Path, target: Path) -> None:
    """Give the file its name; unlike a rename a link never replaces a file."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: hold the name first
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.replace(part, target)


def _into_one_file(part: Path) -> None:
    """Nothing may stay in a log beside the file, which would not travel with it."""
    with closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
