"""`python -m tests.looks FOLDER`: plays both houses, writes contact sheets of all screens, and every fault that it finds."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.cni.children import LOADED
from tests.looks.house import FEW, MANY, Names, make_bundled, make_hard
from tests.looks.picture import DARK, LIGHT, Frame, sheet, write_png
from tests.looks.play import WIDTHS, Played, faults, helps, missing, play

ON_A_SHEET = 6
ACROSS = {50: 3, 80: 2, 120: 2}


def main(words: list[str]) -> int:
    """Play, draw, tell. Exit code 1 where there are faults."""
    out = Path(words[0] if words else "looks").resolve()
    for module in LOADED:  # so that a command in a child starts at once
        importlib.import_module(module)
    chosen = set(words[1:]) or {"bundled", "hard", "helps"}
    found: list[str] = []
    for name in sorted(chosen):
        place = out / "houses" / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        found += _house(name, place, out / "screens")
    (out / "faults.txt").write_text("".join(f"{line}\n" for line in found))
    sys.stderr.write(f"{len(found)} faults; {out}\n")
    return 1 if found else 0


def _house(name: str, place: Path, out: Path) -> list[str]:
    """One house, its sheets drawn; what is wrong."""
    out.mkdir(parents=True, exist_ok=True)
    if name == "helps":
        played: Iterable[Played] = helps(place)
    else:
        names = _made(name, place)
        lacking = missing(names)
        if lacking:
            raise SystemExit("no scene plays: " + ", ".join(lacking))
        played = play(place, names)
    found, family = [], []
    for each in played:
        sys.stderr.write(f"{name} {each.scene.line}\n")
        found += [f"{name}: {each.scene.line}: {fault}" for fault in faults(each)]
        family.append(each)
        if len(family) == ON_A_SHEET:
            _draw(name, family, out)
            family = []
    if family:
        _draw(name, family, out)
    return found


def _made(name: str, place: Path) -> Names:
    if name == "bundled":
        return make_bundled(place)
    return make_hard(place, FEW if name == "small" else MANY)


def _draw(name: str, family: list[Played], out: Path) -> None:
    """The sheets of some scenes: each width, on a light ground and on a dark one, and without colour."""
    number = family[0].scene.number
    for columns in WIDTHS:
        frames = [Frame(p.scene.line, p.wide[columns]) for p in family]
        for ground in (LIGHT, DARK):
            svg = sheet(frames, ground, ACROSS[columns])
            write_png(svg, out / f"{name}-{number:03}-{columns:03}-{ground.name}.png")
    frames = [Frame(p.scene.line, p.plain) for p in family]
    write_png(sheet(frames, LIGHT, ACROSS[80]), out / f"{name}-{number:03}-plain.png")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
