"""Rule G7: a decision on an appeal puts right what a person copied wrongly, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allocation.files.pack import pack_digest
from tests.cni.sealed import AFTER, DRAWN, HEAD, House

LETTER = "r2,other,fibre,A,E,2,none"
COPIED = "r2,other,fibre,A,E,1,none"


def written(name: str, *rows: str, head: str = HEAD) -> Path:
    Path(name).write_text("\n".join((head, *rows)) + "\n")
    return Path(name)


@pytest.fixture
def appealed(sealed: House) -> House:
    """isp sealed r1; other's r2 came on paper and was copied as 1 pair instead of 2; other appeals."""
    sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    sealed.document("request", "submit", "--round", "q1", "--member", "other", "--envelope", "seal 004711")
    sealed.at(AFTER).done("round", "close", "q1")
    written("copied.csv", COPIED, "r3,other,fibre,B,C,1,none")
    assert sealed.open_together("ann", "bob", more=("--paper", "2=copied.csv")).code == 0
    sealed.at(DRAWN).award()
    sealed.done("round", "publish", "q1")
    sealed.done("round", "appeal", "q1", "--member", "other", "--request", "r2", "--why", "copied wrongly")
    return sealed


def decide(house: House, file: Path, *more: object) -> Any:
    words = ("round", "decide", "q1", "appeal-1", "--uphold", "--by", "carol", "--why", "the letter says 2")
    return house(*words, "--requests", file, *more)


def pack_of(house: House, name: str = "pack.json") -> dict[str, Any]:
    house.done("round", "export", "q1", "-o", name)
    pack = json.loads(Path(name).read_text())
    assert isinstance(pack, dict)
    return pack


def test_the_lot_is_decided_again_with_the_rows_that_were_put_right(appealed: House) -> None:
    """The whole transcript may be handed in: rows that are as on record put nothing right."""
    done = decide(appealed, written("letter.csv", LETTER, "r3,other,fibre,B,C,1,none"))
    assert (done.code, "put right: r2" in done.err) == (0, True)
    appealed.done("round", "award", "q1")
    pack = pack_of(appealed)
    assert {r["id"]: r["pairs"] for r in pack["requests"]} == {"r2": 2, "r3": 1}
    assert {r["request"]: r["granted"] for r in pack["award"]["requests"]}["r2"] == 2
    (appeal,) = pack["round"]["appeals"]
    (made,) = appeal["corrected"]
    assert (appeal["decided_by"], made["request"]) == ("carol", "r2")
    assert (made["before"]["pairs"], made["after"]["pairs"]) == (1, 2)
    assert made["before"]["received"] == made["after"]["received"] == pack["requests"][0]["received"]
    appealed.done("verify", "pack.json")
    appealed.done("round", "replay", "pack.json")
    appealed.done("round", "publish", "q1")
    appealed.done("audit", "verify")
    listed = {r["id"]: r["version"] for r in appealed.document("request", "list", "--round", "q1")["requests"]}
    assert listed == {"r1": 1, "r2": 2, "r3": 1}


def test_the_public_pack_says_whose_row_was_put_right_and_no_more(appealed: House) -> None:
    assert decide(appealed, written("letter.csv", LETTER)).code == 0
    appealed.done("round", "award", "q1")
    pack_of(appealed)
    appealed.done("round", "publish", "q1")
    appealed.done("round", "export", "q1", "-o", "public.json", "--disclosure", "public")
    public = json.loads(Path("public.json").read_text())
    assert public["round"]["appeals"] == [
        {"appeal": "appeal-1", "state": "upheld", "lot": ["r2", "r3"], "corrected": ["r2"]}
    ]
    appealed.done("verify", "public.json", "--against", "pack.json")


def test_what_came_sealed_counts_as_it_was_sealed(appealed: House) -> None:
    before = Path("cni.db").read_bytes()
    refused = decide(appealed, written("letter.csv", "r1,isp,fibre,A,C,2,node"), "--set-aside", "r1")
    assert (refused.code, "[was_sealed]" in refused.err, "submission 1" in refused.err) == (2, True, True)
    assert appealed.document("round", "show", "q1")["state"] == "published"
    assert Path("cni.db").read_bytes() == before


@pytest.mark.parametrize(
    ("rows", "more", "code"),
    [
        ((LETTER, "r3,other,fibre,B,C,2,none"), (), "not_correctable"),  # the decision names r2 alone
        ((COPIED,), (), "unchanged"),
        ((LETTER,), ("--set-aside", "r2", "--set-aside", "r3"), "unchanged"),
        (("r2,third,fibre,A,E,2,none",), (), "not_correctable"),
        ((LETTER, "r9,other,fibre,A,E,1,none"), (), "unknown_id"),
        (("r2,other,fibre,A,Z,2,none",), (), "dangling"),
        ((), (), "missing_value"),
    ],
)
def test_rows_that_are_no_correction_are_refused(
    appealed: House, rows: tuple[str, ...], more: tuple[str, ...], code: str
) -> None:
    refused = decide(appealed, written("letter.csv", *rows), *more)
    assert (refused.code, f"[{code}]" in refused.err) == (2, True), refused.err
    assert appealed.document("round", "show", "q1")["appeals"][0]["state"] == "lodged"


def test_the_time_of_a_request_stays(appealed: House) -> None:
    file = written("letter.csv", f"{LETTER},2027-01-01T00:00:00Z", head=f"{HEAD},received")
    refused = decide(appealed, file)
    assert (refused.code, "received of r2 stays" in refused.err) == (2, True)


def test_a_dismissed_appeal_puts_nothing_right(appealed: House) -> None:
    file = written("letter.csv", LETTER)
    words = ("round", "decide", "q1", "appeal-1", "--dismiss", "--why", "no", "--requests", file)
    assert appealed(*words).code == 2


def test_what_came_in_the_open_can_be_put_right_twice(house: Any) -> None:
    """Each correction takes the place of the one before; the digest of the gate is still that of the first row."""

    def done(*words: object) -> None:
        found = house(*words)
        assert found.code == 0, found.err

    for words in (("close", "q1"), ("award", "q1"), ("publish", "q1")):
        done("round", *words)
    for number, pairs in ((1, 3), (2, 4)):
        done("round", "appeal", "q1", "--member", "other", "--request", "r2", "--why", "copied wrongly")
        file = written("again.csv", f"r2,other,fibre,A,E,{pairs},none")
        done("round", "decide", "q1", f"appeal-{number}", "--uphold", "--why", "so it was", "--requests", file)
        done("round", "award", "q1")
        done("round", "publish", "q1")
        done("round", "export", "q1", "-o", f"pack-{number}.json")
        done("verify", f"pack-{number}.json")
    pack = json.loads(Path("pack-2.json").read_text())
    asked = [(c["before"]["pairs"], c["after"]["pairs"]) for a in pack["round"]["appeals"] for c in a["corrected"]]
    assert asked == [(5, 3), (3, 4)]


def test_a_pack_whose_correction_was_changed_does_not_verify(appealed: House) -> None:
    assert decide(appealed, written("letter.csv", LETTER)).code == 0
    appealed.done("round", "award", "q1")
    pack = pack_of(appealed)

    def faults(change: Any) -> set[str]:
        changed = json.loads(json.dumps(pack))
        change(changed["round"], changed["round"]["appeals"][0]["corrected"][0])
        changed["digest"] = pack_digest(changed)
        Path("changed.json").write_text(json.dumps(changed))
        found = appealed("verify", "changed.json", "--json").document
        return {c["code"] for c in found["checks"] if not c["ok"]}

    assert faults(lambda r, c: None) == set()
    assert faults(lambda r, c: c["after"].update(pairs=3)) == {"gate"}
    assert faults(lambda r, c: c["before"].update(received="x")) == {"gate"}
    assert faults(lambda r, c: (c["before"].update(member="isp"), c["after"].update(member="isp"))) == {"gate"}
    assert faults(lambda r, c: r["appeals"][0].update(decided_by="")) == {"gate"}
    assert faults(lambda r, c: r["appeals"][0].update(state="lodged")) == {"gate"}
    assert faults(lambda r, c: r["closing"]["sealed"][1].update(paper=False)) == {"gate"}
    assert faults(lambda r, c: r["appeals"][0]["corrected"].append({**c, "before": c["before"] | {"pairs": 9}})) == {
        "gate"
    }
