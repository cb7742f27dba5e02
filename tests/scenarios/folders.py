"""A small spine as files, and scenario files beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from scenarios.runs.files import read_scenarios
from scenarios.runs.loading import Loaded, load
from scenarios.runs.run import run_document

TODAY = date(2027, 1, 4)
NODES = """id,name,type,lat,lon,owner,key,disclosure
A,Alpha,pop,53.400,-2.200,council,true,
B,Beta,exchange,53.400,-2.180,council,true,
C,Gamma,pop,53.420,-2.180,tram,true,
D,Delta,exchange,53.420,-2.200,tram,,
E,Epsilon,pop,53.440,-2.200,tram,true,
"""
SPANS = """id,start,end,owner,fibre_count,length_km,own_use,reserve,risk_groups,disclosure
ab,A,B,council,12,1.5,4,2,,
bc,B,C,council,12,2.4,4,2,secret-duct,
cd,C,D,tram,12,1.5,4,2,secret-duct,
da,D,A,tram,12,2.4,4,2,,
de,D,E,tram,12,2.5,4,2,,
"""
CIRCUITS = """id,member,start,end,legs,node,rack_units,power_kw
cct-two-legs,isp,2025-01-01,,ab+bc|da+cd,,,
cct-spur,isp,2026-01-01,,de,,,
cct-old,other,2024-01-01,,ab,,,
cct-new,other,2026-06-01,,ab,,,
cct-ended,other,2024-01-01,2026-01-01,ab,,,
"""
CANDIDATES = """id,start,end,owner,fibre_count,length_km,risk_groups,cost,carbon_kg,carbon_source
ea,E,A,council,48,3.0,,900.00,30.5,a test
eb,E,B,council,48,4.0,,1500.00,40,a test
ce,C,E,tram,48,3.0,secret-duct,100.00,,
ac,A,C,council,48,3.0,,400.00,,
"""
BASE = '[base]\nnetwork = "net"\ncircuits = "circuits.csv"\non = 2027-01-04\n'


def spine_in(folder: Path, spans: str = SPANS) -> None:
    """The files that scenario files start from."""
    (folder / "net").mkdir()
    (folder / "net" / "nodes.csv").write_text(NODES)
    (folder / "net" / "spans.csv").write_text(spans)
    (folder / "circuits.csv").write_text(CIRCUITS)
    (folder / "candidates.csv").write_text(CANDIDATES)


def scenario_in(folder: Path, name: str, text: str = "", *, base: str = BASE) -> Path:
    """A scenario file with more below its base."""
    path = folder / f"{name}.toml"
    path.write_text(f'schema = "cni.scenario/1"\nname = "The {name}"\n\n{base}\n{text}')
    return path


def loaded_from(*paths: Path) -> tuple[Loaded, ...]:
    """Scenario files with what they name."""
    return load(read_scenarios(paths), TODAY)[0]


def outcome(path: Path, audience: str = "internal") -> dict[str, Any]:
    """What running one file gives of its scenario."""
    document, _, _ = run_document(loaded_from(path), audience)
    found: dict[str, Any] = document["scenarios"][0]
    return found
