"""Options of a paper: which scenarios they are, in which order, and how their figures are told in a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scenarios.reports.charts import Step
from scenarios.reports.parts import Json, interval, money
from scenarios.reports.register import is_risk, title_of
from scenarios.runs.loading import Loaded
from scenarios.runs.scenario import Changes, Happening, Scenario

NOT_TOLD = "not told in this copy"


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
    """A scenario as an option; number 0 is to do nothing. `scenario` is None where no file of the set says so.

    `hidden`: what is built, and by what proof, is not for this audience.
    """

    number: int
    kind: str
    scenario: Json | None
    before: Json | None = None
    hidden: bool = False

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
        made.append(Option(n, kind, scenario, hidden=run["disclosure"] == "public"))
    return made


def with_nothing(loaded: Sequence[Loaded]) -> tuple[Loaded, ...]:
    """The scenarios with one that changes nothing, of the first one's base, where no file of the set is that.

    It asks what the first asks, and has no file.
    """
    if not loaded or any(_idle(item.scenario) for item in loaded):
        return tuple(loaded)
    taken = {item.scenario.id for item in loaded}
    name = next(n for n in ("do-nothing", *(f"do-nothing-{i}" for i in range(len(taken)))) if n not in taken)
    first = loaded[0]
    empty = replace(
        first.scenario,
        id=name,
        name="Do nothing",
        text="",
        event=Happening(),
        changes=Changes(),
        assumptions=(),
        file="",
    )
    return (replace(first, scenario=empty, candidates=(), event=None, rings=()), *loaded)


def _idle(scenario: Scenario) -> bool:
    return not scenario.event.names_something and scenario.changes == Changes()


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


def protected(option: Option) -> str:
    """Key pairs that are protected, of how many; `-` where nobody computed it."""
    figures = option.figures
    if not figures:
        return "-"
    return f"{interval(figures['key_pairs_protected'])} of {figures['key_pairs']:,}"


def kg(option: Option, built: Mapping[str, Sequence[Built]]) -> str:
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


def proof(option: Option) -> str:
    """What is proved of an option, or how much better it could still be."""
    if not option.number:
        return "nothing to prove"
    if option.hidden:
        return NOT_TOLD
    told = (option.scenario or {}).get("build")
    if not told:
        return "listed by hand: no proof"
    if told["proof"] == "infeasible":
        return f"no set of the candidates is enough: {told['witness']['text']}"
    if told["proof"] == "optimal":
        if "budget_pence" not in told:
            return "proved: nothing cheaper"
        return "proved: for the money no " + (
            "larger set of key nodes stays joined" if told["class"] else "more key pairs"
        )
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
