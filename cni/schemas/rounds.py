"""Schemas of what is told of rounds, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

from typing import Any

SEALED_LINE = {
    "number": "count",
    "member": "id",
    "digest": "digest",
    "size": "count",
    "received": "text",
    "paper": "flag",
    "withdrawn": "flag",
    "entry?": "count",
    "entry_digest?": "digest",
    "gate?": "text",
}
CALENDAR = {"opens?": "text", "gate?": "text", "appeal_days": "count", "accept_days": "count", "waiting_days": "count"}

ROUND_LINE = {
    "round": "id",
    "state": "text",
    "on": "date",
    "network_version": "count",
    "policy_version?": "text",
    "seed?": "text",
    "steps": [{"state": "text", "at": "text"}],
}
FORMS: dict[str, tuple[str, Any]] = {
    "cni.rounds/1": ("all rounds", {"rounds": [ROUND_LINE]}),
    "cni.audit_log/1": (
        "entries of the audit log",
        {
            "entries": [
                {"number": "count", "at": "text", "who": "text", "what": "text", "why": "text", "digest": "digest"}
            ]
        },
    ),
    "cni.notice/1": (
        "what is fixed and published before a round opens",
        {
            "round": "id",
            "made_at": "text",
            "network_version": "count",
            "network_digest": "digest",
            "circuits_as_of": "count",
            "policy": "any",
            "calendar": CALENDAR,
            "lottery": {"commitment?": "digest", "public_source?": "text", "seed?": "text"},
            "key?": "any",
            "offer": "any",
        },
    ),
    "cni.round_key/1": (
        "a round's public key, and its secret wrapped for each two of three trustees",
        {
            "recipient": "text",
            "trustees": "any",
            "shares": [{"first": "id", "second": "id", "age": "text"}],
        },
    ),
    "cni.receipt/1": ("proof of one sealed submission", {"round": "id", **SEALED_LINE}),
    "cni.receipts/1": ("the sealed submissions of a round, unread", {"round": "id", "receipts": [SEALED_LINE]}),
    "cni.opening/1": (
        "what came out of each sealed submission",
        {
            "round": "id",
            "opened_at": "text",
            "submissions": [
                {
                    "number": "count",
                    "member": "id",
                    "digest": "digest",
                    "requests": ["id"],
                    "refused?": {"code": "text", "text": "text"},
                }
            ],
        },
    ),
    "cni.offers/1": (
        "the circuits that a published award offers",
        {
            "round": "id",
            "accept_by": "text",
            "appeals_until": "text",
            "offers": [{"circuit": "id", "member": "id", "request": "id", "legs": [["id"]]}],
        },
    ),
    "cni.waiting/1": (
        "who waits after a round, first in line first",
        {
            "round": "id",
            "until": "text",
            "waiting": [{"place": "count", "request": "id", "member": "id", "kind": "kind", "waits": "count"}],
        },
    ),
    "cni.replay/1": (
        "a round decided again from its pack",
        {"same": "flag", "digest": "digest", "published": "digest"},
    ),
}
