"""Files that were mistaken for others: the refusal says what was given, and which file is probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cni.billed import Q1, Bills
from tests.cni.helpers import Cni
from tests.cni.sealed import House

PREVIEW = ("bill", "preview", "net", "--period", "2027-01-01/2027-04-01")


def said(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("request", "check", "net", "."), "Maybe requests.csv is meant."),
        ((*PREVIEW, "--circuits", ".", "--tariff", "tariff.toml"), "Maybe circuits.csv is meant."),
        ((*PREVIEW, "--circuits", "circuits.csv", "--tariff", "."), "Maybe tariff.toml is meant."),
        (("allocate", "net", "requests.csv", "--policy", "."), "Maybe policy.toml is meant."),
        (("verify", "."), "None of its files ends in .json."),
        (("scenario", "run", "."), "Maybe one of its files is meant: policy.toml, tariff.toml."),
        (("scenario", "build", "net", "--candidates", "net"), "nodes.csv, spans.csv."),
        (("round", "create", "q1", "--secret-file", "net"), "network.toml, nodes.csv, spans.csv."),
    ],
)
def test_a_folder_in_place_of_a_file(cni: Cni, net: Path, words: tuple[str, ...], meant: str) -> None:
    """Files of the tests stand in the folder itself: circuits, requests, policy, tariff; the network's in net."""
    done = cni(*words)
    assert done.code == 2
    assert meant in said(done.err), done.err


def test_a_folder_of_many_files_names_five(cni: Cni, net: Path) -> None:
    Path("many").mkdir()
    for number in range(7):
        Path(f"many/{number}.json").write_text("{}")
    done = cni("verify", "many")
    assert "0.json, 1.json, 2.json, 3.json, 4.json and 2 more." in said(done.err)


def test_a_tariff_is_no_policy_and_a_policy_no_tariff(cni: Cni, net: Path) -> None:
    """One sentence with the line, in place of an unknown key for each of its keys."""
    assert cni("init").code == 0
    done = cni("round", "create", "q1", "--policy", "tariff.toml")
    assert (done.code, "tariff.toml:3: This is a tariff, not a policy." in done.err) == (2, True)
    assert "1 problem" in done.err
    done = cni(*PREVIEW, "--circuits", "circuits.csv", "--tariff", "policy.toml")
    assert (done.code, "policy.toml:3: This is a policy, not a tariff." in done.err) == (2, True)
    assert "1 problem" in done.err


@pytest.mark.parametrize("given", ["recipient", "secret"])
def test_one_trustees_key_is_not_the_rounds(sealed: House, given: str) -> None:
    Path("ann.pub").write_text(sealed.done("key", "new", "new.key").out)
    file = {"recipient": "ann.pub", "secret": "new.key"}[given]
    refused = sealed("round", "create", "q2", "--key", file)
    assert (refused.code, "[bad_key]" in refused.err, "cni key round" in said(refused.err)) == (2, True, True)
    assert Path(file).read_text().splitlines()[-1] not in refused.err


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("r.csv", "id,member,kind,a,b,pairs\nr1,isp,fibre,A,C,1\nr2,other,fibre,A,E,2\n", 3),
        ("r.yaml", "- {id: r1, member: isp, kind: fibre, a: A, b: C, pairs: 1}\n- {id: r2, member: other, kind: fibre,\n"
         "   a: A, b: E, pairs: 2}\n", 2),
    ],
)  # fmt: skip
def test_another_members_request_is_named_with_its_line(sealed: House, name: str, text: str, line: int) -> None:
    Path(name).write_text(text)
    refused = sealed("request", "seal", name, "--round", "q1", "--member", "isp", "--to", "age1x", "-o", "x.age")
    assert (refused.code, f"{name}:{line}:member: r2 is a request of another member" in refused.err) == (2, True)
    assert not Path("x.age").exists()


def test_a_period_that_was_billed_a_day_short_names_the_run_that_is_missing(bills: Bills) -> None:
    bills.final("2027-01-01/2027-03-31")
    refused = bills("bill", "run", "--period", Q1)
    assert (refused.code, "Not billed yet: --period 2027-03-31/2027-04-01." in said(refused.err)) == (2, True)
    bills.final("2027-03-31/2027-04-01")
    refused = bills("bill", "run", "--period", Q1)
    assert "All of it was billed" in said(refused.err)
    refused = bills("bill", "run", "--period", "2026-12-01/2027-05-01")
    assert "--period 2026-12-01/2027-01-01, --period 2027-04-01/2027-05-01." in said(refused.err)
    assert bills.well()


def test_convert_says_what_is_next_where_the_whole_was_written(cni: Cni, net: Path) -> None:
    assert "next: cni network check out.json" in cni("network", "convert", "net", "out.json").err
    assert "next:" not in cni("network", "convert", "net", "public.json", "--disclosure", "public").err
    assert "next:" not in cni("network", "convert", "net", "box", "--to", "netbox").err


def test_scenarios_side_by_side_leave_out_what_is_0_in_each(cni: Cni, net: Path) -> None:
    """Without circuits nothing of them differs; a single scenario keeps its zeros."""
    for name in ("one", "two"):
        Path(f"{name}.toml").write_text('schema = "cni.scenario/1"\n[base]\nnetwork = "net"\n')
    both = cni("scenario", "compare", "one.toml", "two.toml")
    assert both.code == 0, both.err
    assert "0 in each, left out: circuits, circuits down, circuits on one leg" in said(both.out)
    assert "\ncircuits down" not in both.out
    assert "\nkey pairs lost" not in both.out
    assert "\nkey pairs  " in both.out
    assert "\ncircuits down" in cni("scenario", "run", "one.toml").out
