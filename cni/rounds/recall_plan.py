"""Whom a contributor's recall touches, and in which order, without a database (rules H9)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from cni.rounds.replacing import Replacement, Wish, level_of, replacement
from topology.model import Circuit, Network, Span
from topology.offer import STRANDS_PER_PAIR
from topology.room import Load, first_over


@dataclass(frozen=True, slots=True)
class Holder:
    """A circuit on the span, with what decides its place: its state, and whether it was lit."""

    circuit: Circuit
    state: str
    lit: bool


@dataclass(frozen=True, slots=True)
class Affected:
    """A circuit that gives its strands back from a day on, with what takes its place."""

    holder: Holder
    ends: date
    instead: Replacement


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall: the network with it, what of it is spare (strands, on its first day), and whom it touches, in order."""

    network: Network
    spare: int
    affected: tuple[Affected, ...]


def place(holder: Holder, span: str, on: date) -> tuple[int, date, int, str]:
    """The place of a circuit in the order of a recall; the least gives way first (rule H9).

    Offers before what was accepted, what is not lit before what is; then the shortest remaining term; then what began last;
    then a lot that nobody can choose. Nothing of it knows who the holder is.
    """
    circuit = holder.circuit
    rank = 0 if holder.state == "offered" else 1 if not holder.lit else 2
    lot = hashlib.sha256(f"{span}\n{on}\n{circuit.id}".encode()).hexdigest()
    return rank, circuit.end or date.max, -circuit.start.toordinal(), lot


def with_recall(network: Network, span_id: str, strands: int, on: date) -> Network:
    """The network with one more recall of a span; recalls of one day are added up."""
    span = network.spans[span_id]
    recalls = dict(span.recalls)
    recalls[on] = recalls.get(on, 0) + strands
    changed = replace(span, recalls=tuple(sorted(recalls.items())))
    return replace(network, spans={**network.spans, span_id: changed})


def plan_recall(
    network: Network, holders: Iterable[Holder], span_id: str, strands: int, on: date, wishes: Mapping[str, Wish]
) -> Recall:
    """Who gives way, in order, with replacements over what is spare then.

    Spare strands are taken first. Replacements are sought for the last in the order first: whoever is hurt most chooses
    before others; each takes up what it uses. `wishes`: what a circuit was asked for with; by its legs where it is not there.
    """
    after = with_recall(network, span_id, strands, on)
    span = after.spans[span_id]
    left = {h.circuit.id: h for h in holders}
    cut: dict[str, Circuit] = {name: h.circuit for name, h in left.items()}
    spare = _free(network.spans[span_id], cut.values(), on)
    order: list[tuple[Holder, date]] = []
    while (day := first_over(_loads(span, cut.values()), _capacity(span), on)) is not None:
        there = [left[name] for name, c in cut.items() if span_id in c.spans and c.holds_on(day)]
        first = min(there, key=lambda h: place(h, span_id, on))
        order.append((first, day))
        cut[first.circuit.id] = replace(first.circuit, end=max(day, first.circuit.start))
    others = [c for c in cut.values() if c.end is None or c.end > c.start]
    found: dict[str, Replacement] = {}
    for holder, day in reversed(order):
        start = max(day, holder.circuit.start)
        wish = wishes.get(holder.circuit.id) or Wish(level_of(after, holder.circuit))
        made = replacement(after, others, holder.circuit, wish, span_id, start)
        found[holder.circuit.id] = made
        if made.legs:
            others.append(replace(holder.circuit, id=f"{holder.circuit.id}.r", start=start, legs=made.legs, strands=()))
    return Recall(after, max(0, spare), tuple(Affected(h, day, found[h.circuit.id]) for h, day in order))


def _capacity(span: Span) -> int:
    """Strands that circuits and recalls share."""
    return span.fibre_count - span.own_use - span.reserve - span.maintenance_spare


def _loads(span: Span, circuits: Iterable[Circuit]) -> list[Load]:
    back: list[Load] = [(day, None, strands) for day, strands in span.recalls]
    return back + [(c.start, c.end, STRANDS_PER_PAIR * c.spans.count(span.id)) for c in circuits if span.id in c.spans]


def _free(span: Span, circuits: Iterable[Circuit], on: date) -> int:
    held = sum(STRANDS_PER_PAIR * c.spans.count(span.id) for c in circuits if c.holds_on(on))
    return _capacity(span) - span.recalled(on) - held
