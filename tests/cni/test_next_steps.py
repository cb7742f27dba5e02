"""What a person reads who took a wrong turn: what it was, and the command that goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from cni.cli import help_of
from cni.cli.helping import broken, first_sentence
from tests.cni.helpers import Cni
from tests.cni.sealed import GATE, OPENS, House

LONE = "id,member,kind,a,b,pairs,until\nr1,me,fibre,A,B,1,2030-01-04\n"


def test_an_example_is_broken_between_words_so_that_it_can_be_copied() -> None:
    command = 'cni round appeal q1 --member bobbin --why "S022 has two pairs more"'
    lines = broken(command, 40)
    assert max(map(len, lines)) <= 40
    assert " ".join(line.removesuffix("\\").strip() for line in lines) == command
    assert [line.endswith(" \\") for line in lines] == [True] * (len(lines) - 1) + [False]


def test_no_sentence_in_a_list_of_commands_is_cut_short() -> None:
    assert first_sentence("Close the gate: no request comes\nin any more. Then\n\nExample: x") == (
        "Close the gate: no request comes in any more."
    )
    for words in ((), ("round",), ("bill",), ("circuit",)):
        assert "..." not in help_of(words).partition("Commands:")[2]


def test_every_help_names_both_ways_to_ask_for_it() -> None:
    assert "-h, --help" in help_of([])
    assert "-h, --help" in help_of(["round", "create"])


def test_a_round_without_gate_key_or_lottery_says_so_and_how_to_put_it_right(house: Cni) -> None:
    said = house("round", "create", "q2").err
    assert all(option in said for option in ("--gate", "--key", "--secret-file"))
    assert "cni round override q2 annul" in said
    again = house("round", "create", "q2")
    assert (again.code, "cni round override q2 annul" in again.err) == (2, True)


def test_a_round_with_all_of_them_says_nothing_of_it(house: Cni, monkeypatch: pytest.MonkeyPatch) -> None:
    at = House(house, monkeypatch).at("2027-01-02T09:00:00Z")
    for name in ("ann", "bob", "cat"):
        Path(f"{name}.pub").write_text(at.done("key", "new", f"{name}.key").out.strip())
    trustees = [word for n in ("ann", "bob", "cat") for word in ("-t", f"{n}={Path(f'{n}.pub').read_text()}")]
    at.done("key", "round", *trustees, "-o", "round-key.json")
    at.done("round", "secret", "lottery.txt")
    lottery = ("--secret-file", "lottery.txt", "--public-source", "a draw")
    made = at.done("round", "create", "q2", "--opens", OPENS, "--gate", GATE, "--key", "round-key.json", *lottery)
    assert "not meant so" not in made.err


def test_a_step_too_early_names_the_command_with_the_round(house: Cni) -> None:
    assert "`cni round close q1` is next" in house("round", "publish", "q1").err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("round", "show", "q11"), "Maybe q1 is meant."),
        (("round", "show", "elsewhere"), "`cni round show` lists them."),
        (("round", "explain", "r1", "--round", "q11"), "Maybe q1 is meant."),
    ],
)
def test_an_unknown_round_is_answered_with_one_like_it(house: Cni, words: tuple[str, ...], hint: str) -> None:
    done = house(*words)
    assert (done.code, hint in done.err) == (2, True)


def test_a_column_that_asks_for_nothing_is_named(cni: Cni, net: Path) -> None:
    """A misspelt optional column would change what is asked for, and nobody would hear of it."""
    Path("mine.csv").write_text(LONE)
    assert "The column until is unknown" in cni("request", "check", net, "mine.csv").err


def test_a_check_says_what_it_did_not_know(cni: Cni, net: Path) -> None:
    Path("mine.csv").write_text(LONE)
    said = cni("request", "check", net, "mine.csv").err
    assert "without live circuits (--circuits) and the round's policy (--policy)" in said


def test_a_network_one_folder_deeper_is_pointed_at(cni: Cni, net: Path) -> None:
    done = cni("network", "check", net.parent)
    assert (done.code, f"/{net.name}." in done.err) == (2, True)


def test_a_period_that_leaves_out_the_last_day_of_a_month_is_told(house: Cni) -> None:
    from cni.cli.bill import say_if_cut_short

    house.capfd.readouterr()
    say_if_cut_short("2027-01-01/2027-03-31")
    say_if_cut_short("2027-01-01/2027-04-01")
    assert house.capfd.readouterr().err.count("--period 2027-01-01/2027-04-01") == 1


def test_a_tariff_is_no_policy(house: Cni) -> None:
    Path("tariff.toml").write_text('version = "1"\n[[price]]\nproduct = "x"\namount = "1"\n')
    done = house("bill", "policy", "import", "tariff.toml")
    assert (done.code, "This is a tariff" in done.err) == (2, True)


def test_circuits_of_nobody_are_not_told_as_none(house: Cni) -> None:
    done = house("circuit", "list", "--for", "ispp")
    assert (done.code, "Maybe isp is meant." in done.err) == (2, True)
    assert house("circuit", "list", "--for", "isp").code == 0


def test_a_suffix_in_common_makes_no_two_names_alike(cni: Cni) -> None:
    Path("rk.json").write_text("{}")
    Path("pakc.json").write_text("{}")
    assert "rk.json" not in cni("verify", "award.json").err
    assert "Maybe pakc.json is meant." in cni("verify", "pack.json").err
