"""The map before and after: two panels on one scale and one extent, so that what differs is the scenario and nothing else.

A panel shows a network as it is in one state: what fails (dashed, crossed), what carries a circuit that is down, what is cut off,
what is built (thick), what a scenario changes. What differs, or else a crowded centre, stands below, enlarged alike for both. Colours are those of
`topology.maps.styles`; width and dashes say the same without them. The same inputs give the same text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from scenarios.failures.events import NOTHING, Broken, Event, broken_by, on_service, parts
from scenarios.reports.frame import fitted, heading, picture, words
from topology.maps.context import Context
from topology.maps.drawing import MANY_NODES, SHAPES, THINNER, cross, draw_panel, lettering, outlined, scale_bar, shape
from topology.maps.layout import Box, Ground, Point, View, crowded, extent, on_ground
from topology.maps.plain import sources
from topology.maps.styles import AWAY, BLUE, FAILURE, GREEN, GREY, INK, RED, Damage, Style
from topology.model import Circuit, Network, Node, Span

WIDTH = 1000.0
PANEL = (WIDTH - 60) / 2
TALLEST, LOWEST = 470.0, 240.0
"""Limits of a panel's height: its shape follows the extent of the network between them."""

BROKEN, CARRYING, APART = FAILURE[0], FAILURE[1], FAILURE[2]
WORKS = Style("in service", "#555555", 1.8)
BUILT = Style("built in this scenario", GREEN, 7.0)
CHANGED = Style("changed in this scenario", BLUE, 4.5, "14 4 3 4")
WITHDRAWN = Style("withdrawn in this scenario", RED, 4.0, "9 6")
AWAY_NODE = "not there"
MOST_CROSSES = 60
"""Above so many failed spans their dashes have to do."""


@dataclass(frozen=True)
class State:
    """One panel. `heading`: what it is; `counts`: lines of figures, each with its denominator; `damage`: what an event does.

    `built`, `changed`: ids of spans that the scenario adds, or alters or withdraws.
    """

    network: Network
    heading: str
    counts: tuple[str, ...] = ()
    damage: Damage | None = None
    built: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    on: date | None = None

    def style(self, span: Span) -> Style:
        """How a span of this state is drawn."""
        look = self._look(span)
        few = len(self.network.nodes) <= MANY_NODES or look in (WORKS, AWAY)
        return look if few else replace(look, width=look.width / THINNER)  # what matters is not drawn thinner

    def _look(self, span: Span) -> Style:
        damage = self.damage
        if damage is not None and span.id in damage.spans:
            return BROKEN
        if self.on is not None and not span.in_service(self.on):
            return WITHDRAWN if span.id in self.changed else AWAY
        if span.id in self.built:
            return BUILT
        if damage is not None and span.id in damage.carrying:
            return CARRYING
        if damage is not None and {span.start, span.end} <= damage.cut_off:
            return APART
        return CHANGED if span.id in self.changed else WORKS

    @property
    def marked(self) -> list[Span]:
        """The spans that fail, are built, or are changed."""
        named = self.built | self.changed | (self.damage.spans if self.damage else frozenset())
        return [s for s in self.network.spans.values() if s.id in named]

    @property
    def pointed(self) -> set[str]:
        """Nodes that are labelled before all others: what is lost, and the ends of what fails, is built or changed."""
        ends = {n for s in self.marked for n in (s.start, s.end)}
        return ends | set(self.damage.nodes if self.damage else ())


def damage_of(network: Network, circuits: Iterable[Circuit], event: Event, on: date, said: str = "") -> Damage:
    """What an event breaks, the spans of circuits that it takes down, and the nodes that it parts from the largest part."""
    here, held = on_service(network, circuits, on)
    broken = broken_by(here, event)
    down = frozenset(s for c in held if broken.circuit(c) for s in c.spans)
    apart = _apart(here, broken) - _apart(here, NOTHING)
    return Damage(said, broken.spans, broken.nodes, down - broken.spans, apart | broken.nodes)


def _apart(network: Network, broken: Broken) -> frozenset[str]:
    """The nodes outside the largest part of what is left; of several the one with the smallest id."""
    part = parts(network, broken)
    sizes = Counter(part.values())
    largest = min(sizes, key=lambda p: (-sizes[p], p)) if sizes else ""
    return frozenset(n for n, p in part.items() if p != largest)


def before_after_map(
    before: State,
    after: State,
    *,
    claim: str,
    scope: str = "",
    context: Context | None = None,
    name: str = "map",
) -> str:
    """Two states as SVG text. `claim`: the one thing that the map says, its title; `scope`: order, groups and date; `name`: of
    the picture's ids.
    """
    illustrative = before.network.illustrative or after.network.illustrative
    body, top = heading(claim, scope, WIDTH, illustrative, 20)
    shown = _on_one_ground(before, after)
    head, top = _panel_heads(shown, top + 24)
    body += head
    drawn, top = _maps(shown, top, context, name)
    body += drawn
    key, top = _legend(shown, top + 28)
    body += key
    for line in fitted(sources(before.network, context), WIDTH - 40, 11, 8):
        if line:
            top += 15
            body.append(lettering((20, top), line, 11))
    said = " ".join(f"{s.heading}: {'; '.join(s.counts)}." for s in shown)
    return picture(name, (WIDTH, top + 18), (claim, f"{scope} {said}".strip()), body)


def _on_one_ground(before: State, after: State) -> tuple[State, State]:
    """Both states with the nodes of both, so that they are drawn on one plane; a node that is not there is drawn as such."""
    nodes = {**after.network.nodes, **before.network.nodes}
    return _with_nodes(before, nodes), _with_nodes(after, nodes)


def _with_nodes(state: State, nodes: dict[str, Node]) -> State:
    network = state.network
    missing = nodes.keys() - network.nodes.keys()
    if not missing:
        return state
    added = [replace(nodes[n], status=AWAY_NODE) for n in sorted(missing)]
    made = Network.build([*network.nodes.values(), *added], network.spans.values())
    return replace(state, network=replace(made, illustrative=network.illustrative, licence=network.licence))


def _panel_heads(shown: tuple[State, State], top: float) -> tuple[list[str], float]:
    """What each panel shows, and its counts below, on the same lines in both."""
    titles = [fitted(state.heading, PANEL, 16, 2, bold=True) for state in shown]
    counts = [[row for count in state.counts for row in fitted(count, PANEL, 13.5, 2)] for state in shown]
    lines: list[str] = []
    below = top + (max(map(len, titles)) - 1) * 16 * 1.25 + 22
    for i in range(2):
        left = 20 + i * (PANEL + 20)
        lines += words((left, top), titles[i], 16, leading=1.25, weight="bold")
        lines += words((left, below), counts[i], 13.5, leading=1.4)
    return lines, below + max(map(len, counts)) * 13.5 * 1.4 - 8


def _maps(shown: tuple[State, State], top: float, context: Context | None, name: str) -> tuple[list[str], float]:
    """The panels, and those of the enlarged centre where it is crowded."""
    places = on_ground(shown[0].network.nodes.values())
    if not places:
        return [lettering((20, top + 40), "There is no node to draw.", 16)], top + 60
    whole = extent(places.values())
    middle = _focus(shown, places, whole) or crowded(places, whole)
    inside = {n for n, p in places.items() if middle is not None and middle.holds(p)}
    height = min(TALLEST, max(LOWEST, PANEL * whole.height / whole.width))
    lines: list[str] = []
    for i, state in enumerate(shown):
        view = View(whole, Box(20 + i * (PANEL + 20), top, PANEL, height))
        lines += _panel(state, view, places, set(places) - inside, f"{name}-{i}", context)
        if middle is not None:
            lines.append(_square(view, middle))
    top += height
    if middle is None:
        return lines, top + 24
    top += 40
    height = min(TALLEST, PANEL * 0.8)
    for i, state in enumerate(shown):
        box = Box(20 + i * (PANEL + 20), top, PANEL, height)
        lines.append(lettering((box.x, top - 8), "The dashed square, enlarged", 13))
        lines += _panel(state, View(middle, box), places, inside, f"{name}-{i}-near", context)
    return lines, top + height + 24


FOCUS = 0.55
"""What differs is enlarged where it takes at most this share of the whole, both ways; else the crowded centre is."""


def _focus(shown: tuple[State, State], places: dict[str, Point], whole: Box) -> Box | None:
    """A square around what differs between the states: what fails, is built, is changed."""
    ends = {end for state in shown for span in state.marked for end in (span.start, span.end)}
    ends |= {n for state in shown if state.damage for n in state.damage.nodes}
    if not ends:
        return None
    longest = max(whole.width, whole.height)
    tight = extent((places[n] for n in sorted(ends & places.keys())), margin=0.2)
    side = max(tight.width, tight.height, longest / 8)
    if side > FOCUS * longest:
        return None
    middle = tight.x + tight.width / 2, tight.y + tight.height / 2
    return Box(middle[0] - side / 2, middle[1] - side / 2, side, side)


def _panel(
    state: State, view: View, places: dict[str, Point], labelled: set[str], name: str, context: Context | None
) -> Iterator[str]:
    lost = state.damage.nodes if state.damage else frozenset()
    pointed = state.pointed & labelled
    yield from draw_panel(state.network, view, places, state.style, labelled, name, pointed, lost, context)
    yield from _rings(state, view, places)
    yield from _crosses(state, view, places)
    yield outlined(view.panel, GREY)
    yield from _scale_below(view)


def _scale_below(view: View) -> Iterator[str]:
    """The scale bar below the panel, at its right, where it hides nothing."""
    panel = view.panel
    yield from scale_bar(view, Box(panel.x + panel.width * 0.75 - 66, panel.y + 34, panel.width, panel.height))


def _ring(at: Point) -> str:
    return f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="10" fill="none" stroke="{APART.colour}" stroke-width="3" stroke-dasharray="3 2"/>'


def _cut_off(state: State) -> list[str]:
    """Nodes that are whole but parted from the largest part."""
    damage = state.damage
    return sorted((damage.cut_off - damage.nodes) & state.network.nodes.keys()) if damage else []


def _rings(state: State, view: View, places: dict[str, Point]) -> Iterator[str]:
    for node in _cut_off(state):
        at = view.at(places[node])
        if view.panel.holds(at):
            yield _ring(at)


def _crosses(state: State, view: View, places: dict[str, Point]) -> Iterator[str]:
    """A small cross on the middle of each span that fails."""
    failed = sorted(state.damage.spans & state.network.spans.keys()) if state.damage else []
    if len(failed) > MOST_CROSSES:
        return
    for span in failed:
        x, y = view.at(_middle(state.network, state.network.spans[span], places))
        if view.panel.holds((x, y)):
            yield f'<path d="M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10" stroke="{INK}" stroke-width="2" fill="none"/>'


def _middle(network: Network, span: Span, places: dict[str, Point]) -> Point:
    if span.route:
        return Ground.under(network.nodes.values()).at(span.route[len(span.route) // 2])
    a, b = places[span.start], places[span.end]
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _square(view: View, middle: Box) -> str:
    left, top = view.at((middle.x, middle.y))
    side, panel = middle.width * view.scale, view.panel
    x, y = max(left, panel.x), max(top, panel.y)
    right, foot = min(left + side, panel.x + panel.width), min(top + side, panel.y + panel.height)
    return outlined(Box(x, y, right - x, foot - y), INK, ' stroke-dasharray="4 3"')


def _legend(shown: tuple[State, State], top: float) -> tuple[list[str], float]:
    """What the looks mean, in columns; only those that stand in a panel."""
    used = {state.style(s).words for state in shown for s in state.network.spans.values()}
    entries: list[tuple[str, str]] = []
    for style in (BROKEN, CARRYING, APART, BUILT, CHANGED, WITHDRAWN, WORKS, AWAY):
        if style.words in used:
            dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
            line = f'<path d="M0 -5h44" fill="none" stroke="{style.colour}" stroke-width="{style.width:g}"{dash}/>'
            mark = f'<path d="M17 -10l10 10m0 -10l-10 10" fill="none" stroke="{INK}" stroke-width="2"/>'
            entries.append((line + (mark if style == BROKEN else ""), f"span: {style.words}"))
    entries += [(shape(k, (22, -5), k == "key", k != "away"), said) for k, said in _marks(shown)]
    if any(state.damage and state.damage.nodes for state in shown):
        entries.append((shape("other", (22, -5), False) + cross((22, -5)), "node that is lost"))
    if any(_cut_off(state) for state in shown):
        entries.append((shape("other", (22, -5), False) + _ring((22, -5)), "node that is cut off"))
    rows = -(-len(entries) // 3)
    lines = []
    for n, (drawn, said) in enumerate(entries):
        x, y = 20 + (n // rows) * 322, top + (n % rows) * 25
        lines.append(f'<g transform="translate({x} {y:.0f})">{drawn}</g>')
        lines.append(lettering((x + 52, y), said, 13))
    return lines, top + (rows - 1) * 25 + 10 if rows else top


def _marks(shown: tuple[State, State]) -> list[tuple[str, str]]:
    """The marks of nodes that stand in a panel; `other` for what is no data centre and no exchange."""
    nodes = [n for state in shown for n in state.network.nodes.values()]
    kinds = {n.type if n.type in ("data_centre", "exchange") else "other" for n in nodes}
    kinds |= {"key"} if any(n.key for n in nodes) else set()
    kinds |= {"away"} if any(not n.in_service for n in nodes) else set()
    said_of = {"away": "node that is not in service"}
    return [(kind, said_of.get(kind, said)) for kind, said in SHAPES if kind in kinds]
