"""Two awards side by side, as the document `cni.compare/1`: who gains, who loses, and why.

The two may be of the same round under another policy, of the same requests on another network, or of anything else; requests,
members and spans are matched by id, and what stands in one only is null on the other side. Where both come with their inputs
(round packs), the changed policy keys, requests, spans, nodes and circuits are named too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from topology.about import SOFTWARE

SCHEMA = "cni.compare/1"
Json = Mapping[str, Any]
KINDS = ("fibre", "colocation")
SIDES = ("before", "after")
LISTS = {"requests": None, "circuits": None, "spans": "network", "nodes": "network", "organisations": "network"}
"""Lists of a pack that are compared row by row, and the part that they stand in (None: the pack itself)."""


def compare(before: Json, after: Json, packs: tuple[Json, Json] | None = None) -> dict[str, Any]:
    """The comparison of two awards (`cni.award/1`); with `packs`, the packs (`cni.pack/1`) that they come from."""
    requests = _requests(before, after)
    groups = _groups(before, after)
    return {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "inputs": {side: award["inputs"] for side, award in zip(SIDES, (before, after), strict=True)},
        **{side: _about(award) for side, award in zip(SIDES, (before, after), strict=True)},
        "same": before["digest"] == after["digest"],
        "illustrative": any(award.get("illustrative") is True for award in (before, after)),
        "differs": _differs(before, after),
        "changes": None if packs is None else _changes(*packs),
        "gain": sorted(g["group"] for g in groups if _rise(g) > 0),
        "lose": sorted(g["group"] for g in groups if _rise(g) < 0),
        "mixed": sorted(g["group"] for g in groups if _is_mixed(g)),
        "groups": [g for g in groups if any(g[kind]["before"] != g[kind]["after"] for kind in KINDS)],
        "members": _members(before, after),
        "requests": requests,
        "rerouted": _rerouted(before, after),
        "levels": _levels(before, after),
        "totals": _sides(before["totals"], after["totals"]),
        "fairness": [
            {"kind": kind, **row}
            for kind in KINDS
            for row in _sides(_totals_of(before, kind), _totals_of(after, kind), every=True)
        ],
        "spans": _spans(before, after),
    }


def _about(award: Json) -> dict[str, Any]:
    return {name: award[name] for name in ("digest", "on", "proof", "unique", "seed")}


def _differs(before: Json, after: Json) -> list[str]:
    """Which inputs are not the same, by their digests; the date and the seed by themselves."""
    one, two = before["inputs"], after["inputs"]
    found = [name for name in sorted(one.keys() | two.keys()) if one.get(name) != two.get(name)]
    return found + [name for name in ("on", "seed") if before[name] != after[name]]


def _sides(before: Json, after: Json, *, every: bool = False) -> list[dict[str, Any]]:
    """Each name with its value on both sides; without `every` only where the two differ."""
    names = [*before, *(n for n in after if n not in before)]
    return [
        {"name": n, "before": before.get(n), "after": after.get(n)}
        for n in names
        if every or before.get(n) != after.get(n)
    ]


# -- who ------------------------------------------------------------------------------------------------------------


def _units(award: Json, key: str) -> dict[str, dict[str, int]]:
    """Group (or member) -> kind -> units granted."""
    table: dict[str, dict[str, int]] = {}
    for member in award["members"]:
        held = table.setdefault(member[key], dict.fromkeys(KINDS, 0))
        held["fibre"] += member["granted"]
        held["colocation"] += member["rack_units_granted"]
    return table


def _groups(before: Json, after: Json) -> list[dict[str, Any]]:
    one, two = _units(before, "group"), _units(after, "group")
    return [{"group": g, **_pair(one.get(g), two.get(g))} for g in sorted(one.keys() | two.keys())]


def _pair(one: Mapping[str, int] | None, two: Mapping[str, int] | None) -> dict[str, dict[str, int | None]]:
    return {kind: {"before": one[kind] if one else None, "after": two[kind] if two else None} for kind in KINDS}


def _moves(group: Json) -> list[int]:
    return [(group[kind]["after"] or 0) - (group[kind]["before"] or 0) for kind in KINDS]


def _is_mixed(group: Json) -> bool:
    """Whether a group gains of one kind and loses of the other."""
    return min(_moves(group)) < 0 < max(_moves(group))


def _rise(group: Json) -> int:
    """1 for a group that gains, -1 for one that loses, 0 for one that does neither or both."""
    moves = [move for move in _moves(group) if move]
    return 0 if not moves or _is_mixed(group) else (1 if moves[0] > 0 else -1)


def _members(before: Json, after: Json) -> list[dict[str, Any]]:
    one, two = _units(before, "member"), _units(after, "member")
    group = {m["member"]: m["group"] for award in (before, after) for m in award["members"]}
    return [
        {"member": m, "group": group[m], **_pair(one.get(m), two.get(m))}
        for m in sorted(group)
        if one.get(m) != two.get(m)
    ]


# -- what -----------------------------------------------------------------------------------------------------------


def _lines(award: Json) -> dict[str, Json]:
    return {line["request"]: line for line in award["requests"]}


def _requests(before: Json, after: Json) -> list[dict[str, Any]]:
    """Each request whose grant changed (or that stands in one award only), with the reasons of the award where it got less."""
    one, two = _lines(before), _lines(after)
    found = []
    for name in sorted(one.keys() | two.keys()):
        a, b = one.get(name), two.get(name)
        if a is not None and b is not None and (a["granted"], a["requested"]) == (b["granted"], b["requested"]):
            continue
        line = b if b is not None else a
        assert line is not None
        # what is not asked for got less than anything that is
        side = "before" if (a["granted"] if a else -1) < (b["granted"] if b else -1) else "after"
        poorer = a if side == "before" else b
        found.append(
            {
                "request": name,
                "member": line["member"],
                "kind": line["kind"],
                "before": _grant(a),
                "after": _grant(b),
                "less_in": side,
                "why": [
                    {key: reason[key] for key in ("code", "text", "spans", "nodes")}
                    for reason in (poorer["reasons"] if poorer is not None else ())
                ],
            }
        )
    return found


def _grant(line: Json | None) -> dict[str, Any] | None:
    """What a request asked for and got in one of the awards; null where it does not stand in it."""
    if line is None:
        return None
    codes = [reason["code"] for reason in line["reasons"]]
    return {"requested": line["requested"], "granted": line["granted"], "reasons": codes}


def _rerouted(before: Json, after: Json) -> list[str]:
    """Requests that got as much, over other routes."""
    one, two = _lines(before), _lines(after)
    return sorted(
        name
        for name in one.keys() & two.keys()
        if one[name]["granted"] == two[name]["granted"] and _routes(one[name]) != _routes(two[name])
    )


def _routes(line: Json) -> list[Any]:
    return [[leg["spans"] for leg in circuit["legs"]] for circuit in line["circuits"] if "legs" in circuit]


def _levels(before: Json, after: Json) -> list[dict[str, Any]]:
    """Level counts side by side; a level after the end of a list is held by nobody."""
    tables = [{(lv["kind"], lv["level"]): lv["members"] for lv in award["levels"]} for award in (before, after)]
    keys = sorted(set().union(*tables), key=lambda k: (KINDS.index(k[0]), k[1]))
    return [
        {
            "kind": kind,
            "level": level,
            "before": tables[0].get((kind, level), 0),
            "after": tables[1].get((kind, level), 0),
        }
        for kind, level in keys
    ]


def _totals_of(award: Json, kind: str) -> dict[str, Any]:
    """The price of fairness of a kind, where the award states it."""
    names = ("granted_units", "greatest_units", "without_clauses_units")
    held = award.get("fairness") or {}
    return {name: held.get(kind, {}).get(name) for name in names}


def _spans(before: Json, after: Json) -> list[dict[str, Any]]:
    """Spans of which other pairs are offered, granted or left."""
    figures = ("offered", "granted", "left")
    tables = [{s["span"]: {f: s[f] for f in figures} for s in award["spans"]} for award in (before, after)]
    return [
        {"span": s, "before": tables[0].get(s), "after": tables[1].get(s)}
        for s in sorted(tables[0].keys() | tables[1].keys())
        if tables[0].get(s) != tables[1].get(s)
    ]


# -- inputs ---------------------------------------------------------------------------------------------------------


def _changes(before: Json, after: Json) -> dict[str, list[dict[str, Any]]]:
    """What differs in the inputs of two packs: policy keys, and rows of each list by id."""
    found = {"policy": _sides(_flat(before["policy"]), _flat(after["policy"]))}
    for name, part in LISTS.items():
        one, two = ((pack[part] if part else pack).get(name) or () for pack in (before, after))
        found[name] = _rows(one, two)
    return found


def _flat(value: Json, prefix: str = "") -> dict[str, Any]:
    """`{"cap": {"share": "0.4"}}` as `{"cap.share": "0.4"}`."""
    table: dict[str, Any] = {}
    for key in sorted(value):
        inner = value[key]
        table.update(_flat(inner, f"{prefix}{key}.") if isinstance(inner, Mapping) else {f"{prefix}{key}": inner})
    return table


def _rows(before: Iterable[Json], after: Iterable[Json]) -> list[dict[str, Any]]:
    """Rows that are in one list only (`change` added or removed), or whose fields differ."""
    one, two = ({row["id"]: row for row in rows} for rows in (before, after))
    found: list[dict[str, Any]] = []
    for name in sorted(one.keys() | two.keys()):
        if name not in one or name not in two:
            found.append({"id": name, "change": "added" if name in two else "removed", "fields": []})
        elif one[name] != two[name]:
            found.append({"id": name, "change": "changed", "fields": _sides(_flat(one[name]), _flat(two[name]))})
    return found
