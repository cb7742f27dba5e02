"""No screen of any command is wider than its window, none of them needs colour, and a pipe gets words alone.

Played on the hard house, small; `python3 dev.py looks` plays the large ones, and draws them.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from cni.cli import help_of
from cni.views.bill import settlement_view
from cni.views.blocks import Para
from tests.cni.children import LOADED
from tests.looks.house import FEW, make_hard
from tests.looks.play import ESCAPE, WIDTHS, every_command, missing, piped_to_file, told_by_chance, too_wide
from tests.looks.screen import at_widths, in_terminal, read
from tests.looks.script import Scene, scenes

LONG = ("demo",)
"""Played by `dev.py looks` alone: it takes as long as all others together, and has tests of its own."""


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Scene, dict[int, list[str]]]]:
    """Each scene with its lines on terminals of 50, 80 and 120 columns."""
    for module in LOADED:  # so that a command in a child starts at once
        import_module(module)
    place = tmp_path_factory.mktemp("looks")
    names = make_hard(place, FEW)
    assert missing(names) == []
    found = []
    for scene in scenes(names):
        if scene.words[0] in LONG:
            continue
        words, clock = scene.ready(place), {"CNI_CLOCK": scene.at}
        if scene.into:
            text, code = piped_to_file(words, place, clock)
            (place / scene.into).write_text((place / ".out").read_text())
            lines = {0: text.splitlines()}
        else:
            shown = in_terminal(words, place, 80, clock, WIDTHS)
            lines, code, text = at_widths(shown.raw, 80), shown.code, shown.raw
        assert code in ((2,) if scene.refused else (0, 1, 3)), (scene.line, code, text)
        found.append((scene, lines))
    return found


def test_no_line_of_any_command_is_wider_than_the_window(screens: list[tuple[Scene, dict[int, list[str]]]]) -> None:
    """But for a word that fits in no line: a long id, a path or a digest stays whole, so that it can be copied."""
    found = [
        f"{scene.line} at {columns}: {line}"
        for scene, lines in screens
        for columns in WIDTHS
        for line in too_wide(lines.get(columns, []), columns)
    ]
    assert found == []


def test_every_screen_says_something_and_none_says_a_value_of_python(
    screens: list[tuple[Scene, dict[int, list[str]]]],
) -> None:
    for scene, lines in screens:
        said = "\n".join(line for each in lines.values() for line in each)
        assert said.strip(), scene.line
        assert not any(word in said.split() for word in ("None", "True", "False", "nan", "{}", "[]")), scene.line


def test_a_tariff_is_shown_as_one_list_of_values_and_a_table_of_prices(
    screens: list[tuple[Scene, dict[int, list[str]]]],
) -> None:
    """What is priced comes first, figures stand to the right."""
    shown = next(lines[80] for scene, lines in screens if scene.words[:3] == ("bill", "tariff", "show"))
    assert "day_count              actual/365" in shown
    assert "product                valid from  amount  discount  term years" in shown
    assert "kw_month               2025-01-01     210         0           0" in shown


def test_a_settlement_spells_out_a_hundred_charges_and_counts_the_others() -> None:
    charge = {"member": "m", "circuit": "c", "text": "sum", "amount_pence": 1}
    sums = {"margin_pence": 0, "reserve_pence": 0, "unallocated_pence": 0, "balance_pence": 130}
    document = {"period": "a/b", "charges": [charge] * 130, "fees": [], "tax": [], "scaling": "", **sums}
    blocks = list(settlement_view(document))
    assert sum(block == Para("c: sum", indent=2) for block in blocks) == 100
    assert Para("and 30 more; --json has all", "quiet") in blocks


def test_levels_that_are_alike_stand_in_one_row(screens: list[tuple[Scene, dict[int, list[str]]]]) -> None:
    shown = next(lines[80] for scene, lines in screens if scene.words[:2] == ("round", "award"))
    levels = shown[shown.index("kind        at least  groups  at most  proof") + 1 :]
    assert levels[0].split() == ["fibre", "1", "to", levels[0].split()[3], *levels[0].split()[4:]]


@pytest.mark.parametrize("columns", WIDTHS)
def test_no_help_is_wider_than_the_window(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERMINAL_WIDTH", str(columns))
    found = [f"{' '.join(p)}: {x}" for p in every_command() for x in too_wide(help_of([*p]).splitlines(), columns)]
    assert found == []
    assert not [path for path in every_command() if "[[" in help_of([*path])]


WORDS = (
    ("explain", "span_full"),
    ("explain", "nothing"),
    ("network", "check", "network"),
    ("network", "offer", "network", "--circuits", "circuits.csv"),
    ("network", "offer", "nowhere"),
    ("network", "chekc"),
    ("network", "map", "network", "-o", "map.svg"),
    ("scenario", "weak-points", "network"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the hard house."""
    place = tmp_path_factory.mktemp("looks-plain")
    make_hard(place, FEW)
    return place


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_without_colour_the_words_are_the_same_and_nothing_else_is_sent(words: tuple[str, ...], house: Path) -> None:
    coloured = in_terminal(words, house, 80, {})
    plain = in_terminal(words, house, 80, {"NO_COLOR": "1"})
    assert plain.texts == coloured.texts
    assert not ESCAPE.search(plain.raw)
    assert "\x1b" not in piped_to_file(words, house, {})[0]


def test_a_terminal_shows_the_first_rows_of_a_long_table_and_a_pipe_gets_all(house: Path) -> None:
    """The offer of the hard house has more changes than anybody reads."""
    words = ("network", "offer", "network", "--circuits", "circuits.csv")
    shown = in_terminal(words, house, 50, {}).texts
    assert "more rows; a pipe (| less) or a file gets all of them" in " ".join(shown)
    piped = piped_to_file(words, house, {"COLUMNS": "50"})[0].splitlines()
    assert len(piped) > len(shown)
    assert "more rows" not in "\n".join(piped)


def test_a_warning_says_that_it_is_one(house: Path) -> None:
    """Its colour alone would not tell it from an error."""
    (house / "odd.csv").write_text((house / "requests.csv").read_text().replace("diversity", "diverse", 1))
    said = piped_to_file(("request", "check", "network", "odd.csv"), house, {})[0]
    assert "[note: unknown_column]" in said or "[warning: unknown_column]" in said


def test_a_message_in_a_terminal_breaks_between_words_and_in_a_pipe_nowhere(house: Path) -> None:
    words = ("network", "offer", "nowhere")
    assert in_terminal(words, house, 40, {}).texts == [
        "nowhere: There is no folder nowhere.",
        "  [missing_folder]",
        "1 problem; nothing was changed.",
        "`cni explain missing_folder` tells what",
        "it means.",
    ]
    assert "1 problem; nothing was changed. `cni" in piped_to_file(words, house, {})[0]


def test_the_terminal_of_these_tests_reads_as_a_terminal_does() -> None:
    assert ["".join(t for t, _ in line) for line in read("10 %\r\x1b[2K20 %\r\x1b[2Kdone\r\n\x1b[1mx\x1b[0my\r\n")] == [
        "done",
        "xy",
    ]
    with pytest.raises(ValueError, match="not understood"):
        read("\x1b[3A")
    assert told_by_chance(("key", "new"))


def test_a_line_that_could_have_been_folded_is_found_and_a_long_word_is_not() -> None:
    could = "one two three four five six seven eight nine ten eleven"
    assert too_wide([could, "digest  " + "a" * 64, "$ cni verify pack.json --against member.json --partial"], 50) == [
        could
    ]
    quoted = "`cni round show plain` tells what came of it, and when it was"
    assert too_wide([quoted], 50) == [quoted]
    assert too_wide([could], 80) == []
