"""Fixtures for the tests of the command line and the database."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cni.__main__ import main
from tests.cni.billed import bills  # noqa: F401 -- a fixture
from tests.cni.helpers import Cni
from tests.cni.postgres import empty_postgres, server  # noqa: F401 -- fixtures
from tests.cni.sealed import AFTER, DRAWN, House, make_house, make_round
from tests.cni.stores import at_home, built_shared, empty, kind, store  # noqa: F401 -- fixtures


@pytest.fixture
def cni(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cni:
    """`cni` in an empty folder, 80 columns wide, without colour."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("CNI_DATABASE_URL", raising=False)
    return Cni(capfd, tmp_path)


def write_inputs(tmp_path: Path) -> Path:
    """The input files of these tests in a folder; returns the network's."""
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "nodes.csv").write_text(
        "id,name,type,lat,lon,key,rack_units,power_kw\n"
        "A,Alpha,pop,53.40,-2.20,true,10,5\n"
        "B,Beta,pop,53.40,-2.18,true,,\n"
        "C,Gamma,pop,53.42,-2.18,true,,\n"
        "D,Delta,pop,53.42,-2.20,,,\n"
        "E,Epsilon,pop,53.44,-2.20,true,,\n"
    )
    (folder / "spans.csv").write_text(
        "id,start,end,owner,fibre_count,length_km,own_use,reserve,risk_groups\n"
        "ab,A,B,council,12,1.5,4,2,\n"
        "bc,B,C,council,12,2.4,4,2,duct\n"
        "cd,C,D,tram,12,1.5,4,2,duct\n"
        "da,D,A,tram,12,2.4,4,2,\n"
        "de,D,E,tram,12,2.5,4,2,\n"
    )
    (folder / "network.toml").write_text('name = "Test ring"\nas_of = 2027-01-04\n')
    (tmp_path / "circuits.csv").write_text(
        "id,member,start,end,legs,node,rack_units,power_kw\n"
        "c1,isp,2025-01-01,,ab+bc|da+cd,,,\n"
        "c2,isp,2025-01-01,,,A,2,1\n"
    )
    (tmp_path / "requests.csv").write_text(
        "id,member,kind,a,b,pairs,diversity\nr1,isp,fibre,A,C,1,node\nr2,other,fibre,A,E,5,none\n"
    )
    (tmp_path / "policy.toml").write_text('version = "p1"\n\n[fees]\nrate = 0.1\nmargin_share = 0.1\n')
    (tmp_path / "tariff.toml").write_text(
        'version = "t1"\n\n[[price]]\nproduct = "fibre_pair_metre_year"\namount = 0.4\n\n'
        '[[price]]\nproduct = "rack_unit_month"\namount = 30\n\n[[price]]\nproduct = "kw_month"\namount = 200\n'
    )
    return folder


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A ring of four nodes with a spur; beside it circuits, requests, a policy and a tariff."""
    return write_inputs(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database: two members, a network, and a round that is open with two requests. Made once."""
    folder = tmp_path_factory.mktemp("built")
    write_inputs(folder)
    url = f"sqlite:///{folder}/cni.db"
    for words in (
        ("init",),
        ("member", "add", "isp"),
        ("member", "add", "other"),
        ("network", "import", f"{folder}/net", "--circuits", f"{folder}/circuits.csv", "--why", "first"),
        ("round", "create", "q1", "--policy", f"{folder}/policy.toml"),
        ("round", "open", "q1"),
        ("request", "import", f"{folder}/requests.csv", "--round", "q1"),
    ):
        assert main([*words, "--db", url, "--quiet"]) == 0
    return folder


@pytest.fixture
def house(cni: Cni, built: Path) -> Cni:
    """`cni` in a copy of the folder `built`."""
    shutil.copytree(built, cni.folder, dirs_exist_ok=True)
    return cni


@pytest.fixture
def sealed(cni: Cni, net: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house with a sealed round that is open."""
    house = make_house(cni, monkeypatch, net)
    make_round(house)
    return house


@pytest.fixture
def published(sealed: House) -> House:
    """A sealed round that was awarded and published: isp has 1 of 1, other 2 of 5."""
    sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    sealed.submit("other", "r2,other,fibre,A,E,5,none")
    sealed.at(AFTER).done("round", "close", "q1")
    assert sealed.open_together("ann", "cat").code == 0
    sealed.at(DRAWN).award()
    sealed.done("round", "publish", "q1")
    return sealed
