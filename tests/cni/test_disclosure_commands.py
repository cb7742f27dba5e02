"""What commands write for members and for the public holds nothing that these may not see, in any form."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cni.helpers import Cni
from tests.topology.test_disclosure_leaks import SECRET_FROM_MEMBERS, SECRET_FROM_THE_PUBLIC, holds, network
from topology.files.csv_folder import write_network

SECRETS = {
    "member": (*SECRET_FROM_MEMBERS, "SECRETCIRCUIT"),
    "public": (*SECRET_FROM_THE_PUBLIC, "SECRETCIRCUIT"),
}
EXPORTS = ("x", "x.json", "x.geojson", "x.gpkg", "x.kml", "netbox")
CIRCUIT = "id,member,start,end,legs\nSECRETCIRCUIT,isp-quiet,2026-01-01,,SECRETSPAN\n"


@pytest.fixture
def house(cni: Cni) -> Cni:
    """A database that holds the network full of secrets and a circuit; the files stand in `net`."""
    write_network(network(), cni.folder / "net")
    (cni.folder / "circuits.csv").write_text(CIRCUIT)
    assert cni("init").code == 0
    assert cni("network", "import", "net", "--circuits", "circuits.csv", "--why", "test").code == 0
    return cni


def everything(path: Path) -> str:
    """The bytes of a file or of all files of a folder, and whatever SQLite tells of one."""
    files = [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if p.is_file()]
    texts = [p.read_bytes().decode("latin-1") for p in files]
    if path.suffix == ".gpkg":
        texts += list(sqlite3.connect(path).iterdump())
    return "\n".join(texts)


def leaks(folder: Path, audience: str) -> list[str]:
    """The secrets that stand in what was written into a folder."""
    text = everything(folder)
    assert len(text) > 100
    return [secret for secret in SECRETS[audience] if holds(text, secret)]


@pytest.mark.parametrize("audience", SECRETS)
@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("source", ["files", "database"])
def test_exports_hold_nothing_that_was_dropped(house: Cni, source: str, name: str, audience: str) -> None:
    words = ("convert", "net") if source == "files" else ("export",)
    asked = () if audience == "member" and source == "database" else ("--disclosure", audience)  # member is the default
    to = ("--to", "netbox") if name == "netbox" else ()
    (house.folder / "out").mkdir()
    assert house("network", *words, f"out/{name}", *asked, *to).code == 0
    assert leaks(house.folder / "out", audience) == []


@pytest.mark.parametrize(
    ("audience", "by"),
    [("member", "spare"), ("member", "owner"), ("member", "risk"), ("public", "spare"), ("public", "owner")],
)
@pytest.mark.parametrize("suffix", ["html", "svg"])
@pytest.mark.parametrize("source", ["files", "database"])
def test_maps_hold_nothing_that_was_dropped(house: Cni, source: str, suffix: str, audience: str, by: str) -> None:
    words = ("net", "--circuits", "circuits.csv") if source == "files" else ()
    asked = () if audience == "member" and source == "database" else ("--disclosure", audience)
    (house.folder / "out").mkdir()
    assert house("network", "map", *words, "-o", f"out/m.{suffix}", "--by", by, *asked).code == 0
    assert leaks(house.folder / "out", audience) == []


def test_sheets_from_the_database_hold_nothing_that_was_dropped(house: Cni) -> None:
    (house.folder / "out").mkdir()
    shown = house("circuit", "sheet", "-o", "out/s.html", "--on", "2026-06-01")
    assert shown.code == 0
    (house.folder / "out" / "s.txt").write_text(shown.out)
    (house.folder / "out" / "s.json").write_text(house("circuit", "sheet", "--json", "--on", "2026-06-01").out)
    assert [
        *leaks(house.folder / "out", "member"),
        *(["isp-quiet"] if "isp-quiet" in everything(house.folder / "out") else []),
    ] == []
    whole = house("circuit", "sheet", "--json", "--on", "2026-06-01", "--disclosure", "internal").out
    assert all(holds(whole, secret) for secret in ("SECRETCIRCUIT", "isp-quiet", "6151", "77.377"))


@pytest.mark.parametrize("audience", SECRETS)
@pytest.mark.parametrize("suffix", ["json", "csv", "html"])
def test_the_check_of_a_cut_network_holds_nothing_that_was_dropped(house: Cni, suffix: str, audience: str) -> None:
    (house.folder / "out").mkdir()
    assert house("network", "convert", "net", "cut", "--disclosure", audience).code == 0
    done = house("network", "check", "cut", "-o", f"out/f.{suffix}")
    assert done.code in (0, 1)
    (house.folder / "out" / "shown.txt").write_text(done.out)
    assert leaks(house.folder / "out", audience) == []


def test_the_figures_of_the_database_are_those_that_members_may_see(house: Cni) -> None:
    """6151 strands less 4093, 1021 and 509 set aside are 528; the length is rounded up to 0.1 km; key nodes are internal."""
    shown = house("network", "show", "--json").document
    assert (shown["strands"], shown["length_m"], shown["key_nodes"]) == (528 + 10, 77_400 + 6000, None)
    whole = house("network", "show", "--disclosure", "internal", "--json").document
    assert (whole["strands"], whole["length_m"], whole["key_nodes"]) == (6151 + 10, 77_377 + 6000, 0)
