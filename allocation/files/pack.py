"""The round pack `cni.pack/1`: everything that is needed to recompute an award, in one canonical file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allocation.files.requests import policy_from_json, policy_to_json, requests_from_json, requests_to_json
from allocation.policy import Policy
from allocation.request import Request
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.files.json_form import circuits_from_json, circuits_to_json, network_from_json, network_to_json
from topology.model import Circuit, Network
from topology.problems import BadInput, bad_input

SCHEMA = "cni.pack/1"
PARTS = ("network", "requests", "policy", "circuits", "award")

README = """\
WHAT THIS IS. A round pack of Cooperative Network Infrastructure: one allocation round with everything that is needed to
recompute it. A co-operative shares spare fibre pairs and rack units among its members; this file says what was spare, who asked
for what, by which rules it was decided, who got what over which route, and why others got less. It is one JSON object.

ITS PARTS
network: the spine. nodes and spans; a span joins two nodes. fibre_count, own_use, reserve, maintenance_spare count strands (one
  glass fibre); a pair is two. Spare strands of a span on a day: fibre_count less own_use, reserve, maintenance_spare and two for
  each live circuit over it. Lengths are metres or kilometres as the key says.
circuits: what members held before the round. legs: routes as span ids; two legs of one circuit share no span, node or risk group.
requests: what was asked for: pairs between a and b, or rack units at a node, with limits.
policy: the rules voted on; a key that is missing holds its default.
award: the result. levels: how many member groups hold at least 1, 2, 3 ... units, each with the most that any award could reach
  (bound); where members equals bound no award is fairer. requests: granted, the route of each circuit, and reasons with what would
  have to be lifted. members: asked and granted. spans: offered, granted, left. seed: what the lot was drawn from.
round, if a house ran it: its notice (fixed before requests came), the list of the gate, what was opened, overrides, appeals, the
  lottery, the head of the audit log, and the digest of the pack before.

THE ORDER OF FAIRNESS. First as many groups as possible get 1 unit; with that fixed, as many as possible a second; and so on. What
is still open is settled by lot: groups in ascending order of SHA-256(seed, line feed, group), each as much as possible; then each
group's own ranking; then the fewest metres; then the smallest ids.

HOW TO CHECK IT WITHOUT OUR PROGRAM
1. Digests. Write the object without its key digest as RFC 8785 JSON (keys sorted, no spaces, UTF-8) and take SHA-256: it must be
   digest. The same for award without digest and evidence: it must be award.digest. In Python, for this file:
   json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
2. Sums. On each span add the pairs of the granted circuits: no more than offered.
3. Routes. Walk each leg span by span from a to b; add lengths; compare the two legs of a circuit.
4. The lot. SHA-256(secret, line feed, public value) must be award.seed, SHA-256(secret) the commitment of the notice.
5. The gate. Each sealed submission has a number and a digest; your own receipt must be among them.

WITH OUR PROGRAM: cni verify PACK checks every rule and proves every bound anew; cni round replay PACK decides the round again.
"""


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
