"""The price of fairness: what equal terms and each clause cost in units, and what they keep dark (rule B7).

Three totals of each kind: granted; the greatest that any award under all clauses of A could grant, whatever its levels; and the
greatest without the clauses that limit a group on a span (cap, reserve for entrants, tranche). Each is a proved value or none: a
total that stayed open within the effort is null, and its interval stands in the evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from allocation.marginal import OneMorePair
from allocation.reasons.finding import Reasons
from allocation.reasons.lifts import CLAUSES
from allocation.solving.instance import Instance, compile_round
from allocation.solving.levels import KINDS
from allocation.solving.search import Effort, Search, Stopped
from allocation.solving.settle import Settled

SHARE = 4
"""The part of a round's effort that each of its totals may take: one in so many."""

SHARE_CLAUSES = ("cap", "entrant", "tranche")
"""Kinds of rows that limit a group's share of a span: what "without clauses" leaves out."""

SHARE_CODES = tuple(CLAUSES[kind] for kind in SHARE_CLAUSES)


@dataclass(frozen=True, slots=True)
class Total:
    """A greatest total: the units of an award that was found, and the least bound proved on any."""

    low: int
    high: int
    inequalities: tuple[Mapping[str, int], ...] = ()

    @property
    def proved(self) -> int | None:
        """The value where it is proved, else None."""
        return self.low if self.low == self.high else None

    def as_json(self) -> dict[str, Any]:
        """The interval with the inequalities behind it, for the evidence."""
        return {"low": self.low, "high": self.high, "inequalities": [dict(i) for i in self.inequalities]}


@dataclass(eq=False)
class Fairness:
    """The figures of one settled round. `cut`: whether a wall limit or Ctrl-C kept some of them back."""

    settled: Settled
    reasons: Reasons
    stop: Callable[[], bool]
    cut: bool = False
    evidence: dict[str, Any] = field(default_factory=dict)

    def as_json(self, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The award's `fairness`, from its finished request lines. Where the award was stopped, only what needs no solve."""
        instance = self.settled.instance
        unit = {a.request.id: a.unit for a in instance.asks}
        table: dict[str, Any] = {}
        for kind in KINDS:
            granted = sum(unit[n["request"]] * n["granted"] for n in lines if n["kind"] == kind and n["granted"])
            table[kind] = {"granted_units": granted, "greatest_units": None, "without_clauses_units": None}
        table["fibre"]["dark"] = dark_pairs(self.reasons, lines)
        more = OneMorePair(self.settled, self.stop)
        table["fibre"]["one_more_pair"] = more.as_json()
        if self.settled.stopped:
            return table
        try:
            self._totals(table)
            more.decide()
        except (Stopped, KeyboardInterrupt):
            self.cut = True
        table["fibre"]["one_more_pair"] = more.as_json()
        self.evidence["one_more_pair"] = more.evidence()
        return table

    def _totals(self, table: Mapping[str, dict[str, Any]]) -> None:
        settled, instance = self.settled, self.settled.instance
        names = [{instance.rows[r].name: w for r, w in cut.weights} for cut in settled.search.cuts]
        plain = any(row.kind in SHARE_CLAUSES for row in instance.rows)
        free = without_clauses(instance) if plain else None
        for kind in KINDS:
            held = self.evidence.setdefault(kind, {})
            greatest = self._greatest(instance, kind, names)
            table[kind]["greatest_units"] = greatest.proved
            held["greatest_units"] = greatest.as_json()
            unbound = greatest if free is None else self._greatest(free, kind, [])
            table[kind]["without_clauses_units"] = unbound.proved
            held["without_clauses_units"] = unbound.as_json()

    def _greatest(self, instance: Instance, kind: str, names: Iterable[Mapping[str, int]]) -> Total:
        """The greatest total of a kind in an instance, starting from the award and from what is known of its rows."""
        search = search_from(self.settled, instance, names, SHARE, self.stop)
        known = len(search.cuts)
        terms = {search.core.x[a.number]: a.unit for a in instance.asks if a.request.kind == kind}
        outcome = search.maximise(terms, relax=kind == "fibre")
        rows = instance.rows
        more = tuple({rows[r].name: w for r, w in cut.weights} for cut in search.cuts[known:])
        return Total(outcome.value, max(outcome.value, outcome.bound), more)


def search_from(
    settled: Settled, instance: Instance, names: Iterable[Mapping[str, int]], share: int, stop: Callable[[], bool]
) -> Search:
    """A search of its own over an instance with the round's asks, from the award and with inequalities by the names of rows.

    The award must be feasible in the instance. Weights hold in any instance; their coefficients are found anew for its routes.
    """
    whole = settled.search
    search = Search(instance, Effort(max(1, whole.effort.scale // share)), stop, seconds_left=whole.seconds_left)
    for column in whole.pool.columns:
        search.pool.add(instance.asks[column.ask], column.legs)
    same = instance is settled.instance
    number = {row.name: n for n, row in enumerate(instance.rows)}
    for cut in whole.cuts if same else ():
        search.add_cut(cut)
    for weights in () if same else names:
        search.add_cut(search.pool.cut({number[name]: w for name, w in weights.items() if name in number}))
    search.best = settled.best
    return search


def without_clauses(instance: Instance) -> Instance:
    """The round without cap, reserve for entrants, tranche and `max_pairs_per_member`; all else of A holds."""
    network = instance.network
    spans = {name: replace(span, max_pairs_per_member=None) for name, span in network.spans.items()}
    policy = replace(instance.policy, cap_share=None, cap_floor_pairs=0, entrant_reserve_pairs=None, tranche_share=None)
    opened = replace(network, spans=spans)
    return compile_round(opened, instance.circuits.values(), instance.requests, policy, instance.on)


def dark_pairs(reasons: Reasons, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Spans with pairs that nothing but a clause keeps from a request: per span and clause, how many at most.

    A request counts where clauses are all that its reasons name, so lifting them suffices and no room is lacking (D2). The pairs
    are the lesser of what those requests still lack and of what is left there over the term of one of them.
    """
    lacking: dict[tuple[str, str], int] = defaultdict(int)
    left: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        codes = {reason["code"] for reason in line["reasons"]}
        if not codes or not codes <= set(SHARE_CODES):
            continue
        for reason in line["reasons"]:
            for span in reason["spans"]:
                key = (span, reason["code"])
                lacking[key] += line["requested"] - line["granted"]
                left[key] = max(left[key], _left(reasons, line["request"], span))
    return [
        {"span": span, "clause": clause, "pairs": min(left[span, clause], lacking[span, clause])}
        for span, clause in sorted(lacking)
    ]


def _left(reasons: Reasons, request: str, span: str) -> int:
    """Pairs that the award leaves on a span over the whole term of a request."""
    audit = reasons.audit
    table = audit.everyone.profiles[audit.ask_of[request].profile]
    number = audit.everyone.graph.span_ids.index(span)
    return min(audit.left[r] for r in table[number] if audit.everyone.rows[r].kind == "span")
