"""What the codes of rounds mean: errors of acts that a round's rules refuse, verdicts on sealed submissions, checks of packs."""

from __future__ import annotations

INPUTS = (
    (
        "short_secret",
        "A lottery's secret is so short that it could be found from its hash.",
        "16 characters at least",
        "cni round secret FILE",
    ),
    ("no_seed", "There is neither a secret nor a public value to draw the lot from.", "", "Give one of them."),
    (
        "wrong_secret",
        "The secret is not the one whose hash the notice published.",
        "--secret-file other.txt",
        "If the right one is lost, --secret-withheld (rule E2).",
    ),
    (
        "bad_key",
        "A file holds no age key, or not the one that is needed.",
        "--identity letter.txt",
        "`cni key new` makes trustees' keys, `cni key round` a round's.",
    ),
    (
        "too_few_trustees",
        "A round is opened by two of its three trustees; none can do it alone.",
        "one --identity",
        "Add a second trustee's --identity, or use `cni key half`.",
    ),
    (
        "not_sealed",
        "The round takes sealed requests only, or the file is not sealed, or the round takes none.",
        "cni request import on a sealed round",
        "`cni request seal`, then `cni request submit --sealed FILE`.",
    ),
    (
        "too_early",
        "The calendar of the notice does not allow it yet.",
        "closing before the gate",
        "Wait; an override can only move dates later.",
    ),
    (
        "only_later",
        "An override can move a date of the calendar later, never earlier.",
        "--gate before the published gate",
        "",
    ),
    (
        "second_person",
        "Whoever proposes an override cannot confirm it.",
        "ann proposes, ann confirms",
        "Another person confirms: --by NAME.",
    ),
    (
        "oversold",
        "What the award grants no longer fits beside the circuits that live now.",
        "two rounds on the same offer",
        "Annul the round by an override, and make it anew.",
    ),
    (
        "unreadable",
        "A sealed submission does not open with the round's key, so it is refused by rule.",
        "sealed to another round's key",
        "Before the next gate: seal to the key in the notice.",
    ),
    (
        "unparsable",
        "A sealed submission opens, but is no valid request file, so it is refused by rule.",
        "line 2, column pairs: many",
        "Before sealing: `cni request check`.",
    ),
    (
        "wrong_member",
        "A sealed submission names another member than the one who handed it in.",
        "bobbin hands in carder's requests",
        "",
    ),
    ("wrong_round", "A sealed submission is meant for another round.", "sealed for 2027-Q1, handed in for 2027-Q2", ""),
    (
        "taken_back",
        "The member took it back before the gate; it is never opened.",
        "cni request withdraw --number 3",
        "",
    ),
    (
        "was_sealed",
        "A request that came in a sealed file counts as it was sealed; no decision puts its row right (rule G7).",
        "round decide --requests with a row that its member sealed",
        "Only what a person copied can be put right: what came in the open or on paper.",
    ),
    (
        "not_correctable",
        "A decision puts rows right of the requests that it names, and leaves id, member and time as they are (rule G7).",
        "a row in --requests that differs from the record, of a request that the decision does not name",
        "Name it with --set-aside, or put the record's row back into the file.",
    ),
)

STORE = (
    (
        "clock_back",
        "The clock is behind the last entry of the audit log.",
        "the log ends in 2027, the clock says 2026",
        "Set the clock right; --accept-clock goes on and is noted in the log.",
    ),
    (
        "no_login",
        "The server refused the login, or the login may not do this.",
        "a wrong password",
        "See to user, password and rights.",
    ),
    (
        "no_server",
        "The database server cannot be reached, or went away.",
        "postgresql://host/cni while it is down",
        "See that it runs and --db names it.",
    ),
    ("no_database", "There is no database where --db points.", "sqlite:///cni.db in an empty folder", "cni init"),
    (
        "not_a_database",
        "The file or database is not one of cni.",
        "--db sqlite:///letter.pdf",
        "Name another with --db.",
    ),
    (
        "too_large",
        "A number has more digits than the database can keep or look for.",
        "cni access end session 99999999999999999999",
        "Numbers are those that lists show.",
    ),
    ("bad_url", "The text is no database URL.", "--db cni.db", "sqlite:///cni.db, or postgresql://user@host/name"),
    (
        "read_only",
        "The database can be read but not written.",
        "a file without write permission",
        "See to the permissions.",
    ),
    ("locked", "Another process holds the database.", "", "Try again when that has ended."),
    ("disk_full", "The disk is full; nothing was changed.", "", "Make room."),
    ("disk", "The disk reported an error; nothing was changed.", "", "See to the disk."),
    ("old_schema", "The database is of another version than the program.", "revision 0001", "cni db upgrade"),
    ("newer_schema", "The database is of a newer version than the program.", "", "Upgrade the program."),
    ("damaged", "The database file is damaged.", "", "Restore a backup."),
)

CHECKS = (
    (
        "gate",
        "Every request was on the list that was fixed at the gate, and none of the list is left out; a row that a decision on an "
        "appeal put right takes the place of the one before (rule G7).",
        "r017 is not the request whose digest was fixed",
        "Look into round.appeals for rows that were corrected, into round.overrides for files that were admitted.",
    ),
    (
        "lottery",
        "The seed follows from the secret that was committed to and the public value in force; where an override put the value "
        "right, two persons did, and the last one counts (rules E3, E4).",
        "the award's seed does not follow from secret and public value",
        "Look into round.lottery and round.overrides of the pack.",
    ),
    ("sums", "Totals of a public pack agree with its lines.", "", ""),
    (
        "masks",
        "Every mask of a public pack is that of the member pack's value.",
        "",
        "cni verify PUBLIC --against MEMBER",
    ),
)
