"""The settlement of a period: what members are charged, and where every penny of it goes.

Rule F8: charges = contributor fees + margin + reserve + unallocated. `balance_pence` is recomputed from the printed lines, so that
it checks them; anything but 0 would be a fault of ours, and the settlement is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from billing.charges import Charge, charges
from billing.fees import Claim, FeePolicy, claims, fee_pence
from billing.pence import half_up, pounds
from billing.tariff import ONE_OFF, Tariff
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.cells import decimal_text
from topology.formats.json_form import circuits_to_json, network_to_json
from topology.model import Circuit, Network
from topology.problems import Problems, bad_input

YEARS = range(1900, 2201)
"""Years that a period may touch; outside them a typing mistake is likelier than a bill."""


def settle(
    network: Network, circuits: Iterable[Circuit], tariff: Tariff, fee_policy: FeePolicy, start: date, end: date
) -> dict[str, Any]:
    """The `cni.settlement/1` document of a period [start, end).

    Besides the fields of the interface: `from` and `to` of each charge, `scaling` (whether claims were paid in full),
    `notes` (circuits whose fees are more than their charge), `illustrative`.

    Raises `BadInput` for an empty or unlikely period, circuits over unknown spans or nodes, and products without a price.
    """
    held = tuple(sorted(circuits, key=lambda c: c.id))
    _check(network, held, start, end)
    lines = charges(network, held, tariff, start, end)
    charged = sum(line.amount_pence for line in lines)
    margin = half_up(Fraction(fee_policy.margin_share) * charged)
    reserve = min(half_up(Fraction(fee_policy.reserve_share) * charged), charged - margin)
    pot = charged - margin - reserve
    claimed = claims(network, held, tariff, fee_policy, start, end)
    parts, scaling = fee_pence(claimed, pot)
    scaled = sum(parts.values()) < half_up(sum((claim.exact for claim in claimed), Fraction()))
    document = {
        "schema": "cni.settlement/1",
        "inputs": {
            "circuits": digest_of(circuits_to_json(held)),
            "fees": digest_of(fee_policy.as_json()),
            "network": digest_of(network_to_json(network)),
            "tariff": digest_of(tariff.as_json()),
        },
        "software": SOFTWARE,
        "on": start.isoformat(),
        "period": f"{start}/{end}",
        "illustrative": network.illustrative,
        "charges": [line.as_json() for line in lines],
        "fees": [_fee_line(claim, parts[claim.key], scaled=scaled) for claim in claimed],
        "margin_pence": margin,
        "reserve_pence": reserve,
        "unallocated_pence": pot - sum(parts.values()),
        "scaling": scaling,
        "notes": list(_wash_notes(lines, claimed, parts)),
        "tax": _tax(charged, tariff),
    }
    document["balance_pence"] = balance(document)
    if document["balance_pence"]:
        raise AssertionError(f"the settlement does not balance: {document['balance_pence']} pence")
    return document


def balance(document: Mapping[str, Any]) -> int:
    """Pence that a settlement's lines leave over: charges - fees - margin - reserve - unallocated. Always 0."""
    charged = sum(line["amount_pence"] for line in document["charges"])
    paid = sum(line["amount_pence"] for line in document["fees"])
    kept = document["margin_pence"] + document["reserve_pence"] + document["unallocated_pence"]
    return int(charged - paid - kept)


def _fee_line(claim: Claim, pence: int, *, scaled: bool) -> dict[str, Any]:
    claimed = f" = {pounds(half_up(claim.exact))} GBP, scaled to the pot" if scaled else ""
    return {
        "contributor": claim.contributor,
        "span": claim.span,
        "circuit": claim.circuit,
        "pair_metre_days": claim.pair_metre_days,
        "amount_pence": pence,
        "text": f"{claim.text}{claimed} = {pounds(pence)} GBP",
    }


def _tax(charged: int, tariff: Tariff) -> list[dict[str, Any]]:
    """VAT over the charges, rounded once, half up; invoices will do so once per document and rate."""
    tax = half_up(Fraction(tariff.tax_rate) * charged)
    return [{"rate": decimal_text(tariff.tax_rate), "net_pence": charged, "tax_pence": tax}]


def _wash_notes(lines: Iterable[Charge], claimed: Iterable[Claim], parts: Mapping[Any, int]) -> Iterable[str]:
    """Rule F9. Circuits whose recurring charge is below the fees they trigger: their owner could earn by renting from itself."""
    charged: dict[str, int] = defaultdict(int)
    paid: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.product not in ONE_OFF:
            charged[line.circuit] += line.amount_pence
    for claim in claimed:
        paid[claim.circuit] += parts[claim.key]
    for circuit in sorted(paid):
        if paid[circuit] > charged[circuit]:
            yield (
                f"circuit {circuit}: fees of {pounds(paid[circuit])} GBP are more than its charge of "
                f"{pounds(charged[circuit])} GBP; the tariff or the fee rate should be looked at"
            )


def _check(network: Network, circuits: Iterable[Circuit], start: date, end: date) -> None:
    if end <= start:
        raise bad_input("The period must end after it starts.", column="period", value=f"{start}/{end}")
    if start.year not in YEARS or end.year not in YEARS:
        raise bad_input("The period must lie between 1900 and 2200.", column="period", value=f"{start}/{end}")
    found = Problems()
    for circuit in circuits:
        for span in sorted(set(circuit.spans) - set(network.spans)):
            found.add(f"Circuit {circuit.id} runs over span {span}, which the network has not.", code="unknown_id")
        if not circuit.is_fibre and circuit.node not in network.nodes:
            found.add(f"Circuit {circuit.id} is at node {circuit.node}, which the network has not.", code="unknown_id")
    found.raise_errors()
