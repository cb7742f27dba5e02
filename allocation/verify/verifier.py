"""`verify_award` and `verify_pack`: every check in order, as the document `cni.verify/1`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from allocation.files.requests import policy_to_json, requests_from_json, requests_to_json
from allocation.policy import Policy
from allocation.progress import Progress
from allocation.request import Request
from allocation.verify.clauses import Grants, check_clauses
from allocation.verify.fairness import FairnessCheck, check_fairness, note_fairness
from allocation.verify.figures import check_lines, check_tables
from allocation.verify.full import FullCheck, note_never_checked, note_unchecked
from allocation.verify.grants import GrantProgramme, WaysOf, read_inequalities
from allocation.verify.levels import BoundProver, check_level_list, prove_levels
from allocation.verify.objectives import check_objectives
from allocation.verify.placing import Placing
from allocation.verify.reasons import check_reasons
from allocation.verify.record import check_record
from allocation.verify.report import Report
from allocation.verify.shape import check_shape
from allocation.verify.witnesses import check_witnesses
from allocation.verify.world import World
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.files.json_form import circuits_to_json, network_to_json
from topology.model import Circuit, Network

SCHEMA = "cni.verify/1"
Listener = Callable[[Progress], None]


def verify_award(
    award: Any,
    network: Network,
    circuits: Iterable[Circuit],
    requests: Iterable[Request],
    policy: Policy,
    *,
    full: bool = False,
    expected_digest: str | None = None,
    progress: Listener | None = None,
) -> dict[str, Any]:
    """Check an award against its inputs (rules A to D): digests, clauses, figures, level bounds, objectives, reasons.

    By default the bounds of B2 to B5 and `fair_share` are left out and listed as not checked; `full` proves them too. An award that
    is not shaped like one gives failing checks. Raises BadInput where the inputs themselves contradict each other.
    """
    report = Report()
    live, rows = tuple(circuits), requests_from_json(requests_to_json(requests), network, tuple(circuits))
    inputs = {
        "circuits": digest_of(circuits_to_json(live)),
        "network": digest_of(network_to_json(network)),
        "policy": digest_of(policy_to_json(policy)),
        "requests": digest_of(requests_to_json(rows)),
    }
    shaped = check_shape(award, report)
    if isinstance(award, dict):
        _check_digest(award, expected_digest, report)
    if shaped:
        _check_inputs(award, inputs, report)
        world = World(network, live, rows, policy, date.fromisoformat(award["on"]))
        _check_round(world, award, full, report, progress or (lambda message: None))
    return {
        "schema": SCHEMA,
        "inputs": inputs,
        "software": SOFTWARE,
        "on": award["on"] if shaped else None,
        "ok": report.ok,
        "checks": report.checks(),
    }


def verify_pack(
    pack: Any, *, full: bool = False, expected_digest: str | None = None, progress: Listener | None = None
) -> dict[str, Any]:
    """Check a round pack: its own digest, then its award against its inputs. Raises BadInput where it cannot be opened."""
    from allocation.files.pack import open_pack

    opened = open_pack(pack)
    result = verify_award(
        opened.award,
        opened.network,
        opened.circuits,
        opened.requests,
        opened.policy,
        full=full,
        expected_digest=expected_digest,
        progress=progress,
    )
    report = Report()
    _equal_digest(report, "pack", pack, ("digest",), pack.get("digest"))
    report.equal("inputs", "pack", "inputs", pack.get("inputs"), result["inputs"])
    report.equal("inputs", "pack", "on", pack.get("on"), opened.award.get("on"))
    report.looked_at("pack", "The digest of the pack is that of its bytes.")
    if isinstance(pack.get("round"), dict):
        check_record(pack["round"], opened.award, pack["requests"], report)
    return {**result, "ok": result["ok"] and report.ok, "checks": [*report.checks(), *result["checks"]]}


def _equal_digest(report: Report, code: str, value: Mapping[str, Any], apart: tuple[str, ...], said: Any) -> None:
    try:
        right = digest_of({k: v for k, v in value.items() if k not in apart})
    except (ValueError, TypeError, RecursionError) as fault:  # NaN, lone surrogates, integers beyond 2^53
        report.fail(code, "digest", f"It has no canonical bytes: {fault}.")
        return
    report.equal(code, "digest", "digest", said, right)


def _check_digest(award: Mapping[str, Any], expected: str | None, report: Report) -> None:
    _equal_digest(report, "digest", award, ("digest", "evidence"), award.get("digest"))
    if expected is not None and award.get("digest") != expected.strip().lower():
        report.fail("digest", "digest", f"It is not the digest that was expected, {expected}.")
    report.looked_at("digest", "The digest is that of the award's bytes without digest and evidence.")


def _check_inputs(award: Mapping[str, Any], inputs: Mapping[str, str], report: Report) -> None:
    for name, right in inputs.items():
        report.equal("inputs", name, "digest", award["inputs"][name], right)
    report.looked_at("inputs", "The award was made from these inputs.")
    if award["software"]["name"] != SOFTWARE["name"]:
        report.fail("software", "software", f"The award says it was made by {award['software']['name']}.")
    elif award["software"] != SOFTWARE:
        versions = f"{award['software']['version']}, this is {SOFTWARE['version']}"
        report.note("software", "software", f"The award was made by version {versions}.")


def _grants_of(world: World, award: Mapping[str, Any]) -> Grants:
    granted: dict[str, int] = {}
    routes: dict[str, tuple[tuple[tuple[str, ...], ...], ...]] = {}
    for line in award["requests"]:
        request = world.requests.get(line["request"])
        if request is not None and line["granted"]:
            granted[request.id] = line["granted"]
        if request is not None and request.is_fibre and line["circuits"]:
            routes[request.id] = tuple(
                tuple(tuple(leg["spans"]) for leg in circuit["legs"])
                for circuit in line["circuits"]
                if "legs" in circuit
            )
    return Grants(granted, routes)


def _check_round(world: World, award: Mapping[str, Any], full: bool, report: Report, progress: Listener) -> None:
    def tell(stage: str, bound: int, found: int) -> None:
        progress(Progress(f"verify {stage}", 0, bound, found))

    grants = _grants_of(world, award)
    check_lines(world, award, report)
    sound = check_clauses(world, grants, report)
    report.looked_at("A1-A7", "Every clause holds at every instant, in plain integers.")
    if any(
        s not in world.network.spans
        for routes in grants.routes.values()
        for legs in routes
        for leg in legs
        for s in leg
    ):
        return  # what follows needs spans that exist
    check_tables(world, grants, award, report)
    listed = check_level_list(world, grants, award, report)
    check_objectives(world, grants, award, report)
    if not sound:
        report.note("B1 bounds", "", "not checked: the award breaks a clause")
        return
    inequalities, faults = read_inequalities(world, award["evidence"].get("inequalities"))
    for fault in faults:
        report.fail("evidence", "inequalities", fault)
    prover = BoundProver(world, GrantProgramme(world, WaysOf(world), inequalities))
    if listed:
        prove_levels(prover, award, report, tell)
    check_reasons(world, Placing(world, grants), award, report, tell)
    check_witnesses(world, grants, award, report)
    check_fairness(world, grants, award, report)
    if full and listed and report.ok:
        FullCheck(world, grants, award, prover, report, tell).run()
        FairnessCheck(world, award, report, tell).run()
    else:
        note_unchecked(award, report)
        note_fairness(award, report)
    note_never_checked(report)
