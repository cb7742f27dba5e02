"""Opening what was sealed, after the gate and after the list of digests is fixed (rule G5).

Each submission becomes its requests, or is refused by a rule that is named: it does not open, is no request file, was handed
in by another member than it names, is meant for another round, or repeats a request id. A refusal takes nobody else with it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from allocation.files.requests import read_requests_text, requests_from_json, requests_to_json
from allocation.request import Request
from cni import sealing
from cni.rounds import life, overrides, receipts
from cni.rounds.act import Act, changing
from cni.rounds.networks import Held
from cni.rounds.receipts import Receipt
from cni.store.schema import opening as table
from cni.store.schema import request as requests_table
from topology.about import SOFTWARE
from topology.canonical import canonical_bytes, digest_of
from topology.problems import BadInput, bad_input

SCHEMA = "cni.opening/1"


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # noqa: N818 -- a verdict, not a fault
    """Why a submission is refused: a code and a sentence."""

    code: str
    text: str


def open_round_files(
    engine: Engine, act: Act, round_id: str, secret: str, transcripts: Mapping[int, bytes] | None = None
) -> dict[str, Any]:
    """Open every submission with the round's secret; `transcripts` holds what the envelopes of paper submissions say.

    Returns the record. Raises BadInput where the round is not closed, was opened before, or the secret is not its key.
    """
    with changing(engine, act, f"round unseal {round_id}") as change:
        connection = change.connection
        found = life.require_state(connection, round_id, "closed")
        if read(connection, round_id) is not None:
            raise bad_input("it was opened before.", file="ROUND", value=round_id, code="unchanged")
        key = (found.notice or {}).get("key")
        if not key or sealing.recipient_of(secret) != key["recipient"]:
            raise bad_input("this is not the round's key.", file="--identity", code="bad_key")
        opener = _Opener(connection, found, secret, life.spine_of(connection, found), transcripts or {})
        lines = [opener.open(receipt) for receipt in receipts.of_round(connection, round_id)]
        for request in opener.requests.values():
            change.add(
                requests_table,
                round=round_id,
                request=request.id,
                version=1,
                member=request.member,
                body=canonical_bytes(requests_to_json([request])[0]).decode(),
                received=request.received.isoformat(timespec="seconds") if request.received else change.at,
            )
        body = {"schema": SCHEMA, "software": SOFTWARE, "round": round_id, "opened_at": change.at, "submissions": lines}
        change.add(table, round=round_id, body=canonical_bytes(body).decode(), digest=digest_of(body))
        return body


class _Opener:
    """Opens one submission after the other; what came first keeps a request id."""

    def __init__(
        self, connection: Connection, found: life.Round, secret: str, spine: Held, transcripts: Mapping[int, bytes]
    ) -> None:
        self.connection, self.round, self.secret, self.spine = connection, found.id, secret, spine
        self.admitted, self.gate = overrides.admitted(connection, found.id), found.calendar.gate
        self.transcripts = transcripts
        self.requests: dict[str, Request] = {}

    def open(self, receipt: Receipt) -> dict[str, Any]:
        """The line of the record for one submission."""
        line: dict[str, Any] = {k: getattr(receipt, k) for k in ("number", "member", "digest")}
        if receipt.withdrawn:
            return {
                **line,
                "requests": [],
                "refused": {"code": "taken_back", "text": "It was withdrawn before the gate."},
            }
        try:
            rows = self._checked(receipt, self._text(receipt))
        except Refused as refused:
            return {**line, "requests": [], "refused": {"code": refused.code, "text": refused.text}}
        self.requests.update({r.id: r for r in rows})
        return {**line, "requests": sorted(r.id for r in rows), "refused": None}

    def _text(self, receipt: Receipt) -> bytes:
        if receipt.paper:
            if receipt.number not in self.transcripts:
                raise Refused("unreadable", "No transcript of the envelope was given when the round was opened.")
            return self.transcripts[receipt.number]
        text = sealing.unseal(receipts.bytes_of(self.connection, self.round, receipt.number), self.secret)
        if text is None:
            raise Refused("unreadable", "It does not open with the round's key.")
        return text

    def _checked(self, receipt: Receipt, data: bytes) -> list[Request]:
        member, rows = self._parsed(data)
        if member not in (None, receipt.member):
            raise Refused("wrong_member", f"It names {member}, but {receipt.member} handed it in.")
        for row in rows:
            if row.member != receipt.member:
                raise Refused("wrong_member", f"Request {row.id} is {row.member}'s, but {receipt.member} handed it in.")
            if row.id in self.requests:
                raise Refused("duplicate_id", f"Request {row.id} came before in another submission.")
        received = datetime.fromisoformat(receipt.received)
        if receipt.digest in self.admitted and self.gate is not None:
            received = min(received, self.gate)  # an override let it in, so that rule A7 must not shut it out
        stamped = [dataclasses.replace(row, received=received) for row in rows]
        self._fit_together(stamped)
        return stamped

    def _parsed(self, data: bytes) -> tuple[str | None, tuple[Request, ...]]:
        """The member that the file names, if it does, and its requests."""
        try:
            text = data.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise Refused("unparsable", "It is no UTF-8 text.") from None
        suffix, member = _suffix(text), None
        if suffix == ".json":
            member, text = self._envelope(text)
        try:
            rows, _ = read_requests_text(text, f"sealed{suffix}", self.spine.network, self.spine.circuits)
        except BadInput as bad:
            raise Refused("unparsable", _sentence(bad)) from None
        if not rows:
            raise Refused("unparsable", "It holds no request.")
        return member, rows

    def _envelope(self, text: str) -> tuple[str | None, str]:
        """Member and requests of a `cni.sealed/1` document; any other JSON is read as requests."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None, text
        if not isinstance(value, dict) or value.get("schema") != sealing.REQUESTS_SCHEMA:
            return None, text
        if value.get("round") != self.round:
            raise Refused("wrong_round", f"It is meant for round {value.get('round')}.")
        return str(value.get("member")), json.dumps({"requests": value.get("requests")})

    def _fit_together(self, rows: list[Request]) -> None:
        """Bundles and families with what this member's group sent before."""
        together = requests_to_json([*self.requests.values(), *rows])
        try:
            requests_from_json(together, self.spine.network, self.spine.circuits)
        except BadInput as bad:
            raise Refused("unparsable", _sentence(bad)) from None


def _suffix(text: str) -> str:
    if text[:1] in ("{", "["):
        return ".json"
    first = text.splitlines()[0] if text else ""
    return ".csv" if "," in first and not first.startswith("-") else ".yaml"


def _sentence(bad: BadInput) -> str:
    first = bad.problems[0]
    where = f"line {first.line}, column {first.column}: " if first.line else f"{first.column}: " if first.column else ""
    more = f" (and {len(bad.problems) - 1} more)" if len(bad.problems) > 1 else ""
    value = f" ({first.value})" if first.value else ""
    return f"{where}{first.text}{value}{more}"


def read(connection: Connection, round_id: str) -> dict[str, Any] | None:
    """The record of the opening; None where nothing was opened yet."""
    body = connection.execute(select(table.c.body).where(table.c.round == round_id)).scalar_one_or_none()
    return None if body is None else dict(json.loads(body))
