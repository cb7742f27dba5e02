"""Expected downtime as money: what the tariff's credits would give back at most in a year (rule F10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from billing.charges import annual_pence
from billing.credits import most_a_year
from billing.pence import half_up
from billing.tariff import Credit, Tariff
from scenarios.failures.components import SCALES
from topology.canonical import digest_of
from topology.model import Circuit, Network
from topology.problems import bad_input


def needed_credit(tariff: Tariff) -> Credit:
    """What the tariff gives back for outages. Raises `BadInput` where it has no [credit]."""
    if tariff.credit is None:
        said = "the tariff gives nothing back for outages: it has no [credit]."
        raise bad_input(said, file="--tariff", column="credit", code="missing_value", hint="Rule F10 names its keys.")
    return tariff.credit


def with_credits(
    document: dict[str, Any], network: Network, circuits: Iterable[Circuit], tariff: Tariff, on: date
) -> dict[str, Any]:
    """A `cni.availability/1` with `credits`: per circuit, member and in all, the most pence a year at each scale of the rates.

    Raises `BadInput` where the tariff has no [credit], or no price for what a circuit holds.
    """
    credit = needed_credit(tariff)
    held = {c.id: c for c in circuits}
    annual = {row["id"]: annual_pence(network, held[row["id"]], tariff, on) for row in document["circuits"]}
    lines = [
        {
            "id": row["id"],
            "member": held[row["id"]].member,
            "scale": row["scale"],
            "annual_pence": half_up(annual[row["id"]]),
            "at_most_pence": most_a_year(credit, annual[row["id"]], row["minutes_year"]["high"]),
        }
        for row in document["circuits"]
    ]
    members = sorted({(line["member"], line["scale"]) for line in lines}, key=lambda m: (m[0], float(m[1])))

    def most(scale: str, member: str | None = None) -> int:
        return sum(
            line["at_most_pence"] for line in lines if line["scale"] == scale and member in (None, line["member"])
        )

    return {
        **document,
        "inputs": {**document["inputs"], "tariff": digest_of(tariff.as_json())},
        "credits": {
            "rule": "F10",
            "circuits": lines,
            "members": [{"id": m, "scale": scale, "at_most_pence": most(scale, m)} for m, scale in members],
            "total": [{"scale": scale, "at_most_pence": most(scale)} for scale, _ in SCALES],
        },
    }
