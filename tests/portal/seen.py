"""A page as a person reads it: its heading, its tables by their titles, its words, where it leads, what can be pressed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "input", "br", "hr"}


@dataclass
class Form:
    """A form: where it goes, its fields with what stands in them, its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


@dataclass
class Seen:
    """What a page shows within `main`."""

    h1: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    terms: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    text: str = ""

    def table(self, *titles: str) -> list[dict[str, str]]:
        """The rows of the first table that has these titles among its own."""
        for table in self.tables:
            if set(titles) <= set(table[0]):
                return [dict(zip(table[0], row, strict=True)) for row in table[1:]]
        raise AssertionError(f"no table has {titles}; there are {[t[0] for t in self.tables]}")

    def form(self, action: str) -> Form:
        """The form that goes there."""
        return next(f for f in self.forms if f.action == action)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen, self.stack, self.term = Seen(), list[str](), ""
        self.said: dict[int, list[str]] = {}
        self.href = ""

    @property
    def inside(self) -> bool:
        return "main" in self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag not in VOID:
            self.stack.append(tag)
            self.said[len(self.stack)] = []
        if not self.inside:
            return
        match tag:
            case "table":
                self.seen.tables.append([])
            case "tr":
                self.seen.tables[-1].append([])
            case "a":
                self.href = given.get("href", "")
            case "form":
                self.seen.forms.append(Form(given.get("action", "")))
            case "input" if self.seen.forms and "form" in self.stack:
                self.seen.forms[-1].fields[given.get("name", "")] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        for depth in range(1, len(self.stack) + 1):
            self.said[depth].append(data)
        if self.inside:
            self.seen.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in self.stack:
            return
        assert self.stack[-1] == tag, f"{self.stack} ends with {tag}"
        words = " ".join("".join(self.said[len(self.stack)]).split())
        if self.inside:
            self._take(tag, words)
        self.stack.pop()

    def _take(self, tag: str, words: str) -> None:
        match tag:
            case "h1":
                self.seen.h1 = words
            case "h2" | "h3" | "h4":
                self.seen.headings.append((int(tag[1]), words))
            case "td" | "th":
                self.seen.tables[-1][-1].append(words)
            case "dt":
                self.term = words
            case "dd":
                self.seen.terms[self.term] = words
            case "a":
                self.seen.links.append((self.href, words))
            case "button" if "form" in self.stack:
                self.seen.forms[-1].buttons.append(words)
            case "code" if "pre" in self.stack:
                self.seen.code.append(words)


def seen(html: str) -> Seen:
    """What a page shows. AssertionError where its elements do not nest, or its headings skip a level."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.seen
    found.text = " ".join(found.text.split())
    levels = [1, *(level for level, _ in found.headings)]
    assert found.h1, "a page has one first heading"
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), found.headings
    return found
