"""One option of a paper: what it builds, why each span is needed, what stays exposed, and how its figures are got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scenarios.reports.choices import Built, Option, proof, protected
from scenarios.reports.parts import Json, Terms, command_for, esc, facts, figure, how, money, paragraphs, table

LEVELS = {
    "survives": "key pairs survive any single failure",
    "disjoint": "key pairs have two routes that share no risk",
}
MOST_NAMES = 40
MOST_EVENTS = 10


def option_part(
    run: Json, option: Option, maps: Mapping[str, str], built: Mapping[str, Sequence[Built]], terms: Terms
) -> Iterator[str]:
    """The section of one option as HTML."""
    scenario = option.scenario
    assert scenario is not None
    told = scenario["build"]
    kind = ' class="entry"' if option.number else ""  # a page of its own
    yield f'<section{kind}><h2 id="option-{option.number}">{esc(option.name)}</h2>\n'
    yield from paragraphs([scenario["text"]])
    rows = [("Cost", option.cost), ("Key pairs protected", protected(option))]
    if told:
        aim = (
            LEVELS.get(told["level"], told["level"])
            if "budget_pence" not in told
            else f"the best for {money(told['budget_pence'])}"
        )
        rows.append(("Aim", esc(aim)))
    if option.number:
        rows.append(("Proof", esc(proof(option))))
    rows.append(("Looked at on", esc(scenario["on"])))
    yield facts(rows)
    if scenario["id"] in maps:
        yield figure(maps[scenario["id"]], "Today and with this option, on one scale.", f"Map of {option.name}")
    yield from _why(scenario, built.get(scenario["id"], ()))
    yield from _exposed(run, scenario, terms)
    names = {
        "cost_pence": "cost",
        "key_pairs_protected": "key pairs protected",
        "singles_with_key_loss": "single failures",
        "minutes_year": "minutes a year",
        "carbon_kg": "carbon",
    }
    if not option.number:
        names = {key: words for key, words in names.items() if key not in ("cost_pence", "carbon_kg")}
    yield from _worst(run, scenario)
    if not scenario["file"]:
        yield '<p class="note">These are the figures of the first scenario of the set without its changes; a scenario file that '
        yield "changes nothing gives them too.</p></section>\n"
        return
    yield how((words, command_for(run, scenario, key)) for key, words in names.items())
    yield "</section>\n"


def _why(scenario: Json, spans: Sequence[Built]) -> Iterator[str]:
    """What is built, and why each span is needed, where the audience may know."""
    reasons = dict(r.split(": ", 1) for r in (scenario["build"] or {}).get("reasons") or ())
    if not spans:
        return
    told = bool(reasons)
    rows = [
        [
            f"<code>{esc(s.id)}</code> {esc(s.name)}".strip(),
            esc(f"{s.start} to {s.end}"),
            *([esc(_plain(reasons.get(s.id, ""))) or "-"] if told else []),
            f"{s.length_m / 1000:,.1f}",
            money(s.cost_pence),
        ]
        for s in spans
    ]
    yield f"<h3>What is built{', and why each span is needed' if told else ''}</h3>\n"
    heads = ["span", "from, to", *(["why it is needed"] if told else []), "km", "cost"]
    yield table("Spans of this option", heads, rows, wide=told, texts=(1, 2) if told else (1,))


def _plain(reason: str) -> str:
    """A reason with the kinds of failures as words."""
    for kind, words in (("group:", "risk group "), ("span:", "the loss of span "), ("node:", "the loss of node ")):
        reason = reason.replace(kind, words)
    return reason


def _exposed(run: Json, scenario: Json, terms: Terms) -> Iterator[str]:
    """What still parts the network, where it was asked for: how much, and by name for the co-operative's own use."""
    points = scenario["weak_points"] or {}
    groups, bridges = points.get("risk_groups"), points.get("bridges")
    if not isinstance(groups, list) or not isinstance(bridges, list):
        return
    shown = {
        f"{terms.say('risk group', 'risk groups')} that part key nodes": groups,
        "spans that part the network alone": bridges,
    }
    yield "<h3>What still parts the network</h3>\n<ul>\n"
    for words, names in shown.items():
        if run["disclosure"] != "internal":
            yield f"<li>{words}: {len(names):,}</li>\n"
            continue
        listed = ", ".join(f"<code>{esc(n)}</code>" for n in names[:MOST_NAMES])
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        yield f"<li>{words}: {len(names):,}{f' ({listed}{more})' if names else ''}</li>\n"
    yield "</ul>\n"


def _worst(run: Json, scenario: Json) -> Iterator[str]:
    """Failures by name, worst first: for the co-operative's own use only, since such a list is one of targets."""
    swept = scenario["sweep"]
    if not swept or run["disclosure"] != "internal":
        return
    singles = [e for e in swept["events"] if len(e["event"]) == 1 and e["key_pairs_lost"]]
    totals = swept["totals"]
    for words, events, total in (
        ("Single failures that part key pairs", singles, totals["singles_with_key_loss"]),
        ("Two failures that part more than the worse alone", swept["together"], totals["only_together"]),
    ):
        if not events:
            continue
        rows = [
            [
                "<br>".join(f"<code>{esc(name)}</code>" for name in e["event"]),
                *(f"{e[key]:,}" for key in ("key_pairs_lost", "circuits_down", "members_hit")),
            ]
            for e in events[:MOST_EVENTS]
        ]
        said = f"{words}: {len(rows)} of {total:,}, worst first"
        yield table(said, ["what fails", "key pairs parted", "circuits down", "members hit"], rows)
