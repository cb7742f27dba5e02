"""Every outcome has its exit code; no input makes a traceback; stdout holds results alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cni.__main__ import global_first
from tests.cni.helpers import ROOT, Cni, run


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("network",),
        ("network", "offer"),
        ("network", "offer", "net", "--colour"),
        ("network", "offer", "net", "--on", "2027-02-30"),
        ("network", "offer", "net", "--on", "yesterday"),
        ("network", "offer", "nowhere"),
        ("network", "offer", "net", "--circuits", "none.csv"),
        ("network", "offer", "net", "--circuits", "."),
        ("network", "offer", "net", "--until", "2020-01-01"),
        ("network", "offer", "net/nodes.csv"),
        ("network", "routes", "net", "A"),
        ("network", "routes", "net", "A", "A"),
        ("network", "routes", "net", "A", "Z"),
        ("network", "routes", "net", "A", "B", "--diversity", "most"),
        ("network", "routes", "net", "A", "B", "--max-km", "-1"),
        ("network", "routes", "net", "A", "B", "--max-km", "nan"),
        ("network", "routes", "net", "A", "B", "--pairs", "requests.csv"),
        ("network", "routes", "net", "--pairs", "tariff.toml"),
        ("network", "map", "net", "-o", "map.pdf"),
        ("network", "map", "net", "-o", "nowhere/map.svg"),
        ("network", "convert", "net", "net"),
        ("network", "convert", "net", "out.pdf"),
        ("network", "convert", "net", "out", "--to", "pdf"),
        ("network", "convert", "net", "net.json", "--disclosure", "press"),
        ("network", "convert", "net", "net.json", "--disclosure", "public", "--for", "council"),
        ("request", "check", "net", "none.csv"),
        ("allocate", "net", "requests.csv", "--effort", "-1"),
        ("allocate", "net", "requests.csv", "--effort", "many"),
        ("allocate", "net", "requests.csv", "--time-limit", "0"),
        ("allocate", "net", "requests.csv", "-o", "net"),
        ("allocate", "net", "requests.csv", "--pack", "nowhere/pack.json"),
        ("allocate", "net", "requests.csv", "--policy", "tariff.toml"),
        ("verify", "none.json"),
        ("verify", "requests.csv"),
        ("award", "circuits", "none.json", "--start", "2027-01-01"),
        ("award", "circuits", "requests.csv"),
        ("scenario", "fail", "net", "--circuits", "circuits.csv"),
        ("scenario", "fail", "net", "--circuits", "circuits.csv", "--span", "zz"),
        ("scenario", "fail", "net", "--span", "ab", "--circuits", "none.csv"),
        ("scenario", "sweep", "net", "--circuits", "circuits.csv", "--order", "3"),
        ("scenario", "sweep", "net", "--circuits", "circuits.csv", "--top", "-1"),
        ("bill", "preview", "net", "--circuits", "circuits.csv", "--tariff", "tariff.toml", "--period", "2027"),
        (
            "bill",
            "preview",
            "net",
            "--circuits",
            "circuits.csv",
            "--tariff",
            "tariff.toml",
            "--period",
            "2027-04-01/2027-01-01",
        ),
        (
            "bill",
            "preview",
            "net",
            "--circuits",
            "circuits.csv",
            "--tariff",
            "policy.toml",
            "--period",
            "2027-01-01/2027-04-01",
        ),
        ("bill", "preview", "--period", "2027-01-01/2027-04-01"),
        ("bill", "preview", "net", "--live", "--period", "2027-01-01/2027-04-01"),
        ("bill", "preview", "--live", "--period", "2027-01-01/2027-04-01"),
        ("bill", "run", "--period", "2027-01-01"),
        ("bill", "run", "--period", "2027-01-01/2027-04-01"),
        ("bill", "tariff", "import", "none.toml"),
        ("bill", "tariff", "import", "requests.csv"),
        ("bill", "tariff", "import", "tariff.toml", "--from", "soon"),
        ("bill", "policy", "import", "none.toml"),
        ("bill", "facts", "import", "nowhere"),
        ("bill", "show", "one"),
        ("bill", "finalise", "1"),
        ("bill", "export", "1", "--to", "nothing", "-o", "out"),
        ("bill", "export", "--to", "json", "-o", "out"),
        ("schema", "cni.nothing/1"),
        ("explain", "nothing"),
        ("member", "list"),
        ("member", "list", "--db", "mysql://host/x"),
        ("member", "list", "--db", "not a url"),
        ("member", "list", "--db", "sqlite:///requests.csv"),
        ("audit", "log", "--last", "-1"),
        ("round", "show"),
        ("db", "check"),
        ("serve", "--url", "http://portal.example"),
        ("serve", "--url", "https://portal.example/below"),
        ("serve", "--smtp", ":25"),
        ("serve", "--smtp", "mail.example", "--mail-folder", "mail"),
        ("serve", "--mail-folder", "requests.csv"),
        ("serve", "--host", "203.0.113.9"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_2_without_traceback_and_without_output(cni: Cni, net: Path, words: tuple[str, ...]) -> None:
    before = sorted(p.name for p in cni.folder.rglob("*"))
    done = cni(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err
    assert sorted(p.name for p in cni.folder.rglob("*")) == before


@pytest.mark.parametrize(
    "content", ["", "\x00", "{", "[]", '{"schema": "cni.pack/1"}', '{"a": 1, "a": 2}', "NaN", "[" * 99]
)
def test_a_document_that_cannot_be_read_is_exit_2(cni: Cni, net: Path, content: str) -> None:
    (cni.folder / "x.json").write_text(content)
    for words in (("verify", "x.json"), ("award", "circuits", "x.json", "--start", "2027-01-01")):
        done = cni(*words)
        assert (done.code, done.out) == (2, "")
        assert "Traceback" not in done.err


def test_all_problems_are_listed_with_file_line_and_column(cni: Cni, net: Path) -> None:
    rows = (net / "spans.csv").read_text().replace("1.5,4", "x,4").replace("da,D,A", "da,D,Q")
    (net / "spans.csv").write_text(rows)
    done = cni("network", "offer", net)
    assert done.code == 2
    assert "spans.csv:2:length_km: " in done.err
    assert "spans.csv:4:length_km: " in done.err
    assert "spans.csv:5:end: " in done.err
    assert "3 problems; nothing was changed." in done.err


def test_check_gives_the_findings_as_a_document_even_when_files_cannot_be_read(cni: Cni, net: Path) -> None:
    (net / "spans.csv").write_text("id,start\n")
    done = cni("network", "check", net, "--json")
    assert done.code == 2
    assert {f["code"] for f in done.document["findings"]} == {"missing_column"}


def test_check_is_exit_1_only_for_an_error(cni: Cni, net: Path) -> None:
    assert cni("network", "check", net).code == 0
    (net / "spans.csv").write_text(
        (net / "spans.csv").read_text().replace("ab,A,B,council,12,1.5,4", "ab,A,B,council,12,1.5,40")
    )
    done = cni("network", "check", net)
    assert done.code == 1
    assert "own_use_above_installed" in done.out


def test_routes_are_exit_1_where_there_are_none(cni: Cni, net: Path) -> None:
    assert cni("network", "routes", net, "A", "C", "--diversity", "node").code == 0
    done = cni("network", "routes", net, "A", "E", "--diversity", "span")
    assert done.code == 1
    assert "de" in done.out


def test_pairs_come_from_a_file_too(cni: Cni, net: Path) -> None:
    (cni.folder / "pairs.csv").write_text("a,b\nA,C\nB,E\n")
    done = cni("network", "routes", net, "--pairs", "pairs.csv", "--json")
    assert [(p["a"], p["b"]) for p in done.document["pairs"]] == [("A", "C"), ("B", "E")]
    (cni.folder / "pairs.csv").write_text("a,b\nA,X\nY,E\n")
    assert cni("network", "routes", net, "--pairs", "pairs.csv").err.count("there is no such node") == 2


def test_convert_loses_nothing(cni: Cni, net: Path) -> None:
    assert cni("network", "convert", net, "out").code == 0
    one, other = (cni("network", "offer", folder, "--json").document["inputs"] for folder in (net, "out"))
    assert one == other


def test_the_map_is_written_whole(cni: Cni, net: Path) -> None:
    assert cni("network", "map", net, "-o", "map.svg").code == 0
    text = (cni.folder / "map.svg").read_text()
    assert text.lstrip().startswith(("<svg", "<?xml"))
    assert text.rstrip().endswith("</svg>")


def test_bill_preview_balances(cni: Cni, net: Path) -> None:
    words = ("bill", "preview", net, "--circuits", "circuits.csv", "--tariff", "tariff.toml", "--policy", "policy.toml")
    done = cni(*words, "--period", "2027-01-01/2027-04-01", "--json")
    assert (done.code, done.document["balance_pence"]) == (0, 0)
    assert [c["amount_pence"] for c in done.document["charges"]] == [78_000, 60_000, 18_000]
    shown = cni(*words, "--period", "2027-01-01/2027-04-01")
    assert "= balance                0.00" in shown.out


def test_json_is_the_document_and_nothing_else_in_canonical_bytes(cni: Cni, net: Path) -> None:
    from topology.canonical import canonical_bytes

    done = cni("scenario", "weak-points", net, "--json")
    assert canonical_bytes(done.document).decode() + "\n" == done.out


def test_a_fault_of_ours_is_exit_70_in_one_line(cni: Cni, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cni.explanations.codes.EXPLANATIONS", None)
    done = cni("explain", "late")
    assert (done.code, done.out) == (70, "")
    assert "a fault of cni" in done.err
    assert "Traceback" not in done.err
    with pytest.raises(TypeError):
        cni("explain", "late", "--debug")


def test_ctrl_c_is_exit_130(cni: Cni, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cni.cli.render.show", interrupted)
    assert cni("schema").code == 130


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m cni explain | head -1; echo ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_a_full_disk_behind_stdout_is_told(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cni", "explain", "--json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_global_options_may_stand_anywhere() -> None:
    words = ["member", "list", "--db", "sqlite:///x.db", "--debug", "--", "--db"]
    assert global_first(words) == ["--db", "sqlite:///x.db", "--debug", "member", "list", "--", "--db"]
    assert global_first(["member", "--db=x", "list"]) == ["--db=x", "member", "list"]


def test_terminal_codes_in_data_are_shown_not_obeyed(cni: Cni, net: Path) -> None:
    (net / "nodes.csv").write_text((net / "nodes.csv").read_text().replace("Beta", "\x1b[31mred"))
    done = cni("network", "offer", net)
    assert done.code == 2
    assert "\x1b" not in done.err


def test_brackets_in_names_are_shown_as_they_are(cni: Cni) -> None:
    cni("init")
    assert cni("member", "add", "odd", "--name", "[red]A[/x] \"B\" 'C' <d> & {e}").code == 0
    assert "[red]A[/x] \"B\" 'C' <d> & {e}" in cni("member", "list").out


def test_quiet_silences_messages_but_not_errors(cni: Cni) -> None:
    assert cni("init", "--quiet").err == ""
    assert cni("init", "--quiet").err.startswith("error: ")


@pytest.mark.parametrize("columns", [30, 50, 59, 60, 80, 120])
def test_nothing_is_wider_than_the_window_and_no_id_is_cut(
    cni: Cni, net: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    done = cni("network", "offer", net)
    assert max(len(line) for line in done.out.splitlines()) <= columns
    assert {"ab", "bc", "cd", "da", "de"} <= set(done.out.split())


def test_commands_run_as_a_process_of_their_own(net: Path, tmp_path: Path) -> None:
    done = run("network", "offer", "net", "--json", folder=tmp_path)
    assert (done.code, done.document["schema"]) == (0, "cni.offer/1")


def test_an_interrupted_process_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    program = "import sys, time; import cni.cli.render as r; r.show = lambda *a, **k: (print('up', flush=True), time.sleep(30)); from cni.__main__ import main; sys.exit(main(['schema']))"
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, "")
