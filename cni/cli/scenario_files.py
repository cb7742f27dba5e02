"""`cni scenario`, from files: run them, and set them side by side. The commands join the group of `scenario`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cni.cli.options import Disclosure, Json
from cni.cli.scenario_build import NAME, app
from cni.cli.workers import Jobs, workers
from cni.errors import BOUNDED, DONE, NO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scenarios.runs.cutting import Cut
    from scenarios.runs.loading import Loaded

__all__ = ["NAME", "app"]

QUIET_S = 2.0
"""Seconds before progress is shown."""

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Scenario files (TOML); docs/scenarios.md has their keys.")
]
SomeFiles = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE", help="Scenario files (TOML); docs/scenarios.md has their keys.")
]


@app.command()
def run(
    scenarios: SomeFiles = None,
    bundled: Annotated[
        bool, typer.Option("--bundled", help="The illustrative set of Fibre Manchester, before any files.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FOLDER", help="Write run.json and a file per scenario here.")
    ] = None,
    disclosure: Disclosure = None,
    jobs: Jobs = 1,
    json: Json = False,
) -> int:
    """Run scenario files: changes first, then the event; figures with the documents behind them.

    Circuits that a recall or a withdrawal takes strands from are named, newest first. Below --disclosure internal the network is
    cut before anything is computed, and the figures are of what is left. Exit 3 where something that was asked for is not
    proved, 1 where nothing that may be built helps.

    Example: cni scenario run --bundled -o out
    """
    from cni.cli import render
    from cni.views.scenario_files import run_view

    audience = _audience(disclosure)
    loaded = loaded_files(paths_of(scenarios or [], bundled))
    folder = None if out is None else _folder(out, loaded)
    document, seen, code = _run(loaded, audience, jobs)
    if folder is not None:
        _write(folder, document, seen)
    render.show(document, run_view, json, illustrative=document["illustrative"])
    return code


@app.command()
def compare(
    scenarios: Files,
    map_file: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="The first and the last file on one map: .svg or .png.")
    ] = None,
    disclosure: Disclosure = None,
    jobs: Jobs = 1,
    json: Json = False,
) -> int:
    """Scenario files side by side: figures down, scenarios across; with --map one map of before and after.

    Example: cni scenario compare today.toml flood.toml --map flood.svg
    """
    from cni.cli import render
    from cni.views.scenario_files import compare_view
    from scenarios.reports.compared_map import check_shown
    from topology.problems import bad_input

    audience = _audience(disclosure)
    if len(scenarios) < 2:
        raise bad_input("compare needs two scenario files or more.", file="FILE", code="missing_value")
    _check_map(map_file)
    loaded = loaded_files(scenarios)
    if map_file is not None:
        check_shown(loaded, audience)
    document, seen, code = _run(loaded, audience, jobs)
    if map_file is not None:
        _draw(map_file, document, seen)
    render.show(document, compare_view, json, illustrative=document["illustrative"])
    return code


def _audience(disclosure: str | None) -> str:
    from cni.cli.converting import audience_of

    return audience_of(disclosure, None, "internal")


def paths_of(files: Sequence[Path], bundled: bool) -> list[Path]:
    """The files that a command names, the bundled ones first. Raises BadInput where there are none."""
    from scenarios.fibre_manchester import scenario_files
    from topology.problems import bad_input

    paths = [*(scenario_files() if bundled else ()), *files]
    if not paths:
        raise bad_input("name a scenario file, or --bundled.", file="FILE", code="missing_value")
    return paths


def loaded_files(paths: Sequence[Path]) -> tuple[Loaded, ...]:
    """The scenarios with what they name. Raises BadInput with the faults of all files."""
    from cni.cli import inputs, render
    from scenarios.runs.files import read_scenarios
    from scenarios.runs.loading import load

    loaded, remarks = load(read_scenarios(paths), inputs.today())
    render.remarks(remarks)
    return loaded


def _check_map(path: Path | None) -> None:
    """Refuse early a map that cannot be written. Raises BadInput."""
    from cni.cli import files
    from topology.problems import bad_input

    if path is not None:
        if path.suffix.lower() not in (".svg", ".png"):
            raise bad_input("this map is .svg or .png.", file="--map", value=str(path), code="not_served")
        files.check_target(path, "--map")


def _draw(path: Path, document: dict[str, Any], seen: Sequence[Cut]) -> None:
    from cni.cli import files, render
    from scenarios.reports.compared_map import compared_map
    from topology.picture import png

    svg = compared_map(document, seen)
    files.write_atomically(path, png(svg) if path.suffix.lower() == ".png" else svg.encode(), "--map")
    render.note(f"written: {path}")


def _run(loaded: Sequence[Loaded], audience: str, jobs: int) -> tuple[dict[str, Any], list[Cut], int]:
    """The result, each scenario as the audience sees it, and the exit code."""
    from scenarios.runs.run import run_document

    seen: list[Cut] = []
    with patient("steps") as progress, workers(jobs, None) as executor:
        document, proved, possible = run_document(loaded, audience, executor=executor, progress=progress, seen=seen)
    return document, seen, (DONE if possible else NO) if proved else BOUNDED


@contextmanager
def patient(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar that comes only where the work takes longer than `QUIET_S`."""
    import time

    from cni.cli.progress import count_progress

    begun = time.monotonic()
    with count_progress(what) as progress:
        if progress is None:
            yield None
        else:
            yield lambda done, of: progress(done, of) if time.monotonic() - begun > QUIET_S else None


def _folder(out: Path, loaded: Sequence[Loaded]) -> Path:
    """The folder to write to, made where its parent is there. Raises BadInput, also where a file would be written twice."""
    from topology.problems import bad_input

    for scenario in (item.scenario for item in loaded):
        if scenario.id.lower() == "run":
            said = "with -o no scenario can have the id run: run.json holds all of them."
            raise bad_input(said, file=scenario.file, column="id", value=scenario.id, code="duplicate_id")
    if out.exists() and not out.is_dir():
        raise bad_input("-o names a file; a folder is needed.", file=str(out), code="not_a_folder")
    if not out.exists() and not out.parent.is_dir():
        raise bad_input(f"-o: there is no folder {out.parent}.", file=str(out), hint="Make it first.")
    return out


def _write(folder: Path, document: dict[str, Any], seen: Sequence[Cut]) -> None:
    """run.json, each scenario alone in the same form, and its map where there is something to see.

    All is computed before anything is written.
    """
    from cni.cli import files, render
    from scenarios.reports.material import map_of
    from topology.canonical import canonical_bytes

    parts: dict[str, bytes] = {}
    for number, scenario in enumerate(document["scenarios"]):
        parts[f"{scenario['id']}.json"] = canonical_bytes(_alone(document, scenario)) + b"\n"
        if svg := map_of(document, number, seen):
            parts[f"{scenario['id']}.svg"] = svg.encode()
    parts["run.json"] = canonical_bytes(document) + b"\n"
    folder.mkdir(exist_ok=True)
    for name, data in parts.items():
        files.write_atomically(folder / name, data)
    render.note(f"written: {folder / 'run.json'}, and {len(parts) - 1} files of single scenarios beside it")


def _alone(document: dict[str, Any], scenario: dict[str, Any]) -> dict[str, Any]:
    """The document of one scenario of several."""
    from scenarios.runs.figures import compared

    inputs = {name: value for name, value in document["inputs"].items() if name.startswith(f"{scenario['id']}/")}
    return {**document, "inputs": inputs, "scenarios": [scenario], "compare": compared([scenario])}
