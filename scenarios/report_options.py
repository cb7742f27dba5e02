"""The options form: doing nothing, the build of least cost and the other builds, side by side and one by one.

Headings are those of a UK committee report that a program can fill: what was considered, money, risk, places, carbon. The
others are named and left for the officer. Nothing is recommended, and nothing is called good: each cell is a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scenarios.pictures_charts import Bar, Step, bars, cost_curve
from scenarios.report_parts import (
    Json,
    Terms,
    command_for,
    esc,
    facts,
    figure,
    how,
    interval,
    money,
    number,
    paragraphs,
    plural,
    table,
)
from scenarios.report_register import is_risk, title_of

LEFT = (
    ("Recommendation", "what the meeting is asked to decide"),
    ("Comments of the section 151 officer", "funding, affordability and value for money"),
    ("Legal implications", "powers, procurement, subsidy control, wayleaves"),
    ("Consultation and equality", "who was asked, and the effect on people with protected characteristics"),
)
"""Headings of a committee report that no calculation fills."""

LEVELS = {
    "survives": "key pairs survive any single failure",
    "disjoint": "key pairs have two routes that share no risk",
}
GOALS = {
    "class": "the most key nodes of which every pair is protected",
    "pairs": "the most key pairs protected",
}
MOST_NAMES = 40


@dataclass(frozen=True, slots=True)
class Built:
    """A span that an option builds, in words: its id and name, the names of its ends, metres, pence, kg CO2e ("" if not given)."""

    id: str
    name: str
    start: str
    end: str
    length_m: int
    cost_pence: int
    carbon_kg: str = ""
    carbon_source: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """What budgets give: points by rising budget, beginning with no money; the goal; the command that gives it."""

    steps: tuple[Step, ...]
    goal: str
    command: str


@dataclass(frozen=True, slots=True)
class Option:
    """A scenario as an option; number 0 is to do nothing. `scenario` is None where no file of the set says so."""

    number: int
    kind: str
    scenario: Json | None
    before: Json | None = None

    @property
    def mark(self) -> str:
        """How the option is called."""
        return f"Option {self.number}"

    @property
    def cost(self) -> str:
        """What it costs to build."""
        if not self.number:
            return "£0"
        return "-" if self.kind == "cannot be had" else money(self.figures["cost_pence"] or 0)

    @property
    def name(self) -> str:
        """Its mark and its name."""
        return f"{self.mark}. {title_of(self.scenario) if self.scenario else 'Do nothing'}"

    @property
    def figures(self) -> Json:
        """The figures of the scenario; for doing nothing without a file, what the builds say of today."""
        if self.scenario is not None:
            return dict(self.scenario["figures"])
        return dict(self.before or {})


def options(run: Json) -> list[Option]:
    """Doing nothing, then the builds by cost, then those that cannot be had. The build of least cost is marked as such."""
    every = run["scenarios"]
    builds = [s for s in every if any(c["kind"] == "build" for c in s["changes"])]
    nothing = next((s for s in every if not s["changes"] and not is_risk(s)), None)
    builds.sort(key=lambda s: (_in_vain(s), s["figures"]["cost_pence"] or 0, s["id"]))
    made = [Option(0, "do nothing", nothing, _today(builds))]
    for n, scenario in enumerate(builds, 1):
        kind = "cannot be had" if _in_vain(scenario) else "do minimum: least cost of these" if n == 1 else "build"
        made.append(Option(n, kind, scenario))
    return made


def _in_vain(scenario: Json) -> bool:
    """Whether no set of the candidates does what was asked."""
    told = scenario["build"]
    return bool(told and told["proof"] == "infeasible")


def _today(builds: Sequence[Json]) -> Json:
    """What the builds tell of the network as it is."""
    told = next((s["build"] for s in builds if s["build"]), None)
    if told is None:
        return {}
    return {"key_pairs": told["key_pairs"], "key_pairs_protected": told["key_pairs_protected_before"]}


def options_paper(
    run: Json,
    listed: Sequence[Option],
    maps: Mapping[str, str],
    built: Mapping[str, Sequence[Built]],
    terms: Terms,
    curve: Curve | None = None,
) -> Iterator[str]:
    """Summary, options, money, risk, places, carbon, each option, and what is left for the officer, as HTML."""
    yield from _summary(listed, terms)
    yield from _considered(run, listed, built, terms)
    yield from _budgets(run, listed, curve)
    yield from _money(run, listed)
    yield from _risks(listed, terms)
    yield from _places(listed, built)
    yield from _carbon(listed, built, terms)
    for option in listed:
        if option.number:
            yield from _one(run, option, maps, built, terms)
    yield from _officer()
    others = [s for s in run["scenarios"] if s not in [o.scenario for o in listed]]
    if others:
        names = ", ".join(esc(title_of(s)) for s in others)
        yield f'<p class="note">Of the same set, but no options (something fails in them, or they build nothing): {names}. '
        yield "<code>--form register</code> shows what fails.</p>\n"


def _protected(option: Option) -> str:
    figures = option.figures
    if not figures:
        return "-"
    return f"{interval(figures['key_pairs_protected'])} of {figures['key_pairs']:,}"


def _summary(listed: Sequence[Option], terms: Terms) -> Iterator[str]:
    yield '<section class="summary" aria-labelledby="summary"><h2 id="summary">Summary</h2>\n'
    builds = listed[1:]
    if not builds:
        yield "<p>No scenario of this set builds anything, so there is no option beside doing nothing.</p></section>\n"
        return
    yield f"<p>{plural(len(builds), 'build')} beside doing nothing, by cost. Each {terms.say('key pair')} "
    yield f"should stay joined after any {terms.say('single failure')}; then it is {terms.say('protected')}.</p>\n<ul>\n"
    for option in listed:
        if option.kind == "cannot be had":
            yield f"<li>{esc(option.name)}: {esc(_proof(option))}.</li>\n"
            continue
        yield f"<li>{esc(option.name)} ({esc(option.kind)}): {option.cost}; {_protected(option)} key pairs protected.</li>\n"
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
                _protected(option),
                number(figures.get("singles_with_key_loss")),
                interval(figures.get("minutes_year")),
                _kg(option, built),
                esc(_proof(option)),
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
        rows.append(Bar(option.name, low, high, _protected(option) if found else "not known"))
    return bars(
        rows,
        title="Key pairs that stay joined after any single failure",
        axis="key pairs",
        of=of,
        illustrative=run["illustrative"],
        name="pairs",
    )


def _kg(option: Option, built: Mapping[str, Sequence[Built]]) -> str:
    """Embodied carbon, "not given" where no span that is built has a figure."""
    if not option.number:
        return "0"
    if option.kind == "cannot be had":
        return "-"
    value = option.figures.get("carbon_kg")
    spans = built.get(option.scenario["id"], ()) if option.scenario else ()
    if value is None or (spans and not any(s.carbon_kg for s in spans)):
        return "not given"
    return f"{float(value):,.0f}"


def _proof(option: Option) -> str:
    if not option.number:
        return "nothing to prove"
    told = (option.scenario or {}).get("build")
    if not told:
        return "listed by hand: no proof"
    if told["proof"] == "infeasible":
        return f"no set of the candidates is enough: {told['witness']['text']}"
    if told["proof"] == "optimal":
        return "proved: nothing better for the money" if "budget_pence" in told else "proved: nothing cheaper"
    if "budget_pence" in told or not told["bound_pence"]:
        return f"not proved: {_bound(told)}"
    gap = told["cost_pence"] - told["bound_pence"]
    return f"not proved: at most {money(gap)} too dear"


def _bound(told: Json) -> str:
    after = told["key_pairs_protected_after"]
    kept = told.get("class")
    if kept:
        return f"{kept['size']} key nodes kept joined, at most {kept['bound']} could be"
    return f"at most {after['high']:,} key pairs could be protected"


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
        rows.append([esc(option.name), esc(source) or "not given", _kg(option, built), without])
    if rows:
        heads = ["option", "source", "kg CO2e", "spans without a figure"]
        yield table("Embodied carbon, by option", heads, rows, texts=(1,))
    yield "</section>\n"


def _one(
    run: Json, option: Option, maps: Mapping[str, str], built: Mapping[str, Sequence[Built]], terms: Terms
) -> Iterator[str]:
    scenario = option.scenario
    assert scenario is not None
    told = scenario["build"]
    yield f'<section class="entry"><h2 id="option-{option.number}">{esc(option.name)}</h2>\n'
    yield from paragraphs([scenario["text"]])
    rows = [("Cost", option.cost), ("Key pairs protected", _protected(option))]
    if told:
        aim = (
            LEVELS.get(told["level"], told["level"])
            if "budget_pence" not in told
            else f"the best for {money(told['budget_pence'])}"
        )
        rows.append(("Aim", esc(aim)))
    rows += [("Proof", esc(_proof(option))), ("Looked at on", esc(scenario["on"]))]
    yield facts(rows)
    if scenario["id"] in maps:
        yield figure(maps[scenario["id"]], "Today and with this option, on one scale.", f"Map of {option.name}")
    yield from _why(scenario, built.get(scenario["id"], ()))
    yield from _exposed(scenario, terms)
    names = {
        "cost_pence": "cost",
        "key_pairs_protected": "key pairs protected",
        "singles_with_key_loss": "single failures",
        "minutes_year": "minutes a year",
        "carbon_kg": "carbon",
    }
    yield how((words, command_for(run, scenario, key)) for key, words in names.items())
    yield "</section>\n"


def _why(scenario: Json, spans: Sequence[Built]) -> Iterator[str]:
    """What is built, and why each span is needed, where the audience may know."""
    reasons = dict(r.split(": ", 1) for r in (scenario["build"] or {}).get("reasons") or ())
    if not spans:
        return
    rows = [
        [
            f"<code>{esc(s.id)}</code> {esc(s.name)}".strip(),
            esc(f"{s.start} to {s.end}"),
            esc(_plain(reasons.get(s.id, ""))) or "-",
            f"{s.length_m / 1000:,.1f}",
            money(s.cost_pence),
        ]
        for s in spans
    ]
    yield "<h3>What is built, and why each span is needed</h3>\n"
    yield table(
        "Spans of this option", ["span", "from, to", "why it is needed", "km", "cost"], rows, wide=True, texts=(1, 2)
    )


def _plain(reason: str) -> str:
    """A reason with the kinds of failures as words."""
    for kind, words in (("group:", "risk group "), ("span:", "the loss of span "), ("node:", "the loss of node ")):
        reason = reason.replace(kind, words)
    return reason


def _exposed(scenario: Json, terms: Terms) -> Iterator[str]:
    """What still parts the network, by name, where it was asked for and may be told."""
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
        listed = ", ".join(f"<code>{esc(n)}</code>" for n in names[:MOST_NAMES])
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        yield f"<li>{words}: {len(names):,}{f' ({listed}{more})' if names else ''}</li>\n"
    yield "</ul>\n"


def _officer() -> Iterator[str]:
    yield '<section><h2>Left for the officer</h2>\n<p>No calculation fills these headings of a committee report:</p>\n<ul class="left">\n'
    for name, words in LEFT:
        yield f"<li><b>{esc(name)}</b>: {esc(words)}</li>\n"
    yield "</ul></section>\n"
