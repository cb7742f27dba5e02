"""Pieces of a report as HTML: words explained where they are first used, tables, figures, and how each number is got.

All text that comes from files goes through `esc`; functions whose names end in nothing else take plain text and give HTML.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

Json = dict[str, Any]
STYLE = Path(__file__).with_name("page_parts") / "report.css"
MOST_IDS = 60
"""Ids that a list shows; the command under it gives them all."""

WORDS: dict[str, str] = {
    "node": "a place where cables meet: an exchange, a data centre, a cabinet",
    "span": "a cable between two nodes",
    "circuit": "what a member holds: a pair of fibres from end to end, over one way or over two separate ones",
    "member": "an organisation in the co-operative that uses or contributes fibre",
    "key node": "a node that the city wants joined to all other key nodes, whatever fails",
    "key pair": "two key nodes, which the city wants joined whatever fails; each two of them count once",
    "risk group": "cables or places that one event can break together, such as a duct or a bridge",
    "spare": "fibre that nobody uses or holds back, so that it can be lent in an emergency",
    "single failure": "one cable, one node, or all that one event breaks together, failing alone",
    "protected": "no single failure parts the pair, the loss of one of its own two ends aside",
    "proof": "a calculation that shows that nothing cheaper, or nothing better for the money, exists",
    "gap": "how much better an answer could still be, where the proof was not finished",
    "embodied carbon": "greenhouse gas from making and laying what is built, in kilograms of carbon dioxide equivalent",
    "reasonable worst case": "the worst form of an event that is plausible enough to plan for",
}


class Terms:
    """Explains a word where it is used first; remembers which were used, for the list at the end."""

    def __init__(self) -> None:
        self.used: list[str] = []

    def say(self, word: str, shown: str = "") -> str:
        """The word, with its meaning in brackets the first time. `shown`: its form in the sentence."""
        text = escape(shown or word)
        if word in self.used:
            return text
        self.used.append(word)
        return f"<dfn>{text}</dfn> ({escape(WORDS[word])})"

    def meaning(self, word: str) -> str:
        """Only the meaning, the first time, for a word that stands as a heading already."""
        if word in self.used:
            return ""
        self.used.append(word)
        return WORDS[word]

    def listed(self) -> str:
        """All words that were used, by name."""
        rows = "".join(f"<dt>{escape(w)}</dt><dd>{escape(WORDS[w])}</dd>" for w in sorted(self.used))
        return f'<section><h2>Words used</h2>\n<dl class="facts">{rows}</dl></section>\n' if rows else ""


def esc(text: object) -> str:
    """Text as HTML, safe in elements and in quoted attributes."""
    return escape(str(text))


def number(value: object) -> str:
    """A count with thousands apart; `-` where there is none."""
    return f"{value:,}" if isinstance(value, int) else "-" if value is None else str(value)


def interval(value: Json | int | None, digits: int = 0) -> str:
    """A figure that may be an interval."""
    if value is None:
        return "not asked for"
    low, high = (value["low"], value["high"]) if isinstance(value, dict) else (value, value)
    first, last = (f"{v:,.{digits}f}" for v in (low, high))
    return first if first == last else f"{first} to {last}"


def money(pence: int | None) -> str:
    """Pounds, with pence where there are any."""
    if pence is None:
        return "-"
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}" + (f".{rest:02d}" if rest else "")


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, wide: bool = False, texts: Collection[int] = ()
) -> str:
    """A table of HTML cells. The first cell of a row heads it; the others are figures, set to the right, save those in `texts`."""

    def kind(i: int) -> str:
        return "" if not i or i in texts else ' class="n"'

    above = "".join(f'<th scope="col"{kind(i)}>{cell}</th>' for i, cell in enumerate(head))
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{kind(i)}>{cell}</td>" for i, cell in enumerate(row[1:], 1))
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll{" wide" if wide else ""}" tabindex="0" role="region" aria-label="{esc(caption)}"><table>'
        f"<caption>{esc(caption)}</caption><thead><tr>{above}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Names and what is said of them; the values are HTML."""
    return '<dl class="facts">' + "".join(f"<dt>{esc(k)}</dt><dd>{v}</dd>\n" for k, v in rows) + "</dl>\n"


def figure(svg: str, caption: str, about: str) -> str:
    """A picture that scrolls on a narrow screen; the SVG carries its own title and description."""
    return (
        f'<figure><div class="scroll" tabindex="0" role="region" aria-label="{esc(about)}">{svg}</div>'
        f"<figcaption>{esc(caption)}</figcaption></figure>\n"
    )


def ids(names: Sequence[str]) -> str:
    """Ids behind a count, in code."""
    shown = ", ".join(f"<code>{esc(n)}</code>" for n in names[:MOST_IDS])
    return shown + (f" and {len(names) - MOST_IDS:,} more" if len(names) > MOST_IDS else "")


def how(commands: Iterable[tuple[str, str]]) -> str:
    """Under the figures: each command with the figures that it gives. It stands open, so that it prints."""
    by_command: dict[str, list[str]] = {}
    for said, command in commands:
        by_command.setdefault(command, []).append(said)
    if not by_command:
        return ""
    rows = "".join(f"<dt>{esc(', '.join(said))}</dt><dd><code>{esc(c)}</code></dd>" for c, said in by_command.items())
    return f'<h3>How to get these figures</h3>\n<dl class="how">{rows}</dl>\n'


def command_for(run: Json, scenario: Json, figure_name: str) -> str:
    """The command that gives a figure of a scenario: its own, else the run of its file at the report's audience."""
    given = scenario["commands"].get(figure_name)
    if given:
        return str(given)
    name = scenario["file"]
    quoted = (
        name
        if name.replace(".", "").replace("-", "").replace("_", "").isalnum()
        else "'" + name.replace("'", "'\\''") + "'"
    )
    return f"cni scenario run {quoted} --disclosure {run['disclosure']} --json"


def caution(run: Json) -> str:
    """That the figures are of a part of the network only, where something is left out for the audience; else nothing."""
    left = next((s["left_out"] for s in run["scenarios"] if s.get("left_out")), None)
    if not left or not any(value for key, value in left.items() if key != "text"):
        return ""
    return f"<p><strong>Part of the network only.</strong> {esc(left['text'])} They are no figures of the whole.</p>\n"


def paragraphs(texts: Iterable[str]) -> Iterator[str]:
    """Plain sentences, each a paragraph."""
    return (f"<p>{esc(text)}</p>\n" for text in texts if text)
