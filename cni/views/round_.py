"""Views of what happens to a round: notice, receipts, opening, offers, waiting list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from cni.views.blocks import Block, Fields, Heading, Para, table
from topology.about import SOFTWARE

if TYPE_CHECKING:
    from cni.rounds.publishing import Published
    from cni.rounds.receipts import Receipt

Document = dict[str, Any]


def notice_view(document: Document) -> Iterator[Block]:
    """What is fixed; the offer in sums, with the spans in --json."""
    calendar, lottery, key = document["calendar"], document["lottery"], document["key"]
    yield Heading(f"Notice of round {document['round']}")
    spans = {row["id"]: row for row in reversed(document["offer"]["spans"])}
    pairs = sum(row["pairs"] for row in spans.values())
    yield Fields(
        (
            ("date of the offer", document["on"]),
            ("network", f"version {document['network_version']}, {document['network_digest']}"),
            ("offer", f"{pairs} pairs on {len(spans)} spans; --json has the four figures of each"),
            ("policy", document["policy"].get("version") or "defaults"),
            ("opens", calendar["opens"] or "by command"),
            ("gate", calendar["gate"] or "by command"),
            ("appeals", f"{calendar['appeal_days']} days from publication"),
            ("acceptance", f"{calendar['accept_days']} days from publication"),
            ("lottery", _lottery(lottery)),
            ("sealed to", key["recipient"] if key else "nobody: requests come in the open"),
            ("trustees", ", ".join(key["trustees"]) if key else "-"),
        )
    )


def _lottery(lottery: Document) -> str:
    parts = []
    if lottery["commitment"]:
        parts.append(f"a secret whose SHA-256 is {lottery['commitment']}")
    if lottery["public_source"]:
        parts.append(f"a public value from: {lottery['public_source']}")
    return " and ".join(parts) or (f"seed {lottery['seed']}" if lottery["seed"] is not None else "no seed (null)")


def receipts_document(round_id: str, receipts: Iterable[Receipt]) -> Document:
    """The sealed submissions of a round."""
    rows = [{k: v for k, v in r.as_json().items() if k not in ("schema", "software", "round")} for r in receipts]
    return {"schema": "cni.receipts/1", "software": SOFTWARE, "round": round_id, "receipts": rows}


def receipts_view(document: Document) -> Iterator[Block]:
    """One row per submission, in the order in which they came."""
    rows = [
        (
            r["number"],
            r["member"],
            r["received"][:19],
            "withdrawn" if r["withdrawn"] else "paper" if r["paper"] else "sealed",
            r["digest"],
        )
        for r in document["receipts"]
    ]
    yield table(">number member received* kind** digest", rows)


def receipt_view(document: Document) -> Iterator[Block]:
    """One receipt."""
    yield Heading(f"Receipt: submission {document['number']} of round {document['round']}")
    yield Fields(
        (
            ("member", document["member"]),
            ("received", document["received"]),
            ("gate", document["gate"] or "by command"),
            ("SHA-256", document["digest"]),
            ("bytes", str(document["size"])),
            ("log", f"entry {document['entry']}, {document['entry_digest']}"),
        )
    )
    yield Para("Keep it: the list that is published at the gate must have this number and digest.", "quiet")


def opening_view(document: Document) -> Iterator[Block]:
    """What came out of each submission."""
    rows = [
        (
            s["number"],
            s["member"],
            f"refused: {s['refused']['code']}" if s["refused"] else f"{len(s['requests'])} requests",
            s["refused"]["text"] if s["refused"] else " ".join(s["requests"]),
        )
        for s in document["submissions"]
    ]
    yield table(">number member result ~what", rows)


def offers_document(done: Published) -> Document:
    """The circuits that are offered, and until when."""
    published = done.round.published_at
    assert published is not None
    return {
        "schema": "cni.offers/1",
        "software": SOFTWARE,
        "round": done.round.id,
        "on": done.round.on.isoformat(),
        "accept_by": done.round.calendar.accept_by(published).isoformat(),
        "appeals_until": done.round.calendar.appeals_end(published).isoformat(),
        "offers": [
            {
                "circuit": c.id,
                "member": c.member,
                "request": c.request,
                "legs": [list(leg) for leg in c.legs],
                "node": c.node,
                "rack_units": c.rack_units,
                "power_w": c.power_w,
            }
            for c in done.offers
        ],
    }


def offers_view(document: Document) -> Iterator[Block]:
    """One row per circuit."""
    rows = [
        (
            c["circuit"],
            c["member"],
            " | ".join("+".join(leg) for leg in c["legs"]) or f"{c['rack_units']} U at {c['node']}",
        )
        for c in document["offers"]
    ]
    yield Heading(f"Offered: {len(rows)} circuits")
    yield table("circuit member ~route", rows)


def waiting_view(document: Document) -> Iterator[Block]:
    """First in line first."""
    yield Heading(f"Waiting after round {document['round']}, until {document['until'][:10]}")
    rows = [(w["place"], w["request"], w["member"], w["kind"], w["waits"]) for w in document["waiting"]]
    yield table(">place request member kind* >waits", rows)
    yield Para("Fewest granted first, then the drawn lot, then the group's own rank (rule G10).", "quiet")


def replay_view(document: Document) -> Iterator[Block]:
    """Whether the same came out."""
    yield Fields((("made now", document["digest"]), ("in the pack", document["published"])))
    if document["same"]:
        yield Para("the same", "good")
    else:
        yield Para(
            "NOT the same: another version of the program, another machine for a bounded award, or a pack that was changed",
            "bad",
        )
