"""Commands in children of this process: killed at a given point, or several at once.

A fork server loads the program once, so that a child starts in milliseconds.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from time import sleep
from typing import Any

LOADED = (
    "cni.cli",
    "cni.cli.house",
    "cni.cli.render",
    "cni.cli.inputs",
    "cni.views.house",
    "cni.views.award",
    "cni.rounds.awards",
    "cni.rounds.publishing",
    "cni.store.migrate",
    "alembic.command",
    "pydantic",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "psycopg",
    "networkx",
    "ortools.graph.python.min_cost_flow",
    "ortools.linear_solver.pywraplp",
    "ortools.math_opt.python.mathopt",
    "ortools.sat.python.cp_model",
)
LONGEST_S = 120


def context() -> ForkServerContext:
    """The fork server's context."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(list(LOADED))
    return made


@dataclass(frozen=True)
class Task:
    """A command, where and with what environment; `kill_at`: the point of contact with the database at which it dies."""

    words: tuple[str, ...]
    folder: Path
    environment: tuple[tuple[str, str], ...]
    kill_at: int | None = None


def work(task: Task, counted: Any = None, start: Any = None) -> None:
    """In the child: run the command to its end, or to its death."""
    os.chdir(task.folder)
    os.environ.update(task.environment)
    secrets.token_hex = lambda count: "5a" * count  # the salt of a pack, so that two runs end alike
    null = os.open(os.devnull, os.O_WRONLY)
    with (task.folder / f"err-{os.getpid()}").open("wb") as err:
        os.dup2(null, 1)
        os.dup2(err.fileno(), 2)
    watch(task.kill_at, counted)
    from cni.__main__ import main

    if start is not None:
        start.wait(LONGEST_S)
    code = main(list(task.words))
    with contextlib.suppress(ValueError, OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def watch(kill_at: int | None, counted: Any) -> None:
    """Count every contact with the database: before and after each statement, before and after each commit."""
    from sqlalchemy import Engine, event
    from sqlalchemy.engine.default import DefaultDialect

    seen = 0

    def contact(*_: object) -> None:
        nonlocal seen
        if kill_at is not None and seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1
        if counted is not None:
            counted.value = seen

    event.listen(Engine, "before_cursor_execute", contact)
    event.listen(Engine, "after_cursor_execute", contact)
    commit = DefaultDialect.do_commit

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        contact()
        commit(self, connection)
        contact()

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def run(task: Task, kill_after_s: float | None = None) -> tuple[int, int]:
    """The exit code of a command in a child (negative: killed), and how many contacts with the database it had."""
    made = context()
    counted = made.Value("i", 0, lock=False)
    child = made.Process(target=work, args=(task, counted))
    child.start()
    if kill_after_s is not None:
        sleep(kill_after_s)
        child.kill()
    child.join(LONGEST_S)
    code, count = child.exitcode, counted.value
    if code is None:
        child.kill()
        raise AssertionError(f"{task.words} did not end")
    return code, count


def run_at_once(tasks: Sequence[Task]) -> list[int]:
    """The exit codes of commands that start at the same moment."""
    made = context()
    start = made.Barrier(len(tasks))
    children = [made.Process(target=work, args=(task, None, start)) for task in tasks]
    for child in children:
        child.start()
    for child in children:
        child.join(LONGEST_S)
    for child in children:
        if child.exitcode is None:
            child.kill()
    return [-1 if child.exitcode is None else child.exitcode for child in children]
