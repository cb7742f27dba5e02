"""XML from strangers: no document type, no entities, nothing fetched, 64 levels, 50 MB; every fault is a `Problem`.

A document type is where entity bombs and references to other files live, so any is refused, before anything is expanded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from topology.files.reading import MAX_DEPTH, read_bytes
from topology.problems import Problems

MAX_ELEMENTS = 2_000_000


@dataclass(slots=True)
class Element:
    """An element without its namespace: name, attributes, text before the first child, children, line."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """The children of a name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> Element | None:
        """The first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def said(self, name: str) -> str:
        """The text of the first child of a name, stripped; empty where there is none."""
        found = self.first(name)
        return found.text.strip() if found else ""


class _Refused(Exception):  # noqa: N818 -- not an error of ours
    def __init__(self, text: str, code: str, hint: str = "") -> None:
        super().__init__(text)
        self.text, self.code, self.hint = text, code, hint


class _Builder:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._doctype
        self.parser.ExternalEntityRefHandler = self._doctype
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        made = Element(name.rpartition("}")[2], attributes, self.parser.CurrentLineNumber)
        self.count += 1
        if len(self.open) >= MAX_DEPTH:
            raise _Refused(f"Elements nest deeper than {MAX_DEPTH}.", "too_deep")
        if self.count > MAX_ELEMENTS:
            raise _Refused(f"The file has more than {MAX_ELEMENTS} elements.", "file_too_large")
        if self.open:
            self.open[-1].children.append(made)
        else:
            self.root = made
        self.open.append(made)

    def _end(self, name: str) -> None:
        self.open.pop()

    def _data(self, data: str) -> None:
        if self.open and not self.open[-1].children:
            self.open[-1].text += data

    def _doctype(self, *_: object) -> int:
        text = "XML with a document type (DOCTYPE) or entities is not accepted."
        raise _Refused(text, "xml_doctype", "Save the file again without it.")


def read_xml(path: Path, problems: Problems) -> Element | None:
    """The root element of a file; None where it cannot be read, with the reason in `problems`."""
    data = read_bytes(path, problems)
    if data is None:
        return None
    builder = _Builder()
    try:
        builder.parser.Parse(data, True)
    except _Refused as refused:
        line = builder.parser.CurrentLineNumber
        problems.add(refused.text, file=path.name, line=line, code=refused.code, hint=refused.hint)
        return None
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", 0)
        said = expat.errors.messages.get(getattr(error, "code", 0), str(error))
        problems.add(f"This is not XML: {said}.", file=path.name, line=line, code="syntax")
        return None
    return builder.root
