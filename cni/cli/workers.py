"""Where long work is computed: here, in processes of this machine, or on a Dask cluster. The results have the same bytes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from cni.errors import CniError

Jobs = Annotated[
    int, typer.Option("--jobs", "-j", metavar="N", help="Processes of this machine that share the work; same result.")
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler to send the work to, as tcp://host:8786."),
]
MOST_JOBS = 256


@contextmanager
def workers(jobs: int, scheduler: str | None) -> Iterator[Executor | None]:
    """An executor for blocks of work; None: compute here.

    On Ctrl-C what has not begun is given up, and nothing is waited for but the blocks at work. Raises BadInput for a count
    that cannot be, CniError where Dask is missing or does not answer.
    """
    from topology.problems import bad_input

    if not 1 <= jobs <= MOST_JOBS:
        raise bad_input(f"--jobs is from 1 to {MOST_JOBS}.", file="--jobs", value=str(jobs))
    if scheduler is not None:
        if jobs != 1:
            raise bad_input("give --jobs or --scheduler, not both.", file="--scheduler", value=scheduler)
        with _dask(scheduler) as executor:
            yield executor
        return
    if jobs == 1:
        yield None
        return
    with _processes(jobs) as executor:
        yield executor


@contextmanager
def _processes(jobs: int) -> Iterator[Executor]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_the_parent)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches every process of a terminal; the workers' tracebacks would hide what the command says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        import distributed
    except ImportError:
        said = "--scheduler needs Dask, which is not installed."
        raise CniError(said, "Install the extra `dask`: pip install 'cni[dask]'; or use --jobs.") from None
    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        said = f"the Dask scheduler {address} does not answer: {error}"
        raise CniError(said, "Maybe it is not running, or its version differs.") from None
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()
