"""How QGIS draws our layers: styles as it keeps them in the table `layer_styles` of a GeoPackage.

Colours are those of the maps (Okabe and Ito), with width and dashes as a second cue. The form of the XML is what QGIS 3
saves (renderer-v2, RuleRenderer); QGIS loads the style marked as default by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

BLUE, SKY, ORANGE, RED, GREY, INK = "0,114,178", "86,180,233", "230,159,0", "213,94,0", "138,138,138", "26,26,26"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One rule: which features (an expression of QGIS), how they are called, and the properties of their symbol."""

    words: str
    which: str
    look: tuple[tuple[str, str], ...]


def _line(words: str, which: str, colour: str, width: str, style: str = "solid") -> Drawn:
    look = (("line_color", f"{colour},255"), ("line_width", width), ("line_style", style), ("line_width_unit", "MM"))
    return Drawn(words, which, look)


def _mark(words: str, which: str, colour: str, shape: str, size: str) -> Drawn:
    look = (
        ("color", f"{colour},255"),
        ("name", shape),
        ("size", size),
        ("size_unit", "MM"),
        ("outline_color", f"{INK},255"),
        ("outline_width", "0.2"),
    )
    return Drawn(words, which, look)


SPANS = (
    _line("9 spare pairs or more", '"spare_pairs" >= 9', BLUE, "1.2"),
    _line("3 to 8 spare pairs", '"spare_pairs" BETWEEN 3 AND 8', SKY, "0.9"),
    _line("1 or 2 spare pairs", '"spare_pairs" BETWEEN 1 AND 2', ORANGE, "0.6"),
    _line("no spare pair", '"spare_pairs" = 0', RED, "0.4", "dash"),
    _line("not known", "ELSE", GREY, "0.3", "dot"),
)
NODES = (
    _mark("key node", '"key" = 1', INK, "star", "4"),
    _mark("data centre", "\"type\" = 'data_centre'", BLUE, "square", "3"),
    _mark("exchange", "\"type\" = 'exchange'", SKY, "diamond", "3"),
    _mark("point of presence", "\"type\" IN ('pop', 'ixp')", ORANGE, "circle", "2.6"),
    _mark("other node", "ELSE", GREY, "circle", "1.8"),
)


def qml(rules: Sequence[Drawn], kind: str) -> str:
    """A style as QGIS saves it; `kind` is `line` or `marker`."""
    layer, number = ("SimpleLine", 1) if kind == "line" else ("SimpleMarker", 0)
    listed = "".join(
        f'<rule key="{{rule-{i}}}" symbol="{i}" label={quoteattr(r.words)} filter={quoteattr(r.which)}/>'
        for i, r in enumerate(rules)
    )
    symbols = "".join(_symbol(str(i), kind, layer, r.look) for i, r in enumerate(rules))
    return (
        '<qgis version="3.22.0" styleCategories="Symbology">'
        '<renderer-v2 type="RuleRenderer" symbollevels="0" forceraster="0" enableorderby="0">'
        f'<rules key="{{rules}}">{listed}</rules><symbols>{symbols}</symbols></renderer-v2>'
        f"<layerGeometryType>{number}</layerGeometryType></qgis>"
    )


def _symbol(name: str, kind: str, layer: str, look: Sequence[tuple[str, str]]) -> str:
    options = "".join(f'<Option type="QString" name="{k}" value="{escape(v)}"/>' for k, v in look)
    old = "".join(f'<prop k="{k}" v="{escape(v)}"/>' for k, v in look)  # for QGIS before 3.26
    return (
        f'<symbol type="{kind}" name="{name}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" pass="0" enabled="1" locked="0"><Option type="Map">{options}</Option>{old}</layer></symbol>'
    )
