"""Files in and out: lossless, and every fault with its file, line, column and value, all at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import DAY, circuit, network
from topology.canonical import digest_of
from topology.files.circuits import read_circuits, write_circuits
from topology.files.columns import NETWORK_TABLES
from topology.files.csv_folder import read_network, write_network
from topology.files.json_form import circuits_from_json, circuits_to_json, network_from_json, network_to_json
from topology.model import Circuit, Network, Node, Organisation, RiskGroup, Span
from topology.problems import BadInput, Problem

NODES = "id,name,type,lat,lon\nA,Alpha,pop,53.48,-2.24\nB,Beta,pop,53.49,-2.23\n"
SPANS = "id,start,end,owner,fibre_count,length_km\ns,A,B,o,48,1.5\n"


def folder_of(path: Path, **files: str | bytes) -> Path:
    """A network folder with good nodes and spans, some files replaced."""
    for name, content in {"nodes": NODES, "spans": SPANS, **files}.items():
        file = path / (name.replace("_toml", ".toml") if name.endswith("_toml") else f"{name}.csv")
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems(path: Path, **files: str | bytes) -> list[Problem]:
    with pytest.raises(BadInput) as caught:
        read_network(folder_of(path, **files))
    return list(caught.value.problems)


def places(found: list[Problem]) -> list[tuple[str, int, str, str]]:
    return [(p.file, p.line, p.column, p.code) for p in found]


def test_all_problems_of_all_files_are_named_at_once(tmp_path):
    nodes = "id,name,type,lat,lon,key\nA,Alpha,pop,91,0,maybe\nA,Again,pop,1,1,\nB,,pop,1,1,\n"
    spans = 'id,start,end,owner,fibre_count,length_km\ns,A,Z,o,1.0,"1,5"\nt,B,B,o,-4,nan\ns 3,A,B,o,4,1,\n'
    found = places(problems(tmp_path, nodes=nodes, spans=spans))
    assert found == [
        ("nodes.csv", 2, "key", "bad_value"),
        ("nodes.csv", 2, "lat", "bad_value"),
        ("nodes.csv", 3, "id", "duplicate_id"),
        ("nodes.csv", 4, "name", "missing_value"),
        ("spans.csv", 2, "end", "dangling"),
        ("spans.csv", 2, "fibre_count", "bad_value"),
        ("spans.csv", 2, "length_km", "bad_value"),
        ("spans.csv", 3, "end", "self_loop"),
        ("spans.csv", 3, "fibre_count", "bad_value"),
        ("spans.csv", 3, "length_km", "bad_value"),
        ("spans.csv", 4, "", "ragged_row"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "code"),
    [
        ("", 0, "", "empty_file"),
        ("id,start,end,owner,length_km\n", 1, "fibre_count", "missing_column"),
        ("id,id,start,end,owner,fibre_count,length_km\n", 1, "id", "duplicate_column"),
        ("id,start,end,owner,fibre_count,length_km,\n", 1, "", "nameless_column"),
        (SPANS + 't,"A\n', 3, "", "syntax"),
        (b"\xff\xfei\0d\0", 1, "", "encoding"),
        (SPANS.encode() + b"t,A,B,caf\xe9,4,1\n", 3, "", "encoding"),
        (SPANS + "t,A,B,\0,4,1\n", 3, "", "encoding"),
        (SPANS + "t,A,B,o,4,1e3\n", 3, "length_km", "bad_value"),
        (SPANS + "t,A,B,o,4,inf\n", 3, "length_km", "bad_value"),
        (SPANS + "t,A,B,o,٤,1\n", 3, "fibre_count", "bad_value"),
        (SPANS + f"{'x' * 65},A,B,o,4,1\n", 3, "id", "bad_id"),
        (SPANS + "t,A,B,,4,1\n", 3, "owner", "missing_value"),
    ],
)
def test_each_kind_of_bad_file_is_named(tmp_path, content, line, column, code):
    first = problems(tmp_path, spans=content)[0]
    assert (first.file, first.line, first.column, first.code) == ("spans.csv", line, column, code)


def test_lines_count_also_behind_cells_that_span_lines(tmp_path):
    nodes = 'id,name,type,lat,lon,note\nA,Alpha,pop,53,-2,"one\ntwo\nthree"\nB,Beta,pop,x,-2,"a\nb"\n'
    assert places(problems(tmp_path, nodes=nodes)) == [("nodes.csv", 5, "lat", "bad_value")]


def test_a_ragged_row_does_not_make_others_dangle(tmp_path):
    found = problems(tmp_path, nodes=NODES.replace("B,Beta,", "B,Beta, the second,"))
    assert places(found) == [("nodes.csv", 3, "", "ragged_row")]


@pytest.mark.parametrize("char", ["\u202e", "\x1b", "\u2066", "\x07", "\u200f"])
def test_characters_that_could_hide_something_are_refused_in_names(tmp_path, char):
    found = problems(tmp_path, nodes=NODES.replace("Alpha", f"Al{char}pha"))
    assert found[0].code == "bad_character"
    assert found[0].value.isprintable()


def test_a_missing_folder_a_file_and_a_missing_file_are_told_apart(tmp_path):
    codes = []
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd" / "nodes.csv").mkdir(parents=True)
    for name in ("none", "file", "empty", "odd"):
        with pytest.raises(BadInput) as caught:
            read_network(tmp_path / name)
        codes.append({p.code for p in caught.value.problems})
    assert codes == [{"missing_folder"}, {"not_a_folder"}, {"missing_file"}, {"unreadable_file", "missing_file"}]


def test_hints_name_what_is_probably_meant(tmp_path):
    spans = "id,start,end,Owner,fibre_count,length_km\n"
    assert problems(tmp_path, spans=spans)[0].hint == "Maybe 'Owner' is meant."
    semicolons = problems(tmp_path, spans="id;start;end;owner;fibre_count;length_km\n")
    assert "semicolons" in semicolons[0].hint


def test_a_byte_order_mark_blank_lines_and_any_line_ending_are_fine(tmp_path):
    spans = b"\xef\xbb\xbf" + SPANS.replace("\n", "\r\n").encode() + b"\r\n"
    net, remarks = read_network(folder_of(tmp_path, spans=spans))
    assert (net.spans["s"].length_m, remarks) == (1500, ())


def test_kilometres_are_read_to_whole_metres_half_up(tmp_path):
    rows = "".join(f"s{i},A,B,o,4,{km}\n" for i, km in enumerate(["0.0005", "0.00049", "1.2345", ".5"]))
    net, _ = read_network(folder_of(tmp_path, spans=SPANS + rows))
    assert [net.spans[f"s{i}"].length_m for i in range(4)] == [1, 0, 1235, 500]


def test_unknown_columns_are_kept_and_reported(tmp_path):
    spans = "id,start,end,owner,fibre_count,length_km,colour\ns,A,B,o,4,1,red\n"
    net, remarks = read_network(folder_of(tmp_path, spans=spans))
    assert net.spans["s"].extra == (("colour", "red"),)
    assert [(r.line, r.column, r.code, r.level) for r in remarks] == [(1, "colour", "unknown_column", "note")]


def test_groups_and_types_that_are_not_listed_are_reported_and_taken(tmp_path):
    spans = "id,start,end,owner,fibre_count,length_km,risk_groups\ns,A,B,o,4,1,duct bridge\nt,A,B,o,4,1,duct\n"
    net, remarks = read_network(folder_of(tmp_path, spans=spans, nodes=NODES.replace("Beta,pop", "Beta,hut")))
    assert sorted(net.risk_groups) == ["bridge", "duct"]
    assert [(r.code, r.value) for r in remarks] == [
        ("unknown_type", "hut"),
        ("unlisted_group", "bridge"),
        ("unlisted_group", "duct"),
    ]


def test_network_toml_names_the_network_and_gives_defaults(tmp_path):
    toml = 'name = "N"\nas_of = 2027-01-04\nillustrative = true\ncolour = "red"\n[defaults]\nreserve = 2\n'
    toml += "[defaults.spans]\nown_use = 4\nowner = 'council'\n"
    spans = "id,start,end,fibre_count,length_km,own_use\ns,A,B,48,1,\nt,A,B,48,1,6\n"
    net, remarks = read_network(folder_of(tmp_path, spans=spans, network_toml=toml))
    assert (net.name, net.as_of, net.illustrative, net.extra) == ("N", DAY, True, (("colour", "red"),))
    assert [(s.own_use, s.reserve, s.owner) for s in net.spans.values()] == [(4, 2, "council"), (6, 2, "council")]
    assert [r.column for r in remarks] == ["colour"]


@pytest.mark.parametrize(
    ("toml", "line", "column", "code"),
    [
        ('name = "N"\nas_of = "soon"\n', 2, "as_of", "bad_value"),
        ("name = \n", 1, "", "syntax"),
        ("\n[defaults.spans]\nown_use = -1\n", 3, "own_use", "bad_value"),
        ("[defaults.spans]\nown_uses = 1\n", 2, "own_uses", "unknown_key"),
        ("[defaults]\ncolour = 1\n", 2, "colour", "unknown_key"),
        ("[[odd]]\nx = 1\n", 1, "odd", "unknown_key"),
    ],
)
def test_faults_of_network_toml_have_their_line(tmp_path, toml, line, column, code):
    assert places(problems(tmp_path, network_toml=toml)) == [("network.toml", line, column, code)]


def test_with_organisations_every_owner_must_be_listed(tmp_path):
    organisations = "id,name,roles,member_from,member_to\nq,Q,contributor,2027-02-01,2027-01-01\n"
    found = problems(tmp_path, organisations=organisations)
    assert [(p.file, p.column, p.code) for p in found] == [
        ("organisations.csv", "member_to", "dates_reversed"),
        ("spans.csv", "owner", "dangling"),
    ]


def read_rows(path: Path, *rows: str) -> list[tuple[int, str, str]]:
    """Problems of a circuits file on a path A - B - C with a parallel span, as (line, column, code)."""
    file = path / "circuits.csv"
    file.write_text("id,member,start,end,legs,node,rack_units,power_kw\n" + "".join(r + "\n" for r in rows))
    with pytest.raises(BadInput) as caught:
        read_circuits(file, network("ab A B 1", "ab2 A B 1", "bc B C 1"))
    return [(p.line, p.column, p.code) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("c,m,2027-01-04,2027-01-04,ab,,,", "end", "dates_reversed"),
        ("c,m,2027-02-30,,ab,,,", "start", "bad_value"),
        ("c,m,04/01/2027,,ab,,,", "start", "bad_value"),
        ("c,m,2027-01-04,,ab+xx,,,", "legs", "dangling"),
        ("c,m,2027-01-04,,ab+bc|ab2,,,", "legs", "broken_leg"),
        ("c,m,2027-01-04,,ab+ab2,,,", "legs", "broken_leg"),
        ("c,m,2027-01-04,,ab|ab2|bc,,,", "legs", "bad_value"),
        ("c,m,2027-01-04,,ab,A,1,", "legs", "missing_value"),
        ("c,m,2027-01-04,,,,,", "legs", "missing_value"),
        ("c,m,2027-01-04,,,A,,", "rack_units", "missing_value"),
        ("c,m,2027-01-04,,,Z,1,", "node", "dangling"),
        ("c,m,2027-01-04,,ab,,1,", "rack_units", "wrong_kind"),
    ],
)
def test_each_fault_of_a_circuit_is_named(tmp_path, row, column, code):
    assert read_rows(tmp_path, "ok,m,2027-01-04,,ab+bc,,,", row) == [(3, column, code)]


def test_a_break_in_a_leg_is_named_where_it_is(tmp_path):
    file = tmp_path / "circuits.csv"
    file.write_text("id,member,start,end,legs\nc,m,2027-01-04,,ab+bc+de\n")
    with pytest.raises(BadInput) as caught:
        read_circuits(file, network("ab A B 1", "bc B C 1", "de D E 1"))
    assert "The span de does not follow on bc" in caught.value.problems[0].text


def test_circuits_come_back_as_they_were_written(tmp_path):
    net = network("ab A B 1", "ab2 A B 1", "bc B C 1")
    room = Circuit("r", "m", DAY, node="A", rack_units=4, power_w=1500, price_key="term 3", lit_on=DAY)
    made = (circuit("c", "ab+bc", end=date(2028, 1, 4)), circuit("d", "ab|ab2"), room)
    (tmp_path / "circuits.csv").write_text(write_circuits(made))
    assert read_circuits(tmp_path / "circuits.csv", net)[0] == made
    assert circuits_from_json(circuits_to_json(made), net) == made


IDS = st.text("abcXYZ019._-", min_size=1, max_size=8)
NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12).map(
    lambda t: normalize("NFC", t.strip())
)
DATES = st.none() | st.dates(date(2020, 1, 1), date(2040, 1, 1))
COUNTS = st.integers(0, 10**6)
RATES = st.none() | st.floats(0, 1000, allow_nan=False)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Networks with every field filled now and then."""
    ids = draw(st.lists(IDS, min_size=2, max_size=5, unique=True))
    groups = st.sets(st.sampled_from(["g1", "g2"])).map(lambda g: tuple(sorted(g)))
    extra = st.sampled_from([(), (("colour", "red"),), (("zeta", "a, b"),)])
    degrees = st.floats(-80, 80).map(lambda d: round(d, 6) + 0.0)
    nodes = [
        Node(
            i, draw(NAMES) or "n", draw(st.sampled_from(["pop", "hut"])), draw(degrees), draw(degrees),
            key=draw(st.booleans()), rack_units=draw(COUNTS), power_w=draw(COUNTS), power_reserved_w=draw(COUNTS),
            risk_groups=draw(groups), note=draw(NAMES), extra=draw(extra),
        )
        for i in ids
    ]  # fmt: skip
    spans = []
    for i in range(draw(st.integers(0, 4))):
        a, b = draw(st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True))
        spans.append(
            Span(
                f"s{i}", a, b, "o", draw(COUNTS), draw(COUNTS), name=draw(NAMES), own_use=draw(COUNTS),
                risk_groups=draw(groups), ready_for_service=draw(DATES), cuts_per_km_year=draw(RATES),
                max_pairs_per_member=draw(st.none() | COUNTS), extra=draw(extra),
            )
        )  # fmt: skip
    organisations = draw(st.none() | st.just([Organisation("o", roles=("contributor",), member_from=date(2024, 1, 1))]))
    listed = draw(st.sampled_from([[], [RiskGroup("g1", "duct", repair_hours=4.5)]]))
    return Network.build(
        nodes, spans, listed, organisations, name=draw(NAMES), as_of=draw(DATES), illustrative=draw(st.booleans())
    )


@settings(max_examples=80, deadline=None)
@given(networks())
def test_a_network_comes_back_from_a_folder_and_from_json_as_it_was(tmp_path_factory, net):
    folder = tmp_path_factory.mktemp("net")
    write_network(net, folder)
    assert read_network(folder)[0] == net
    assert network_from_json(network_to_json(net)) == net


def test_shuffled_rows_and_columns_change_no_digest(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, _ = read_network(folder_of(tmp_path / "one"))
    nodes = "lon,lat,type,id,name\n-2.23,53.490,pop,B,Beta\n-2.240,53.48,pop,A,Alpha\n"
    two, _ = read_network(folder_of(tmp_path / "two", nodes=nodes, spans=SPANS.replace("1.5", "1.5000")))
    assert digest_of(network_to_json(one)) == digest_of(network_to_json(two))


@pytest.mark.parametrize(
    "value",
    [None, [], {"nodes": 1}, {"nodes": [], "spans": [{"id": "s"}]}, {"nodes": [{"id": ["x"]}], "spans": []}],
)
def test_a_json_value_that_is_no_network_is_bad_input(value):
    with pytest.raises(BadInput):
        network_from_json(value)


def test_the_column_tables_document_themselves():
    rows = [row for table in NETWORK_TABLES for row in table.documentation()]
    assert all(row["meaning"] and row["type"] for row in rows)
    (length,) = (row for row in rows if row["column"] == "length_km")
    assert {"unit": "km", "required": "yes"}.items() <= length.items()
