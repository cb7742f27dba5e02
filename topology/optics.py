"""Expected optical loss of a leg, in exact decimals.

Leg loss in dB, with F = km × slack the fibre length:
    F × dB/km(wavelength) + splice_db × ⌈F / splice_every_km⌉ + 2 × connector_db + margin_db
The figures are the policy's; the defaults are those of the `[optics]` table of interfaces. Loss never falls as a leg gets
longer, so a limit on loss is a limit on metres (`Optics.longest_m`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

WAVELENGTHS_NM = (1310, 1550)
USUAL_NM = 1550
"""The wavelength of a loss where nobody names one (interfaces: `wavelength_nm` empty)."""


@dataclass(frozen=True, slots=True)
class Optics:
    """Loss figures. All are non-negative decimals; `splice_every_km` and `slack` are positive."""

    db_per_km_1310: Decimal = Decimal("0.35")
    db_per_km_1550: Decimal = Decimal("0.22")
    splice_db: Decimal = Decimal("0.1")
    splice_every_km: Decimal = Decimal("2")
    connector_db: Decimal = Decimal("0.5")
    margin_db: Decimal = Decimal("1")
    slack: Decimal = Decimal("1.05")

    def loss_db(self, length_m: int, wavelength_nm: int | None = None) -> Decimal:
        """Expected loss in dB of a leg of so many metres of route, unrounded; at `USUAL_NM` where no wavelength is given."""
        fibre_km = Decimal(length_m) / 1000 * self.slack
        per_km = self.db_per_km_1310 if (wavelength_nm or USUAL_NM) == 1310 else self.db_per_km_1550
        splices = (fibre_km / self.splice_every_km).to_integral_value(ROUND_CEILING)
        return fibre_km * per_km + self.splice_db * splices + 2 * self.connector_db + self.margin_db

    def longest_m(self, max_loss_db: Decimal, wavelength_nm: int | None = None) -> int | None:
        """Greatest whole number of metres whose loss is within the limit; -1 where even 0 m is above, None where none binds."""
        if self.loss_db(0, wavelength_nm) > max_loss_db:
            return -1
        low, high = 0, 1
        while self.loss_db(high, wavelength_nm) <= max_loss_db:
            low, high = high, high * 2
            if high > 2**40:  # farther than any fibre: only where every figure per km is zero
                return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.loss_db(middle, wavelength_nm) <= max_loss_db:
                low = middle
            else:
                high = middle
        return low
