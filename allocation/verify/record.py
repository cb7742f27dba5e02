"""The record of a round inside its pack: the lottery (rule E3), the list of the gate, and what was opened, held against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from allocation.verify.report import Report
from topology.canonical import canonical_bytes

Json = Mapping[str, Any]


KEPT = ("member", "received")
"""What a correction of a row leaves as it is, beside the id."""

MISSHAPEN = (KeyError, TypeError, AttributeError, IndexError)


def check_record(record: Json, award: Json, requests: Iterable[Json], report: Report) -> None:
    """Rules E, G4, G5: the seed follows from the draw, and every request was on the list that was fixed at the gate."""
    try:
        _check(record, award, requests, report)
    except MISSHAPEN as fault:  # a record that someone wrote by hand; what it lacks is a verdict, not a fault of ours
        report.fail("gate", "round", f"The record of the round lacks its form: {type(fault).__name__} {fault}.")


def _check(record: Json, award: Json, requests: Iterable[Json], report: Report) -> None:
    check_lottery(record, award, report)
    closing, opening = record.get("closing"), record.get("opening")
    if not closing:
        report.note("gate", "round", "The round has no list of its gate, so no request could be held against it.")
        return
    rows = {str(r["id"]): r for r in requests}
    opened = _opened(closing, opening, report)
    listed = {line["request"]: line["digest"] for line in closing["requests"]}
    for name, row in _as_they_came(record, rows, _sealed(closing, opening), report).items():
        if name in opened:
            if row["member"] != opened[name]:
                report.fail("gate", name, f"It is {row['member']}'s, but {opened[name]} handed it in.")
        elif name not in listed:
            report.fail("gate", name, "It is not on the list that was fixed at the gate.")
        elif hashlib.sha256(canonical_bytes(dict(row))).hexdigest() != listed[name]:
            report.fail("gate", name, "It is not the request whose digest was fixed at the gate.")
    lot = record.get("lot")
    gone = {s.split("/")[1] for s in closing["withdrawn"] if s.startswith("request/")}
    left_out = (opened.keys() | listed.keys()) - rows.keys() - gone
    for name in sorted(left_out if lot is None else left_out & set(lot)):
        report.fail("gate", name, "It was handed in before the gate, but the award leaves it out.")
    report.looked_at("gate", "Every request was handed in before the gate, and none that was is left out.")


def _as_they_came(record: Json, rows: Mapping[str, Json], sealed: set[str], report: Report) -> dict[str, Json]:
    """The requests as they came; checks the rows that decisions on appeals have put right since (rule G7).

    Each correction belongs to an upheld appeal that names who decided, takes the place of the row before it, and leaves id,
    member and time as they were. `sealed`: the requests that came in a sealed file, which nobody can put right.
    """
    first: dict[str, Json] = {}
    now: dict[str, Json] = {}
    for appeal in record.get("appeals") or ():
        for made in appeal.get("corrected") or ():
            name, before, after = made["request"], made["before"], made["after"]
            first.setdefault(name, before)
            if appeal["state"] != "upheld" or name not in appeal["lot"] or not appeal["decided_by"]:
                report.fail("gate", name, "Its row was put right by no decision that names it and who decided.")
            if name in sealed:
                report.fail("gate", name, "Its row was put right, but it came sealed.")
            if any(row["id"] != name for row in (before, after)) or any(before.get(k) != after.get(k) for k in KEPT):
                report.fail("gate", name, "What was put right has another id, member or time.")
            if now.get(name, before) != before:
                report.fail("gate", name, "What was put right is not the row that stood before.")
            now[name] = after
    for name in sorted(now.keys() & rows.keys()):
        if rows[name] != now[name]:
            report.fail("gate", name, "It is not the row that the decision on an appeal put right.")
    return {name: first.get(name, row) for name, row in rows.items()}


def _sealed(closing: Json, opening: Json | None) -> set[str]:
    """The requests that came out of sealed files, and not from the transcript of a paper one."""
    paper = {line["number"] for line in closing["sealed"] if line.get("paper")}
    lines = opening["submissions"] if opening else ()
    return {name for line in lines if line["number"] not in paper for name in line["requests"]}


def check_lottery(record: Json, award: Json, report: Report) -> None:
    """Rules E: the seed follows from the draw that was announced."""
    lottery = record.get("lottery") or {}
    if lottery.get("commitment") or lottery.get("public_source"):
        for fault in lottery_faults(lottery, award.get("seed")):
            report.fail("lottery", "round", f"{fault[0].upper()}{fault[1:]}.")
        for where, fault in value_faults(record):
            report.fail("lottery", where, fault)
        report.looked_at("lottery", "The seed follows from the secret that was committed to and the public value.")
    else:
        report.note("lottery", "round", "The round's seed was fixed in its notice; nothing was drawn.")


def lottery_faults(lottery: Json, seed: str | None) -> tuple[str, ...]:
    """What does not fit together in a published lottery: the secret and its hash, and both with the seed; empty if all fits."""
    commitment, secret, value = (lottery.get(k) for k in ("commitment", "secret", "public_value"))
    found = []
    if secret and commitment and _sha256(str(secret)) != commitment:
        found.append("the secret is not the one that was committed to")
    if secret and not commitment:
        found.append("no commitment to the secret was published")
    if lottery.get("public_source") and not value:
        found.append("the public value is missing")
    drawn = [str(part) for part in (secret, value) if part]
    if not drawn or _sha256("\n".join(drawn)) != seed:
        found.append("the award's seed does not follow from secret and public value")
    return tuple(found)


def value_faults(record: Json) -> tuple[tuple[str, str], ...]:
    """What does not fit together where an override put the public value right (rule G8), each with where.

    The values follow one on the other, two persons stand behind each, the last is the one in force; and no award was
    decided again as a whole without one.
    """
    lottery, found = record.get("lottery") or {}, []
    made = [o for o in record.get("overrides") or () if o["kind"] == "value" and o["confirmed_by"]]
    for before, override in zip((None, *made), made, strict=False):
        where, body = f"override {override['number']}", override["body"]
        if before is not None and body["instead_of"] != before["body"]["public_value"]:
            found.append((where, "The value that it replaces is not the one that was in force."))
        if override["proposed_by"].casefold() == override["confirmed_by"].casefold():
            found.append((where, "One person proposed and confirmed it."))
        if body["source"] != lottery.get("public_source"):
            found.append((where, "Its source is not the one that the notice announced."))
    if made and made[-1]["body"]["public_value"] != lottery.get("public_value"):
        found.append((f"override {made[-1]['number']}", "The lot was not drawn with the value that it put in force."))
    if not made and record.get("lot") is None and record.get("attempt") not in (None, 1):
        found.append(("round", "The whole round was decided again, but no override of the public value says why."))
    return tuple(found)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _opened(closing: Json, opening: Json | None, report: Report) -> dict[str, str]:
    """Who handed in each request that came out of a sealed submission; checks that the submissions are those of the gate."""
    if opening is None:
        if closing["sealed"]:
            report.fail("gate", "opening", "Sealed submissions came in, but the record does not say what was in them.")
        return {}
    fixed = {line["number"]: line for line in closing["sealed"]}
    found: dict[str, str] = {}
    for line in opening["submissions"]:
        before = fixed.pop(line["number"], None)
        if before is None:
            report.note(
                "gate", f"submission {line['number']}", "It came after the gate; see the overrides of the record."
            )
        elif (before["digest"], before["member"]) != (line["digest"], line["member"]):
            report.fail("gate", f"submission {line['number']}", "It is not the one that was listed at the gate.")
        found.update(dict.fromkeys(line["requests"], line["member"]))
    for number in fixed:
        report.fail("gate", f"submission {number}", "It was listed at the gate, but never opened.")
    return found
