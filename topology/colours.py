"""Tubes and colours: which tube and which colour a strand number stands for, by a configurable code.

A cable's strands are numbered from 1; each `strands_per_tube` of them lie in one tube. Tubes and the strands within a tube
follow one sequence of twelve colours. Beyond the twelfth the sequence begins again with one stripe (ring) more.
Sequences: `tia-598` is ANSI/TIA-598, `iec-60304` that of IEC 60304 as DIN VDE 0888 orders it, `abnt-14771` ABNT NBR 14771.
IEC TR 63194 lists that regions differ, so a network may also name its own sequence.
"""

from __future__ import annotations

from dataclasses import dataclass

from topology.cells import CellError, Kind

SEQUENCES = {
    "tia-598": "blue orange green brown slate white red black yellow violet rose aqua",
    "iec-60304": "red green blue yellow white grey brown violet turquoise black orange pink",
    "abnt-14771": "green yellow white blue red violet brown pink black grey orange aqua",
}
DEFAULT, STRANDS_PER_TUBE = "tia-598", 12
HUES = {
    "aqua": "#4fd1d9",
    "black": "#111111",
    "blue": "#1f5fbf",
    "brown": "#7a4a21",
    "green": "#1e8a3c",
    "grey": "#8c9196",
    "natural": "#f3ead7",
    "orange": "#f08a1d",
    "pink": "#f2a0bf",
    "red": "#cf2a2a",
    "rose": "#ef8fb2",
    "slate": "#74808c",
    "turquoise": "#2fb8ac",
    "violet": "#7d4aa8",
    "white": "#ffffff",
    "yellow": "#f2d21b",
}
"""Colour name -> how a page shows it, beside the name."""


@dataclass(frozen=True, slots=True)
class StrandName:
    """Where a strand is found: its number, its tube, its place in the tube, and the colours of both."""

    number: int
    tube: int
    place: int
    tube_colour: str
    colour: str


@dataclass(frozen=True, slots=True)
class ColourCode:
    """One sequence of colours and how many strands lie in a tube."""

    name: str
    sequence: tuple[str, ...]
    per_tube: int

    def strand(self, number: int) -> StrandName:
        """The tube and the colours of a strand number, from 1.

        >>> colour_code("", 0).strand(14)
        StrandName(number=14, tube=2, place=2, tube_colour='orange', colour='orange')
        """
        tube, place = divmod(number - 1, self.per_tube)
        return StrandName(number, tube + 1, place + 1, self._colour(tube), self._colour(place))

    def neighbours(self, first: int, second: int) -> bool:
        """Whether two strand numbers follow each other in one tube."""
        same_tube = (first - 1) // self.per_tube == (second - 1) // self.per_tube
        return same_tube and abs(first - second) == 1

    def _colour(self, position: int) -> str:
        stripes, at = divmod(position, len(self.sequence))
        mark = "" if not stripes else f", {stripes} stripe{'s' if stripes > 1 else ''}"
        return self.sequence[at] + mark


def colour_code(colours: str, per_tube: int) -> ColourCode:
    """The code that network.toml names; "" and 0 stand for `tia-598` and 12 strands a tube."""
    name = colours or DEFAULT
    known = SEQUENCES.get(name)
    return ColourCode(name if known else "own", tuple((known or name).split()), per_tube or STRANDS_PER_TUBE)


def _colours_text(text: str) -> str:
    words = text.split()
    if len(words) == 1 and text in SEQUENCES:
        return text
    if len(words) < 2 or len(set(words)) < len(words):
        expected = f"{', '.join(SEQUENCES)}, or at least two different colours in order, separated by spaces"
        raise CellError(f"The colour code is one of {expected}.", "Maybe tia-598 is meant.")
    strange = [w for w in words if w not in HUES]
    if strange:
        raise CellError(f"{strange[0]} is none of the colours {', '.join(HUES)}.")
    return " ".join(words)


COLOURS = Kind("colours", f"{' or '.join(SEQUENCES)}, or colours in order", _colours_text)
