"""What the codes of circuits, planned works, recalls and members mean."""

from __future__ import annotations

FINDINGS = (
    (
        "figure_without_source",
        "A figure of digital inclusion or carbon stands without its source or its year.",
        "inclusion = 0.42, inclusion_source empty",
        "Fill in where it was published and of which year it is.",
    ),
)

INPUTS = (
    (
        "still_holds",
        "A member that leaves holds a circuit or an offer beyond that day; nothing ends by itself.",
        "bobbin holds c-001 until 2031-01-01",
        "Cease, surrender, transfer or decline it first.",
    ),
    (
        "still_carries",
        "Circuits lie on spans of a contributor that leaves.",
        "S015 carries c-001",
        "Recall the strands, so that each circuit is led round, or hand the span to another contributor.",
    ),
    (
        "idle",
        "A circuit that nobody recorded as lit is neither renewed nor kept before others in a recall (use it or lose it).",
        "no lit date 180 days after the start",
        "`cni circuit light CIRCUIT`",
    ),
    ("no_room", "What a circuit holds is promised to somebody else after its end.", "S015 from 2031 on", ""),
    (
        "others_wait",
        "A request on a waiting list was refused for want of what the circuit holds, so it is not renewed.",
        "2030-Q1/r017",
        "Ask for it in the next round, on equal terms.",
    ),
    ("not_owner", "A span is another contributor's, so its strands are not this one's to take back.", "", ""),
    (
        "too_many",
        "A contributor can take back what it offers and has not taken back yet, at least one strand.",
        "12 strands of a span that offers 6",
        "Its own use, reserve and maintenance spare are its own anyway.",
    ),
    (
        "short_notice",
        "Planned works, or a recall, would begin before the notice that the rule book gives to members is over.",
        "works in 3 days where `works_days` is 10",
        "Take a later date.",
    ),
    (
        "changed_meanwhile",
        "Something that the command was worked out from was changed by another one before it was written.",
        "two imports at once",
        "Give the command again.",
    ),
    (
        "recall_dropped",
        "A recall that is on record is not in the file that is imported, so its strands would be sold again.",
        "2029-01-01:4 of S015",
        "Write it into the column `recalls` of spans.csv; --drop-recalls where it was called off.",
    ),
    (
        "no_free_strands",
        "No two strands are free on every span of a circuit for its whole term, although enough are free on each day.",
        "c-7 over S001, whose free strands change hands in June",
        "`cni network regroom` says which circuits to move.",
    ),
)
