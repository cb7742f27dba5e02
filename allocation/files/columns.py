"""The columns of a request and the keys of a policy: the tables from which checks and documentation are made."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allocation.policy import TIES
from allocation.request import DIVERSITY, Request
from topology.cells import (
    DAY_KIND,
    EXACT,
    FLAG,
    IDENTIFIER,
    ITEM_LIST,
    MOMENT_KIND,
    NAME,
    POSITIVE,
    THOUSANDS,
    WHOLE,
    CellError,
    Kind,
    choice,
    decimal_text,
    one_of,
)
from topology.files.tables import Column, Table
from topology.optics import WAVELENGTHS_NM

FIBRE: tuple[str, ...] = (
    "a",
    "b",
    "pairs",
    "min_pairs",
    "diversity",
    "max_km",
    "max_loss_db",
    "wavelength_nm",
    "same_route",
)
FIBRE += ("avoid", "diverse_from")
COLOCATION = ("node", "rack_units", "power_kw", "partial")
NEEDED = {"fibre": ("a", "b", "pairs"), "colocation": ("node", "rack_units")}

REQUESTS: Table[Request] = Table(
    "requests.csv",
    Request,
    (
        Column("id", IDENTIFIER, "names the request", required=True),
        Column("member", IDENTIFIER, "member that asks", required=True),
        Column("kind", choice("fibre", "colocation"), "what is asked for", required=True),
        Column("a", IDENTIFIER, "fibre: node at one end"),
        Column("b", IDENTIFIER, "fibre: node at the other end"),
        Column("pairs", POSITIVE, "fibre: pairs asked for", unit="pairs"),
        Column("min_pairs", POSITIVE, "fibre: that many or none; empty: 1, in a bundle all", unit="pairs"),
        Column("diversity", choice(*DIVERSITY), "fibre: two legs that share no span, node or risk group"),
        Column("max_km", THOUSANDS, "fibre: longest leg", unit="km", attribute="max_m"),
        Column("max_loss_db", EXACT, "fibre: greatest loss of a leg", unit="dB"),
        Column("wavelength_nm", one_of(WAVELENGTHS_NM), "fibre: wavelength of the loss; empty: 1550", unit="nm"),
        Column("same_route", FLAG, "fibre: all granted pairs use the same legs"),
        Column("avoid", ITEM_LIST, "fibre: what no leg may use"),
        Column("diverse_from", ITEM_LIST, "fibre: what no leg may share, at the request's level"),
        Column("node", IDENTIFIER, "colocation: where"),
        Column("rack_units", POSITIVE, "colocation: rack units asked for", unit="U"),
        Column("power_kw", THOUSANDS, "colocation: power asked for", unit="kW", attribute="power_w"),
        Column("partial", FLAG, "colocation: fewer rack units are welcome, power in proportion"),
        Column("start", DAY_KIND, "first day; empty: the round's date"),
        Column("end", DAY_KIND, "first day after; empty: open"),
        Column("rank", POSITIVE, "the group's own order, 1 first, empty last"),
        Column("bundle", IDENTIFIER, "rows of one group that are granted together or not at all"),
        Column("alternative_of", IDENTIFIER, "the earlier wish that this row stands in for"),
        Column("received", MOMENT_KIND, "when the request came in"),
        Column("confidential", FLAG, "the ends are masked in public packs"),
    ),
)


def _share(text: str) -> Decimal:
    value: Decimal = EXACT.read(text)
    if value > 1:
        raise CellError("A share between 0 and 1 is expected.", "Write 40 % as 0.4.")
    return value


def _factor(text: str) -> Decimal:
    value: Decimal = EXACT.read(text)
    if value <= 0:
        raise CellError("A number above 0 is expected.")
    return value


def _ties(text: str) -> tuple[str, ...]:
    words = tuple(text.split())
    if sorted(words) != sorted(TIES):
        raise CellError(f"Each of {', '.join(TIES)} is expected once, in the order that the policy wants.")
    return words


def _years(text: str) -> tuple[int, ...]:
    return tuple(sorted({POSITIVE.read(word) for word in text.split()}))


SHARE = Kind("decimal", "a share, 0 to 1", _share, decimal_text)
FACTOR = Kind("decimal", "a decimal above 0", _factor, decimal_text)
ORDER = Kind("words", "lot rank metres in some order", _ties, list)
YEARS = Kind("years", "whole numbers of years", _years, lambda v: [str(y) for y in v])


@dataclass(frozen=True, slots=True)
class Key:
    """One key of policy.toml: table ("" = before any), name, what may stand there, the attribute it fills, meaning."""

    table: str
    name: str
    kind: Kind
    attribute: str
    meaning: str
    unit: str = ""

    @property
    def path(self) -> str:
        """The key with its table, as `cap.share`."""
        return f"{self.table}.{self.name}".lstrip(".")


def _optics(name: str, kind: Kind, meaning: str, unit: str) -> Key:
    return Key("optics", name, kind, name, meaning, unit)


def _deadline(name: str, meaning: str) -> Key:
    return Key("deadlines", name, WHOLE, name, meaning, "days")


POLICY_KEYS: tuple[Key, ...] = (
    Key("", "version", NAME, "version", "names this version of the rule book"),
    Key("", "valid_from", DAY_KIND, "valid_from", "first day of this version"),
    Key("units", "fibre", choice("circuit", "leg"), "unit", "what one fibre unit is"),
    Key("units", "count_live", FLAG, "count_live", "whether live circuits count as units"),
    Key("cap", "share", SHARE, "cap_share", "most of a span's offered and live pairs that one group may hold"),
    Key("cap", "floor_pairs", WHOLE, "cap_floor_pairs", "pairs that the cap always leaves a group", "pairs"),
    Key("entrant", "reserve_pairs", WHOLE, "entrant_reserve_pairs", "pairs on each span kept from holders", "pairs"),
    Key("tranche", "share", SHARE, "tranche_share", "share of each span's offer only for groups without circuits"),
    Key("order", "ties", ORDER, "ties", "the order of B2 to B4"),
    Key("blocks", "max_pairs", POSITIVE, "block_max_pairs", "greatest min_pairs or bundle", "pairs"),
    Key("gate", "closes", MOMENT_KIND, "gate_closes", "what is received after it is late"),
    Key("terms", "years", YEARS, "terms_years", "terms that may be asked for", "years"),
    _optics("db_per_km_1310", EXACT, "loss of fibre at 1310 nm", "dB/km"),
    _optics("db_per_km_1550", EXACT, "loss of fibre at 1550 nm", "dB/km"),
    _optics("splice_db", EXACT, "loss of one splice", "dB"),
    _optics("splice_every_km", FACTOR, "fibre between splices", "km"),
    _optics("connector_db", EXACT, "loss of one connector", "dB"),
    _optics("margin_db", EXACT, "margin", "dB"),
    _optics("slack", FACTOR, "length of fibre over length of route", ""),
    _deadline("appeal_days", "from publication: appeals are heard"),
    _deadline("accept_days", "from publication: an offer not accepted by then lapses"),
    _deadline("waiting_days", "from publication: an unmet request keeps its place"),
    _deadline("light_days", "from the start: a circuit not lit by then is idle"),
    _deadline("warn_days", "before each of these dates a warning is due"),
    _deadline("renewal_days", "before the end: a renewal is asked for by then"),
    _deadline("recall_days", "notice of a contributor's recall"),
    _deadline("works_days", "notice of planned works"),
)
