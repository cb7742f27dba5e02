"""What can be checked of a public pack, and what cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocation.files.masking import public_pack
from allocation.files.pack import pack_digest
from allocation.verify.record import MISSHAPEN, check_lottery
from allocation.verify.report import Report
from topology.about import SOFTWARE
from topology.canonical import canonical_bytes
from topology.problems import bad_input

UNCHECKED = (
    ("digest", "award", "The award's digest covers values that are masked."),
    ("A", "award", "Routes are masked, so no clause could be checked."),
    ("C", "award", "The network is masked, so no bound could be proved again."),
    ("D", "award", "Places are masked, so no reason could be checked."),
)


def verify_public(pack: Mapping[str, Any], against: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Check a public pack: its digest, its sums, its lottery; with the member pack, every mask (`cni.verify/1`)."""
    report = Report()
    try:
        return _verified(pack, against, report)
    except MISSHAPEN as fault:
        said = f"This public pack lacks its form: {type(fault).__name__} {fault}."
        raise bad_input(said, column="award", code="bad_pack") from None


def _verified(pack: Mapping[str, Any], against: Mapping[str, Any] | None, report: Report) -> dict[str, Any]:
    if pack.get("digest") != pack_digest(pack):
        report.fail("pack", "digest", "The digest is not that of the pack's bytes.")
    report.looked_at("pack", "The digest of the pack is that of its bytes.")
    _check_sums(pack["award"], report)
    check_lottery(pack["round"], pack["award"], report)
    if against is None:
        for code, where, text in UNCHECKED:
            report.note("not_checked", where, f"{code}: {text}")
    else:
        made = public_pack(against, pack.get("public_network", {}))
        if canonical_bytes(made) != canonical_bytes(dict(pack)):
            for key in sorted(made.keys() | pack.keys()):
                if made.get(key) != pack.get(key):
                    report.fail("masks", key, "It is not what the member pack gives when it is masked.")
        report.looked_at("masks", "Every mask is that of the member pack's value.")
    return {
        "schema": "cni.verify/1",
        "software": SOFTWARE,
        "inputs": pack["inputs"],
        "on": pack["on"],
        "ok": report.ok,
        "partial": against is None,
        "checks": report.checks(),
    }


def _check_sums(award: Mapping[str, Any], report: Report) -> None:
    """Granted units of members, of requests and of levels agree."""
    by_member: dict[str, int] = {}
    for row in award["requests"]:
        if row["granted"] > row["requested"] and row["kind"] == "fibre":
            report.fail("sums", row["request"], "More was granted than was asked for.")
        if row["kind"] == "fibre":
            by_member[row["member"]] = by_member.get(row["member"], 0) + row["granted"]
    for member in award["members"]:
        if member["granted"] < by_member.get(member["member"], 0):
            report.fail("sums", member["member"], "The member's total is less than its requests were granted.")
    report.looked_at("sums", "No member's total is less than its requests were granted.")
