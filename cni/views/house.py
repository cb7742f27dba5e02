"""Documents and views of what the database holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from cni.views.award import granted_table, members_table, refused_table, summary
from cni.views.blocks import Block, Fields, Heading, Para, table
from topology.about import SOFTWARE

if TYPE_CHECKING:
    from cni.rounds.database import Check
    from cni.rounds.history import Entry
    from cni.rounds.life import Round
    from cni.rounds.members import Version
    from cni.rounds.networks import Held, Row
    from cni.rounds.requests import Submitted
    from topology.model import Network, Organisation

Document = dict[str, Any]


def checks_document(schema: str, checks: Iterable[Check]) -> Document:
    """Checks of the database or of its log."""
    rows = [{"code": c.code, "ok": c.ok, "where": c.where, "text": c.text} for c in checks]
    return {"schema": schema, "software": SOFTWARE, "ok": all(r["ok"] for r in rows), "checks": rows}


def checks_view(document: Document) -> Iterator[Block]:
    """Each check with its outcome."""
    rows = [(c["code"], "ok" if c["ok"] else "FAILS", c["where"] or "-", c["text"]) for c in document["checks"]]
    yield table("check result ~where ~text", rows)
    yield Para("all is well" if document["ok"] else "something is wrong", "good" if document["ok"] else "bad")


def log_document(entries: Iterable[Entry]) -> Document:
    """Entries of the audit log."""
    fields = ("number", "at", "who", "what", "why", "digest")
    return {
        "schema": "cni.audit_log/1",
        "software": SOFTWARE,
        "entries": [{f: getattr(e, f) for f in fields} for e in entries],
    }


def log_view(document: Document) -> Iterator[Block]:
    """One row per change, and the head to note elsewhere."""
    entries = document["entries"]
    rows = [(e["number"], e["at"][:19], e["who"], e["what"], e["why"] or "-") for e in entries]
    yield table(">number at ~who ~what ~why", rows)
    if entries:
        yield Fields((("head", entries[-1]["digest"]),))
        yield Para("Note the head elsewhere; `cni audit verify --head` then also finds a log that was cut.", "quiet")


def _member(organisation: Organisation) -> Document:
    return {
        "id": organisation.id,
        "name": organisation.name,
        "roles": list(organisation.roles),
        "group": organisation.group,
        "member_from": organisation.member_from.isoformat() if organisation.member_from else None,
        "member_to": organisation.member_to.isoformat() if organisation.member_to else None,
    }


def members_document(members: Iterable[Organisation], on: date) -> Document:
    """The register as it is now, with each member's standing on a day, and groups of more than one."""
    listed = tuple(members)
    groups: dict[str, list[str]] = {}
    for member in listed:
        groups.setdefault(member.group or member.id, []).append(member.id)
    return {
        "schema": "cni.members/1",
        "software": SOFTWARE,
        "on": on.isoformat(),
        "members": [{**_member(m), "standing": _standing(m, on)} for m in listed],
        "groups": [{"group": g, "members": sorted(ids)} for g, ids in sorted(groups.items()) if ids != [g]],
    }


def _standing(member: Organisation, on: date) -> str:
    if member.member_on(on):
        return "member"
    return "left" if member.member_to is not None and member.member_to <= on else "not yet"


def _member_row(m: Document) -> tuple[str, ...]:
    return (
        m["id"],
        m["name"] or "-",
        " ".join(m["roles"]) or "-",
        m["group"] or "-",
        m["member_from"] or "-",
        m["member_to"] or "-",
    )


def members_view(document: Document) -> Iterator[Block]:
    """One row per member, then the groups."""
    rows: list[tuple[object, ...]] = [(m["id"], m["standing"], *_member_row(m)[1:]) for m in document["members"]]
    yield table("id standing ~name ~roles group* from** to**", rows)
    if document["groups"]:
        yield Heading("Groups")
        yield table("group ~members", [(g["group"], " ".join(g["members"])) for g in document["groups"]])


def member_document(versions: Iterable[Version]) -> Document:
    """Every version of one member."""
    rows = [{"version": v.number, "audit": v.audit, **_member(v.organisation)} for v in versions]
    return {"schema": "cni.member/1", "software": SOFTWARE, "versions": rows}


def member_view(document: Document) -> Iterator[Block]:
    """One row per version."""
    rows = [(v["version"], v["audit"], *_member_row(v)[1:]) for v in document["versions"]]
    yield Heading(document["versions"][-1]["id"])
    yield table(">version >audit ~name ~roles group from to", rows)


def network_document(held: Held, shown: Network | None = None, audience: str = "internal") -> Document:
    """The network in figures: of `shown`, what an audience may see of it; which nodes are key is internal."""
    network = shown or held.network
    return {
        "schema": "cni.network/1",
        "software": SOFTWARE,
        "inputs": {"network": held.digest},
        "on": network.as_of.isoformat() if network.as_of else None,
        "version": held.number,
        "name": network.name,
        "illustrative": network.illustrative,
        "nodes": len(network.nodes),
        "disclosure": audience,
        "key_nodes": len(network.key_nodes) if audience == "internal" else None,
        "spans": len(network.spans),
        "risk_groups": len(network.risk_groups),
        "circuits": len(held.circuits),
        "members": len(network.organisations or {}),
        "length_m": sum(s.length_m for s in network.spans.values()),
        "strands": sum(s.fibre_count for s in network.spans.values()),
    }


def network_view(document: Document) -> Iterator[Block]:
    """The figures, one a line."""
    yield Heading(f"{document['name'] or 'network'}, version {document['version']}")
    names = ("nodes", "key_nodes", "spans", "risk_groups", "circuits", "members")
    items = [(name.replace("_", " "), str(document[name])) for name in names if document[name] is not None]
    metres = document["length_m"]
    yield Fields((*items, ("length", f"{metres / 1000:,.1f} km"), ("digest", document["inputs"]["network"])))


def history_document(rows: Iterable[Row]) -> Document:
    """Every import."""
    fields = ("number", "name", "source", "digest", "circuits_digest", "audit")
    return {
        "schema": "cni.network_history/1",
        "software": SOFTWARE,
        "versions": [{f: getattr(r, f) for f in fields} for r in rows],
    }


def history_view(document: Document) -> Iterator[Block]:
    """One row per import."""
    rows = [(v["number"], v["audit"], v["source"], v["digest"][:16]) for v in document["versions"]]
    yield table(">version >audit ~source digest", rows, more="The digest's first 16 digits; --json has the whole.")


def requests_document(round_id: str, submitted: Iterable[Submitted], *, closed: bool = True) -> Document:
    """The requests of a round; before the gate without what they ask for (rule G3)."""
    from allocation.files.requests import requests_to_json

    rows = [
        {
            **(requests_to_json([s.request])[0] if closed else {"id": s.request.id, "member": s.request.member}),
            "version": s.version,
            "submitted": s.received,
        }
        for s in submitted
    ]
    head = {"schema": "cni.requests/1", "software": SOFTWARE, "round": round_id, "gate_closed": closed}
    return {**head, "requests": rows}


def unread_view(document: Document) -> Iterator[Block]:
    """Who asked, not what for."""
    rows = [(r["id"], r["member"], r["version"], r["submitted"][:19]) for r in document["requests"]]
    yield table("request member >version submitted", rows)
    yield Para("What they ask for is shown after the gate.", "quiet")
    yield Para(f"What came sealed: `cni round receipts {document['round']}`.", "quiet")


def request_view(document: Document) -> Iterator[Block]:
    """Every column that a request has."""
    (row,) = document["requests"]
    yield Heading(f"{row['id']} of round {document['round']}")
    yield Fields(tuple((key, _shown(value)) for key, value in row.items() if key != "id"))
    if not document["gate_closed"]:
        yield Para("What it asks for is shown after the gate.", "quiet")


def _shown(value: object) -> str:
    return " ".join(str(v) for v in value) if isinstance(value, list) else str(value)


def requests_view(document: Document) -> Iterator[Block]:
    """One row per request."""
    rows = [
        (
            r["id"],
            r["member"],
            f"{r['pairs']} pairs {r['a']} - {r['b']}"
            if r["kind"] == "fibre"
            else f"{r.get('rack_units', 0)} U at {r['node']}",
            r.get("diversity", "none") if r["kind"] == "fibre" else "-",
            r["version"],
            r["submitted"][:19],
        )
        for r in document["requests"]
    ]
    yield table("request member ~wish diversity >version** submitted*", rows)


def _round(found: Round) -> Document:
    return {
        "round": found.id,
        "state": found.state,
        "on": found.on.isoformat(),
        "network_version": found.network,
        "policy_version": found.policy.version,
        "seed": found.seed,
        "steps": [{"state": state, "at": at} for state, at in found.steps],
    }


def rounds_document(rounds: Iterable[Round]) -> Document:
    """All rounds."""
    return {"schema": "cni.rounds/1", "software": SOFTWARE, "rounds": [_round(r) for r in rounds]}


def rounds_view(document: Document) -> Iterator[Block]:
    """One row per round."""
    rows = [
        (r["round"], r["state"], r["on"], r["network_version"], r["policy_version"] or "-") for r in document["rounds"]
    ]
    yield table("round state date >network policy", rows)


def round_document(found: Round, award: Document | None) -> Document:
    """One round with its award, where there is one."""
    return {"schema": "cni.round/1", "software": SOFTWARE, **_round(found), "award": award}


def _record(document: Document) -> Iterator[Block]:
    """Dates still to come, submissions, overrides and appeals, where there are any."""
    calendar = document.get("calendar", {})
    dates = [
        (key.replace("_", " "), str(calendar[key]))
        for key in ("opens", "gate", "accept_by", "appeals_until")
        if calendar.get(key)
    ]
    if document.get("sealed") is not None:
        dates.append(("sealed submissions", str(document["sealed"])))
    if dates:
        yield Heading("Dates")
        yield Fields(tuple(dates))
    if document.get("overrides"):
        yield Heading("Overrides")
        bent = [
            (o["number"], o["kind"], o["proposed_by"], o["confirmed_by"] or "nobody yet", _bent(o))
            for o in document["overrides"]
        ]
        yield table(">number kind proposed confirmed ~reason", bent)
    if document.get("appeals"):
        yield Heading("Appeals")
        rows = [(a["appeal"], a["member"], a["state"], a["decision"] or a["reason"]) for a in document["appeals"]]
        yield table("appeal member state ~reason", rows)


def _bent(override: Document) -> str:
    """Why, and of a public value what stands in place of what."""
    body = override["body"]
    values = f" ({body['public_value']} in place of {body['instead_of']})" if override["kind"] == "value" else ""
    return f"{override['reason']}{values}"


def round_view(document: Document) -> Iterator[Block]:
    """How far the round is; then what was decided."""
    yield Heading(f"Round {document['round']}: {document['state']}")
    yield Fields(tuple((step["state"].replace("_", " "), step["at"]) for step in document["steps"]))
    yield from _record(document)
    if document["award"]:
        yield from summary(document["award"])
        yield Heading("Members")
        yield members_table(document["award"])
        yield Heading("Granted")
        yield granted_table(document["award"])
        yield Heading("Granted less than asked for, and why")
        yield refused_table(document["award"])
