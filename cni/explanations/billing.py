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
    (
        "no_tariff",
        "No tariff that holds on the first day of the period was imported.",
        "a tariff from 2027-04-01 on, and the period begins on 2027-01-01",
        "`cni bill tariff import FILE`, with --from where it holds earlier.",
    ),
    (
        "period_overlaps",
        "The period shares days with one that was billed, and no day is billed twice.",
        "2027-02-01/2027-05-01 beside the billed 2027-01-01/2027-04-01",
        "Bill the same period again for corrections, or one beside it.",
    ),
    (
        "particulars_missing",
        "A VAT document cannot show what it must: an address, or the seller's VAT number.",
        "a member without an address in parties.csv",
        "Complete parties.csv, or give --accept-missing with the reason.",
    ),
)

FINDINGS = (
    (
        "unknown_file",
        "A file beside the facts has none of their names; it counts for nothing.",
        "party.csv beside costs.csv",
        "Give it the name of one of the facts' files, or move it.",
    ),
    (
        "unknown_span",
        "Facts name a span that the network has not; the row counts for nothing.",
        "a span that was withdrawn",
        "",
    ),
)

CHECKS = (
    (
        "bill_balance",
        "Each entry of the books adds up to 0, and so do all together.",
        "a line was added behind the log",
        "",
    ),
    ("bill_documents", "Each final document has one entry, of its total.", "an entry was removed", ""),
    ("bill_accounts", "What a party's documents add up to stands on its account.", "", ""),
    (
        "bill_numbers",
        "Numbers of each series count from 1 without a gap, up to the counter.",
        "INV-000007 is missing",
        "",
    ),
    (
        "bill_digests",
        "Documents and runs have the digests that are written beside them.",
        "a line of a document was edited",
        "",
    ),
    (
        "bill_surplus",
        "Surplus is income less fees, and margin, reserve and unallocated add up to it.",
        "",
        "",
    ),
    (
        "bill_coverage",
        "Each day on which a circuit was held is billed once; nothing else is.",
        "a document was turned back and its period not run again",
        "`cni bill run` of the period.",
    ),
)
