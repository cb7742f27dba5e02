"""Cells that count single strands: on which a circuit lies, and how many a contributor takes back from a date on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from topology.cells import DAY_KIND, CellError
from topology.files.tables import Row
from topology.model import Circuit, Network, Recall, StrandPair
from topology.problems import Problems

PAIR = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
MOST_NAMED = 20


def strands_of_text(text: str) -> tuple[tuple[StrandPair, ...], ...]:
    """`13-14+13-14|1-2` as numbers per leg and span. Raises `CellError`."""
    return tuple(tuple(_pair(cell.strip()) for cell in leg.split("+")) for leg in text.split("|"))


def _pair(text: str) -> StrandPair:
    found = PAIR.fullmatch(text)
    if not found:
        raise CellError("Strands are written as 13-14 for each span, spans joined by +, legs separated by |.")
    first, second = int(found[1]), int(found[2])
    if not first or not second or first == second:
        raise CellError("A pair is two different strand numbers, counted from 1.")
    return first, second


def text_of_strands(strands: tuple[tuple[StrandPair, ...], ...]) -> str:
    """The cell that `strands_of_text` reads back."""
    return "|".join("+".join(f"{a}-{b}" for a, b in leg) for leg in strands)


def recalls_of_text(text: str) -> tuple[Recall, ...]:
    """`2027-06-01:4 2028-01-01:2` sorted by date. Raises `CellError`."""
    found: dict[date, int] = {}
    for word in text.split():
        day, colon, strands = word.rpartition(":")
        if not colon or not re.fullmatch(r"[1-9][0-9]{0,4}", strands):
            raise CellError(f"{word} must be DATE:STRANDS, as in 2027-06-01:4.")
        on = DAY_KIND.read(day)
        if on in found:
            raise CellError(f"The date {on} stands twice.", "Add the strands of both up.")
        found[on] = int(strands)
    return tuple(sorted(found.items()))


def text_of_recalls(recalls: tuple[Recall, ...]) -> str:
    """The cell that `recalls_of_text` reads back."""
    return " ".join(f"{day}:{strands}" for day, strands in recalls)


def check_strands(row: Row[Circuit], network: Network, problems: Problems) -> None:
    """Add what is wrong with the recorded strands of one fibre circuit: their number, and numbers that no span has."""
    circuit = row.item
    if not circuit.strands:
        return
    if [len(leg) for leg in circuit.strands] != [len(leg) for leg in circuit.legs]:
        text = f"The strands of {circuit.id} do not go with its legs: one pair of numbers is needed for each span."
        row.add(problems, text, "strands", code="strands_mismatch")
        return
    for leg, pairs in zip(circuit.legs, circuit.strands, strict=True):
        for span, pair in zip(leg, pairs, strict=True):
            count = network.spans[span].fibre_count
            if max(pair) > count:
                text = f"Span {span} has {count} strands; there is no strand {max(pair)}."
                row.add(problems, text, "strands", value=f"{pair[0]}-{pair[1]}", code="no_such_strand")


def check_shared_strands(rows: Iterable[Row[Circuit]], problems: Problems) -> None:
    """Add a problem where two circuits (or two legs of one) are recorded on one strand on the same day."""
    held: dict[tuple[str, int], list[Circuit]] = {}
    told = 0
    for row in rows:
        circuit = row.item
        for leg, pairs in zip(circuit.legs, circuit.strands, strict=False):
            for span, pair in zip(leg, pairs, strict=False):
                for strand in pair:
                    others = held.setdefault((span, strand), [])
                    other = next((o for o in others if overlap(o, circuit)), None)
                    others.append(circuit)
                    if other is not None and told < MOST_NAMED:
                        told += 1
                        text = f"Strand {strand} of span {span} is recorded for {other.id} and for {circuit.id} on one day."
                        row.add(problems, text, "strands", value=str(strand), code="strand_taken")


def overlap(one: Circuit, other: Circuit) -> bool:
    """Whether two circuits hold on some day both."""
    return (one.end is None or other.start < one.end) and (other.end is None or one.start < other.end)
