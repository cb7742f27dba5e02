"""The last minute before a gate: a real portal process, 200 members who hand in sealed files, and people who read pages.

Requests are sent at times drawn beforehand, whether earlier ones were answered or not, as people would send them.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from time import monotonic, sleep
from typing import Any

from allocation.policy import Policy
from cni import sealing
from cni.access import people, sessions
from cni.access.people import Person
from cni.rounds import creating, database, life, members, networks
from cni.rounds.act import Act
from cni.rounds.notice import Terms
from cni.store.engine import open_engine
from scenarios.fibre_manchester import folder
from topology.canonical import canonical_bytes
from topology.files.circuits import read_circuits
from topology.files.csv_folder import read_network
from topology.model import Organisation

ROUND = "last-minute"
PUBLIC = ("/", "/rounds", f"/rounds/{ROUND}", "/offer", "/map", "/map.svg", "/data", "/static/portal.css")
OWN = (
    "/me",
    f"/me/requests/{ROUND}",
    "/me/receipts",
    "/me/circuits",
    "/me/works",
    "/me/invoices",
    "/audit",
    "/me/access",
)


@dataclass(frozen=True)
class Answered:
    """One request: when it was due (seconds from the start), how long its answer took, its status and its body."""

    due: float
    took: float
    status: int
    path: str
    body: bytes


@dataclass(frozen=True)
class House:
    """A database with a sealed round that is open, and a session for a person of each member."""

    url: str
    recipient: str
    cookies: dict[str, str]
    gate: datetime


def now() -> datetime:
    """The machine's time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def house(url: str, count: int) -> dict[str, str]:
    """Make a house without a round; returns the session of each member's person."""
    database.init(url)
    engine = open_engine(url)
    act = Act("bench", now(), "a benchmark")
    network, _ = read_network(folder() / "network")
    circuits, _ = read_circuits(folder() / "circuits.csv", network)
    networks.import_network(engine, act, network, circuits, "bundled")
    cookies = {}
    for number in range(count):
        name = f"isp{number:03}"
        members.add_member(engine, act, Organisation(name, f"Provider {number}", ("user",)))
        people.add_person(engine, act, Person(name, f"Person {number}", f"{name}@example.org", name))
        cookies[name] = sessions.start_full(engine, act, name, "benchmark")
    engine.dispose()
    return cookies


def opened(url: str, cookies: dict[str, str], lasts: timedelta) -> House:
    """Open a sealed round whose gate is `lasts` from now."""
    engine, trustees = open_engine(url), {name: sealing.new_identity()[1] for name in ("ann", "bob", "cat")}
    key, act = sealing.round_key(trustees), Act("bench", now())
    gate = now() + lasts
    creating.create(engine, act, ROUND, Policy(), terms=Terms(gate=gate, key=key))
    life.open_round(engine, Act("bench", now()), ROUND)
    engine.dispose()
    return House(url, str(key["recipient"]), cookies, gate)


def sealed_file(member: str, recipient: str) -> bytes:
    """A member's request, sealed as the browser and the command line seal it."""
    wish = {"id": f"{member}-1", "member": member, "kind": "fibre", "a": "MA1", "b": "BOL", "pairs": 1}
    value = {"schema": sealing.REQUESTS_SCHEMA, "round": ROUND, "member": member, "requests": [wish]}
    return sealing.seal(canonical_bytes(value), recipient)


class Crowd:
    """Sends what is due when it is due, over as many connections as it takes."""

    def __init__(self, port: int, workers: int = 64) -> None:
        self.port, self.held = port, threading.local()
        self.pool = ThreadPoolExecutor(workers)
        self.answers: list[Answered] = []
        self.began = 0.0

    def send(self, due: float, method: str, path: str, cookie: str, body: bytes = b"", key: str = "") -> None:
        """One request and its answer; the time counts from when it was due, so that waiting in line counts too."""
        headers = {"Cookie": f"__Host-cni={cookie}"} if cookie else {}
        if method == "POST":
            headers |= {"Origin": f"http://localhost:{self.port}", "Idempotency-Key": key}
            headers["Content-Type"] = "application/octet-stream"
        try:
            try:
                status, content = self._asked(method, path, body, headers)
            except (
                http.client.RemoteDisconnected
            ):  # the server closed an idle connection just then: as browsers do, once more
                status, content = self._asked(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            status, content = 0, repr(error).encode()
        took = monotonic() - self.began - due
        self.answers.append(Answered(due, took, status, path, content))

    def _asked(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """One request over this worker's connection, which stays open after an answer."""
        connection = getattr(self.held, "connection", None)
        if connection is None:
            connection = self.held.connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise

    def run(self, plan: Sequence[tuple[float, tuple[Any, ...]]]) -> None:
        """The whole plan, by its times."""
        self.began = monotonic()
        for due, words in sorted(plan, key=lambda row: row[0]):
            sleep(max(0.0, due - (monotonic() - self.began)))
            self.pool.submit(self.send, due, *words)
        self.pool.shutdown(wait=True)


def plan(made: House, views: int, seconds: float, seed: int = 1) -> list[tuple[float, tuple[Any, ...]]]:
    """Page views spread evenly; sealed files more and more towards the end; one in ten of those sent twice, as by an
    impatient person, with the same key.
    """
    dice = random.Random(seed)
    rows: list[tuple[float, tuple[Any, ...]]] = []
    names = sorted(made.cookies)
    for number in range(views):
        member = dice.choice(names)
        path = dice.choice(PUBLIC + OWN)
        cookie = made.cookies[member] if path in OWN or number % 2 else ""
        rows.append((dice.uniform(0, seconds), ("GET", path, cookie)))
    for member in names:
        data = sealed_file(member, made.recipient)
        key = sealing.digest_of_file(data)
        due = seconds * (1 - dice.random() ** 2)
        words = ("POST", f"/api/v1/rounds/{ROUND}/submissions", made.cookies[member], data, key)
        rows.append((due, words))
        if dice.random() < 0.1:
            rows.append((min(due + 0.2, seconds), words))
    return rows


def told(answers: Sequence[Answered], seconds: float) -> dict[str, Any]:
    """What came of it: statuses, receipts, and the median time of the page views of each second."""
    receipts = [json.loads(a.body) for a in answers if a.path.endswith("submissions") and a.status == 201]
    pages = [a for a in answers if not a.path.endswith("submissions")]
    by_second = [[a.took for a in pages if int(a.due) == second] for second in range(int(seconds))]
    medians = [median(times) for times in by_second if times]
    return {
        "statuses": Counter(a.status for a in answers),
        "wrong": Counter((a.path, a.status) for a in answers if a.status not in (200, 201)),
        "receipts": {(r["member"], r["number"], r["digest"]) for r in receipts},
        "received": sorted(r["received"] for r in receipts),
        "worst_second": max(medians),
        "median": median(a.took for a in pages),
        "p99": sorted(a.took for a in pages)[int(len(pages) * 0.99)],
        "submission_median": median(a.took for a in answers if a.path.endswith("submissions")),
        "submission_worst": max(a.took for a in answers if a.path.endswith("submissions")),
    }


def stored(url: str) -> list[tuple[str, int, str]]:
    """Member, number and digest of every sealed file that the house holds."""
    from cni.rounds.submissions import list_receipts

    engine = open_engine(url)
    found = [(r.member, r.number, r.digest) for r in list_receipts(engine, ROUND)]
    engine.dispose()
    return found
