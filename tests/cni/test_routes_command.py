"""`cni network routes` and `offer` on the terminal: the second look at a certificate, a file of pairs, dated causes."""

from __future__ import annotations

from pathlib import Path

from cni.schemas.published import faults, json_schema
from tests.cni.helpers import Cni


def test_a_certificate_is_looked_at_again_when_asked(cni: Cni, net: Path) -> None:
    """Both ways round the ring from A to C pass one duct; E hangs on one span."""
    Path("pairs.csv").write_text("a,b\nA,C\nA,E\n")
    words = ("network", "routes", net, "--pairs", "pairs.csv", "--diversity", "risk", "--recheck")
    done = cni(*words, "--json")
    assert done.code == 1
    assert list(faults(done.document, json_schema("cni.routes/1"))) == []
    for pair in done.document["pairs"]:
        assert bool(pair["certificate"]) == (pair["rechecked"] is not None)
        assert not pair["certificate"] or pair["rechecked"]["verdict"] == "holds"
    said = cni(*words).out
    assert "With group duct exempt there is a pair of 7.800 km in all." in said
    assert "Checked again by plain code: it holds." in said


def test_each_step_of_an_offer_names_its_cause(cni: Cni, net: Path) -> None:
    spans = net / "spans.csv"
    rows = spans.read_text().splitlines()
    spans.write_text("\n".join([rows[0] + ",recalls", rows[1] + ",2027-06-01:2", *(r + "," for r in rows[2:])]) + "\n")
    done = cni("network", "offer", net, "--circuits", "circuits.csv")
    assert (done.code, "recall -2" in done.out) == (0, True)
    assert "recall" not in cni("network", "offer", net, "--until", "2027-06-01").out
