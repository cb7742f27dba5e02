"""What all pictures of scenarios share: a size, a title that wraps, the illustrative label, lines of words that fit.

Widths of words are reckoned letter by letter, since no font is at hand: generously, so that nothing runs over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from topology.maps.drawing import lettering
from topology.maps.layout import Point
from topology.maps.styles import INK, PAPER

NARROW, WIDE = frozenset("iljtfr.,:;'|!()[]/ ·-"), frozenset("mwMWNOQGD@%—…&")
"""Letters that take less, or more, room than most."""

FAMILIES = "DejaVu Sans, Verdana, Arial, sans-serif"
LABEL = "ILLUSTRATIVE DATA"
LABEL_WIDTH = 196.0


def length(text: str, size: float, bold: bool = False) -> float:
    """About how many pixels a text takes in DejaVu Sans, the widest of the families: rather too many than too few."""

    def letter(c: str) -> float:
        if c in NARROW:
            return 0.42
        return 1.0 if c in WIDE or ord(c) > 0x2E80 else 0.74 if c.isupper() else 0.64

    return sum(map(letter, text)) * size * (1.1 if bold else 1.0)


def fitted(text: str, width: float, size: float, most: int = 3, bold: bool = False) -> list[str]:
    """A text in lines of at most `width` pixels; what the `most`th line cannot hold ends in an ellipsis."""
    rows: list[str] = [""]
    for word in text.split():
        for part in _parts(word, width, size, bold):
            longer = f"{rows[-1]} {part}".strip()
            if rows[-1] and length(longer, size, bold) > width:
                rows.append(part)
            else:
                rows[-1] = longer
    if len(rows) > most:
        last = rows[most - 1]
        while last and length(last + "…", size, bold) > width:
            last = last[:-1]
        rows = [*rows[: most - 1], last.rstrip(" ,.;") + "…"]
    return rows


def _parts(word: str, width: float, size: float, bold: bool) -> Iterator[str]:
    """A word, broken where it alone is longer than a line."""
    part = ""
    for c in word:
        if part and length(part + c, size, bold) > width:
            yield part
            part = ""
        part += c
    yield part


def words(
    at: Point, rows: Sequence[str], size: float, *, leading: float = 1.3, weight: str = "", anchor: str = ""
) -> Iterator[str]:
    """Lines of words, the first on the base line of `at`."""
    for n, row in enumerate(rows):
        yield lettering((at[0], at[1] + n * size * leading), row, size, weight=weight, anchor=anchor)


def picture(name: str, size: tuple[float, float], about: tuple[str, str], body: Iterable[str]) -> str:
    """A whole SVG. `name`: what its ids begin with, so that several can stand in one page; `about`: title and description."""
    width, height = size
    title, said = about
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" width="{width:g}" height="{height:.0f}"',
        f'  font-family="{FAMILIES}" fill="{INK}" role="img" aria-labelledby="{name}-title {name}-desc">',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(said)}</desc>',
        f'<rect width="{width:g}" height="{height:.0f}" fill="{PAPER}"/>',
        *body,
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def heading(title: str, under: str, width: float, illustrative: bool, size: float = 24) -> tuple[list[str], float]:
    """Title, the line under it and the label, and where what follows may begin."""
    room = width - 40 - (LABEL_WIDTH + 16 if illustrative else 0)
    rows = fitted(title, room, size, 4, bold=True)
    lines = [*words((20, 18 + size), rows, size, leading=1.2, weight="bold")]
    bottom = 18 + size + (len(rows) - 1) * size * 1.2
    if illustrative:
        left = width - 20 - LABEL_WIDTH
        lines.append(f'<rect x="{left:g}" y="16" width="{LABEL_WIDTH:g}" height="28" fill="{INK}"/>')
        middle = (left + LABEL_WIDTH / 2, 35.5)
        lines.append(lettering(middle, LABEL, 15, weight="bold", anchor="middle", colour=PAPER))
    if under:
        said = fitted(under, width - 40, 14, 3)
        lines += words((20, bottom + 26), said, 14)
        bottom += 26 + (len(said) - 1) * 14 * 1.3
    return lines, bottom + 12
