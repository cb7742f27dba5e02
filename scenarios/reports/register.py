"""The register form: one entry for each scenario in which something fails or is taken away, placed by likelihood and impact.

The form is that of the UK's National Risk Register: a reasonable worst case, its likelihood over five years, its impact from 1 to
5, what is assumed, response, recovery, confidence. What nobody stated is printed as not stated, never filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scenarios.reports.charts import Bar, bars
from scenarios.reports.parts import (
    Json,
    Terms,
    caution,
    command_for,
    esc,
    facts,
    figure,
    how,
    ids,
    number,
    paragraphs,
    plural,
    table,
)
from scenarios.reports.risk_scales import BANDS, LEVELS, MEASURES, Impact, Rate, chance, in_percent, likelihood

NOT_STATED = "not stated"
CLASSES = {
    "life_and_safety": "registered for life and safety",
    "nothing_left": "members with no circuit left",
    "others": "all others",
}
LISTS = (
    ("circuits_down", "circuits down"),
    ("circuits_one_leg", "circuits with one of two ways left"),
    ("members_hit", "members with a circuit down"),
)
MOST_PAIRS = 30
MOST_FAILS = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A scenario as an entry of the register, with its rate, and its number from 1."""

    number: int
    scenario: Json
    rate: Rate | None
    impact: Impact

    @property
    def mark(self) -> str:
        """How the entry is called in the matrix."""
        return f"R{self.number}"

    @property
    def likelihood(self) -> int | None:
        """1 to 5, None where nobody stated a rate."""
        return likelihood(self.rate.per_year) if self.rate and self.rate.per_year is not None else None

    def level(self, measure: str) -> int | None:
        """1 to 5 by one measure."""
        counts = self.scenario["figures"]
        return self.impact.level(measure, counts[measure], counts[MEASURES[measure][0]])

    @property
    def worst(self) -> int | None:
        """The greatest level of all measures."""
        return max((level for m in MEASURES if (level := self.level(m)) is not None), default=None)


def entries(run: Json, rates: Mapping[str, Rate], impact: Impact) -> list[Entry]:
    """The scenarios in which something fails or is taken away, in the order of the run."""
    wanted = [s for s in run["scenarios"] if is_risk(s)]
    return [Entry(n, s, rates.get(s["id"]), impact) for n, s in enumerate(wanted, 1)]


def is_risk(scenario: Json) -> bool:
    """Whether something fails or is taken away."""
    takes = any(change["kind"] in ("withdraw", "recall") for change in scenario["changes"])
    return bool(scenario["event"] or scenario["event_text"] or takes)


def register(
    run: Json,
    listed: Sequence[Entry],
    maps: Mapping[str, str],
    fails: Mapping[str, Sequence[str]],
    impact: Impact,
    terms: Terms,
) -> Iterator[str]:
    """Summary, matrix, cut-offs and every entry as HTML."""
    yield from _summary(run, listed, terms)
    if not listed:
        return
    yield from _matrix(listed)
    yield from _bars(run, listed)
    yield from _cutoffs(impact)
    for entry in listed:
        yield from _entry(run, entry, maps, fails.get(entry.scenario["id"], ()), terms)


def title_of(scenario: Json) -> str:
    """The name of a scenario, else its id."""
    return str(scenario["name"] or scenario["id"])


def _summary(run: Json, listed: Sequence[Entry], terms: Terms) -> Iterator[str]:
    yield '<section class="summary" aria-labelledby="summary"><h2 id="summary">Summary</h2>\n'
    yield caution(run)
    if not listed:
        yield "<p>No scenario of this set has an event, so the register has no entry.</p></section>\n"
        return
    yield f"<p>{plural(len(listed), 'event')}, each looked at alone. For each: what is lost, how likely that is in five years, "
    yield f"and where it stands in a matrix of likelihood and impact. A {terms.say('circuit')} is down when it works over no way; a "
    yield f"{terms.say('key pair')} is parted when no way joins its two ends.</p>\n<ul>\n"
    for entry in listed:
        yield f'<li><a href="#{entry.mark}">{entry.mark}. {esc(title_of(entry.scenario))}</a>: {_in_short(entry)}</li>\n'
    yield "</ul>\n</section>\n"


def _in_short(entry: Entry) -> str:
    counts = entry.scenario["figures"]
    said = "; ".join(
        f"{counts[m]:,} of {counts[whole]:,} {unit}"
        for m, whole, unit in (
            ("circuits_down", "circuits", "circuits down"),
            ("members_hit", "members", "members hit"),
            ("key_pairs_lost", "key_pairs", "key pairs parted"),
        )
    )
    return f"{said}. Likelihood {_band(entry)}; impact {_level(entry.worst)}."


def _band(entry: Entry) -> str:
    level = entry.likelihood
    return NOT_STATED if level is None else f"{level} of 5 ({BANDS[level - 1][1]} in five years)"


def _level(level: int | None) -> str:
    return NOT_STATED if level is None else f"{level} of 5 ({LEVELS[level - 1]})"


def _matrix(listed: Sequence[Entry]) -> Iterator[str]:
    """Impact down, likelihood across; an entry stands where it belongs by its mark, a frame and its place."""
    yield '<section><h2 id="matrix">Where each event stands</h2>\n'
    yield "<p>Likelihood is the chance of at least one such event in five years. Impact is the greatest of the levels that the "
    yield "cut-offs below give. A framed cell holds the events named in it.</p>\n"
    heads = [f"{n}: {words}" for n, (_, words) in enumerate(BANDS, 1)] + [NOT_STATED]
    above = "".join(f'<th scope="col">{esc(h)}</th>' for h in heads)
    yield '<div class="scroll wide" tabindex="0" role="region" aria-label="Matrix of likelihood and impact">'
    yield '<table class="matrix"><caption>Impact (down) and likelihood in five years (across)</caption>'
    yield f'<thead><tr><th scope="col">impact</th>{above}</tr></thead>\n<tbody>\n'
    for level in range(5, 0, -1):
        cells = (
            _cell([e for e in listed if e.worst == level and e.likelihood == band]) for band in (*range(1, 6), None)
        )
        yield f'<tr><th scope="row">{level}: {LEVELS[level - 1]}</th>{"".join(cells)}</tr>\n'
    yield "</tbody></table></div>\n"
    away = [e for e in listed if e.worst is None]
    if away:
        yield f"<p>Not placed, because no cut-off applies: {', '.join(e.mark for e in away)}.</p>\n"
    yield "</section>\n"


def _cell(inside: Sequence[Entry]) -> str:
    if not inside:
        return "<td></td>"
    links = " ".join(f'<a href="#{e.mark}" title="{esc(title_of(e.scenario))}">{e.mark}</a>' for e in inside)
    return f'<td class="here">{links}</td>'


def _bars(run: Json, listed: Sequence[Entry]) -> Iterator[str]:
    """Events side by side by what they take, where there are several."""
    if len(listed) < 2:
        return
    yield "<section><h2>What each event takes</h2>\n"
    for measure, title in (
        ("circuits_down", "Circuits down, by event"),
        ("key_pairs_lost", "Key pairs parted, by event"),
    ):
        whole = MEASURES[measure][0]
        rows = []
        for entry in listed:
            counts = entry.scenario["figures"]
            shown = f"{counts[measure]:,} of {counts[whole]:,}"
            rows.append(Bar(f"{entry.mark}. {title_of(entry.scenario)}", counts[measure], counts[measure], shown))
        most = {entry.scenario["figures"][whole] for entry in listed}
        svg = bars(
            rows,
            title=title,
            axis=MEASURES[measure][1],
            of=most.pop() if len(most) == 1 else None,
            illustrative=run["illustrative"],
            name=f"bars-{measure.replace('_', '-')}",
        )
        yield figure(svg, "Values stand beside the bars; the axis begins at 0.", f"Bars: {title}")
    yield "</section>\n"


def _cutoffs(impact: Impact) -> Iterator[str]:
    rows = [
        [esc(MEASURES[m][1]), f"under {cuts[0]:f}%", *(f"{cut:f}% or more" for cut in cuts)]
        for m, cuts in impact.cutoffs.items()
    ]
    heads = ["share of", *(f"{n}: {words}" for n, words in enumerate(LEVELS, 1))]
    yield "<section><h2>When an impact counts as 1 to 5</h2>\n"
    yield table("Least share of the whole for each level of impact", heads, rows, wide=True)
    yield '<p class="note">Level 1 also holds what affects nothing. '
    yield f"Source of these cut-offs: {esc(impact.source)}. They are an input: "
    yield "<code>--impact FILE</code>.</p></section>\n"


def _entry(run: Json, entry: Entry, maps: Mapping[str, str], fails: Sequence[str], terms: Terms) -> Iterator[str]:
    scenario = entry.scenario
    yield f'<section class="entry"><h2 id="{entry.mark}">{entry.mark}. {esc(title_of(scenario))}</h2>\n'
    yield from paragraphs([scenario["text"]])
    yield facts(_stated(entry, fails, terms))
    yield from _impact(entry, terms)
    yield from _restoration(scenario, terms)
    yield from _time(entry)
    if scenario["id"] in maps:
        words = "Before and after the event, on one scale."
        yield figure(maps[scenario["id"]], words, f"Map of {title_of(scenario)}, before and after")
    yield from _author(scenario)
    keys = [
        k for k in ("circuits_down", "members_hit", "key_pairs_lost", "circuits_restorable") if k in scenario["figures"]
    ]
    names = {
        "circuits_down": "circuits down",
        "members_hit": "members hit",
        "key_pairs_lost": "key pairs parted",
        "circuits_restorable": "circuits that could come back",
    }
    yield how((names[k], command_for(run, scenario, k)) for k in keys)
    yield "</section>\n"


def _stated(entry: Entry, fails: Sequence[str], terms: Terms) -> Iterator[tuple[str, str]]:
    scenario, rate = entry.scenario, entry.rate
    if scenario["event_text"]:
        yield "Event", esc(scenario["event_text"])
    if fails:
        more = f" and {len(fails) - MOST_FAILS} more" if len(fails) > MOST_FAILS else ""
        yield "That is", esc("; ".join(fails[:MOST_FAILS]) + more)
    for change in scenario["changes"]:
        yield "Change", esc(change["text"])
    yield "Looked at on", esc(scenario["on"])
    yield "Reasonable worst case", _or_not(scenario["assumptions"].get("worst_case")) + _meaning(terms)
    if rate is None or rate.per_year is None:
        yield "Likelihood", f"{NOT_STATED}: neither the scenario nor a default gives a rate for this event"
    else:
        share = in_percent(chance(rate.per_year))
        said = f"{_band(entry)}: {share}, from {rate.per_year:.3g} a year as 1 - exp(-5 x {rate.per_year:.3g})"
        yield "Likelihood", esc(f"{said}. Source of the rate: {rate.source}")
    yield "Impact", esc(_level(entry.worst))
    yield "Confidence", _or_not(scenario["assumptions"].get("confidence"))


def _meaning(terms: Terms) -> str:
    """What the form's own term means, once."""
    said = terms.meaning("reasonable worst case")
    return f' <span class="note">({esc(said)})</span>' if said else ""


def _or_not(text: str | None) -> str:
    return esc(text) if text else NOT_STATED


def _impact(entry: Entry, terms: Terms) -> Iterator[str]:
    scenario, counts = entry.scenario, entry.scenario["figures"]
    rows = []
    for measure, (whole, words) in MEASURES.items():
        share = f"{100 * counts[measure] / counts[whole]:.1f}%" if counts[whole] else "-"
        level = entry.level(measure)
        shown = "no cut-off" if level is None else f"{level}: {LEVELS[level - 1]}"
        rows.append([esc(words), number(counts[measure]), number(counts[whole]), share, shown])
    yield "<h3>What is affected</h3>\n"
    yield table("Affected, of how many", ["what", "affected", "of", "share", "impact"], rows)
    if not counts["circuits_down"]:
        yield "<p>No circuit is down, so nothing has to come back before the repair.</p>\n"
    yield f"<p>Beside these, {counts['circuits_one_leg']:,} of {counts['circuits']:,} circuits go on over one of their two ways. "
    yield f"A {terms.say('member')} is hit when a circuit of it is down.</p>\n"
    found = scenario["fail"]
    if not found:
        return
    rows_of = [(words, ids(found[key])) for key, words in LISTS if found.get(key)]
    pairs = found.get("key_pairs_lost") or []
    if pairs:
        rows_of.append(("key pairs parted", ids([" to ".join(p) for p in pairs[:MOST_PAIRS]]) + _more(pairs)))
    if rows_of:
        yield facts(rows_of)


def _more(pairs: Sequence[object]) -> str:
    return f" and {len(pairs) - MOST_PAIRS:,} more" if len(pairs) > MOST_PAIRS else ""


def _restoration(scenario: Json, terms: Terms) -> Iterator[str]:
    """What spare could bring back, by class, and in which order."""
    counts, found = scenario["figures"], scenario["fail"]
    if not counts["circuits_down"]:
        return
    yield "<h3>What could come back before the repair</h3>\n"
    yield f"<p>{counts['circuits_restorable']:,} of {counts['circuits_down']:,} circuits that are down could come back over "
    yield f"{terms.say('spare')} fibre.</p>\n"
    told = (found or {}).get("restoration")
    if not told:
        return
    rows = [
        [
            esc(CLASSES.get(c["class"], c["class"].replace("_", " "))),
            *(number(c[key]) for key in ("down", "alone", "restored", "bound")),
        ]
        for c in told["classes"]
    ]
    heads = ["class, in the order of the rules", "down", "could come back alone", "come back together", "at most"]
    yield table(f"Circuits that spare fibre could bring back, by rules {told['rules']}", heads, rows, wide=True)
    if told["order"]:
        yield facts([("order of restoration", ids(told["order"]))])
    yield f'<p class="note">The order was fixed before the event: rules {esc(told["rules"])}, in the rule book. '
    proved = told["proof"] == "optimal"
    yield (
        "It is proved that no better restoration exists." if proved else "The last column bounds what was not proved."
    )
    yield "</p>\n"


def _time(entry: Entry) -> Iterator[str]:
    """Minutes at the repair time."""
    down, rate = entry.scenario["figures"]["circuits_down"], entry.rate
    if rate is None or not down:
        return
    minutes = rate.hours * 60
    yield "<h3>How long</h3>\n"
    yield f"<p>At a repair time of {rate.hours:g} hours ({esc(rate.hours_source)}) each circuit that is down and does not come back "
    yield f"over spare fibre is down for {minutes:,.0f} minutes. If none of the {down:,} came back, that is "
    yield f"{down * minutes:,.0f} circuit-minutes in all.</p>\n"


def _author(scenario: Json) -> Iterator[str]:
    stated = scenario["assumptions"]
    yield "<h3>What the author of the scenario states</h3>\n"
    yield facts(
        (name, _or_not(stated.get(key)))
        for key, name in (("impact", "Assumptions on impact"), ("response", "Response"), ("recovery", "Recovery"))
    )
