"""Blocks as HTML: what the terminal shows in words and tables, a page shows with the same words as headings and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from markupsafe import Markup, escape

from cni.views.blocks import Block, Fields, Heading, Para, Table

FEW = 3
"""Columns that fit beside each other on a phone; a table with more becomes a list of records there (and keeps its roles)."""

Links = Mapping[str, str]
"""By title of a column the address that its cells lead to, with {} for the cell."""


def as_html(blocks: Iterable[Block], links: Links | None = None, *, level: int = 2) -> Markup:
    """The blocks in order; headings begin at a level."""
    return Markup("\n").join(_block(b, links or {}, level, n) for n, b in enumerate(blocks))


def without_commands(blocks: Iterable[Block]) -> Iterable[Block]:
    """The blocks without what only concerns the command line."""
    return (b for b in blocks if not (isinstance(b, Para) and (b.mark == "command" or "`cni " in b.text)))


def _block(block: Block, links: Links, level: int, number: int) -> Markup:
    match block:
        case Heading(text):
            return Markup("<h{0}>{1}</h{0}>").format(level, text)
        case Para(text, "command"):
            return Markup('<pre class="command"><code>{}</code></pre>').format(text)
        case Para(text, mark):
            return Markup("<p{}>{}</p>").format(_class(mark), _commands(text))
        case Fields(items):
            rows = Markup("").join(
                Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, _breaking(value)) for name, value in items
            )
            return Markup("<dl>{}</dl>").format(rows)
        case Table():
            return _table(block, links, number)


def _class(mark: str) -> Markup:
    return Markup(' class="{}"').format(mark) if mark else Markup("")


def _commands(text: str) -> Markup:
    """Words between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else escape(p) for n, p in enumerate(parts))


def _table(table: Table, links: Links, number: int) -> Markup:
    more = Markup('<p class="quiet">{}</p>').format(table.more) if table.more else Markup("")
    if not table.rows:
        return Markup('<p class="quiet">{}</p>').format(_sentence(table.empty)) + more
    heads = Markup("").join(
        Markup('<th scope="col" role="columnheader"{}>{}</th>').format(
            _class("number" if c.right else ""), _sentence(c.title)
        )
        for c in table.columns
    )
    rows = Markup("\n").join(_row(table, row, links) for row in table.rows)
    label = ", ".join(c.title for c in table.columns[:3])
    stacked = _class("stack") if len(table.columns) > FEW else Markup("")
    frame = (
        '<div class="scroll" role="region" tabindex="0" aria-label="Table {}: {}"><table{} role="table"><thead role="rowgroup"><tr role="row">{}</tr></thead>'
        '<tbody role="rowgroup">{}</tbody></table></div>'
    )
    return Markup(frame).format(number + 1, label, stacked, heads, rows) + more


def _row(table: Table, row: tuple[str, ...], links: Links) -> Markup:
    cells = []
    for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        shown: Markup = _breaking(cell)
        if column.title in links and cell not in ("", "-"):
            shown = Markup('<a href="{}">{}</a>').format(links[column.title].format(quote(cell, safe="")), shown)
        kind = "number" if column.right else ""
        first = Markup('<th scope="row" role="rowheader"{} data-of="{}">{}</th>')
        tag = first if place == 0 else Markup('<td role="cell"{} data-of="{}">{}</td>')
        cells.append(tag.format(_class(kind), _sentence(column.title), shown))
    return Markup('<tr role="row">{}</tr>').format(Markup("").join(cells))


def _breaking(text: str) -> Markup:
    """Text in which a long word without blanks, such as a digest, may be broken."""
    if any(len(word) > 40 for word in text.split()):
        return Markup('<span class="long">{}</span>').format(text)
    return escape(text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
