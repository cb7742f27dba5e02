"""An SVG drawing as a PNG picture, by resvg: the same drawing, so that nothing can differ but the form."""

from __future__ import annotations

from functools import cache

from topology.problems import bad_input

WIDTH = 2800
"""Pixels: twice the drawing, sharp on paper 24 cm wide at 300 dots an inch."""


def png(svg: str, width: int = WIDTH) -> bytes:
    """The picture. Text is set in the fonts of the machine; raises BadInput where there is none."""
    import resvg_py

    if not _has_fonts():
        text = "there is no font on this machine, so a picture would have no words."
        raise bad_input(text, hint="Install one (on Debian or Ubuntu: apt install fonts-dejavu-core), or write .svg.")
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, background="#ffffff", sans_serif_family=FAMILY))


FAMILY = "DejaVu Sans"


@cache
def _has_fonts() -> bool:
    """Whether a letter leaves a trace."""
    import resvg_py

    def drawn(text: str) -> bytes:
        frame = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
        words = f'<text x="4" y="30" font-size="30" font-family="DejaVu Sans, Verdana, Arial, sans-serif">{text}</text>'
        return bytes(resvg_py.svg_to_bytes(svg_string=f"{frame}{words}</svg>", sans_serif_family=FAMILY))

    return drawn("M") != drawn("")
