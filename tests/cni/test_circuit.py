"""`cni circuit sheet` and `cni network regroom`: files and database, document, page, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cni.schemas.published import faults, json_schema
from tests.cni.helpers import Cni


@pytest.mark.parametrize(
    "words",
    [
        ("circuit", "sheet", "net", "--circuits", "circuits.csv"),
        ("circuit", "sheet", "net", "--circuits", "circuits.csv", "--node", "B"),
        ("network", "regroom", "net", "A", "C", "--circuits", "circuits.csv"),
    ],
    ids=" ".join,
)
def test_documents_keep_to_their_schema(cni: Cni, net: Path, words: tuple[str, ...]) -> None:
    done = cni(*words, "--json")
    assert done.code == 0
    assert list(faults(done.document, json_schema(done.document["schema"]))) == []
    assert cni(*words).out


def test_the_database_gives_the_same_sheet_as_the_files(cni: Cni, net: Path) -> None:
    assert cni("init").code == 0
    assert cni("network", "import", net, "--circuits", "circuits.csv", "--why", "test").code == 0
    files = cni("circuit", "sheet", net, "--circuits", "circuits.csv", "--json").document
    whole = ("--disclosure", "internal", "--json")
    assert cni("circuit", "sheet", *whole).document["circuits"] == files["circuits"]
    name = files["circuits"][0]["circuit"]
    assert [c["circuit"] for c in cni("circuit", "sheet", name, *whole).document["circuits"]] == [name]


def test_the_database_shows_codes_for_circuits_unless_it_is_said(cni: Cni, net: Path) -> None:
    """A member sees its own by name; all by name are for the coordinator; nothing is for the public."""
    assert cni("init").code == 0
    assert cni("network", "import", net, "--circuits", "circuits.csv", "--why", "test").code == 0
    files = cni("circuit", "sheet", net, "--circuits", "circuits.csv", "--json").document["circuits"]
    masked = cni("circuit", "sheet", "--json", "-o", "s.html").document
    assert (masked["disclosure"], len(masked["circuits"])) == ("member", len(files))
    written = str(masked) + Path("s.html").read_text() + cni("circuit", "sheet").out
    assert not [c for c in files if c["circuit"] in written.split() or f"'{c['circuit']}'" in written]
    assert {c["member"] for c in masked["circuits"]} == {"another-member"}
    own = files[0]["member"]
    mine = cni("circuit", "sheet", "--for", own, "--json").document["circuits"]
    assert {(c["circuit"], c["member"]) for c in mine} == {(c["circuit"], own) for c in files if c["member"] == own}
    assert cni("circuit", "sheet", "--disclosure", "public").code == 2
    assert cni("circuit", "sheet", "--record", "laid.csv").code == 2
    assert not Path("laid.csv").exists()
    assert cni("circuit", "sheet", "--record", "laid.csv", "--disclosure", "internal").code == 0


def test_strands_that_are_recorded_are_kept(cni: Cni, net: Path) -> None:
    done = cni("circuit", "sheet", net, "--circuits", "circuits.csv", "--record", "laid.csv", "--json")
    again = cni("circuit", "sheet", net, "--circuits", "laid.csv", "--json")
    assert [c["recorded"] for c in again.document["circuits"]] == [True] * len(done.document["circuits"])
    assert [c["legs"] for c in again.document["circuits"]] == [c["legs"] for c in done.document["circuits"]]


def test_the_page_is_written_and_another_suffix_is_refused(cni: Cni, net: Path) -> None:
    assert cni("circuit", "sheet", net, "--circuits", "circuits.csv", "-o", "sheet.html").code == 0
    assert Path("sheet.html").read_text().startswith("<!DOCTYPE html>")
    assert cni("circuit", "sheet", net, "--circuits", "circuits.csv", "-o", "sheet.pdf").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("circuit", "sheet", "net", "nobody", "--circuits", "circuits.csv"),
        ("circuit", "sheet", "net", "--circuits", "circuits.csv", "--node", "nowhere"),
        ("circuit", "sheet", "--circuits", "circuits.csv"),
        ("circuit", "sheet", "net", "c1"),
        ("network", "regroom", "net", "A", "nowhere", "--circuits", "circuits.csv"),
        ("network", "regroom", "net", "A", "A", "--circuits", "circuits.csv"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_asked_is_exit_2(cni: Cni, net: Path, words: tuple[str, ...]) -> None:
    done = cni(*words)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_a_regroom_is_recorded_and_nothing_is_written_without_a_proposal(cni: Cni, net: Path) -> None:
    """The one circuit lies across the middle of a tube of four; beside it no two neighbours are free."""
    folder = Path("tube")
    folder.mkdir()
    (folder / "nodes.csv").write_text("id,name,type,lat,lon\nA,A,pop,53.4,-2.2\nB,B,pop,53.5,-2.2\n")
    (folder / "spans.csv").write_text("id,start,end,owner,fibre_count,length_km\ns,A,B,o,4,12\n")
    (folder / "network.toml").write_text("strands_per_tube = 4\n")
    Path("held.csv").write_text("id,member,start,end,legs,strands\nc1,m1,2026-01-01,,s,2-3\n")
    words = ("network", "regroom", folder, "A", "B", "--on", "2027-01-04", "--record", "moved.csv")
    assert cni(*words, "--circuits", "held.csv", "--goal", "neat").code == 2
    assert cni(*words, "--circuits", "held.csv").code == 0
    assert "3-4" in Path("moved.csv").read_text()
    Path("moved.csv").rename("now.csv")
    done = cni(*words, "--circuits", "now.csv")
    assert (done.code, Path("moved.csv").exists()) == (1, False)
    assert "there is no proposal to record" in done.err
