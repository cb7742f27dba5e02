"""The round pack `cni.pack/1`: everything that is needed to recompute an award, in one canonical file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allocation.formats import policy_from_json, policy_to_json, requests_from_json, requests_to_json
from allocation.policy import Policy
from allocation.request import Request
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.formats.json_form import circuits_from_json, circuits_to_json, network_from_json, network_to_json
from topology.model import Circuit, Network
from topology.problems import BadInput, bad_input

SCHEMA = "cni.pack/1"
PARTS = ("network", "requests", "policy", "circuits", "award")

README = (
    "This is a round pack of Cooperative Network Infrastructure: one allocation round, complete. "
    "network: the spine (strands, metres, watts). requests: what members asked for. circuits: what was held before. "
    "policy: the rules voted on. award: who got what over which route, the proof, and a reason for each refusal. "
    "digest: lower-case hex SHA-256 of the RFC 8785 canonical bytes of this object without its own digest; "
    "award.digest: the same of the award without digest and evidence. "
    "To check it: cni verify PACK. To recompute it: write the parts to files and run cni allocate with the same seed."
)


@dataclass(frozen=True)
class OpenPack:
    """A pack's parts as values."""

    network: Network
    circuits: tuple[Circuit, ...]
    requests: tuple[Request, ...]
    policy: Policy
    award: dict[str, Any]


def pack_digest(pack: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes of a pack without its own `digest`."""
    return digest_of({k: v for k, v in pack.items() if k != "digest"})


def make_pack(
    award: dict[str, Any],
    network: Network,
    circuits: Iterable[Circuit],
    requests: Iterable[Request],
    policy: Policy,
    seed_commitment: str | None = None,
    record: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The complete (member) pack of a round.

    `seed_commitment`: the hash published before the lot's secret, if any. `record`: how the round went (notice, gate list,
    opening, overrides, appeals, lottery, chain), for a round that a house ran.
    """
    pack: dict[str, Any] = {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "on": award["on"],
        "inputs": award["inputs"],
        "network": network_to_json(network),
        "requests": requests_to_json(requests),
        "policy": policy_to_json(policy),
        "circuits": circuits_to_json(circuits),
        "commitment": seed_commitment,
        "award": award,
        "readme": README,
    }
    if record is not None:
        pack["round"] = dict(record)
    pack["digest"] = pack_digest(pack)
    return pack


def open_pack(pack: Any) -> OpenPack:
    """The parts of a pack. Raises BadInput where one is missing or cannot be read."""
    if not isinstance(pack, dict) or pack.get("schema") != SCHEMA:
        raise bad_input(f"This is not a round pack ({SCHEMA}).", column="schema", code="bad_pack")
    missing = [part for part in PARTS if part not in pack]
    if missing:
        raise BadInput(
            problem
            for part in missing
            for problem in bad_input(f"The pack has no {part}.", column=part, code="bad_pack").problems
        )
    if not isinstance(pack["award"], dict):
        raise bad_input("The pack's award is not an object.", column="award", code="bad_pack")
    network = network_from_json(pack["network"])
    circuits = circuits_from_json(pack["circuits"], network)
    return OpenPack(
        network, circuits, requests_from_json(pack["requests"]), policy_from_json(pack["policy"]), pack["award"]
    )
