"""Joining and leaving (rules H10): whoever leaves first ceases or passes on what it holds; nothing ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Engine

from cni.rounds import members, networks
from cni.rounds.act import Act, changing
from cni.rounds.holdings import Holdings, load, record_lapses
from cni.rounds.lifecycle import LIVE, state_on
from cni.store.audit import Change
from topology.model import Organisation
from topology.problems import Problems, bad_input


def register(engine: Engine, act: Act, organisation: Organisation, *, new: bool = True) -> int:
    """Register a member, or append a new version of one; returns the version.

    Raises BadInput as `members.add_member`, and where the new version ends the membership, or the role user, of one that
    still holds something.
    """

    def check(change: Change) -> None:
        if networks.history_of(change.connection):
            ends = organisation.member_to
            holds_until = ends if "user" in organisation.roles else act.at.date()
            found = load(change.connection)
            if holds_until is not None:
                check_free(found, act, organisation.id, holds_until, "--replace", spans=ends is not None)

    return members.add_member(engine, act, organisation, replace=not new, check=None if new else check)


def leave(engine: Engine, act: Act, member: str, on: date) -> int:
    """End a membership from a day on; returns the new version.

    Raises BadInput, naming every circuit, where the member holds anything from then on or others hold strands of its spans.
    """
    with changing(engine, act, f"member leave {member}") as change:
        held = members.history(change.connection, member)
        if not held:
            raise bad_input("no member has this id.", file="ID", value=member, code="unknown_id")
        now = held[-1].organisation
        if on < act.at.date():
            raise bad_input("nobody leaves in the past.", file="--on", value=on.isoformat(), code="late")
        if now.member_to is not None and now.member_to <= on:
            said = f"the membership ends on {now.member_to} anyway."
            raise bad_input(said, file="--on", value=on.isoformat(), code="unchanged")
        if networks.history_of(change.connection):
            record_lapses(change, act, load(change.connection))
            check_free(load(change.connection), act, member, on, "ID")
        return members.append(change, replace(now, member_to=on), len(held) + 1)


def join(engine: Engine, act: Act, member: str, on: date) -> int:
    """Begin a membership anew from a day on, after it ended; returns the new version. Raises BadInput where it did not."""
    with changing(engine, act, f"member join {member}") as change:
        held = members.history(change.connection, member)
        if not held:
            hint = "`cni member add` registers a new one."
            raise bad_input("no member has this id.", file="ID", value=member, hint=hint, code="unknown_id")
        now = held[-1].organisation
        if now.member_to is None or now.member_to > on:
            raise bad_input("it is a member then.", file="--on", value=on.isoformat(), code="unchanged")
        return members.append(change, replace(now, member_from=on, member_to=None), len(held) + 1)


def check_free(found: Holdings, act: Act, member: str, on: date, option: str, *, spans: bool = True) -> None:
    """Raises BadInput where a member holds a circuit from a day on, or (`spans`) its spans carry circuits from then on."""
    problems = Problems()
    live = [
        s.circuit
        for s in found.standings.values()
        if s.holds_anything and state_on(s, act.at) in LIVE and (s.circuit.end is None or s.circuit.end > on)
    ]
    for circuit in live:
        if circuit.member == member:
            said = f"{member} holds {circuit.id} until {circuit.end or 'further notice'}."
            hint = f"`cni circuit cease`, `surrender` or `transfer {circuit.id} --on {on}` first; `decline` an offer."
            problems.add(said, file=option, value=circuit.id, hint=hint, code="still_holds")
    for span in found.network.spans.values() if spans else ():
        if span.owner == member and (there := sorted(c.id for c in live if span.id in c.spans)):
            said = f"{span.id} of {member} carries {' '.join(there)} from then on."
            hint = f"`cni recall plan {span.id}` leads circuits round; or the span goes to another contributor."
            problems.add(said, file=option, value=span.id, hint=hint, code="still_carries")
    problems.raise_errors()
