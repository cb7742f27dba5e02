"""How an award, a check before the gate and a verification are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from cni.views.blocks import Block, Fields, Heading, Para, chain, table

UNITS = {"fibre": "pairs", "colocation": "rack units"}


def award_view(award: dict[str, Any]) -> Iterator[Block]:
    """Proof, levels, members, grants and refusals."""
    yield from summary(award)
    yield Heading("Members (fibre units; rack units)")
    yield members_table(award)
    yield Heading("Granted")
    yield granted_table(award)
    yield Heading("Granted less than asked for, and why")
    yield refused_table(award)
    yield from fairness(award)
    yield Para("`cni explain CODE` tells what a reason means.", "quiet")


def summary(award: dict[str, Any]) -> Iterator[Block]:
    """What was decided, in a few lines."""
    proved = award["proof"] == "optimal"
    yield Heading(f"Award of {award['on']}")
    asked = sum(r["requested"] > 0 for r in award["requests"])
    full = sum(0 < r["requested"] == r["granted"] for r in award["requests"])
    none = sum(r["granted"] == 0 for r in award["requests"])
    yield Fields(
        (
            ("proof", "optimal: no award is fairer by rule B1" if proved else "bounded: stopped before proof"),
            ("unique", "yes: all tie-breaks are settled" if award["unique"] else "no: a tie-break is not settled"),
            ("requests", f"{asked}: {full} in full, {asked - full - none} in part, {none} not"),
            ("seed", award["seed"] if award["seed"] is not None else "none (null)"),
            ("digest", award["digest"]),
        )
    )
    yield Heading("Levels: how many member groups hold at least so many units (rule B1)")
    rows = levels_rows(award["levels"])
    yield table("kind >at_least >groups >at_most proof", rows)


def levels_rows(levels: Sequence[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Kind, levels, groups that hold so much, the most that could, and whether that is proved; equal levels in one row."""
    rows: list[tuple[object, ...]] = []
    for (kind, members, bound), same in groupby(levels, key=lambda lv: (lv["kind"], lv["members"], lv["bound"])):
        run = [lv["level"] for lv in same]
        which = str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}"
        rows.append((kind, which, members, bound, "proved" if members == bound else "open"))
    return rows


def fairness(award: dict[str, Any]) -> Iterator[Block]:
    """Rule B7: what equal terms cost, what clauses keep dark, and where one more pair would help."""
    held = award.get("fairness")
    if not held:
        return
    yield Heading("What equal terms cost, in units (rule B7)")
    names = ("granted_units", "greatest_units", "without_clauses_units")
    rows = [
        (kind, *("not proved" if held[kind][name] is None else held[kind][name] for name in names))
        for kind in UNITS
        if kind == "fibre" or held[kind]["granted_units"] or held[kind]["greatest_units"]
    ]
    yield table("kind >granted >at_most >without_clauses", rows)
    if held["fibre"]["dark"]:
        yield Heading("Pairs that a clause keeps from a request")
        yield table("span clause >pairs", [(d["span"], d["clause"], d["pairs"]) for d in held["fibre"]["dark"]])
    yield Para(_one_more_pair(held["fibre"]["one_more_pair"]))


def _one_more_pair(more: dict[str, Any]) -> str:
    """Where a contributor's next pair would do most, in a sentence."""
    goal = f"one more group hold at least {counted(more['level'], 'unit')}"
    if more["spans"] is None:
        return f"Which spans would let {goal}, with one more pair, was not settled within the effort."
    if not more["spans"]:
        return f"One more pair on no single span would let {goal}."
    return f"One more pair on any of these spans would let {goal}: {', '.join(more['spans'])}."


def members_table(award: dict[str, Any], *, most: int | None = None) -> Block:
    """What each member asked for and holds."""
    members = award["members"]
    colocation = any(m["rack_units_requested"] for m in members)
    titles = "member group* >asked >granted" + (" >U_asked >U_granted" if colocation else "")
    rows: list[tuple[object, ...]] = []
    for m in members[:most]:
        row = (m["member"], m["group"], m["requested"], m["granted"])
        rows.append((*row, m["rack_units_requested"], m["rack_units_granted"]) if colocation else row)
    left = len(members) - len(rows)
    return table(titles, rows, more=f"and {left} more members" if left else "")


def granted_table(award: dict[str, Any], *, most: int | None = None) -> Block:
    """Each request that got something, and over which way its first circuit goes."""
    got = [r for r in award["requests"] if r["granted"]]
    rows: list[tuple[object, ...]] = [
        (r["request"], r["member"], f"{r['granted']} of {r['requested']}", _way(r)) for r in got[:most]
    ]
    left = len(got) - len(rows)
    return table("request member granted ~first_circuit", rows, more=f"and {left} more grants" if left else "")


def _way(request: dict[str, Any]) -> str:
    if not request["circuits"]:
        return "-"
    circuit = request["circuits"][0]
    if "legs" not in circuit:
        return f"{circuit['rack_units']} U at {circuit['node']}, {circuit['power_w']} W"
    return " | ".join(chain(leg["nodes"]) + f" {leg['length_km']} km" for leg in circuit["legs"])


def refused_table(award: dict[str, Any], *, most: int | None = None) -> Block:
    """Each request that got less than it asked for, with its reasons and the nearest thing that is free."""
    lost = [r for r in award["requests"] if r["granted"] < r["requested"] or r["reasons"]]
    rows: list[tuple[object, ...]] = []
    for r in lost[:most]:
        codes = ", ".join(dict.fromkeys(reason["code"] for reason in r["reasons"])) or "-"
        rows.append((r["request"], f"{r['granted']} of {r['requested']}", codes, alternative_text(r["alternative"])))
    left = len(lost) - len(rows)
    return table("request granted ~reasons ~nearest", rows, more=f"and {left} more" if left else "")


def alternative_text(alternative: dict[str, Any] | None) -> str:
    """The nearest thing that could be granted (rule D4), in a few words."""
    if alternative is None:
        return "-"
    found, change = alternative, str(alternative["change"])
    match change:
        case "fewer_pairs":
            return counted(found["pairs"], "pair")
        case "without_bundle":
            return f"{counted(found['pairs'], 'pair')} without its bundle"
        case "fewer_rack_units":
            return f"{found['pairs']} U"
        case "longer_limit":
            limits = (f"{name} {found[name]}" for name in ("max_km", "max_loss_db") if found.get(name))
            return f"{counted(found['pairs'], 'pair')} with {', '.join(limits)}"
        case "lower_diversity":
            return f"{counted(found['pairs'], 'pair')} with diversity {found['diversity']}"
        case "later_start":
            return f"{counted(found['pairs'], 'pair')} from {found['start']}"
        case "other_end":
            return f"{counted(found['pairs'], 'pair')} {found['a']} to {found['b']}"
    return change.replace("_", " ")


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 pair, 2 pairs."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def reason_counts(award: dict[str, Any], most: int | None = None) -> Block:
    """How often each reason stands, the most frequent first."""
    counts = Counter(reason["code"] for r in award["requests"] for reason in r["reasons"])
    rows = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    left = rows[most:] if most is not None else []
    return table("reason >requests", rows[:most], more=f"and {', '.join(code for code, _ in left)}" if left else "")


def request_check_view(document: dict[str, Any]) -> Iterator[Block]:
    """Findings, then what each request could be granted if it were alone."""
    if document["findings"]:
        from cni.views.network import check_view

        yield from check_view(document)
    yield Heading("If it were alone, each request could be granted")
    rows = [
        (a["request"], a["grantable"], ", ".join(dict.fromkeys(r["code"] for r in a["reasons"])) or "-")
        for a in document["alone"]
    ]
    yield table("request >grantable ~reasons", rows)
    none = sum(a["grantable"] == 0 for a in document["alone"])
    yield Para(
        f"{none} of {len(rows)} would get nothing even alone" if none else "each would get something",
        "bad" if none else "good",
    )


def _result(check: dict[str, Any]) -> str:
    """Nobody may read "ok" beside what was left out."""
    if not check["ok"]:
        return "FAILS"
    return "left out" if check["text"].startswith("not checked") or check["code"] == "not_checked" else "ok"


def verify_view(document: dict[str, Any]) -> Iterator[Block]:
    """Each check with its outcome; failing ones with their place."""
    rows = [(c["code"], _result(c), c["where"] or "-", c["text"]) for c in document["checks"]]
    yield table("check result ~where ~text", rows)
    good = "verified, as far as a masked pack can be" if document.get("partial") else "verified"
    yield Para(good if document["ok"] else "NOT verified", "good" if document["ok"] else "bad")
