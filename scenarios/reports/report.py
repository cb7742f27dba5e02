"""A report of scenarios as one HTML page that an officer can read without help: a risk register, or an options paper.

The page makes no request and runs no script (`topology.page`), and prints on A4. Under each set of figures stands the command
that gives them. What an audience may not see is not in the run that the report is made of; the page adds no more than what
`Material` holds, which is cut in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scenarios.reports.choices import Built, Curve, options
from scenarios.reports.options import options_paper
from scenarios.reports.parts import STYLE, Json, Terms, esc
from scenarios.reports.register import entries, register
from scenarios.reports.risk_scales import DEFAULT, Impact, Rate
from topology.page import page

FORMS = {"register": "Risk register of the fibre network", "options": "Options paper for the fibre network"}
"""Forms with their titles."""

AUDIENCES = {
    "public": "This copy is for the public: single weak points, double failures and maps of failures are left out.",
    "member": "This copy is for members of the co-operative: lists of double failures are left out.",
    "internal": "This copy is for the co-operative's own use. It names weak points: do not pass it on.",
}


@dataclass(frozen=True)
class Material:
    """What a report shows beside a run, by id of scenario: maps (SVG), rates of events, what fails by name, what is built; the
    curve of what budgets give, and lines of scope.
    """

    maps: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, Rate] = field(default_factory=dict)
    fails: Mapping[str, Sequence[str]] = field(default_factory=dict)
    built: Mapping[str, Sequence[Built]] = field(default_factory=dict)
    curve: Curve | None = None
    scope: Sequence[str] = ()


def report_page(
    run: Json,
    form: str,
    material: Material = Material(),
    *,
    title: str = "",
    impact: Impact = DEFAULT,
) -> str:
    """The page of a `cni.scenario_run/1`. `form`: register or options. Raises ValueError for another."""
    if form not in FORMS:
        raise ValueError(f"the form must be one of {', '.join(FORMS)}")
    name = title or FORMS[form]
    terms = Terms()
    body = "".join((*_head(run, name, form, material), *_form(run, form, material, impact, terms), *_foot(run, terms)))
    return page(name, body, STYLE.read_text(encoding="utf-8"))


def _form(run: Json, form: str, material: Material, impact: Impact, terms: Terms) -> Iterator[str]:
    if form == "register":
        listed = entries(run, material.rates, impact)
        yield from register(run, listed, material.maps, material.fails, impact, terms)
    else:
        yield from options_paper(run, options(run), material.maps, material.built, terms, material.curve)


def _head(run: Json, name: str, form: str, material: Material) -> Iterator[str]:
    yield f"<header><h1>{esc(name)}</h1>\n"
    if run["illustrative"]:
        yield '<p><span class="label">ILLUSTRATIVE DATA</span> Figures of the network, its circuits or its costs are invented for '
        yield "planning and tests. They say nothing of a real network.</p>\n"
    days = sorted({s["on"] for s in run["scenarios"]})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}" if days else "no date"
    orders = {"register": "each event alone, on the network after the scenario's changes", "options": _orders(run)}
    yield f'<p class="scope">Scope: {esc(orders[form])}; as on {esc(when)}. {esc(" ".join(material.scope))} Faults of equipment, '
    yield "planned works and shared risks that nobody recorded are in no figure.</p>\n"
    yield f'<p class="scope">{esc(AUDIENCES[run["disclosure"]])} This report gives figures, risks, places and options; it recommends '
    yield "nothing.</p></header>\n"


def _orders(run: Json) -> str:
    double = any(s["figures"]["only_together"] is not None for s in run["scenarios"])
    return "every single failure" + (", and every two at once where asked for" if double else "")


def _foot(run: Json, terms: Terms) -> Iterator[str]:
    yield terms.listed()
    by_digest: dict[str, list[str]] = {}
    for name, digest in sorted(run["inputs"].items()):
        by_digest.setdefault(digest, []).append(name)
    inputs = "".join(
        f"<dt>{esc(', '.join(names))}</dt><dd><code>{esc(d)}</code></dd>" for d, names in by_digest.items()
    )
    software = " ".join(str(v) for v in run["software"].values())
    yield f"<footer><p>Made by {esc(software)}. The same files give the same report, byte for byte. Digests of the inputs "
    yield f'(SHA-256):</p>\n<dl class="how">{inputs}</dl></footer>\n'
