"""Bars that compare scenarios by one figure, and the curve of what each budget protects.

Axes begin at 0; every value stands beside its mark, so that nothing hangs on colour or on reading off an axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scenarios.reports.frame import fitted, heading, length, picture, words
from topology.maps.drawing import lettering
from topology.maps.layout import Box, Point
from topology.maps.styles import BLUE, GREY, INK, ORANGE, PAPER, SKY

WIDTH = 1000.0
NAMES = 300.0
"""Pixels for the names beside bars."""

PALE = "#e4e4e4"


@dataclass(frozen=True, slots=True)
class Bar:
    """One scenario. `low` and `high` bound its figure (equal where it is exact; None where it was not asked for); `shown`:
    the figure in words, with its denominator.
    """

    name: str
    low: float | None
    high: float | None
    shown: str


def bars(
    rows: Sequence[Bar],
    *,
    title: str,
    axis: str,
    scope: str = "",
    of: float | None = None,
    illustrative: bool = False,
    name: str = "bars",
) -> str:
    """Horizontal bars as SVG text, in the order given. `axis`: what is counted, with its unit; `of`: the most there can be."""
    body, top = heading(title, scope, WIDTH, illustrative, 20)
    room = WIDTH - NAMES - 40 - 20 - max((length(r.shown, 14) for r in rows), default=0.0)
    room = max(room, 200.0)
    greatest = max((r.high for r in rows if r.high is not None), default=0.0)
    ticks = nice_ticks(max(greatest, of or 0.0) or 1.0)
    scale = room / ticks[-1]
    left, top = NAMES + 40, top + 22
    lines: list[str] = []
    y = top
    for row in rows:
        said = fitted(row.name, NAMES - 8, 14, 3)
        height = max(34.0, len(said) * 18 + 12)
        middle = y + height / 2
        lines += words((20, middle + 5 - (len(said) - 1) * 9), said, 14, leading=18 / 14)
        lines += _bar(row, left, middle, scale, of)
        y += height
    if not rows:
        lines.append(lettering((20, y + 16), "There is no scenario to compare.", 15))
        y += 30
    body += _axis(left, top, y, ticks, scale, axis) if rows else []
    body += lines
    if any(r.low is not None and r.high != r.low for r in rows):
        body += _interval_key((left, y + 64))
        y += 28
    told = "; ".join(f"{r.name}: {r.shown}" for r in rows)
    return picture(name, (WIDTH, y + (62 if rows else 20)), (title, f"{axis}. {told}"), body)


def _bar(row: Bar, left: float, middle: float, scale: float, of: float | None) -> Iterator[str]:
    if row.low is None or row.high is None:
        yield lettering((left + 6, middle + 5), row.shown, 14)
        return
    if of:
        yield f'<rect x="{left:.1f}" y="{middle - 10:.1f}" width="{of * scale:.1f}" height="20" fill="{PALE}"/>'
    if row.low > 0:
        yield f'<rect x="{left:.1f}" y="{middle - 10:.1f}" width="{row.low * scale:.1f}" height="20" fill="{BLUE}"/>'
    if row.high > row.low:
        at, wide = left + row.low * scale, (row.high - row.low) * scale
        yield f'<rect x="{at:.1f}" y="{middle - 9:.1f}" width="{wide:.1f}" height="18" fill="{PAPER}" stroke="{BLUE}"'
        yield '  stroke-width="2" stroke-dasharray="5 3"/>'
    end = left + max(row.high, of or 0.0) * scale
    yield lettering((end + 8, middle + 5), row.shown, 14, halo=True)


def _axis(left: float, top: float, foot: float, ticks: Sequence[float], scale: float, said: str) -> list[str]:
    lines = [f'<path d="M{left:.1f} {top:.1f}V{foot:.1f}" stroke="{INK}" stroke-width="1.5"/>']
    for tick in ticks:
        x = left + tick * scale
        lines.append(f'<path d="M{x:.1f} {top:.1f}V{foot + 5:.1f}" stroke="{GREY}" stroke-width="0.6"/>')
        lines.append(lettering((x, foot + 20), _number(tick), 12, anchor="middle"))
    lines += words((left, foot + 40), fitted(said, WIDTH - left - 20, 13, 1), 13)
    return lines


def _interval_key(at: Point) -> list[str]:
    x, y = at
    return [
        f'<rect x="{x:.1f}" y="{y - 11:.1f}" width="26" height="13" fill="{BLUE}"/>',
        lettering((x + 34, y), "at least", 13),
        f'<rect x="{x + 111:.1f}" y="{y - 10:.1f}" width="26" height="11" fill="{PAPER}" stroke="{BLUE}" stroke-width="2"'
        ' stroke-dasharray="5 3"/>',
        lettering((x + 146, y), "up to, where it is not proved", 13),
    ]


def nice_ticks(most: float, count: int = 5) -> list[float]:
    """Round marks from 0 to at least `most`: steps of 1, 2 or 5 times a power of ten."""
    step = 1.0
    while step * count < most:
        step *= 10
    for part in (10, 5, 2):
        if step / part * count >= most and (step / part >= 1 or most < 1):
            step /= part
            break
    ticks = [0.0]
    while ticks[-1] < most:
        ticks.append(round(len(ticks) * step, 9))
    return ticks


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"


def pounds(pence: int) -> str:
    """An amount as people write it: whole pounds where it has no pence."""
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}" + (f".{rest:02d}" if rest else "")


@dataclass(frozen=True, slots=True)
class Step:
    """What one budget gives, in pence: a build of a cost that protects `low` pairs; no build within the budget protects more
    than `high`.
    """

    budget_pence: int
    cost_pence: int
    low: int
    high: int


def cost_curve(
    steps: Sequence[Step],
    pairs: int,
    *,
    title: str,
    scope: str = "",
    illustrative: bool = False,
    name: str = "curve",
) -> str:
    """Money against protected key pairs as SVG text. Between two computed points stands what the cheaper one gives.

    `pairs`: all pairs of key nodes. A band reaches from what is proved to what cannot be ruled out, up to the last budget.
    """
    body, top = heading(title, scope, WIDTH, illustrative, 20)
    told = _staircase(steps)
    if not told:
        body.append(lettering((20, top + 30), "No budget was computed.", 15))
        return picture(name, (WIDTH, top + 50), (title, "No budget was computed."), body)
    plot = _Plot(steps, pairs, top + 54)
    body += plot.axes()
    body += plot.band(_bands(steps))
    body += plot.line(told)
    body += plot.labels(told)
    said = "; ".join(f"{pounds(s.cost_pence)}: {s.low} of {pairs}" for s in told)
    return picture(name, (WIDTH, plot.foot + 62), (title, f"Cost: protected key pairs. {said}"), body)


def _staircase(steps: Sequence[Step]) -> list[Step]:
    """The points by cost, those that give no more than a cheaper one left out."""
    kept: list[Step] = []
    for step in sorted(steps, key=lambda s: (s.cost_pence, -s.low, s.budget_pence)):
        if not kept or step.low > kept[-1].low:
            kept.append(step)
    return kept


Band = tuple[int, int, int, int]
"""From and to, in pence; at least and at most so many pairs between them."""


def _bands(steps: Sequence[Step]) -> list[Band]:
    """Where the most that any build protects is not known: a budget's bound holds for every smaller budget too."""
    edges = sorted({0, *(s.cost_pence for s in steps), *(s.budget_pence for s in steps)})
    found = []
    for begin, end in pairwise(edges):
        low = max((s.low for s in steps if s.cost_pence <= begin), default=0)
        high = min((s.high for s in steps if s.budget_pence >= end), default=low)
        if high > low:
            found.append((begin, end, low, high))
    return found


class _Plot:
    """Where money and pairs lie in the picture."""

    def __init__(self, steps: Sequence[Step], pairs: int, top: float) -> None:
        self.pairs = pairs
        self.left, self.right = 90.0, WIDTH - 40
        self.top, self.foot = top, top + 380
        self.costs = nice_ticks(max(max(s.budget_pence for s in steps) * 1.08, 100_00) / 100)
        self.counts = nice_ticks(max(pairs, 1))

    def x(self, pence: float) -> float:
        return self.left + pence / 100 / self.costs[-1] * (self.right - self.left)

    def y(self, pairs: float) -> float:
        return self.foot - pairs / self.counts[-1] * (self.foot - self.top)

    def axes(self) -> Iterator[str]:
        for tick in self.counts:
            y = self.y(tick)
            yield f'<path d="M{self.left:.1f} {y:.1f}H{self.right:.1f}" stroke="{GREY}" stroke-width="0.6"/>'
            yield lettering((self.left - 8, y + 4), _number(tick), 12, anchor="end")
        for tick in self.costs:
            x = self.x(tick * 100)
            yield f'<path d="M{x:.1f} {self.foot:.1f}v5" stroke="{INK}" stroke-width="1"/>'
            yield lettering((x, self.foot + 20), f"£{_number(tick)}", 12, anchor="middle")
        yield f'<path d="M{self.left:.1f} {self.top:.1f}V{self.foot:.1f}H{self.right:.1f}" fill="none" stroke="{INK}" stroke-width="1.5"/>'
        yield lettering((20, self.top - 32), "Key pairs that stay joined under any one failure", 13)
        yield lettering((self.right, self.foot + 42), "Cost of what is built, in pounds", 13, anchor="end")
        y = self.y(self.pairs)
        yield f'<path d="M{self.left:.1f} {y:.1f}H{self.right:.1f}" stroke="{INK}" stroke-width="1.5" stroke-dasharray="6 4"/>'
        yield lettering((self.left + 8, y - 6), f"all {self.pairs} key pairs", 13, halo=True)

    def _path(self, points: Sequence[tuple[int, int]]) -> str:
        """A staircase through (pence, pairs), held to the right edge."""
        x, y = self.x(points[0][0]), self.y(points[0][1])
        path = f"M{x:.1f} {y:.1f}"
        for pence, value in points[1:]:
            path += f"H{self.x(pence):.1f}V{self.y(value):.1f}"
        return path + f"H{self.right:.1f}"

    def band(self, bands: Sequence[Band]) -> Iterator[str]:
        edge = f'fill="none" stroke="{ORANGE}" stroke-width="2.5" stroke-dasharray="6 4"'
        for begin, end, low, high in bands:
            x, y = self.x(begin), self.y(high)
            size = f'width="{self.x(end) - x:.1f}" height="{self.y(low) - y:.1f}"'
            yield f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{SKY}" fill-opacity="0.3"/>'
            yield f'<path d="M{x:.1f} {y:.1f}H{self.x(end):.1f}" {edge}/>'
        if bands:
            x, y = self.left, self.foot + 42
            yield f'<path d="M{x:.1f} {y - 4:.1f}h36" stroke="{BLUE}" stroke-width="3.5"/>'
            yield lettering((x + 44, y), "at least", 13)
            yield f'<path d="M{x + 130:.1f} {y - 4:.1f}h36" {edge}/>'
            yield lettering((x + 174, y), "at most, where more is not ruled out", 13)

    def line(self, steps: Sequence[Step]) -> Iterator[str]:
        path = self._path([(s.cost_pence, s.low) for s in steps])
        yield f'<path d="{path}" fill="none" stroke="{BLUE}" stroke-width="3.5"/>'
        for step in steps:
            yield f'<circle cx="{self.x(step.cost_pence):.1f}" cy="{self.y(step.low):.1f}" r="5" fill="{PAPER}" stroke="{BLUE}" stroke-width="3"/>'

    def labels(self, steps: Sequence[Step]) -> Iterator[str]:
        """Cost and pairs beside each step, where there is room off the line: first and last before those between."""
        taken = [*self._line_boxes(steps), Box(self.left, self.y(self.pairs) - 2, self.right - self.left, 4)]
        order = [0, len(steps) - 1, *range(1, len(steps) - 1)] if len(steps) > 1 else [0]
        for i in order:
            step = steps[i]
            said = f"{pounds(step.cost_pence)}: {step.low}"
            x, y = self.x(step.cost_pence), self.y(step.low)
            wide = length(said, 13)
            for at, base in (
                (x + 9, y + 19),
                (x - wide - 9, y - 8),
                (x + 9, y + 34),
                (x - wide - 9, y - 24),
                (x + 9, y - 9),
            ):
                box = Box(at, base - 11, wide, 14)
                inside = self.left < at and at + wide <= self.right + 30 and self.top < base < self.foot - 2
                if inside and not any(box.meets(other) for other in taken):
                    taken.append(box)
                    yield lettering((at, base), said, 13, halo=True)
                    break

    def _line_boxes(self, steps: Sequence[Step]) -> Iterator[Box]:
        """Where the line and its marks lie, so that no label lies on them."""
        for step, after in pairwise([*steps, None]):
            assert step is not None
            x, y = self.x(step.cost_pence), self.y(step.low)
            yield Box(x - 6, y - 6, 12, 12)
            if after is not None:
                right, up = self.x(after.cost_pence), self.y(after.low)
                yield Box(x, y - 2, right - x, 4)
                yield Box(right - 2, min(up, y), 4, abs(y - up))
            else:
                yield Box(x, y - 2, self.right - x, 4)
