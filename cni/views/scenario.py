"""How the effects of failures are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cni.views.blocks import Block, Fields, Heading, Para, chain, table, three_digits

MOST_IDS, NAMED_PAIRS = 60, 12
"""Written out in one place of a screen; --json has all."""


def _ids(ids: list[str]) -> str:
    return (" ".join(ids[:MOST_IDS]) + _more(len(ids) - MOST_IDS)) or "none"


def _pairs(pairs: list[list[str]]) -> str:
    return (", ".join(map(chain, pairs[:NAMED_PAIRS])) + _more(len(pairs) - NAMED_PAIRS)) or "none"


def _more(left: int) -> str:
    return f" and {left} more (--json has all)" if left > 0 else ""


def fail_view(document: dict[str, Any]) -> Iterator[Block]:
    """What one event takes down, and what spare could restore."""
    event = document["event"]
    yield Heading(
        "Event: " + ", ".join(f"{kind[:-1].replace('_', ' ')} {i}" for kind in sorted(event) for i in event[kind])
    )
    yield Fields(
        (
            ("circuits down", f"{len(document['circuits_down'])}: {_ids(document['circuits_down'])}"),
            ("on one leg", f"{len(document['circuits_one_leg'])}: {_ids(document['circuits_one_leg'])}"),
            ("members hit", f"{len(document['members_hit'])}: {_ids(document['members_hit'])}"),
            ("key pairs lost", f"{len(document['key_pairs_lost'])}: {_pairs(document['key_pairs_lost'])}"),
        )
    )
    found = document["restoration"]
    yield Heading(f"Could be restored over spare, in the order of rules {found['rules']}")
    legs = {r["circuit"]: " | ".join("+".join(leg) for leg in r["legs"]) for r in document["restorable"]}
    yield table("circuit ~legs", [(name, legs[name]) for name in found["order"]])
    rows = [
        (c["class"].replace("_", " "), c["down"], c["alone"], c["restored"], c["bound"], c["greedy"])
        for c in found["classes"]
    ]
    yield Heading("By class: what is down, and what spare restores")
    yield table("class >fibre_down >could_alone >restored >at_most >one_by_one", rows)
    if found["proof"] != "optimal":
        yield Para("Not proved to be the best within the limit; `at most` bounds it.", "bad")


def sweep_view(document: dict[str, Any]) -> Iterator[Block]:
    """The worst events first, then totals."""
    rows = [
        (
            " ".join(e["event"]),
            e["key_pairs_lost"],
            e["circuits_down"],
            e["members_hit"],
            "yes" if e["only_together"] else "-",
        )
        for e in document["events"]
    ]
    yield table("~event >pairs_lost >circuits_down >members_hit only_together*", rows)
    totals = document["totals"]
    yield Para(
        f"Of {totals['singles']} single failures {totals['singles_with_key_loss']} part key nodes"
        + (
            f"; of {totals['doubles']} double ones {totals['doubles_with_key_loss']}, "
            f"{totals['only_together']} of them only together."
            if totals.get("doubles")
            else "."
        )
    )


def weak_points_view(document: dict[str, Any]) -> Iterator[Block]:
    """Bridges, cut nodes, risk groups, then operators per node."""
    yield Fields(
        (
            ("bridge spans", _ids([_name(b) for b in document["bridges"]])),
            ("cut nodes", _ids([_name(n) for n in document["cut_nodes"]])),
            ("risk groups", _ids([_name(g) for g in document["risk_groups"]])),
        )
    )
    yield Para("Bridge, cut node, risk group: the loss of that one thing parts nodes from the rest.", "quiet")
    market = document["commercial"]
    yield Heading("Operators per node (circuits that end or colocate there)")
    ends = [n for n in market["nodes"] if n["held"]]
    none = len(market["nodes"]) - len(ends)
    yield table(
        "node >operators >held >HHI >as_if_equal",
        [(n["node"], *_shares(n)) for n in ends],
        more=f"and {none} nodes where no circuit ends" if none else "",
    )
    every = market["over_all"]
    if every["held"]:
        yield Para(
            f"Over all: {every['operators']} operators hold {every['held']} fibre circuits; HHI {every['hhi']}, as if "
            f"{every['as_if_equal']} equal operators. No authority draws a line at which such an index is bad."
        )
    joined = [p for p in market["key_pairs"] if p["held"]]
    yield Heading(f"Key pairs with a circuit between them: {len(joined)} of {len(market['key_pairs'])}")
    yield table(
        "pair >operators >held >HHI >as_if_equal >at_both_ends",
        [(chain((p["a"], p["b"])), *_shares(p), p["at_both_ends"]) for p in joined],
    )
    yield Heading("If a contributor withdrew")
    yield table(
        "contributor >spans >circuits_down >members_hit >key_pairs_lost",
        [
            (c["contributor"], c["spans"], len(c["circuits_down"]), len(c["members_hit"]), c["key_pairs_lost"])
            for c in market["contributors"]
        ],
    )
    yield Heading("Contributors that a circuit uses, and those that it cannot do without")
    yield table("circuit ~uses ~needs", [(c["circuit"], _ids(c["uses"]), _ids(c["needs"])) for c in market["circuits"]])
    yield from _over_time(document.get("history", []))


def _over_time(rows: list[dict[str, Any]]) -> Iterator[Block]:
    if not rows:
        return
    yield Heading("Over time, as the database knew it on each day")
    yield table(
        "on >spans >bridges >parting_groups >operators >held >HHI >as_if_equal >nodes_with_none >with_one",
        [
            (
                row["on"],
                row["spans"],
                row["bridges"],
                row["risk_groups"],
                row["operators"],
                row["held"],
                row["hhi"] or "-",
                row["as_if_equal"] or "-",
                row["nodes_without_operator"],
                row["nodes_with_one_operator"],
            )
            for row in rows
        ],
    )


def _shares(row: dict[str, Any]) -> tuple[object, ...]:
    return row["operators"], row["held"], row["hhi"] or "-", row["as_if_equal"] or "-"


def _name(item: Any) -> str:
    """An id, whether it stands alone or in an object with more about it."""
    return str(item if isinstance(item, str) else item["id"])


def discs_view(document: dict[str, Any]) -> Iterator[Block]:
    """Where the disc lies, what it takes."""
    rows = [
        (
            f"{d['lat']}, {d['lon']}",
            len(d["key_pairs"]),
            len(d["circuits"]),
            len(d["members"]),
            " ".join([*d["nodes"], *d["spans"]]),
        )
        for d in document["discs"]
    ]
    yield Heading(f"A disc of {document['radius_km']} km anywhere: {document['sets']} largest sets that it can hit")
    yield table("centre >pairs_lost >circuits_down >members_hit** ~hits", rows)


def _minutes(row: dict[str, Any]) -> str:
    """Minutes a year with three digits, as an interval where it is one at that precision."""
    low, high = (three_digits(row["minutes_year"][end]) for end in ("low", "high"))
    return low if low == high else f"{low} to {high}"


def _by_scale(rows: list[dict[str, Any]], *names: str) -> list[tuple[object, ...]]:
    """One row per thing with its minutes at the three scales, worst first at scale 1."""
    things: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
    for row in rows:
        things.setdefault(tuple(row[n] for n in names), {})[row["scale"]] = row
    worst = sorted(things.items(), key=lambda item: (-item[1]["1"]["minutes_year"]["high"], item[0]))
    return [(chain(about), *(_minutes(found[scale]) for scale in ("0.25", "1", "4"))) for about, found in worst]


MOST_PAIRS = 20


def availability_view(document: dict[str, Any]) -> Iterator[Block]:
    """Minutes a year, worst first; then where the order hangs on the rate, and what the figures leave out."""
    titles = ">at_rate_x0.25 >x1 >x4"
    yield Heading("Minutes down a year: circuits")
    yield table(f"circuit {titles}", _by_scale(document["circuits"], "id"))
    yield Heading("All circuits of a member down at once")
    yield table(f"member {titles}", _by_scale(document["members"], "id"))
    pairs = _by_scale(document["key_pairs"], "a", "b")
    yield Heading(f"Key pairs with no route left, the worst {min(MOST_PAIRS, len(pairs))} of {len(pairs)}")
    yield table(f"pair {titles}", pairs[:MOST_PAIRS], more="--json has all." if len(pairs) > MOST_PAIRS else "")
    yield from _credits(document)
    changes = sum(len(rows) for rows in document["order_changes"].values())
    missing = document["without_own_rate"]
    yield Para(
        f"{changes} of these stand elsewhere in the order at another rate. {missing['spans']} spans and {missing['risk_groups']} risk "
        f"groups have no rate of their own; for them stands: {document['defaults']['span_cuts_per_km_year']['value']} cuts per km "
        f"and year ({document['defaults']['span_cuts_per_km_year']['source']}), {document['defaults']['repair_hours']['value']} "
        "hours to repair."
    )
    if not document["closed"]:
        yield Para("Some intervals are wider than was asked for; more --effort narrows them.", "bad")
    yield Para(
        "A comparison of routes under these rates, no promise of service: equipment, planned works and unrecorded shared risk "
        "are not in it.",
        "quiet",
    )


def _credits(document: dict[str, Any]) -> Iterator[Block]:
    """What outages would give back at most in a year, by member."""
    found = document.get("credits")
    if found is None:
        return
    yield Heading(f"Credits a year, at most, in GBP (rule {found['rule']})")
    by_member: dict[str, dict[str, int]] = {}
    for row in found["members"]:
        by_member.setdefault(row["id"], {})[row["scale"]] = row["at_most_pence"]
    total = {row["scale"]: row["at_most_pence"] for row in found["total"]}
    worst = sorted(by_member.items(), key=lambda item: (-item[1]["1"], item[0]))
    rows = [(name, *_pounds_by_scale(most)) for name, most in [*worst, ("all", total)]]
    yield table("member >at_rate_x0.25 >x1 >x4", rows)


def _pounds_by_scale(most: dict[str, int]) -> list[str]:
    return [f"{most[scale] // 100:,}.{most[scale] % 100:02d}" for scale in ("0.25", "1", "4")]
