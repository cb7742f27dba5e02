"""The full model over all routes: the grants' programme with flows on every span that a request may use.

One integer flow per request where flows describe its routes exactly (one leg without a limit; two legs disjoint at level span or node,
whose common flow of 2n units with at most n on a span, or through a node, splits into n pairs). Else one copy per pair and leg.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from allocation.request import Request
from allocation.verify.grants import GrantProgramme
from allocation.verify.programme import Programme
from allocation.verify.routes import Ways
from allocation.verify.world import Row, World
from topology.routing.exact_pairs import binding_groups

Arc = tuple[str, str, str]
"""Span, and the nodes that it is passed from and to."""


class Router:
    """Adds the routing of requests to a programme and keeps what each draws on each span."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme

    def route(self, r: Request, ways: Ways, amount: int, most: int) -> dict[str, dict[int, int]]:
        """Route `amount` (a variable of at most `most`) circuits; returns span -> the pairs drawn on it, as terms."""
        q = ways.q
        if ways.by_flow and not r.same_route:
            return self.common(ways, amount, most)
        copies = 1 if r.same_route else most
        drawn: dict[str, dict[int, int]] = defaultdict(dict)
        marks = []
        for _ in range(copies):
            mark = self.programme.var(0, 1)
            marks.append(mark)
            for use in self._copy(ways, mark, 1 if q.level == "none" else 2):
                for span, terms in use.items():
                    self._draw(drawn[span], terms, amount, most, r.same_route)
        if r.same_route:
            self.programme.row({amount: 1, marks[0]: -most}, high=0)
        else:
            self.programme.row({**dict.fromkeys(marks, 1), amount: -1}, 0, 0)
            for one, two in pairwise(marks):
                self.programme.row({one: 1, two: -1}, low=0)
        return drawn

    def _draw(self, drawn: dict[int, int], terms: dict[int, int], amount: int, most: int, same_route: bool) -> None:
        if not same_route or most == 1:
            for v in terms:
                drawn[v] = drawn.get(v, 0) + 1
            return
        pairs = self.programme.var(0, most)  # all of the amount where the one copy uses the span
        self.programme.row({pairs: 1, amount: -1, **dict.fromkeys(terms, -most)}, low=-most)
        drawn[pairs] = 1

    def _arcs(self, ways: Ways, most: int) -> dict[Arc, int]:
        arcs: dict[Arc, int] = {}
        for s in ways.spans:
            span = ways.all_spans[s]
            for one, two in ((span.start, span.end), (span.end, span.start)):
                if two != ways.q.a and one != ways.q.b:
                    arcs[s, one, two] = self.programme.var(0, most)
        return arcs

    def _balance(self, ways: Ways, arcs: dict[Arc, int], amount: int, legs: int) -> None:
        """As much leaves a node as comes in; `legs` times the amount leaves a and comes to b."""
        net: dict[str, dict[int, int]] = defaultdict(dict)
        for (_, one, two), v in arcs.items():
            net[one][v] = 1
            net[two][v] = -1
        q = ways.q
        for node in sorted(net.keys() | {q.a, q.b}):
            terms = net.get(node, {})
            if node == q.a:
                self.programme.row({**terms, amount: -legs}, 0, 0)
            elif node == q.b:
                self.programme.row({**terms, amount: legs}, 0, 0)
            else:
                self.programme.row(terms, 0, 0)

    def common(self, ways: Ways, amount: int, most: int) -> dict[str, dict[int, int]]:
        """Route an amount as one flow: exact where `Ways.by_flow`, else without limit and risk groups (so, a relaxation)."""
        legs = 1 if ways.q.level == "none" else 2
        arcs = self._arcs(ways, most)
        self._balance(ways, arcs, amount, legs)
        drawn: dict[str, dict[int, int]] = defaultdict(dict)
        into: dict[str, dict[int, int]] = defaultdict(dict)
        for (s, _, two), v in arcs.items():
            drawn[s][v] = 1
            into[two][v] = 1
        if legs == 2:
            for terms in drawn.values():
                self.programme.row({**terms, amount: -1}, high=0)
            if ways.q.level == "node":
                for node, terms in into.items():
                    if node != ways.q.b:
                        self.programme.row({**terms, amount: -1}, high=0)
        return drawn

    def _copy(self, ways: Ways, mark: int, legs: int) -> list[dict[str, dict[int, int]]]:
        """One circuit as `legs` unit flows that are on with the mark: limits, disjointness, risk groups."""
        q, uses, through = ways.q, [], []
        for _ in range(legs):
            arcs = self._arcs(ways, 1)
            self._balance(ways, arcs, mark, 1)
            use: dict[str, dict[int, int]] = defaultdict(dict)
            into: dict[str, dict[int, int]] = defaultdict(dict)
            for (s, _, two), v in arcs.items():
                use[s][v] = 1
                into[two][v] = 1
            for terms in into.values():
                self.programme.row(terms, high=1)
            if q.limit_m is not None:
                metres = {v: ways.all_spans[s].length_m for s, terms in use.items() for v in terms}
                self.programme.row(metres, high=max(0, q.limit_m))
            uses.append(dict(use))
            through.append({n: terms for n, terms in into.items() if n != q.b})
        if legs == 2:
            for s in ways.spans:
                self.programme.row({**uses[0].get(s, {}), **uses[1].get(s, {})}, high=1)
            if q.level in ("node", "risk"):
                for node in sorted(through[0].keys() | through[1].keys()):
                    self.programme.row({**through[0].get(node, {}), **through[1].get(node, {})}, high=1)
            if q.level == "risk":
                self._groups(ways, uses, through)
        return uses

    def _groups(
        self, ways: Ways, uses: list[dict[str, dict[int, int]]], through: list[dict[str, dict[int, int]]]
    ) -> None:
        network = ways.network
        for group in binding_groups(network, ways.q.a, ways.q.b):
            held = [self.programme.var(0, 1) for _ in uses]
            self.programme.row(dict.fromkeys(held, 1), high=1)
            for kind, name in network.members_of_group[group]:
                for mark, use, nodes in zip(held, uses, through, strict=True):
                    terms = (use if kind == "span" else nodes).get(name)
                    if terms:
                        self.programme.row({**terms, mark: -1}, high=0)


class FlowProgramme:
    """The grants' programme, its inequalities included, with every route of every fibre request and the rows of A3 and A6."""

    def __init__(self, base: GrantProgramme) -> None:
        world = base.world
        self.programme = base.programme.copy()
        self.metres: dict[int, int] = {}
        self.positions: dict[int, int] = {}
        router = Router(self.programme)
        drawn: dict[str, dict[str, dict[int, int]]] = {}
        place = {s: k for k, s in enumerate(sorted(world.network.spans), 1)}
        for r in world.eligible:
            most = self.programme.high[base.x[r.id]]
            if r.is_fibre and most:
                drawn[r.id] = router.route(r, base.ways(r), base.x[r.id], most)
                for s, terms in drawn[r.id].items():
                    for v, c in terms.items():
                        self.metres[v] = self.metres.get(v, 0) + c * world.network.spans[s].length_m
                        self.positions[v] = self.positions.get(v, 0) + c * place[s]
        for terms, room in span_rows(
            world, [world.requests[r] for r in drawn], drawn, lambda row: world.capacity(row) or 0
        ):
            self.programme.row(terms, high=room)


def span_rows(
    world: World,
    requests: Iterable[Request],
    drawn: Mapping[str, Mapping[str, Mapping[int, int]]],
    room: Callable[[Row], int],
    spared: Callable[[Request, Row], bool] = lambda request, row: False,
) -> list[tuple[dict[int, int], int]]:
    """The rows of A3 and A6 over what requests draw, each set of terms once with its least `room`; some draws may be `spared`."""
    gathered: dict[Row, dict[int, int]] = defaultdict(dict)
    for r in requests:
        group = world.group(r)
        for s, terms in drawn[r.id].items():
            for at in world.dates(r) if s in world.network.spans else ():
                for row in world.rows(group, s, at):
                    for v, c in terms.items() if not spared(r, row) else ():
                        gathered[row][v] = gathered[row].get(v, 0) + c
    tightest: dict[tuple[tuple[int, int], ...], int] = {}
    for row, total in gathered.items():
        key, high = tuple(sorted(total.items())), room(row)
        tightest[key] = min(high, tightest.get(key, high))
    return [(dict(key), high) for key, high in tightest.items()]
