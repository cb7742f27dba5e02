"""The options form: doing nothing, the build of least cost and the other builds, side by side and one by one.

Headings are those of a UK committee report that a program can fill: what was considered, money, risk, places, carbon. The
others are named and left for the officer. Nothing is recommended, and nothing is called good: each cell is a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scenarios.reports.charts import Bar, bars, cost_curve
from scenarios.reports.choices import NOT_TOLD, Built, Curve, Option, kg, proof, protected
from scenarios.reports.option import option_part
from scenarios.reports.parts import (
    Json,
    Terms,
    caution,
    esc,
    figure,
    how,
    interval,
    money,
    number,
    plural,
    table,
)
from scenarios.reports.register import title_of

LEFT = (
    ("Recommendation", "what the meeting is asked to decide"),
    ("Comments of the section 151 officer", "funding, affordability and value for money"),
    ("Legal implications", "powers, procurement, subsidy control, wayleaves"),
    ("Consultation and equality", "who was asked, and the effect on people with protected characteristics"),
)
"""Headings of a committee report that no calculation fills."""

GOALS = {
    "class": "the most key nodes of which every pair is protected",
    "pairs": "the most key pairs protected",
}
MOST_NAMES = 40
MOST_EVENTS = 10


def options_paper(
    run: Json,
    listed: Sequence[Option],
    maps: Mapping[str, str],
    built: Mapping[str, Sequence[Built]],
    terms: Terms,
    curve: Curve | None = None,
) -> Iterator[str]:
    """Summary, options, money, risk, places, carbon, each option, and what is left for the officer, as HTML."""
    yield from _summary(run, listed, terms)
    yield from _considered(run, listed, built, terms)
    yield from _budgets(run, listed, curve)
    yield from _money(run, listed)
    yield from _risks(listed, terms)
    yield from _places(listed, built)
    yield from _carbon(listed, built, terms)
    for option in listed:
        if option.scenario is not None:
            yield from option_part(run, option, maps, built, terms)
    yield from _officer()
    others = [s for s in run["scenarios"] if s not in [o.scenario for o in listed]]
    if others:
        names = ", ".join(esc(title_of(s)) for s in others)
        yield f'<p class="note">Of the same set, but no options (something fails in them, or they build nothing): {names}. '
        yield "<code>--form register</code> shows what fails.</p>\n"


def _summary(run: Json, listed: Sequence[Option], terms: Terms) -> Iterator[str]:
    yield '<section class="summary" aria-labelledby="summary"><h2 id="summary">Summary</h2>\n'
    yield caution(run)
    builds = listed[1:]
    if not builds:
        yield "<p>No scenario of this set builds anything, so there is no option beside doing nothing.</p></section>\n"
        return
    yield f"<p>{plural(len(builds), 'build')} beside doing nothing, by cost. What counts is how many "
    yield f"{terms.say('key pair', 'key pairs')} stay joined after any {terms.say('single failure')}: those are "
    yield f"{terms.say('protected')}.</p>\n<ul>\n"
    for option in listed:
        if option.kind == "cannot be had":
            yield f"<li>{esc(option.name)}: {esc(proof(option))}.</li>\n"
            continue
        kind = "" if option.kind in option.name.lower() else f" ({esc(option.kind)})"
        yield f"<li>{esc(option.name)}{kind}: {option.cost}; {protected(option)} key pairs protected.</li>\n"
    yield "</ul>\n</section>\n"


def _considered(
    run: Json, listed: Sequence[Option], built: Mapping[str, Sequence[Built]], terms: Terms
) -> Iterator[str]:
    yield "<section><h2>Options considered</h2>\n"
    today = listed[0].figures
    before = interval(today["key_pairs_protected"]) if today else "-"
    rows = []
    for option in listed:
        figures = option.figures
        rows.append(
            [
                esc(option.name),
                option.cost,
                before,
                protected(option),
                number(figures.get("singles_with_key_loss")),
                interval(figures.get("minutes_year")),
                kg(option, built),
                esc(proof(option)),
            ]
        )
    heads = [
        "option",
        "cost",
        "key pairs protected today",
        "after",
        "single failures that part key pairs, after",
        "circuit-minutes down a year",
        "carbon, kg CO2e",
        "proof",
    ]
    yield table("Options side by side", heads, rows, wide=True, texts=(7,))
    yield f"<p>Proof: {terms.say('proof', 'a proof')} stands behind an option where the last column says so; else the "
    yield f"{terms.say('gap')} is given. Circuit-minutes down a year are expected minutes, summed over circuits, at the failure "
    yield "rates of the network's file and stated defaults; they compare routes and promise nothing.</p>\n"
    yield figure(
        _pairs_chart(run, listed), "Values stand beside the bars; the axis begins at 0.", "Bars: key pairs protected"
    )
    yield "</section>\n"


def _budgets(run: Json, listed: Sequence[Option], curve: Curve | None) -> Iterator[str]:
    """The curve of what each budget gives, where it was asked for, and the same as a table."""
    if curve is None:
        return
    pairs = listed[0].figures.get("key_pairs", 0)
    svg = cost_curve(
        curve.steps,
        pairs,
        title="Key pairs that each sum of money protects",
        scope=f"the best build found for each budget; goal: {GOALS.get(curve.goal, curve.goal)}",
        illustrative=run["illustrative"],
        name="curve",
    )
    yield "<section><h2>What other budgets give</h2>\n"
    yield figure(svg, "Between two marks stands what the cheaper one gives.", "Curve: cost and key pairs protected")
    rows = [[money(s.budget_pence), money(s.cost_pence), f"{s.low:,} of {pairs:,}", f"{s.high:,}"] for s in curve.steps]
    heads = ["budget", "cost of the best build found", "key pairs protected", "no build within it protects more than"]
    yield table("What each budget gives", heads, rows)
    yield how([("curve", curve.command)])
    yield "</section>\n"


def _pairs_chart(run: Json, listed: Sequence[Option]) -> str:
    rows, of = [], None
    for option in listed:
        found = option.figures.get("key_pairs_protected")
        of = option.figures.get("key_pairs", of)
        low, high = (found["low"], found["high"]) if found else (None, None)
        rows.append(Bar(option.name, low, high, protected(option) if found else "not known"))
    return bars(
        rows,
        title="Key pairs that stay joined after any single failure",
        axis="key pairs",
        of=of,
        illustrative=run["illustrative"],
        name="pairs",
    )


def _money(run: Json, listed: Sequence[Option]) -> Iterator[str]:
    yield "<section><h2>Financial implications</h2>\n"
    rows = []
    today = listed[0].figures.get("key_pairs_protected")
    for option in listed[1:]:
        cost, found = option.figures["cost_pence"] or 0, option.figures["key_pairs_protected"]
        gained = found["low"] - today["low"] if today else None
        each = money(round(cost / gained / 100) * 100) if gained and gained > 0 else "-"
        rows.append([esc(option.name), option.cost, "-" if gained is None else f"{gained:,}", each])
    heads = ["option", "cost to build", "key pairs protected beyond today", "cost for each of them"]
    yield table("Cost to build, by option", heads, rows) if rows else "<p>Nothing is built, so nothing is spent.</p>\n"
    yield "<p>Costs are those of the file of candidates; they hold no running costs, no interest and no inflation. The last "
    yield "column divides the cost by the pairs beyond today and is rounded to pounds.</p></section>\n"


def _risks(listed: Sequence[Option], terms: Terms) -> Iterator[str]:
    yield f"<section><h2>Risks: what stays exposed</h2>\n<p>A {terms.say('risk group')} fails as one. "
    yield "Two failures at once are counted where the scenario asked for them.</p>\n"
    rows = []
    for option in listed:
        figures = option.figures
        found = figures.get("key_pairs_protected")
        left = (
            interval({"low": figures["key_pairs"] - found["high"], "high": figures["key_pairs"] - found["low"]})
            if found
            else "-"
        )
        together = figures.get("only_together")
        rows.append(
            [
                esc(option.name),
                f"{left} of {figures['key_pairs']:,}" if found else "-",
                number(figures.get("singles_with_key_loss")),
                "not asked for" if together is None else f"{together:,}",
            ]
        )
    heads = [
        "option",
        "key pairs not protected",
        "single failures that part key pairs",
        "double failures worse than both alone",
    ]
    yield table("What stays exposed", heads, rows, wide=True)
    yield "</section>\n"


def _places(listed: Sequence[Option], built: Mapping[str, Sequence[Built]]) -> Iterator[str]:
    yield "<section><h2>Wards and places</h2>\n"
    rows = []
    for option in listed[1:]:
        if option.hidden:
            rows.append([esc(option.name), NOT_TOLD, "-", "-"])
            continue
        spans = built.get(option.scenario["id"], ()) if option.scenario else ()
        ends = sorted({name for span in spans for name in (span.start, span.end)})
        more = f" and {len(ends) - MOST_NAMES} more" if len(ends) > MOST_NAMES else ""
        km = sum(span.length_m for span in spans) / 1000
        rows.append(
            [esc(option.name), esc(", ".join(ends[:MOST_NAMES]) + more) or "none", number(len(spans)), f"{km:,.1f}"]
        )
    if rows:
        yield table("Places that each option reaches", ["option", "places", "spans", "km"], rows, texts=(1,))
    yield "<p>Places are the nodes at which the new spans end. The data names no wards: an officer adds them.</p></section>\n"


def _carbon(listed: Sequence[Option], built: Mapping[str, Sequence[Built]], terms: Terms) -> Iterator[str]:
    yield f"<section><h2>Carbon</h2>\n<p>Figures are {terms.say('embodied carbon')}, as the file of candidates gives them.</p>\n"
    rows = []
    for option in listed[1:]:
        spans = built.get(option.scenario["id"], ()) if option.scenario else ()
        source = "; ".join(sorted({s.carbon_source for s in spans if s.carbon_kg and s.carbon_source}))
        without = f"{sum(not s.carbon_kg for s in spans):,} of {len(spans):,}" if spans else "-"
        told = NOT_TOLD if option.hidden else source or "not given"
        rows.append([esc(option.name), esc(told), kg(option, built), without])
    if rows:
        heads = ["option", "source", "kg CO2e", "spans without a figure"]
        yield table("Embodied carbon, by option", heads, rows, texts=(1,))
    yield "</section>\n"


def _officer() -> Iterator[str]:
    yield '<section><h2>Left for the officer</h2>\n<p>No calculation fills these headings of a committee report:</p>\n<ul class="left">\n'
    for name, words in LEFT:
        yield f"<li><b>{esc(name)}</b>: {esc(words)}</li>\n"
    yield "</ul></section>\n"
