"""The public pack (rule G11): the member pack with salted hashes in place of what is not for the public.

The same for everybody, whoever the member is. What stays: who asked for how many pairs, who got how many, the levels, the
lottery, the kinds of reasons, the digests. What is masked: places, routes, limits, spans, the network beyond its public cut.
A mask is `{"masked": H}` with H the lower-case hex SHA-256 of the RFC 8785 bytes of `[salt, path, value]`, salt being the
SHA-256 of the round's salt and the path. The member pack holds the round's salt: whoever has it can recompute every mask
(`cni verify PUBLIC --against MEMBER`); who has not cannot try values, though there are few nodes to try.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from allocation.files.pack import pack_digest
from topology.canonical import digest_of
from topology.problems import bad_input

Json = dict[str, Any]

REQUEST = (
    "id",
    "member",
    "kind",
    "pairs",
    "min_pairs",
    "diversity",
    "rack_units",
    "rank",
    "bundle",
    "alternative_of",
    "received",
)
REQUEST_CONFIDENTIAL = ("id", "member", "kind", "received", "confidential")
LINE = ("request", "member", "kind", "requested", "granted")
CIRCUIT = ("id", "member", "start", "end")
AWARD = (
    "schema",
    "software",
    "on",
    "illustrative",
    "proof",
    "unique",
    "repeatable",
    "levels",
    "members",
    "totals",
    "seed",
    "digest",
)
OVERRIDE = ("number", "kind", "reason", "confirmed_by")
ROUND = ("id", "attempt", "lot", "calendar", "lottery", "chain")
CLOSING = ("schema", "round", "closed_at", "sealed", "withdrawn")
NOTICE = (
    "schema",
    "software",
    "round",
    "on",
    "made_at",
    "network_version",
    "network_digest",
    "circuits_as_of",
    "policy",
    "calendar",
    "lottery",
    "key",
)

README = (
    "This is the public pack of an allocation round of Cooperative Network Infrastructure. Places, routes and limits are "
    'masked: {"masked": H} stands for a value whose salted SHA-256 is H; every member holds the complete pack and can '
    "check each mask. Who asked for how much, who got how much, the levels, the lottery and the kinds of reasons are "
    "complete. To check what can be checked: cni verify --partial FILE. With a member's pack beside it: "
    "cni verify FILE --against MEMBER_PACK."
)


def public_pack(pack: Mapping[str, Any], public_network: Json) -> Json:
    """The public form of a member pack. `public_network`: its network cut for the public (`topology.disclosure`).

    Raises BadInput for a pack that no house made: without a salt masks could be undone by trying.
    """
    record = pack.get("round")
    if not isinstance(record, dict) or "salt" not in record:
        raise bad_input("the pack has no record of a round, so there is nothing to publish.", code="bad_pack")
    mask = _Masker(str(record["salt"]))
    made = {
        **{key: pack[key] for key in ("schema", "software", "on", "policy", "commitment")},
        "inputs": mask("inputs", pack["inputs"]),
        "disclosure": "public",
        "readme": README,
        "member_pack": pack["digest"],
        "network": mask("network", pack["network"]),
        "public_network": public_network,
        "circuits": [mask.but(f"circuits/{c['id']}", c, CIRCUIT) for c in pack["circuits"]],
        "requests": [
            mask.but(f"requests/{r['id']}", r, REQUEST_CONFIDENTIAL if r.get("confidential") else REQUEST)
            for r in pack["requests"]
        ],
        "award": _award(mask, pack["award"]),
        "round": _record(mask, record),
    }
    made["digest"] = pack_digest(made)
    return made


def _award(mask: _Masker, award: Json) -> Json:
    kept: Json = mask.but("award", {k: v for k, v in award.items() if k != "requests"}, AWARD)
    kept["requests"] = [
        {
            **mask.but(f"award/requests/{row['request']}", row, LINE),
            "reasons": sorted({reason["code"] for reason in row["reasons"]}),
        }
        for row in award["requests"]
    ]
    return kept


def _record(mask: _Masker, record: Json) -> Json:
    made = {key: record.get(key) for key in ROUND}
    made["notice"] = mask.but("round/notice", record["notice"], NOTICE) if record.get("notice") else None
    closing = record.get("closing")  # digests of requests that came in the open could be undone by trying
    made["closing"] = mask.but("round/closing", closing, CLOSING) if closing else None
    opened = record.get("opening")
    made["opening"] = (
        {
            **opened,
            "submissions": [
                {**line, "refused": {"code": line["refused"]["code"]} if line["refused"] else None}
                for line in opened["submissions"]
            ],
        }
        if opened
        else None
    )
    made["overrides"] = [{k: o[k] for k in _told(o)} for o in record["overrides"]]
    made["appeals"] = [_decided(a) for a in record["appeals"]]
    return made


def _told(override: Json) -> tuple[str, ...]:
    """What the public hears of an override; of the lottery's public value all, since it decides the lot."""
    return (*OVERRIDE, "proposed_by", "body") if override["kind"] == "value" else OVERRIDE


def _decided(appeal: Json) -> Json:
    """What the public hears of an appeal: of rows that were put right only whose they are."""
    names = [made["request"] for made in appeal.get("corrected", ())]
    return {**{k: appeal[k] for k in ("appeal", "state", "lot")}, **({"corrected": names} if names else {})}


class _Masker:
    """Hashes values with the round's salt, each by its path."""

    def __init__(self, salt: str) -> None:
        self.salt = salt

    def __call__(self, path: str, value: Any) -> Json:
        """The mask of a value."""
        own = hashlib.sha256(f"{self.salt}\n{path}".encode()).hexdigest()
        return {"masked": digest_of([own, path, value])}

    def but(self, path: str, value: Mapping[str, Any], kept: Iterable[str]) -> Json:
        """The named keys as they are, all others as one mask."""
        names = set(kept)
        rest = {k: v for k, v in value.items() if k not in names}
        return {**{k: v for k, v in value.items() if k in names}, **(self(path, rest) if rest else {})}


def is_public(pack: Mapping[str, Any]) -> bool:
    """Whether a pack is the public form."""
    return pack.get("disclosure") == "public"
