"""Facts as files: read whole or refused whole, every fault with its place; the same digest whatever the order of rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.facts import facts_from_json, read_facts
from scenarios.fibre_manchester import folder
from topology.problems import BadInput


def write(place: Path, **files: str) -> Path:
    """A folder of facts; the words are file names without .csv."""
    for name, text in files.items():
        (place / f"{name}.csv").write_text(text)
    return place


def places(place: Path) -> set[tuple[str, int, str]]:
    """(file, line, column) of every fault of a folder."""
    with pytest.raises(BadInput) as caught:
        read_facts(place)
    return {(p.file, p.line, p.column) for p in caught.value.problems}


def test_the_bundled_facts_are_read_and_keep_their_digest_through_json_and_another_order_of_rows(tmp_path):
    facts, remarks = read_facts(folder() / "facts")
    assert remarks == ()
    assert facts_from_json(facts.as_json()).digest == facts.digest
    for path in (folder() / "facts").iterdir():
        head, *rows = path.read_text().splitlines()
        (tmp_path / path.name).write_text("\n".join([head, *reversed(rows)]) + "\n")
    assert read_facts(tmp_path)[0].digest == facts.digest


def test_every_fault_of_every_file_is_named_at_once(tmp_path):
    found = places(
        write(
            tmp_path,
            parties="id,name,vat_number\nx,,GB333289455\n",
            owners="span,owner,share,start\ns1,a,0.6,2027-01-01\n",
            costs="id,contributor,kind,amount,start,end\nk,a,capital,-1,2027-01-01,2026-01-01\n",
            outages="id,start,end,circuit,span\no,2027-01-02T00:00:00Z,2027-01-01T00:00:00Z,c,s\n",
            index="series,reference,month,level,released\nCPI,2015,2027-01-05,0,2027-02-01\n",
        )
    )
    assert found >= {
        ("parties.csv", 2, "name"),
        ("parties.csv", 2, "vat_number"),
        ("costs.csv", 2, "amount"),
        ("outages.csv", 2, "end"),
        ("outages.csv", 2, "circuit"),
        ("index.csv", 2, "month"),
    }


def test_shares_that_do_not_add_up_on_a_day_are_refused(tmp_path):
    rows = "span,owner,share,start,end\ns1,a,0.6,2027-01-01,\ns1,b,0.4,2027-01-01,2028-01-01\n"
    assert places(write(tmp_path, owners=rows)) == {("owners.csv", 2, "share")}


def test_capital_without_years_is_refused(tmp_path):
    rows = "id,contributor,kind,amount,start\nk,a,capital,100,2027-01-01\n"
    assert places(write(tmp_path, costs=rows)) == {("costs.csv", 2, "years")}


def test_a_folder_without_facts_and_a_name_that_is_nearly_one_are_said(tmp_path):
    with pytest.raises(BadInput, match="holds none"):
        read_facts(tmp_path)
    write(tmp_path, party="id,name\nx,X\n", costs="id,contributor,kind,amount,start\nk,a,annual,1,2027-01-01\n")
    (remark,) = read_facts(tmp_path)[1]
    assert (remark.file, remark.code, remark.level) == ("party.csv", "unknown_file", "warning")


@pytest.mark.parametrize(
    ("number", "right"), [("333289454", True), ("123456727", True), ("GB 123 4567 27", True), ("333289455", False)]
)
def test_vat_numbers_are_held_to_their_check_digits(tmp_path, number, right):
    """research 1.4, row 12: by 97, and by 97 less 55."""
    write(tmp_path, parties=f"id,name,vat_number\nx,X,{number}\n")
    if right:
        assert read_facts(tmp_path)[0].party["x"].vat_number == f"GB{number.replace(' ', '').removeprefix('GB')}"
    else:
        assert places(tmp_path) == {("parties.csv", 2, "vat_number")}
