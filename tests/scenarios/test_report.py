"""Reports: what they say of figures, what they leave to others, what nobody outside may read in them, and their form as pages."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from scenarios.failures.events import make_event
from scenarios.reports.choices import with_nothing
from scenarios.reports.material import material_of
from scenarios.reports.report import FORMS, Material, report_page
from scenarios.reports.risk_scales import BANDS, DEFAULT, Impact, chance, in_percent, likelihood, rate_of, read_impact
from scenarios.runs.run import run_document
from tests.builders import network
from tests.scenarios.folders import SPANS, loaded_from, scenario_in, spine_in
from topology.model import Network, RiskGroup
from topology.problems import BadInput

HOSTILE = "<script>alert('x')</script> & \"quotes\""
AUDIENCES = ("internal", "member", "public")
DUCT = """[event]
risk_groups = ["secret-duct"]
per_year = 0.02
rate_source = "a guess of the planner"
repair_hours = 24
[assumptions]
worst_case = "The cut falls on a Friday evening."
"""
BUILD = '[changes]\ncandidates = "candidates.csv"\n'
SCENARIOS = {
    "today": "[ask]\nsweep = 2\nweak_points = true\n",
    "duct": DUCT,
    "taken": '[changes]\nrecalls = [{ span = "ab", strands = 4 }]\n',
    "survives": f'{BUILD}level = "survives"\n',
    "by-hand": f'{BUILD}build = ["eb"]\n[ask]\nsweep = 2\n',
    "budget": f'{BUILD}budget = 1000\ngoal = "class"\n',
}


@cache
def pages(spans: str = SPANS, points: int = 0) -> dict[tuple[str, str], str]:
    """(form, audience) -> the page of the set."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        spine_in(folder, spans)
        loaded = loaded_from(*(scenario_in(folder, s, text) for s, text in SCENARIOS.items()))
        made = {}
        for audience in AUDIENCES:
            seen = []
            run, _, _ = run_document(loaded, audience, seen=seen)
            for form in FORMS:
                material = material_of(run, seen, points=points if audience == "internal" else 0)
                made[form, audience] = report_page(run, form, material)
    return made


def one(
    folder: Path, text: str, form: str, impact: Impact = DEFAULT, audience: str = "internal", name: str = "x"
) -> str:
    """The page of one scenario."""
    spine_in(folder)
    loaded = loaded_from(scenario_in(folder, name, text))
    seen = []
    run, _, _ = run_document(loaded, audience, seen=seen)
    return report_page(run, form, material_of(run, seen), impact=impact)


class Page(HTMLParser):
    """The parts of a page that its readers hang on."""

    VOID = ("meta", "br", "link")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tables: list[set[str]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.pictures = 0
        self.named = 0
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag not in self.VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self.tables.append(set())
        if tag == "caption":
            self.tables[-1].add("caption")
        if tag == "th":
            self.tables[-1].add(f"th-{told.get('scope')}")
        if tag == "svg":
            self.pictures += 1
            self.named += told.get("role") == "img" and bool(told.get("aria-labelledby"))
        if told.get("id"):
            self.ids.append(str(told["id"]))
        if str(told.get("href", "")).startswith("#"):
            self.links.append(str(told["href"])[1:])
        assert "style" not in told
        assert not any(name.startswith("on") for name in told)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def every() -> list[tuple[str, str]]:
    return [(form, audience) for form in FORMS for audience in AUDIENCES]


@pytest.mark.parametrize(("form", "audience"), every())
def test_a_page_is_well_formed_and_made_for_readers_of_all_kinds(form: str, audience: str):
    text = pages()[form, audience]
    page = Page(text)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert all(parts == {"caption", "th-col", "th-row"} for parts in page.tables)
    assert page.tables
    assert page.pictures == page.named
    assert len(page.ids) == len(set(page.ids))
    assert set(page.links) <= set(page.ids)


@pytest.mark.parametrize(("form", "audience"), every())
def test_a_page_makes_no_request_and_runs_no_script(form: str, audience: str):
    text = pages()[form, audience]
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert not re.search(r"(src|href)=\"(?!#)", text)
    assert set(re.findall(r"https?://[^\"<\s]+", text)) <= {"http://www.w3.org/2000/svg"}


SECRETS = ("secret-duct", "cct-two-legs", "cct-spur", "cct-old", "cct-new")


@pytest.mark.parametrize("form", FORMS)
def test_what_names_targets_is_for_the_co_operative_alone(form: str):
    made = pages()
    for audience in ("member", "public"):
        text = made[form, audience]
        assert [s for s in SECRETS if s in text] == []
        assert "span: broken" not in text  # no map of what fails
        assert "Two failures that" not in text
        assert "worst first" not in text
        assert "<dt>That is</dt>" not in text  # what fails, by name
        assert "without it" not in text  # why a span is built tells what parts the network
        assert "key node (filled)" not in text
        assert f"--disclosure {audience}" in text
    assert "secret-duct" in made[form, "internal"]


def test_the_public_gets_counts_and_no_map_and_no_id_of_a_span():
    for form in FORMS:
        text = pages()[form, "public"]
        assert "Map of" not in text
        assert not re.search(r"<code>(ab|bc|cd|da|de|ea|eb|ac|ce)</code>", text)


def test_figures_of_a_part_of_the_network_are_said_to_be_such_in_the_summary(tmp_path: Path):
    """The public sees no customer site, so what hangs on one is left out for it; members see all of it."""
    spine_in(tmp_path)
    nodes = (tmp_path / "net" / "nodes.csv").read_text()
    (tmp_path / "net" / "nodes.csv").write_text(nodes.replace("E,Epsilon,pop", "E,Epsilon,customer_site"))
    loaded = loaded_from(scenario_in(tmp_path, "duct", DUCT))
    for audience in AUDIENCES:
        seen = []
        run, _, _ = run_document(loaded, audience, seen=seen)
        for form in FORMS:
            text = report_page(run, form, material_of(run, seen))
            summary = text[text.index('class="summary"') : text.index("</section>")]
            assert ("Part of the network only." in summary) == (audience == "public")


def test_what_the_public_is_not_told_is_not_said_to_be_none():
    text = pages()["options", "public"]
    assert "listed by hand" not in text
    assert "not told in this copy</td>" in text
    assert ">none</td>" not in text


def test_worst_first_lists_stand_in_the_internal_copy():
    text = pages()["options", "internal"]
    assert re.search(r"Single failures that part key pairs: \d of \d, worst first", text)
    assert "Map of Option" in text


def test_members_are_told_how_much_parts_the_network_and_not_what():
    made = pages()
    inside, outside = (
        re.search(r"spans that part the network alone: (.*?)</li>", made["options", audience])[1]  # type: ignore[index]
        for audience in ("internal", "member")
    )
    assert inside == "1 (<code>de</code>)"
    assert outside == "1"


def test_members_see_what_is_built_but_not_which_nodes_are_key():
    text = pages()["options", "member"]
    assert "span: built in this scenario" in text
    assert "Alpha to Gamma" in text
    assert "why it is needed" not in text


def test_an_entry_tells_counts_with_denominators_likelihood_impact_and_its_command():
    text = pages()["register", "internal"]
    assert "The duct</a>: 1 of 4 circuits down; 1 of 2 members hit; 3 of 6 key pairs parted" in text
    assert "4 of 5 (5% to 25% in five years): 9.5%, from 0.02 a year as 1 - exp(-5 x 0.02)" in text
    assert "a guess of the planner" in text
    assert "cni scenario fail net --circuits circuits.csv --risk-group secret-duct --on 2027-01-04" in text


def test_what_nobody_stated_is_said_to_be_not_stated():
    text = pages()["register", "internal"]
    assert "The cut falls on a Friday evening." in text
    assert "<dt>Confidence</dt><dd>not stated</dd>" in text
    assert "<dt>Response</dt><dd>not stated</dd>" in text
    assert text.count("not stated: neither the scenario nor a default gives a rate") == 1  # the recall


def test_an_entry_stands_in_its_cell_of_the_matrix():
    text = pages()["register", "internal"]
    matrix = text[text.index('<table class="matrix">') : text.index("</table>", text.index('<table class="matrix">'))]
    rows = re.findall(r"<tr>(.*?)</tr>", matrix, re.S)[1:]
    found = {
        mark: (5 - down, across)
        for down, row in enumerate(rows)
        for across, cell in enumerate(re.findall(r"<td.*?</td>", row), 1)
        for mark in re.findall(r">(R\d)<", cell)
    }
    level = int(re.search(r'id="R1">.*?<dt>Impact</dt><dd>(\d) of 5', text, re.S)[1])  # type: ignore[index]
    assert found["R1"] == (level, 4)
    assert found["R2"][1] == 6  # no rate: the column of what is not stated


def test_cut_offs_decide_the_impact_and_are_shown(tmp_path: Path):
    strict = Impact({"key_pairs_lost": tuple(map(Decimal, ("1", "2", "3", "4.5")))}, "general meeting")
    text = one(tmp_path, DUCT, "register", strict)
    assert "<dt>Impact</dt><dd>5 of 5 (catastrophic)</dd>" in text
    assert "4.5% or more" in text
    assert "general meeting" in text
    assert "no cut-off" in text  # for what it does not name


def test_placeholders_are_said_to_be_such():
    assert "placeholder of the program: a general meeting should set it" in pages()["register", "internal"]


def test_names_full_of_marks_do_nothing(tmp_path: Path):
    spine_in(tmp_path)
    loaded = loaded_from(scenario_in(tmp_path, "duct", DUCT), scenario_in(tmp_path, "b", f'{BUILD}build = ["ea"]\n'))
    loaded = tuple(
        replace(
            item,
            scenario=replace(item.scenario, name=HOSTILE, text=HOSTILE, assumptions=(("response", HOSTILE),)),
            network=replace(item.network, name=HOSTILE),
        )
        for item in loaded
    )
    seen = []
    run, _, _ = run_document(loaded, seen=seen)
    for form in FORMS:
        text = report_page(run, form, material_of(run, seen), title=HOSTILE)
        Page(text)
        assert "<script" not in text
        assert "&lt;script&gt;" in text


def test_options_begin_with_doing_nothing_and_go_by_cost():
    text = pages()["options", "internal"]
    summary = text[text.index('class="summary"') : text.index("</ul>")]
    listed = re.findall(r"<li>(Option \d)\. (.*?) \((.*?)\)", summary)
    assert listed[0] == ("Option 0", "The today", "do nothing")
    assert listed[1][2] == "do minimum: least cost of these"
    costs = [int(c.replace(",", "")) for c in re.findall(r"\): £([\d,]+);", summary)]
    assert costs == sorted(costs)


def test_doing_nothing_is_added_where_no_file_says_so(tmp_path: Path):
    spine_in(tmp_path)
    loaded = loaded_from(scenario_in(tmp_path, "do-nothing", f'{BUILD}build = ["ea"]\n'))
    more = with_nothing(loaded)
    assert [item.scenario.id for item in more] == ["do-nothing-0", "do-nothing"]
    seen = []
    run, _, _ = run_document(more, seen=seen)
    text = report_page(run, "options", material_of(run, seen))
    assert "Option 0. Do nothing: £0; 1 of 6 key pairs protected." in text
    assert with_nothing(more) == more


def test_what_cannot_be_had_stands_last_and_costs_nothing_to_read(tmp_path: Path):
    """The candidate that is left shares the duct, so nothing helps; the option says so and has no price."""
    spine_in(tmp_path)
    (tmp_path / "poor.csv").write_text(
        "id,start,end,owner,fibre_count,length_km,risk_groups,cost\nce,C,E,tram,48,3.0,secret-duct,100.00\n"
    )
    paths = [
        scenario_in(tmp_path, "vain", '[changes]\ncandidates = "poor.csv"\nlevel = "survives"\n'),
        scenario_in(tmp_path, "by-hand", f'{BUILD}build = ["ea"]\n'),
    ]
    seen = []
    run, _, _ = run_document(loaded_from(*paths), seen=seen)
    text = report_page(run, "options", material_of(run, seen))
    assert re.search(r"Option 2\. The vain</th><td class=\"n\">-</td>", text)
    assert "no set of the candidates is enough" in text
    assert "Option 1. The by-hand (do minimum: least cost of these): £900;" in text


def test_a_build_tells_cost_proof_carbon_and_why_each_span_is_needed():
    text = pages()["options", "internal"]
    assert "proved: nothing cheaper" in text
    assert "listed by hand: no proof" in text
    assert "without it" in text
    assert "a test" in text  # the source of the carbon figures


def test_carbon_that_no_file_gives_is_not_given(tmp_path: Path):
    text = one(tmp_path, f'{BUILD}build = ["ac"]\n', "options")
    assert re.search(
        r"Option 1\. The x</th><td>not given</td><td class=\"n\">not given</td><td class=\"n\">1 of 1</td>", text
    )


def test_the_report_recommends_nothing_and_names_what_it_leaves():
    text = pages()["options", "internal"]
    left = text[text.index("Left for the officer") :]
    for words in ("Recommendation", "section 151", "Legal implications"):
        assert words in left
        assert words not in text[: text.index("Left for the officer")]


def test_a_curve_is_drawn_where_it_was_asked_for_with_its_command():
    text = pages(points=3)["options", "internal"]
    assert "Curve: cost and key pairs protected" in text
    assert "cni scenario build net --candidates candidates.csv --budget" in text
    assert "--curve 3" in text
    assert "Curve:" not in pages()["options", "internal"]


@pytest.mark.parametrize("form", FORMS)
def test_illustrative_data_is_labelled_on_the_page_and_on_each_picture(form: str, tmp_path: Path):
    spine_in(tmp_path)
    text = DUCT if form == "register" else f'{BUILD}build = ["ea"]\n'
    loaded = loaded_from(scenario_in(tmp_path, "x", text))
    for told in (True, False):
        said = tuple(replace(item, network=replace(item.network, illustrative=told)) for item in loaded)
        seen = []
        run, _, _ = run_document(said, seen=seen)
        page = report_page(run, form, material_of(run, seen))
        assert page.count("ILLUSTRATIVE DATA") == (1 + page.count("<svg") if told else 0)


def test_a_set_with_nothing_to_report_says_so(tmp_path: Path):
    text = one(tmp_path, "", "register")
    assert "No scenario of this set has an event" in text
    assert "no option beside doing nothing" in one_more(tmp_path)


def one_more(folder: Path) -> str:
    run, _, _ = run_document(loaded_from(folder / "x.toml"))
    return report_page(run, "options", Material())


def test_each_word_is_explained_where_it_first_stands_and_once():
    for text in pages().values():
        words = re.findall(r"<dfn>(.*?)</dfn>", text)
        assert words
        assert len(words) == len(set(words))


def test_the_same_page_whatever_the_order_of_rows():
    head, *rows = SPANS.strip().split("\n")
    turned = "\n".join([head, *reversed(rows)]) + "\n"
    assert pages(turned) == pages()


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="register"):
        report_page({}, "poem")


@pytest.mark.parametrize(
    ("per_year", "band"),
    [
        (0.0, 1),
        (0.0003, 1),
        (0.0005, 2),
        (0.0019, 2),
        (0.0021, 3),
        (0.01, 3),
        (0.0104, 4),
        (0.05, 4),
        (0.0577, 5),
        (9, 5),
    ],
)
def test_likelihood_over_five_years_falls_in_the_bands_of_the_national_risk_register(per_year: float, band: int):
    """Edges: 0.2, 1, 5 and 25 % are 0.0004, 0.00201, 0.01026 and 0.0575 a year."""
    assert likelihood(per_year) == band
    assert BANDS[band - 1][0] <= chance(per_year)


def test_a_chance_is_told_with_two_figures_and_never_as_certain():
    assert [in_percent(chance(r)) for r in (0.00404, 0.02, 0.2, 100)] == ["2%", "9.5%", "63%", "over 99%"]


@pytest.mark.parametrize(
    ("count", "level"), [(0, 1), (9, 1), (10, 2), (50, 3), (200, 4), (499, 4), (500, 5), (1000, 5)]
)
def test_an_impact_begins_at_its_cut_off(count: int, level: int):
    assert DEFAULT.level("circuits_down", count, 1000) == level


def test_an_impact_on_nothing_has_no_level():
    assert DEFAULT.level("circuits_down", 0, 0) is None
    assert Impact({}, "x").level("circuits_down", 1, 2) is None


def ring(**group: float) -> Network:
    net = network("a A B 10 groups=duct", "b B C 1 groups=duct", "c C A 2")
    return replace(net, risk_groups={"duct": RiskGroup("duct", **group)})  # type: ignore[arg-type]


def test_the_rate_of_one_group_or_span_is_its_own_or_a_default_with_its_source():
    net = ring(cuts_per_year=0.5, repair_hours=6.0)
    own = rate_of(net, make_event(net, risk_groups=["duct"]))
    assert (own.per_year, own.source, own.hours) == (0.5, "the network's own figure", 6.0)
    assumed = rate_of(ring(), make_event(ring(), risk_groups=["duct"]))
    assert (assumed.per_year, assumed.hours) == (pytest.approx(0.00404), 12.0)
    assert assumed.source.startswith("assumed: 0.5 km of cable at 0.00808 cuts per km a year")
    span = rate_of(net, make_event(net, spans=["a"]))
    assert span.per_year == pytest.approx(0.0808)


def test_what_the_file_says_of_the_rate_comes_first_and_several_things_have_no_default():
    net = ring()
    event = make_event(net, spans=["a", "c"])
    assert rate_of(net, event).per_year is None
    told = rate_of(net, event, (0.1, "planner"), 48.0)
    assert (told.per_year, told.source, told.hours, told.hours_source) == (0.1, "planner", 48.0, "the scenario file")
    assert rate_of(net, make_event(net, nodes=["A"])).per_year is None


def test_cut_offs_are_read_as_exact_decimals(tmp_path: Path):
    path = tmp_path / "i.toml"
    path.write_text('schema = "cni.impact/1"\nsource = "us"\nmembers_hit = [0.1, 1, 2.5, 100]\n')
    assert read_impact(path).cutoffs == {"members_hit": (Decimal("0.1"), Decimal(1), Decimal("2.5"), Decimal(100))}


@pytest.mark.parametrize(
    "row",
    ["[1, 2, 3]", "[1, 2, 2, 3]", "[0, 1, 2, 3]", "[1, 2, 3, 101]", '"high"', "[true, 2, 3, 4]", "[1, 2, 3, nan]"],
)
def test_cut_offs_that_do_not_rise_within_a_hundred_are_refused(tmp_path: Path, row: str):
    path = tmp_path / "i.toml"
    path.write_text(f'schema = "cni.impact/1"\nsource = "us"\nmembers_hit = {row}\n')
    with pytest.raises(BadInput, match="four rising percentages"):
        read_impact(path)
