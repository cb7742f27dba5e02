"""What stands in a terminal as it is, and where a message breaks in a terminal: between words, and never within a command that is to be copied."""

from __future__ import annotations

import re
import unicodedata

from rich.cells import cell_len

PIECES = re.compile(
    r"""
    `[^`]*`[^\s`]*
    | (?:(?<=:\ )|(?<=;\ )|(?<=,\ or\ )) cni\ [^;`,]+[;,]?
    | \(?[0-9][0-9.,]*\ (?:km|m|dB|nm|GBP|kW|W|U|%) (?!\w) \S*
    | \S+
    """,
    re.VERBOSE,
)
"""Backticked text, a command that follows a colon, a semicolon or "or", a figure with its unit, and any other word stay whole."""


def clean(text: str) -> str:
    """Text with control, escape and bidi characters made visible, so that no input can steer the terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else _visible(c) for c in text
    )


def _visible(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) > 0xFF else f"\\x{ord(character):02x}"


def folded(text: str, room: int, hang: int = 0) -> list[tuple[int, int]]:
    """Begin and end of each line of a text that may be `room` columns wide, the lines after the first less `hang`.

    A piece that is wider than a line has one of its own, which the terminal breaks: copied from there it is whole again.

    >>> [("next: cni round show; or not"[a:b]) for a, b in folded("next: cni round show; or not", 20)]
    ['next:', 'cni round show; or', 'not']
    """
    lines: list[tuple[int, int]] = []
    for piece in PIECES.finditer(text):
        width = room - (hang if len(lines) > 1 else 0)
        if lines and cell_len(text[lines[-1][0] : piece.end()]) <= width:
            lines[-1] = (lines[-1][0], piece.end())
        else:
            lines.append(piece.span())
    return lines


def gathered(value: str, room: int) -> list[str]:
    """Words gathered into lines, where a word may be longer than a line; a chain (a+b+c) breaks after its joints."""
    lines: list[str] = []
    for word in (part for each in value.split() for part in ([each] if cell_len(each) <= room else _links(each, room))):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _links(word: str, room: int) -> list[str]:
    """A chain of spans in pieces that fit, each but the last ending with the + that says that it goes on."""
    pieces: list[str] = []
    for link in re.findall(r"[^+]+\+?|\+", word):
        if pieces and cell_len(pieces[-1] + link) <= room:
            pieces[-1] += link
        else:
            pieces.append(link)
    return pieces
