"""What the fuzzer starts from: one good file of every kind that a command reads, and a small house with something in it."""

from __future__ import annotations

import io
import os
import shutil
from contextlib import redirect_stdout
from pathlib import Path

from cni.__main__ import main
from scenarios.fibre_manchester import folder as bundled
from tests.cni.conftest import write_inputs

DRAWN = "2027-01-04T09:00:00Z"


def run(*words: object) -> None:
    """A command that must succeed."""
    with redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        code = main([*map(str, words), "--quiet"])
    if code not in (0, 1):
        raise AssertionError(f"cni {' '.join(map(str, words))}: exit {code}")


def build(place: Path) -> None:
    """Write the corpus into an empty folder, which becomes the working folder while it lasts."""
    before, clock = Path.cwd(), os.environ.get("CNI_CLOCK")
    place.mkdir(parents=True, exist_ok=True)
    os.chdir(place)
    os.environ["CNI_CLOCK"] = DRAWN
    try:
        _files()
        _house()
    finally:
        os.chdir(before)
        if clock is None:
            os.environ.pop("CNI_CLOCK")
        else:
            os.environ["CNI_CLOCK"] = clock


def _files() -> None:
    write_inputs(Path())
    (net := Path("net")).joinpath("risk_groups.csv").write_text("id,name,kind\nduct,Duct,duct\n")
    net.joinpath("organisations.csv").write_text(
        "id,name,roles\nisp,One,user\nother,Two,user\ncouncil,C,contributor\ntram,T,contributor\n"
    )
    Path("pairs.csv").write_text("a,b\nA,C\nA,E\n")
    Path("candidates.csv").write_text(
        "id,start,end,owner,fibre_count,length_km,cost\nx1,B,E,council,24,3.0,12000.50\nx2,A,C,tram,24,4.0,9000\n"
    )
    run(
        "allocate",
        "net",
        "requests.csv",
        "--circuits",
        "circuits.csv",
        "--policy",
        "policy.toml",
        "--seed",
        "s",
        "-o",
        "award.json",
        "--pack",
        "pack.json",
    )
    run("award", "circuits", "award.json", "-o", "granted.csv", "--start", "2027-02-01", "--end", "2030-02-01")
    for name in ("net.json", "net.geojson", "net.gpkg", "net.kml"):
        run("network", "convert", "net", name)
    Path("requests.json").write_text(
        '[{"id":"r1","member":"isp","kind":"fibre","a":"A","b":"C","pairs":1,"diversity":"node"}]'
    )
    Path("requests.yaml").write_text(
        "- {id: r1, member: isp, kind: fibre, a: A, b: C, pairs: 1}\n- {id: r2, member: other, kind: colocation, node: A, rack_units: 2}\n"
    )
    source = bundled()
    for name in ("carbon.csv", "flood.toml", "today.toml", "recall.toml", "build-budget.toml"):
        shutil.copy(source / "scenarios" / name, name)
    shutil.copytree(source / "facts", "facts")
    shutil.copy(source / "tariff-indexed.toml", "tariff-indexed.toml")
    for name in ("ann", "bob", "cat"):
        run("key", "new", f"{name}.key")


def _house() -> None:
    url = f"sqlite:///{Path.cwd()}/cni.db"
    for words in (
        ("init",),
        ("network", "import", "net", "--circuits", "circuits.csv", "--why", "first"),
        ("round", "create", "q1", "--policy", "policy.toml"),
        ("round", "open", "q1"),
        ("request", "import", "requests.csv", "--round", "q1"),
        ("round", "close", "q1"),
        ("round", "award", "q1"),
        ("round", "publish", "q1"),
        ("round", "create", "q2", "--policy", "policy.toml"),
        ("round", "open", "q2"),
        ("bill", "tariff", "import", "tariff.toml"),
        ("bill", "policy", "import", "policy.toml"),
        ("works", "plan", "w-1", "--span", "de", "--from", "2027-05-02T22:00:00Z", "--to", "2027-05-03T05:00:00Z"),
        ("access", "add", "ana", "--email", "ana@isp.example", "--member", "isp"),
        ("db", "backup", "backup.db"),
    ):
        run(*words, "--db", url)
    Path("log.json").write_text('{"schema":"cni.audit_log/1","entries":[]}')
