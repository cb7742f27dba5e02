"""Reading the files that a command was given, with their remarks said on stderr."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cni.cli import render
from cni.cli.options import a_date

if TYPE_CHECKING:
    from allocation.policy import Policy
    from allocation.request import Request
    from billing.facts import Facts
    from billing.fees.policy import FeePolicy
    from billing.tariff import Tariff
    from topology.model import Circuit, Network
    from topology.problems import Problem


@dataclass(frozen=True, slots=True)
class Spine:
    """A network, its live circuits and the date to look at."""

    network: Network
    circuits: tuple[Circuit, ...]
    on: date


def spine(folder: Path, circuits: Path | None, on: str | None) -> Spine:
    """Network and circuits. Raises BadInput."""
    from topology.files.circuits import read_circuits
    from topology.formats.exchange import read

    a_date(on, "--on")  # before minutes of reading
    network, found = read(folder)
    live: tuple[Circuit, ...] = ()
    if circuits is not None:
        live, more = read_circuits(circuits, network)
        found = (*found, *more)
    render.remarks(_worth_saying(found))
    return Spine(network, live, date_of(network, on))


def date_of(network: Network, on: str | None) -> date:
    """The date to look at: --on, else `as_of` of the network, else today. Raises BadInput for a bad --on."""
    return a_date(on, "--on") or network.as_of or today()


def _worth_saying(found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(p for p in worst_first(found) if p.level != "note")


def worst_first(found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Findings with the errors first: what was left out is said before what was only tidied."""
    return tuple(sorted(found, key=lambda p: (("error", "warning", "note").index(p.level), p)))


def today() -> date:
    """The one place of the pure commands that looks at the clock."""
    return date.today()


def requests(path: Path, base: Spine) -> tuple[Request, ...]:
    """Requests, checked against the network and the circuits. Raises BadInput."""
    from allocation.files.requests import read_requests

    found, remarks = read_requests(path, base.network, base.circuits)
    kept = _worth_saying(remarks)  # a column that is misspelt asks for nothing, so the member has to hear of it
    render.remarks((*kept, *(p for p in remarks if p.code == "unknown_column" and p not in kept)))
    return found


def policy(path: Path | None) -> Policy:
    """The policy of a file, else the defaults. Raises BadInput."""
    from allocation.files.requests import read_policy
    from allocation.policy import Policy

    if path is None:
        return Policy()
    found, remarks = read_policy(path)
    render.remarks(remarks)
    return found


def fee_policy(path: Path | None) -> FeePolicy:
    """How contributors are paid, of a policy file. Says so where nothing is said of it, as fees are 0 then. Raises BadInput."""
    from billing.fees.policy import FeePolicy, read_fee_policy

    found = read_fee_policy(path)
    if found == FeePolicy():
        said = "no fee clause: --policy was not given" if path is None else f"no fee clause: {path.name} has no [fees]"
        render.note(
            f"{said}; fees, margin and reserve are 0.00 ([fees] of a policy file says how contributors are paid)"
        )
    return found


def tariff(path: Path | None) -> Tariff | None:
    """The tariff of a file, if one is given. Raises BadInput."""
    from billing.tariff_file import read_tariff

    if path is None:
        return None
    found, remarks = read_tariff(path)
    render.remarks(remarks)
    return found


def facts(folder: Path | None) -> Facts:
    """The facts of a folder, else none. Raises BadInput."""
    from billing.facts import NO_FACTS, read_facts

    if folder is None:
        return NO_FACTS
    found, remarks = read_facts(folder)
    render.remarks(_worth_saying(remarks))
    return found
