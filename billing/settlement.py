"""The settlement of a period: what members are charged, and where every penny of it goes.

Rule F8: charges = contributor fees + margin + reserve + unallocated. `balance_pence` is recomputed from the printed lines, so that
it checks them; anything but 0 would be a fault of ours, and the settlement is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.charges import Charge, charges
from billing.credits import credit_lines
from billing.cross_connects import cross_connect_lines
from billing.early_cease import early_cease_lines
from billing.facts import NO_FACTS, Facts, check_against
from billing.fees.claims import Claim
from billing.fees.cost_share import cost_share_lines
from billing.fees.methods import Fees, fees_of
from billing.fees.policy import FeePolicy
from billing.indexing import indexed
from billing.pence import half_up, pounds
from billing.tariff import Tariff
from billing.vat import STANDARD, TAX_CODES
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.cells import decimal_text
from topology.files.json_form import circuits_to_json, network_to_json
from topology.model import Circuit, Network
from topology.problems import Problems, bad_input

YEARS = range(1900, 2201)
"""Years that a period may touch; outside them a typing mistake is likelier than a bill."""


def settle(
    network: Network,
    circuits: Iterable[Circuit],
    tariff: Tariff,
    fee_policy: FeePolicy,
    start: date,
    end: date,
    facts: Facts = NO_FACTS,
) -> dict[str, Any]:
    """The `cni.settlement/1` document of a period [start, end).

    Besides the fields of the interface: `from` and `to` of each line, `product` of each fee (use, availability, cost), `scaling`
    (whether claims were paid in full), `wash` (circuits whose fees are more than their charge, F9), `notes`, `illustrative`.

    Raises `BadInput` for an empty or unlikely period, circuits over unknown spans or nodes, products without a price, an index
    without a level, and where the policy refuses what F9 names.
    """
    held = tuple(sorted(circuits, key=lambda c: c.id))
    _check(network, held, start, end)
    lines = charge_lines(network, held, tariff, fee_policy, start, end, facts)
    charged = sum(line.amount_pence for line in lines)
    margin = half_up(Fraction(fee_policy.margin_share) * max(charged, 0))
    reserve = min(half_up(Fraction(fee_policy.reserve_share) * max(charged, 0)), max(charged, 0) - margin)
    pot = charged - margin - reserve
    fees = fees_of(network, held, tariff, fee_policy, lines, pot, start, end, facts)
    document = {
        "schema": "cni.settlement/1",
        "inputs": {
            "circuits": digest_of(circuits_to_json(held)),
            "fees": digest_of(fee_policy.as_json()),
            "network": digest_of(network_to_json(network)),
            "tariff": digest_of(tariff.as_json()),
            **({"facts": facts.digest} if facts != NO_FACTS else {}),
        },
        "software": SOFTWARE,
        "on": start.isoformat(),
        "period": f"{start}/{end}",
        "illustrative": network.illustrative,
        "charges": [line.as_json() for line in lines],
        "fees": [_fee_line(claim, fees.pence[claim.key], scaled=fees.scaled) for claim in fees.claims],
        "margin_pence": margin,
        "reserve_pence": reserve,
        "unallocated_pence": pot - sum(fees.pence.values()),
        "scaling": fees.text,
        "wash": [{"circuit": w.circuit, "charge_pence": w.charge_pence, "fees_pence": w.fees_pence} for w in fees.wash],
        "notes": [*fees.limits, *_wash_notes(fees), *(p.text for p in check_against(facts, network))],
        "tax": _tax(lines, tariff),
    }
    document["balance_pence"] = balance(document)
    if document["balance_pence"]:
        raise AssertionError(f"the settlement does not balance: {document['balance_pence']} pence")
    return document


def charge_lines(
    network: Network,
    circuits: Iterable[Circuit],
    tariff: Tariff,
    fee_policy: FeePolicy,
    start: date,
    end: date,
    facts: Facts = NO_FACTS,
) -> tuple[Charge, ...]:
    """What members are charged in a period, sorted by member, circuit, product and day. Raises `BadInput` as `settle`."""
    held = tuple(circuits)
    if fee_policy.method == "cost_share":
        return cost_share_lines(network, held, tariff, fee_policy, start, end, facts)
    prices = indexed(tariff, facts, end)
    lines = [
        *charges(network, held, prices, start, end),
        *early_cease_lines(network, held, prices, start, end),
        *credit_lines(network, held, prices, facts.outages, start, end),
        *cross_connect_lines(facts.cross_connects, prices, start, end),
    ]
    return tuple(sorted(lines, key=lambda c: (c.member, c.circuit, c.product, c.first)))


def balance(document: Mapping[str, Any]) -> int:
    """Pence that a settlement's lines leave over: charges - fees - margin - reserve - unallocated. Always 0."""
    charged = sum(line["amount_pence"] for line in document["charges"])
    paid = sum(line["amount_pence"] for line in document["fees"])
    kept = document["margin_pence"] + document["reserve_pence"] + document["unallocated_pence"]
    return int(charged - paid - kept)


def _fee_line(claim: Claim, pence: int, *, scaled: bool) -> dict[str, Any]:
    worth = half_up(claim.exact)
    if scaled:
        paid = f" = {pounds(worth)} GBP, scaled to the pot = {pounds(pence)} GBP"
    elif worth != pence:
        paid = f" = {pounds(worth)} GBP, rounded with all others = {pounds(pence)} GBP"
    else:
        paid = f" = {pounds(pence)} GBP"
    return {
        "contributor": claim.contributor,
        "span": claim.span,
        "circuit": claim.circuit,
        "product": claim.product,
        "from": claim.first.isoformat(),
        "to": claim.last.isoformat(),
        "pair_metre_days": claim.pair_metre_days,
        "amount_pence": pence,
        "text": f"{claim.text}{paid}",
    }


def _tax(lines: Iterable[Charge], tariff: Tariff) -> list[dict[str, Any]]:
    """VAT over the charges by rate, each rounded once, half up; invoices will do so once per document and code."""
    nets, codes = {tariff.tax_rate: 0}, tariff.codes
    for line in lines:
        rated = TAX_CODES[codes.get(line.product, STANDARD)].rated
        rate = tariff.tax_rate if rated else Decimal(0)
        nets[rate] = nets.get(rate, 0) + line.amount_pence
    return [
        {"rate": decimal_text(rate), "net_pence": net, "tax_pence": half_up(Fraction(rate) * net)}
        for rate, net in sorted(nets.items(), reverse=True)
    ]


def _wash_notes(fees: Fees) -> Iterable[str]:
    """Rule F9 in words."""
    for row in fees.wash:
        yield (
            f"circuit {row.circuit}: fees of {pounds(row.fees_pence)} GBP are more than its charge of "
            f"{pounds(row.charge_pence)} GBP; the tariff or the fee rate should be looked at"
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
