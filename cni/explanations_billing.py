"""What the codes of billing mean."""

from __future__ import annotations

INPUTS = (
    (
        "no_level",
        "A price index has no level for a month that a review needs.",
        "index.csv without 2027-01",
        "Add the level as first published.",
    ),
    (
        "shares",
        "The shares of a span's owners do not add up to 1 on a day.",
        "0.6 and 0.3",
        "Give shares of all owners.",
    ),
    (
        "wash_trade",
        "Fees of a circuit are more than its charge, and the policy refuses that (F9).",
        "a fee rate above the price",
        "Change tariff or rate, or let wash_trade be limit.",
    ),
)

FINDINGS = (
    (
        "unknown_span",
        "Facts name a span that the network has not; the row counts for nothing.",
        "a span that was withdrawn",
        "",
    ),
)
