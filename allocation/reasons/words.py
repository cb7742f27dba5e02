"""The sentence that goes with each reason code. Ids and figures only; nothing that a member wrote is markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocation.gate import Refusal
from allocation.reasons.lifts import Lift
from allocation.request import Request
from topology.quantities import as_thousands, three_places
from topology.routing.disjoint import Certificate


def text_of(
    request: Request,
    code: str,
    lifts: Sequence[Lift],
    certificate: Certificate | None,
    refusals: Sequence[Refusal],
    spans: Sequence[str],
    conditions: Mapping[str, str] | None = None,
) -> str:
    """One reason in words, for an engineer and a finance director alike. `conditions`: span -> who its funding admits."""
    if refusals:
        return " ".join(r.text for r in refusals)
    if certificate is not None:
        return certificate.text
    named = ", ".join(f"{lift.id} ({lift.by} short)" for lift in lifts)
    ends = f"{request.a} to {request.b}"
    if code == "span_full":
        return (
            f"No spare pair is left on the way {ends}: {named}. With that many more pairs there, it would be granted."
        )
    if code == "node_full":
        return f"Node {request.node} has too few rack units left: {lifts[0].by} short."
    if code == "power_full":
        return f"Node {request.node} has too little power left: {lifts[0].by} W short."
    if code == "over_distance":
        return f"The nearest way {ends} needs {as_thousands(lifts[0].by)} km on its longer leg; the request allows {as_thousands(request.max_m or 0)} km."
    if code == "over_loss":
        need = three_places(lifts[0].exact) if lifts[0].exact is not None else "?"
        return f"The nearest way {ends} has an expected loss of {need} dB; the request allows {request.max_loss_db} dB."
    if code in ("avoid", "diverse_from"):
        word = "avoids" if code == "avoid" else "asks to be diverse from"
        return f"Every way left {ends} uses what the request {word}: {', '.join(lift.id for lift in lifts)}."
    if code == "member_cap":
        return f"The group's cap is reached on {', '.join(spans)}: no group may hold more there."
    if code == "entrant_reserve":
        return f"What is left on {', '.join(spans)} is reserved for groups that held nothing there before the round."
    if code == "tranche":
        return f"What is left on {', '.join(spans)} is reserved for groups without any circuit before the round."
    if code == "funding":
        named = "; ".join(f"{span} admits {words}" for span, words in sorted((conditions or {}).items()))
        return f"Funding conditions keep new pairs for those they name, and {request.member} is none of them: {named}."
    if code == "bundle_partner":
        return f"Bundle {request.bundle} is granted whole or not at all, and the rest of it does not fit."
    if code == "below_minimum":
        return f"At least {request.least} pairs or none were asked for, and so many do not fit."
    if code == "family":
        return "Another row of the same family was granted; at most one may be."
    return {
        "own_rank": "The group's own order decided: a request of its own that comes earlier holds what this one lacks.",
        "drawn_lot": "The lot decided: others drawn earlier hold it; another award with equal level counts would grant it.",
        "fair_share": "Fair shares decided: granting more here would leave fewer groups at some level.",
        "shorter_routes": "Metres decided: the policy puts shorter routes first, and granting this would need longer ones.",
        "undecided": "Whether the lot or fair shares decided was not settled within the effort.",
    }[code]
