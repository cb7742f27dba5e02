"""What a plan weighs and counts beside money, as files with a source in every row: priority weights, embodied carbon by construction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from scenarios.builds.candidates import Candidate
from topology.canonical import digest_of
from topology.cells import EXACT, IDENTIFIER, NAME, TEXT, WHOLE
from topology.files.references import near
from topology.files.table_text import row_cells
from topology.files.tables import Column, Table, read_csv
from topology.model import Network
from topology.problems import Problem, Problems
from topology.quantities import three_places

MOST_WEIGHT = 1000


@dataclass(frozen=True, slots=True)
class Weight:
    """A key node that counts as `weight` key nodes, and who says so."""

    node: str
    weight: int
    source: str
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Construction:
    """A kind of construction, its embodied carbon in kg CO2e a metre, and the source of the figure."""

    construction: str
    kg_per_m: Decimal
    source: str
    extra: tuple[tuple[str, str], ...] = ()


WEIGHTS: Table[Weight] = Table(
    "weights.csv",
    Weight,
    (
        Column("node", IDENTIFIER, "a key node", required=True),
        Column("weight", WHOLE, "as how many key nodes it counts, 0 to 1000; without a row: 1", required=True),
        Column("source", TEXT, "whose figure it is, of which year", required=True),
    ),
)
CARBON: Table[Construction] = Table(
    "carbon.csv",
    Construction,
    (
        Column("construction", NAME, "the word that candidates use", required=True),
        Column("kg_per_m", EXACT, "embodied carbon", required=True, unit="kg CO2e per m"),
        Column("source", TEXT, "where the figure is from, of which year", required=True),
    ),
)


def read_weights(path: Path, network: Network) -> tuple[dict[str, int], str, tuple[Problem, ...]]:
    """Key node -> weight, the digest of the file, and the remarks on it. Raises BadInput with every fault."""
    found = Problems()
    sheet: Any = read_csv(path, WEIGHTS, found)
    made: dict[str, int] = {}
    for row in sheet.rows:
        name = row.item.node
        if name not in network.key_nodes:
            row.add(
                found,
                "there is no key node of this id.",
                "node",
                code="dangling",
                hint=near(name, dict.fromkeys(network.key_nodes)),
            )
        if name in made:
            row.add(found, "the node stands twice.", "node", code="duplicate_id")
        if row.item.weight > MOST_WEIGHT:
            row.add(found, f"a weight is at most {MOST_WEIGHT}.", "weight")
        made[name] = row.item.weight
    found.raise_errors()
    rows = sorted((row_cells(w, WEIGHTS) for w in sheet.items), key=str)
    return dict(sorted(made.items())), digest_of(rows), found.remarks


@dataclass(frozen=True, slots=True)
class Carbon:
    """Embodied carbon by kind of construction; none where no file is given."""

    of: Mapping[str, Construction]

    @property
    def digest(self) -> str:
        """SHA-256 of the parsed rows."""
        return digest_of([row_cells(self.of[name], CARBON) for name in sorted(self.of)])


NO_CARBON = Carbon({})


def read_carbon(path: Path) -> tuple[Carbon, tuple[Problem, ...]]:
    """The rates of a file and the remarks on it. Raises BadInput with every fault."""
    found = Problems()
    sheet: Any = read_csv(path, CARBON, found)
    made: dict[str, Construction] = {}
    for row in sheet.rows:
        if row.item.construction in made:
            row.add(found, "the kind of construction stands twice.", "construction", code="duplicate_id")
        made[row.item.construction] = row.item
    found.raise_errors()
    return Carbon(made), found.remarks


def carbon_of(chosen: Iterable[Candidate], carbon: Carbon = NO_CARBON) -> dict[str, Any]:
    """Embodied carbon of candidates (kg CO2e): each one's own figure, else its metres at the rate of its construction.

    `without` counts those that have neither. It decides nothing.
    """
    total, without, sources = Decimal(0), 0, set()
    by: dict[str, tuple[int, Decimal]] = {}
    for span in chosen:
        rate = carbon.of.get(span.construction)
        if span.carbon_kg is not None:
            kg, source = span.carbon_kg, span.carbon_source
        elif rate is not None:
            kg, source = rate.kg_per_m * span.length_m, rate.source
        else:
            without += 1
            continue
        total += kg
        sources |= {source} - {""}
        metres, sum_kg = by.get(span.construction, (0, Decimal(0)))
        by[span.construction] = metres + span.length_m, sum_kg + kg
    return {
        "kg": three_places(total),
        "without": without,
        "sources": sorted(sources),
        "by_construction": [
            {"construction": name, "metres": metres, "kg": three_places(kg)}
            for name, (metres, kg) in sorted(by.items())
        ],
    }
