"""The form of planned works: what was typed, the works that it asks for, and each fault beside the field that it is in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel

from cni.rounds.outages import Works
from topology.cells import ID
from topology.problems import BadInput, Problems

LONGEST, LONGEST_WHY = 2000, 120
LABELS = {
    "works": "Id of the works",
    "start": "From",
    "end": "To",
    "spans": "Spans",
    "nodes": "Nodes",
    "risk_groups": "Risk groups",
    "agreed": "Circuits whose holders agreed to be down",
    "why": "Why",
}
OPTIONS = {
    "ID": "works",
    "--from": "start",
    "--to": "end",
    "--span": "spans",
    "--node": "nodes",
    "--group": "risk_groups",
    "--agreed": "agreed",
    "--why": "why",
}
"""The field of what a refusal of the house calls by the command line's name."""


class WorksForm(BaseModel):
    """The fields as they were typed. Nothing is judged here, so that whatever was typed can be shown again."""

    works: str = ""
    start: str = ""
    end: str = ""
    spans: str = ""
    nodes: str = ""
    risk_groups: str = ""
    agreed: str = ""
    why: str = ""

    def wanted(self) -> Works:
        """The works that it asks for; ids stand between blanks or commas. Raises BadInput with every fault."""
        found, typed = Problems(), self.model_dump()
        for name, text in typed.items():
            most = LONGEST_WHY if name == "why" else LONGEST
            if len(text) > most:
                found.add(f"at most {most} characters can stand in this field ({name}).", file=name, value=text[:40])
        known_as = self.works.strip()
        if not ID.fullmatch(known_as):
            said = "An id is 1 to 64 letters, digits, dots, lines and low lines."
            found.add(said, file="works", value=known_as[:80])
        start, end = _time(self.start, "start", found), _time(self.end, "end", found)
        sets = [frozenset(typed[key].replace(",", " ").split()) for key in ("spans", "nodes", "risk_groups", "agreed")]
        found.raise_errors()
        return Works(known_as, start, end, *sets)


def _time(text: str, field: str, found: Problems) -> datetime:
    """A time to the second in UTC, which is meant where no zone is written."""
    try:
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):  # the second: a year 1 or 9999 that another zone takes out of the calendar
        said = "this is no time; write it as 2027-05-02T22:00, in UTC."
        found.add(f"{LABELS[field]}: {said}", file=field, value=text[:40])
        return datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fault:
    """`field` is empty for what is no field's; `text` names fields by their labels."""

    field: str
    text: str
    value: str = ""
    hint: str = ""


def faults(bad: BadInput) -> list[Fault]:
    """What a refusal says, field by field, in the order in which the fields stand."""
    found = []
    for problem in bad.problems:
        field = OPTIONS.get(problem.file, problem.file)
        found.append(Fault(field if field in LABELS else "", _labelled(problem.text), problem.value, problem.hint))
    order = ["", *LABELS]
    return sorted(found, key=lambda fault: order.index(fault.field))


def _labelled(text: str) -> str:
    """A text with the fields' labels in place of the command line's names for them."""
    for option, field in OPTIONS.items():
        if option.startswith("--"):
            text = text.replace(option, LABELS[field])
    return text
