"""Screens as pictures: several on a sheet, each with its command above it, on a light or a dark ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rich.cells import cell_len

from tests.looks.screen import Line, Look, Shown, rows

LETTER, HEIGHT, SIZE = 7.83, 16, 13
"""Of DejaVu Sans Mono: pixels from letter to letter and line to line, and the font's size."""

MOST_ROWS = 64
"""Of a screen on a sheet; how many more there are is said."""

PAD = 10


@dataclass(frozen=True)
class Ground:
    """The colours of a terminal (those of GNOME's)."""

    name: str
    paper: str
    ink: str
    dim: str
    colours: dict[str, str]


_COLOURS = {
    "red": "#c01c28",
    "green": "#26a269",
    "yellow": "#a2734c",
    "blue": "#12488b",
    "magenta": "#a347ba",
    "cyan": "#2aa1b3",
}
LIGHT = Ground("light", "#ffffff", "#171421", "#8b8990", _COLOURS)
DARK = Ground("dark", "#171421", "#d0cfcc", "#74727a", _COLOURS)


@dataclass(frozen=True)
class Frame:
    """A screen with what is written above it."""

    title: str
    shown: Shown

    @property
    def kept(self) -> list[Line]:
        """The rows that are drawn."""
        every = rows(self.shown)
        if len(every) <= MOST_ROWS:
            return every
        return [*every[: MOST_ROWS - 1], [(f"[{len(every) - MOST_ROWS + 1} rows more]", Look(dim=True))]]

    @property
    def width(self) -> float:
        """Pixels."""
        return self.shown.columns * LETTER + 2 * PAD

    @property
    def height(self) -> int:
        """Pixels, with the title."""
        return HEIGHT * (len(self.kept) + 1) + 3 * PAD


def sheet(frames: Sequence[Frame], ground: Ground, across: int) -> str:
    """Screens beside and below each other, as SVG."""
    columns: list[list[Frame]] = [[] for _ in range(across)]
    for frame in frames:  # each where most room is left
        min(columns, key=lambda column: sum(f.height + PAD for f in column)).append(frame)
    wide = max(f.width for f in frames) + PAD
    tall = max(sum(f.height + PAD for f in column) for column in columns) + PAD
    width = wide * across + PAD
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{tall}" viewBox="0 0 {width:.0f} {tall}" '
        f'font-family="DejaVu Sans Mono" font-size="{SIZE}"><rect width="100%" height="100%" fill="#9a9a9a"/>'
    ]
    for number, column in enumerate(columns):
        y = PAD
        for frame in column:
            parts += _frame(frame, ground, PAD + number * wide, y)
            y += frame.height + PAD
    return "".join([*parts, "</svg>"])


def _frame(frame: Frame, ground: Ground, x: float, y: int) -> list[str]:
    edge = x + PAD + frame.shown.columns * LETTER
    parts = [
        f'<text x="{x:.1f}" y="{y + SIZE}" font-size="11" font-weight="bold">{escape(_cut(frame.title, int(frame.width / 6.8)))}</text>',
        f'<rect x="{x:.1f}" y="{y + HEIGHT + 2}" width="{frame.width:.1f}" height="{frame.height - HEIGHT - PAD}" '
        f'fill="{ground.paper}"/>',
        f'<path d="M{edge:.1f} {y + HEIGHT + 2}v{frame.height - HEIGHT - PAD}" stroke="{ground.dim}" stroke-width="0.5"/>',
    ]
    for number, row in enumerate(frame.kept):
        parts += _row(row, ground, x + PAD, y + 2 * HEIGHT + PAD / 2 + number * HEIGHT)
    return parts


def _row(row: Line, ground: Ground, x: float, y: float) -> list[str]:
    parts = []
    for text, look in row:
        colour = ground.colours[look.colour] if look.colour else ground.dim if look.dim else ground.ink
        weight = ' font-weight="bold"' if look.bold else ""
        if text.strip():
            at = x
            shown = text
            if not text.isascii():  # letters of double width: each in its own place
                places = []
                for letter in text:
                    places.append(f"{at:.1f}")
                    at += cell_len(letter) * LETTER
                parts.append(
                    f'<text x="{" ".join(places)}" y="{y:.1f}" fill="{colour}"{weight} xml:space="preserve">{escape(shown)}</text>'
                )
            else:
                length = f' textLength="{len(text) * LETTER:.2f}"' if len(text) > 1 else ""
                parts.append(
                    f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{weight}{length} xml:space="preserve">{escape(shown)}</text>'
                )
        x += cell_len(text) * LETTER
    return parts


def write_png(svg: str, path: Path, zoom: float = 1.0) -> None:
    """Raster a picture."""
    import resvg_py

    data = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        background="#ffffff",
        monospace_family="DejaVu Sans Mono",
        sans_serif_family="DejaVu Sans",
    )
    path.write_bytes(bytes(data))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
