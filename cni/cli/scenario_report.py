"""`cni scenario report`: scenario files as one page that an officer can read. The command joins the group of `scenario`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cni.cli.options import Disclosure
from cni.cli.scenario_files import NAME, SomeFiles, app
from cni.cli.workers import Jobs
from cni.errors import BOUNDED, DONE

__all__ = ["NAME", "app"]

DEFAULT_AUDIENCE = "member"


@app.command()
def report(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where the page goes: .html.")],
    form: Annotated[
        str, typer.Option("--form", metavar="FORM", help="register (what fails) or options (what could be built).")
    ],
    scenarios: SomeFiles = None,
    bundled: Annotated[
        bool, typer.Option("--bundled", help="The illustrative set of Fibre Manchester, before any files.")
    ] = False,
    disclosure: Disclosure = None,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="Title of the page.")] = "",
    impact: Annotated[
        Path | None,
        typer.Option("--impact", metavar="FILE", help="Cut-offs of impact 1 to 5 (TOML), for the register."),
    ] = None,
    points: Annotated[
        int,
        typer.Option("--curve", metavar="N", help="options, internal: what N budgets give, up to the dearest build."),
    ] = 0,
    jobs: Jobs = 1,
) -> int:
    """A report of scenario files as one page: a risk register, or an options paper. It prints on A4 and makes no request.

    Cut for members if nothing else is said. The page gives figures, each with its command, and recommends nothing. The
    cut-offs of impact are an input: schema = "cni.impact/1", source, and four percentages for each measure.

    Example: cni scenario report --bundled --form register -o register.html
    """
    from cni.cli import files, render
    from cni.cli.converting import audience_of
    from cni.cli.scenario_files import loaded_files, paths_of, patient
    from cni.cli.workers import workers
    from scenarios.reports.choices import with_nothing
    from scenarios.reports.material import material_of
    from scenarios.reports.report import FORMS, report_page
    from scenarios.reports.risk_scales import DEFAULT, read_impact
    from scenarios.runs.run import run_document

    _check(out, form, list(FORMS), impact)
    audience = audience_of(disclosure, None, DEFAULT_AUDIENCE)
    _check_curve(points, form, audience)
    name = _title(title)
    cutoffs = DEFAULT if impact is None else read_impact(impact)
    loaded = loaded_files(paths_of(scenarios or [], bundled))
    if form == "options":
        loaded = with_nothing(loaded)
    seen: list[Any] = []
    with patient("steps") as progress, workers(jobs, None) as executor:
        run, proved, _ = run_document(loaded, audience, executor=executor, progress=progress, seen=seen)
    with patient("points of the curve") as progress:
        material = material_of(run, seen, points=points, progress=progress)
    written = report_page(run, form, material, title=name, impact=cutoffs)
    files.write_atomically(out, written.encode())
    render.note(f"written: {out}, for the audience {audience}; a browser prints it on A4")
    return DONE if proved else BOUNDED


def _check(out: Path, form: str, forms: list[str], impact: Path | None) -> None:
    """Refuse early what cannot be written. Raises BadInput."""
    from cni.cli import files
    from topology.problems import bad_input

    if form not in forms:
        raise bad_input(f"--form is one of {', '.join(forms)}.", file="--form", value=form)
    if out.suffix.lower() not in (".html", ".htm"):
        hint = "A browser prints it to PDF."
        raise bad_input("a report is .html.", file="-o", value=out.suffix or str(out), hint=hint, code="not_served")
    if impact is not None and form != "register":
        said = "cut-offs of impact go with --form register."
        raise bad_input(said, file="--impact", value=str(impact), code="bad_usage")
    files.check_target(out, "-o")


def _check_curve(points: int, form: str, audience: str) -> None:
    """A curve is computed on the whole network, so only for the co-operative's own use. Raises BadInput."""
    from topology.problems import bad_input

    if not 0 <= points <= 100:
        raise bad_input("--curve is from 1 to 100.", file="--curve", value=str(points))
    if points and (form, audience) != ("options", "internal"):
        said = "--curve goes with --form options --disclosure internal."
        raise bad_input(said, file="--curve", value=str(points), code="bad_usage")


def _title(text: str) -> str:
    """The title, without what no line may hold. Raises BadInput."""
    from topology.cells import CellError, clean
    from topology.problems import bad_input

    try:
        return clean(text)
    except CellError as error:
        raise bad_input(str(error), file="--title", value=text[:100]) from None
