"""One request of an award, told to an engineer and to a finance director: the document `cni.explain/1`.

Everything here is read off the award and its inputs; nothing is decided. A *binding* span or node is one that a reason names: the
request would need it and it is full, capped, reserved or a cut that every way would have to pass.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from allocation.request import Request
from allocation.solving.instance import interval
from topology.about import SOFTWARE
from topology.model import Network

SCHEMA = "cni.explain/1"
Json = Mapping[str, Any]

HOLDERS = ("own_rank", "drawn_lot", "fair_share", "shorter_routes", "undecided")
"""Codes that say why others hold what is lacking (rule D3); they lift nothing."""

CAUSES = {
    "no_route": "the network joins the two ends by no route",
    "no_diverse_route": "no two routes of the network are as diverse as it asks for",
    "over_distance": "no route that is free is as short as it asks for",
    "over_loss": "no route that is free loses as little light as it asks for",
    "avoid": "every way that is free passes what it avoids",
    "diverse_from": "every way that is free passes what it is to be diverse from",
    "span_full": "no spare pair is left on {spans}",
    "node_full": "too few rack units are left at {nodes}",
    "power_full": "too little power is left at {nodes}",
    "member_cap": "its group may hold no more on {spans}",
    "entrant_reserve": "what is left on {spans} is reserved for groups that held nothing there",
    "tranche": "what is left on {spans} is reserved for groups without any circuit",
    "funding": "the funding of {spans} does not admit its member",
    "block_size": "it asks for more at once than the policy allows",
    "bundle_partner": "the rest of its bundle does not fit",
    "below_minimum": "fewer than its minimum would fit",
    "family": "another wish of the same family was granted",
    "not_eligible": "its member may take no part in this round",
    "late": "it came in after the gate had closed",
    "term": "its term is none of those that the policy offers",
}
WHO = {
    "own_rank": "earlier wishes of its own group hold it",
    "drawn_lot": "the lot drew others first; an equally fair award would have given it more",
    "fair_share": "giving it more would leave fewer groups with a fair share",
    "shorter_routes": "the policy puts shorter routes first",
    "undecided": "whether the lot or fair shares decided was not settled",
}


def explanation(award: Json, request: str, network: Network, requests: Iterable[Request]) -> dict[str, Any]:
    """The document of one request. Raises KeyError where the award does not know it."""
    line = next((entry for entry in award["requests"] if entry["request"] == request), None)
    if line is None:
        raise KeyError(request)
    rows = {r.id: r for r in requests}
    wish, on = rows[request], date.fromisoformat(award["on"])
    spans = _named(line, "spans")
    return {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "inputs": award["inputs"],
        "on": award["on"],
        "digest": award["digest"],
        "illustrative": network.illustrative,
        **line,
        "asked": asked_in_words(wish),
        "summary": summary_of(line, wish),
        "group": network.group_of(wish.member),
        "a": wish.a or wish.node,
        "b": wish.b,
        "binding_spans": [_span(award, network, rows, line, on, s) for s in _in_way_order(network, wish, spans)],
        "binding_nodes": [_node(award, network, rows, line, on, n) for n in _named(line, "nodes")],
        "risk_groups": sorted({g for reason in line["reasons"] for g in reason.get("risk_groups", ())}),
        "would_help": [words for reason in line["reasons"] for lift in reason["lifts"] if (words := lift_words(lift))],
    }


def _named(line: Json, key: str) -> list[str]:
    """Spans or nodes that a reason names."""
    return sorted({name for reason in line["reasons"] for name in reason[key]})


# -- words ----------------------------------------------------------------------------------------------------------


def asked_in_words(wish: Request) -> str:
    """What a request asks for, as one phrase."""
    if not wish.is_fibre:
        power = f" with {wish.power_w} W" if wish.power_w else ""
        return f"{_count(wish.rack_units, 'rack unit')}{power} at {wish.node}{_term(wish)}"
    how = {"none": "", "span": "span-", "node": "node-", "risk": "risk-"}[wish.diversity]
    legs = f" over two {how}diverse routes" if how else ""
    limits = []
    if wish.max_m is not None:
        limits.append(f"at most {wish.max_m / 1000:g} km")
    if wish.max_loss_db is not None:
        limits.append(f"at most {wish.max_loss_db} dB")
    limit = f", {' and '.join(limits)}" if limits else ""
    return f"{_count(wish.pairs, 'pair')} from {wish.a} to {wish.b}{legs}{limit}{_term(wish)}"


def _term(wish: Request) -> str:
    if wish.start is None and wish.end is None:
        return ""
    since = f" from {wish.start}" if wish.start else ""
    return f"{since} until {wish.end}" if wish.end else since


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary_of(line: Json, wish: Request) -> str:
    """One plain sentence or two: what was asked, what was got, why."""
    if line["granted"] >= line["requested"]:
        got = "it" if line["requested"] == 1 else f"all {line['requested']}"
        return f"{wish.member} asked for {asked_in_words(wish)}, and got {got}."
    got = "nothing" if not line["granted"] else f"{line['granted']} of {line['requested']}"
    causes = [cause for reason in line["reasons"] if (cause := _cause(reason))]
    who = [WHO[reason["code"]] for reason in line["reasons"] if reason["code"] in WHO]
    why = ", and ".join(causes) + (f": {'; '.join(who)}" if who else "")
    return f"{wish.member} asked for {asked_in_words(wish)}, and got {got}. {_sentence(why)}"


def _cause(reason: Json) -> str:
    words = CAUSES.get(reason["code"], "")
    return words.format(spans=_listed("span", reason["spans"]), nodes=", ".join(reason["nodes"]))


def _listed(noun: str, names: Sequence[str], most: int = 4) -> str:
    """`span S1`, `spans S1 and S2`, at most a few by name."""
    if len(names) == 1:
        return f"{noun} {names[0]}"
    if len(names) > most:
        return f"{noun}s {', '.join(names[:most])} and {len(names) - most} more"
    return f"{noun}s {', '.join(names[:-1])} and {names[-1]}" if names else f"the {noun}s of its way"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def lift_words(lift: Json) -> str:
    """What would have to be otherwise, as a phrase; "" where it says no more than the reason itself."""
    kind, name = lift["kind"], lift.get("id", "")
    match kind:
        case "span":
            return f"{_count(lift['pairs'], 'more pair')} on span {name}"
        case "node":
            extra = (
                _count(lift["rack_units"], "more rack unit") if "rack_units" in lift else f"{lift['power_w']} W more"
            )
            return f"{extra} at {name}"
        case "max_km":
            return f"a limit of {lift['to_km']} km"
        case "max_loss_db":
            return f"a limit of {lift['to_db']} dB"
        case "route":
            return f"{_count(lift['legs'], 'more route')} built between {name.replace(' ', ' and ')}"
        case "avoid" | "diverse_from":
            return f"{name.replace(':', ' ')} allowed"
        case "clause":
            return f"the clause {name} not applied to it"
        case "condition":
            return {"bundle": "its bundle given up", "min_pairs": "its minimum given up"}.get(
                name, f"its {name} condition given up"
            )
    return f"the condition {name} met"


# -- places ---------------------------------------------------------------------------------------------------------


def _span(
    award: Json, network: Network, rows: Mapping[str, Request], mine: Json, on: date, name: str
) -> dict[str, Any]:
    """A binding span with its figures in the award, and who holds its pairs while the request would."""
    wish = rows[mine["request"]]
    span = network.spans[name]
    figures = next(
        (s for s in award["spans"] if s["span"] == name), {"offered": 0, "granted": 0, "left": 0, "from": None}
    )
    held = [
        (line["request"], line["member"], pairs)
        for line in award["requests"]
        if _meets(rows.get(line["request"]), wish, on)
        and (pairs := sum(leg["spans"].count(name) for c in line["circuits"] for leg in c.get("legs", ())))
    ]
    return {
        "span": name,
        "name": span.name,
        "start": span.start,
        "end": span.end,
        "codes": _codes(mine, "spans", name),
        **{key: figures[key] for key in ("offered", "granted", "left", "from")},
        "held": _held(network, held, "pairs"),
    }


def _node(
    award: Json, network: Network, rows: Mapping[str, Request], mine: Json, on: date, name: str
) -> dict[str, Any]:
    """A binding node likewise: rack units and watts."""
    wish = rows[mine["request"]]
    figures = next((n for n in award["nodes"] if n["node"] == name), {"rack_units": None, "power_w": None})
    held = [
        (line["request"], line["member"], circuit["rack_units"])
        for line in award["requests"]
        for circuit in line["circuits"]
        if circuit.get("node") == name and _meets(rows.get(line["request"]), wish, on)
    ]
    return {
        "node": name,
        "name": network.nodes[name].name if name in network.nodes else "",
        "codes": _codes(mine, "nodes", name),
        "rack_units": figures["rack_units"],
        "power_w": figures["power_w"],
        "held": _held(network, held, "rack_units"),
    }


def _codes(line: Json, key: str, name: str) -> list[str]:
    """The reasons that name a span or node."""
    return [reason["code"] for reason in line["reasons"] if name in reason[key]]


def _meets(other: Request | None, wish: Request, on: date) -> bool:
    """Whether two requests hold at the same time at some instant."""
    if other is None:
        return False
    one, two = interval(wish, on), interval(other, on)
    return one[0] < two[1] and two[0] < one[1]


def _held(network: Network, held: Iterable[tuple[str, str, int]], unit: str) -> list[dict[str, Any]]:
    """Who holds how much, most first."""
    table = [
        {"member": member, "group": network.group_of(member), "request": request, unit: amount}
        for request, member, amount in held
    ]
    return sorted(table, key=lambda row: (-row[unit], row["member"], row["request"]))


def _in_way_order(network: Network, wish: Request, spans: Iterable[str]) -> list[str]:
    """Spans by how far they are on the way from the first end to the second, in spans passed, then id."""
    ends = [_hops(network, end) for end in (wish.a, wish.b)] if wish.is_fibre else [{}, {}]
    far = len(network.nodes)

    def key(name: str) -> tuple[int, str]:
        span = network.spans[name]
        away, left = (at.get(span.start, far) + at.get(span.end, far) for at in ends)
        return away - left, name

    return sorted((s for s in spans if s in network.spans), key=key)


def _hops(network: Network, start: str) -> dict[str, int]:
    found, queue = {start: 0}, deque([start])
    while queue:
        at = queue.popleft()
        for span in network.incident.get(at, ()):
            other = span.other_end(at)
            if other not in found:
                found[other] = found[at] + 1
                queue.append(other)
    return found
