"""`cni demo`: the whole story once, on the bundled illustrative data, in a folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cni.errors import DONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cni.views.blocks import Block

NAME = "demo"
ROUND = "2027-Q1"
SEED = "fibre-manchester-2027-Q1"
START, END = "2027-01-04", "2030-01-04"
PERIOD = "2027-01-01/2027-04-01"
EVENT = "C-TRAM-ALT"
FOLDER = "cni-demo"


def command(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="FOLDER", help=f"A new or empty folder; else {FOLDER}, {FOLDER}-2 ... here."),
    ] = None,
) -> int:
    """The whole story on illustrative data: import, offer, round, award with proof, reasons, verification, bill, failure.

    Leaves a folder with a database, the files and a map, in which each command that it shows can be run.

    Example: cni demo
    """
    from cni.cli import render
    from cni.views import demo as views

    place = _folder(folder)
    story = Story(place)
    render.out(views.opening(str(folder or place.name), _how_to_call(place)))
    for step in (
        story.spine,
        story.offer,
        story.decide,
        story.reasons,
        story.verify,
        story.bill,
        story.failure,
        story.map,
    ):
        render.out(step())
    render.out(views.closing(str(folder or place.name)))
    return DONE


def _folder(asked: Path | None) -> Path:
    """The folder to work in, made; never one that holds anything. Raises BadInput."""
    from topology.problems import bad_input

    if asked is not None:
        if asked.is_file() or (asked.is_dir() and any(asked.iterdir())):
            raise bad_input("--folder must be new or empty.", file=str(asked), code="would_overwrite")
        asked.mkdir(parents=True, exist_ok=True)
        return asked
    for number in range(1, 1000):
        place = Path(FOLDER if number == 1 else f"{FOLDER}-{number}")
        try:
            place.mkdir()
        except FileExistsError:
            continue
        except OSError:  # the working folder cannot be written
            break
        return place
    return Path(tempfile.mkdtemp(prefix=f"{FOLDER}-"))


def _how_to_call(place: Path) -> str:
    """What to type before the commands work: nothing more than cd, where `cni` is on the path."""
    import sys

    own = Path(sys.executable).with_name("cni")
    found = shutil.which("cni")
    if found is not None or not own.exists():
        return f"cd {place}"
    try:
        shown = f'"$PWD/{own.relative_to(Path.cwd())}"'
    except ValueError:
        shown = str(own)
    return f"alias cni={shown}; cd {place}"


class Story:
    """The steps; each does its part in the folder and returns what to show."""

    def __init__(self, place: Path) -> None:
        from cni.cli.house import act
        from cni.rounds import database
        from cni.store.engine import open_engine
        from scenarios.fibre_manchester import folder

        bundled = folder()
        shutil.copytree(bundled / "network", place / "network")
        for name in ("circuits.csv", "requests.csv", "policy.toml", "tariff.toml"):
            shutil.copyfile(bundled / name, place / name)
        url = f"sqlite:///{place / 'cni.db'}"
        database.init(url)
        self.place, self.engine, self.act = place, open_engine(url), act(None, "demo")
        self.award: dict[str, Any] = {}
        self.after: tuple[Any, ...] = ()

    def spine(self) -> Iterable[Block]:
        """Import the spine with its circuits and members."""
        from cni.rounds import networks
        from cni.views import demo as views
        from cni.views.house import network_document
        from topology.files.circuits import read_circuits
        from topology.files.csv_folder import read_network

        network, _ = read_network(self.place / "network")
        circuits, _ = read_circuits(self.place / "circuits.csv", network)
        networks.import_network(self.engine, self.act, network, circuits, "network")
        self.network, self.circuits = network, circuits
        return views.spine(network_document(networks.show(self.engine)))

    def offer(self) -> Iterable[Block]:
        """What is spare."""
        from cni.cli.inputs import date_of
        from cni.views import demo as views
        from topology.offer import offer_document

        self.on = date_of(self.network, None)
        return views.offer(offer_document(self.network, self.circuits, self.on))

    def decide(self) -> Iterable[Block]:
        """A round from its making to its award."""
        from allocation.files.requests import read_policy, read_requests
        from cni.cli.files import write_atomically
        from cni.cli.progress import level_progress
        from cni.rounds import awards, creating, life, requests
        from cni.views import demo as views
        from topology.canonical import canonical_bytes

        policy, _ = read_policy(self.place / "policy.toml")
        rows, _ = read_requests(self.place / "requests.csv", self.network, self.circuits)
        creating.create(self.engine, self.act, ROUND, policy, seed=SEED)
        life.open_round(self.engine, self.act, ROUND)
        requests.submit(self.engine, self.act, ROUND, rows)
        life.close_round(self.engine, self.act, ROUND)
        with level_progress() as progress:
            pack = awards.award_round(self.engine, self.act, ROUND, progress=progress)
        self.pack, self.award, self.requests = pack, pack["award"], rows
        write_atomically(self.place / "pack.json", canonical_bytes(pack) + b"\n")
        write_atomically(self.place / "award.json", canonical_bytes(self.award) + b"\n")
        return views.award(self.award, ROUND, SEED)

    def reasons(self) -> Iterable[Block]:
        """Why some got less than they asked for."""
        from cni.views import demo as views

        return views.reasons(self.award)

    def verify(self) -> Iterable[Block]:
        """The pack, checked without the database."""
        from allocation.verify import verify_pack
        from cni.cli.progress import step_progress
        from cni.views import demo as views

        with step_progress() as progress:
            result = verify_pack(self.pack, progress=progress)
        return views.verification(result)

    def bill(self) -> Iterable[Block]:
        """A quarter with the granted circuits beside those that were live."""
        from allocation.award import award_circuits
        from billing.fees.policy import read_fee_policy
        from billing.settlement import settle
        from billing.tariff_file import read_tariff
        from cni.cli.bill import a_period
        from cni.cli.files import write_atomically
        from cni.cli.options import needed_date
        from cni.views import demo as views
        from topology.files.circuits import write_circuits

        granted = award_circuits(self.award, self.requests, needed_date(START, "--start"), needed_date(END, "--end"))
        self.after = tuple(sorted((*self.circuits, *granted), key=lambda c: c.id))
        write_atomically(self.place / "after.csv", write_circuits(self.after).encode())
        tariff, _ = read_tariff(self.place / "tariff.toml")
        fees = read_fee_policy(self.place / "policy.toml")
        return views.bill(settle(self.network, self.after, tariff, fees, *a_period(PERIOD)), len(granted), PERIOD)

    def failure(self) -> Iterable[Block]:
        """One duct is cut."""
        from cni.views import demo as views
        from scenarios.failures.events import make_event
        from scenarios.failures.fail import fail_document

        event = make_event(self.network, risk_groups=[EVENT])
        group = self.network.risk_groups[EVENT]
        return views.failure(fail_document(self.network, self.after, event, self.on), EVENT, group.name)

    def map(self) -> Iterable[Block]:
        """The award on a map."""
        from cni.cli.files import write_atomically
        from cni.views import demo as views
        from topology.maps.plain import svg_map
        from topology.offer import make_offer

        offer = make_offer(self.network, self.circuits, self.on)
        write_atomically(self.place / "map.svg", svg_map(self.network, offer=offer, award=self.award).encode())
        return views.drawing()
