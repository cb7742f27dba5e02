"""Parts of a map as SVG text: head, panels with spans, marks and labels, scale bar, legend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape

from topology.maps.context import Context, simplified
from topology.maps.layout import Box, Ground, Point, View, bowed, place_labels, short, side_by_side
from topology.maps.styles import INK, PAPER, RED, Style
from topology.model import Network, Node, Position, Span

WIDTH, HEIGHT = 1400, 1000
MAIN = Box(20, 90, 890, 850)
INSET = Box(930, 90, 450, 450)
OUTLINE = "#c4c4c4"
THINNER = 0.5  # of the widths, where there are many nodes
MANY_NODES = 150  # above, only key nodes are labelled
SHAPES = (
    ("data_centre", "data centre"),
    ("exchange", "exchange"),
    ("other", "other node"),
    ("key", "key node (filled)"),
    ("away", "not in service"),
)

LOST = "node that is lost (crossed out)"
Classify = Callable[[Span], Style]


def head(title: str, heading: str, on: str, illustrative: bool) -> Iterable[str]:
    """The frame of the picture: size, title, what the colours show and on what day, the illustrative label."""
    size = 26 if len(title) <= 70 else max(11, 26 * 70 // len(title))
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    yield f'  font-family="DejaVu Sans, Verdana, Arial, sans-serif" fill="{INK}" role="img" aria-labelledby="title">'
    yield f'<title id="title">{escape(title)}: {escape(heading)}</title>'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
    yield lettering((20, 42), title, size, weight="bold")
    yield lettering((20, 70), f"{heading}{f', {on}' if on else ''}", 16)
    if illustrative:
        yield f'<rect x="{WIDTH - 204}" y="54" width="184" height="26" fill="{INK}"/>'
        yield lettering((WIDTH - 112, 73), "ILLUSTRATIVE", 16, weight="bold", anchor="middle", colour=PAPER)


def lettering(
    at: Point, text: str, size: float, *, weight: str = "", anchor: str = "", colour: str = "", halo: bool = False
) -> str:
    """Words at a place, escaped; with `halo` they stand out from lines below."""
    more = f' font-weight="{weight}"' if weight else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    more += f' fill="{colour}"' if colour else ""
    more += f' stroke="{PAPER}" stroke-width="3" paint-order="stroke" stroke-linejoin="round"' if halo else ""
    return f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:g}"{more}>{escape(text)}</text>'


def outlined(box: Box, colour: str, extra: str = "") -> str:
    """The edge of a box."""
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'fill="none" stroke="{colour}" stroke-width="1.5"{extra}/>'
    )


def draw_panel(
    network: Network,
    view: View,
    places: Mapping[str, Point],
    style_of: Classify,
    labelled: set[str],
    name: str,
    pointed: Iterable[str] = (),
    lost: Iterable[str] = (),
    context: Context | None = None,
) -> Iterable[str]:
    """One window on the map. `pointed`: nodes that are labelled before all others; `lost`: those that are crossed out."""
    panel, first = view.panel, set(pointed)
    yield f'<clipPath id="{name}"><rect x="{panel.x}" y="{panel.y}" width="{panel.width}" height="{panel.height}"/></clipPath>'
    yield f'<g clip-path="url(#{name})">'
    at = {n: view.at(p) for n, p in places.items()}
    ground = Ground.under(network.nodes.values())
    if context is not None:
        path = "".join(outline(line, ground, view) for line in context.lines)
        yield f'<path d="{path}" fill="none" stroke="{OUTLINE}" stroke-width="1"/>'
    ways = span_paths(network, view, at, ground)
    thin = THINNER if len(network.nodes) > MANY_NODES else 1.0
    for span in sorted(network.spans.values(), key=lambda s: (style_of(s).width, s.id)):
        yield _line(span, style_of(span), ways[span.id], thin)
    yield "</g>"
    seen = {n: p for n, p in at.items() if panel.holds(p)}
    wanted = [n for n in seen if n in first or (n in labelled and (network.nodes[n].key or len(seen) <= MANY_NODES))]
    wanted.sort(key=lambda n: (n not in first, not network.nodes[n].key, n))
    crowd = [network.nodes[n] for n in sorted(seen) if not network.nodes[n].key]
    yield from (_mark(node, at[node.id], thin) for node in crowd)
    size = 12.0 if len(wanted) <= 80 else 9.0
    texts = {n: short(n) for n in wanted}
    marks = seen if thin == 1.0 else {n: seen[n] for n in wanted}  # among many small marks a label may lie on some
    for label, place in place_labels(marks, wanted, texts, size, panel).items():
        weight = "bold" if network.nodes[label].key else ""
        yield lettering(place, texts[label], size, weight=weight, halo=True)
    yield from (_mark(network.nodes[n], at[n], 1.0) for n in sorted(seen) if network.nodes[n].key)
    for name in sorted(set(lost) & seen.keys()):
        yield cross(at[name])


def _line(span: Span, style: Style, path: str, thin: float) -> str:
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    words = f"{span.id} {span.name}: {span.start} to {span.end}, {span.length_m / 1000:.3f} km, {style.words}"
    return (
        f'<path d="{path}" fill="none" stroke="{style.colour}" stroke-width="{style.width * thin:g}"{dash}>'
        f"<title>{escape(words)}</title></path>"
    )


def span_paths(network: Network, view: View, at: Mapping[str, Point], ground: Ground) -> dict[str, str]:
    """Span id -> its line as SVG path data: along its route where that is known, else straight; parallel ones side by side."""
    beside = side_by_side(network)
    return {
        s.id: outline(s.route, ground, view) if s.route else _straight(at[s.start], at[s.end], beside[s.id])
        for s in network.spans.values()
    }


def _straight(a: Point, b: Point, beside: float) -> str:
    if not beside:
        return f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}"
    x, y = bowed(a, b, beside * 24)  # a curve passes half as far from the line as its control point
    return f"M{a[0]:.1f} {a[1]:.1f}Q{x:.1f} {y:.1f} {b[0]:.1f} {b[1]:.1f}"


def outline(line: Iterable[Position], ground: Ground, view: View) -> str:
    """A line on the ground as SVG path data, to half a pixel; nothing where it lies outside the panel."""
    points = [view.at(ground.at(p)) for p in line]
    panel = view.panel
    box = Box(min(x for x, _ in points), min(y for _, y in points), 0, 0)
    size = max(x for x, _ in points) - box.x, max(y for _, y in points) - box.y
    if not Box(box.x - 1, box.y - 1, size[0] + 2, size[1] + 2).meets(panel):
        return ""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in simplified(points, 0.5))


def cross(at: Point) -> str:
    """What crosses out a node that is lost."""
    x, y = at
    return f'<path d="M{x - 8:.1f} {y - 8:.1f}l16 16m0 -16l-16 16" stroke="{RED}" stroke-width="3" fill="none"/>'


def _mark(node: Node, at: Point, thin: float) -> str:
    kind = node.type if node.type in ("data_centre", "exchange") else "other"
    mark = shape(kind, at, node.key, node.in_service)
    x, y = at
    small = "" if thin == 1.0 else f' transform="translate({x * (1 - thin):.1f} {y * (1 - thin):.1f}) scale({thin:g})"'
    return f"<g{small}>{mark}<title>{escape(f'{node.id} {node.name}')}</title></g>"


def shape(kind: str, at: Point, key: bool, in_service: bool = True) -> str:
    """The mark of a kind of node."""
    x, y = at
    fill = INK if key else PAPER
    dash = "" if in_service else ' stroke-dasharray="2 2"'
    look = f'fill="{fill}" stroke="{INK}" stroke-width="1.6"{dash}'
    if kind == "data_centre":
        return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" {look}/>'
    if kind == "exchange":
        return f'<path d="M{x:.1f} {y - 6.5:.1f}l6.5 6.5l-6.5 6.5l-6.5 -6.5z" {look}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5 if key else 4}" {look}/>'


def scale_bar(view: View, panel: Box) -> Iterable[str]:
    """A bar of a round length, at most a quarter of the panel wide."""
    longest = panel.width / 4 / view.scale
    metres = max(m for e in range(8) for m in (10**e, 2 * 10**e, 5 * 10**e) if m <= max(longest, 1))
    width = metres * view.scale
    x, y = panel.x + 14, panel.y + panel.height - 14
    yield f'<path d="M{x:.1f} {y - 6:.1f}v6h{width:.1f}v-6" fill="none" stroke="{INK}" stroke-width="2"/>'
    words = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    yield lettering((x + width + 6, y), words, 13, halo=True)


def legend(styles: tuple[Style, ...], top: float, lost: bool = False) -> Iterable[str]:
    """What the looks of spans and nodes mean, from a height downwards."""
    x = INSET.x + 8
    yield lettering((x, top), "Legend", 16, weight="bold")
    y = top
    for style in styles:
        y += 26
        dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
        line = f'<path d="M{x:.1f} {y - 5:.1f}h54" stroke="{style.colour}" stroke-width="{style.width:g}"{dash}/>'
        yield line
        yield lettering((x + 66, y), style.words, 14)
    y += 10
    for kind, words in SHAPES:
        y += 26
        yield shape(kind, (x + 27, y - 5), kind == "key", kind != "away")
        yield lettering((x + 66, y), words, 14)
    if lost:
        y += 26
        yield shape("other", (x + 27, y - 5), False) + cross((x + 27, y - 5))
        yield lettering((x + 66, y), LOST, 14)


def frame(view: View, middle: Box) -> Iterable[str]:
    """The outline, on the main map, of what is enlarged, and the words that say so."""
    left, top = view.at((middle.x, middle.y))
    side = middle.width * view.scale
    yield outlined(Box(left, top, side, side), INK, ' stroke-dasharray="4 3"')
    yield lettering((INSET.x + 8, INSET.y - 6), "The dashed square, enlarged", 13)
