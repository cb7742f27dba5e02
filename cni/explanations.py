"""What every code means: reasons of an award, findings about files, checks of a verification, errors.

`tests/cni/test_explanations.py` looks for codes in the source that are missing here.
"""

from __future__ import annotations

from dataclasses import dataclass

from cni import (
    explanations_billing,
    explanations_circuits,
    explanations_formats,
    explanations_rounds,
    explanations_store,
)

KINDS = {
    "reason": "reason of an award",
    "finding": "finding about a file",
    "input": "error of an input",
    "check": "check of a verification",
    "store": "matter of the database",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`meaning` in plain words, an `example`, and what a person may do about it (`remedy`)."""

    code: str
    kind: str
    meaning: str
    example: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """As `cni explain --json` shows it."""
        return {f: getattr(self, f) for f in self.__slots__}


REASONS = (
    (
        "no_route",
        "The network joins the two ends by no route, whatever the limits.",
        "a=AIR, b=LON while the only span to LON is out of service.",
        "Ask for another end, or for a span to be built.",
    ),
    (
        "no_diverse_route",
        "There are routes, but no two that are disjoint at the level asked for. The cut that every pair would share is named.",
        "diversity=risk to BEL: every route passes the risk group C-A57.",
        "Ask for the next lower diversity, or for the other end node.",
    ),
    (
        "over_distance",
        "Routes exist, none within `max_km`. What the nearest way needs is named.",
        "max_km=10 where the shortest free route has 12.300 km.",
        "Raise `max_km` to the figure named.",
    ),
    (
        "over_loss",
        "Routes exist, none within `max_loss_db`. What the nearest way needs is named.",
        "max_loss_db=4 where the shortest free route loses 4.620 dB.",
        "Raise `max_loss_db` to the figure named, or ask for 1550 nm.",
    ),
    (
        "avoid",
        "Only routes through what the request forbids are left.",
        "avoid=span:S015 where S015 is the only way.",
        "Take the item named off `avoid`.",
    ),
    (
        "diverse_from",
        "Only routes are left that share something with what the request must differ from.",
        "diverse_from=circuit:c-001 where both need the same duct.",
        "Take the item named off `diverse_from`, or ask for a lower diversity.",
    ),
    (
        "span_full",
        "Spare is used up on each route that is left; the spans where it lacks are listed with the pairs that lack.",
        "S015 has 1 spare pair and 4 groups ask for it.",
        "Ask for fewer pairs, a later start, or another way; the contributor may release more.",
    ),
    (
        "node_full",
        "The node has no rack units left.",
        "2 U free at MA1, 6 U asked for.",
        "Ask for `partial`, or another node.",
    ),
    (
        "power_full",
        "The node has no power left.",
        "800 W free at MA1, 1,500 W asked for.",
        "Ask for less power, or another node.",
    ),
    (
        "member_cap",
        "The policy's cap on what one group may hold on a span binds.",
        "[cap] share = 0.4 of 10 pairs: a group that holds 4 gets no more on this span.",
        "Ask for another way; a general meeting can change the cap.",
    ),
    (
        "entrant_reserve",
        "The policy keeps pairs on the span for groups that held nothing there before the round.",
        "[entrant] reserve_pairs = 1 on a span with 1 pair left.",
        "Ask for another way; the pair stays for a newcomer.",
    ),
    (
        "tranche",
        "The policy keeps a share of the span for groups without any live circuit.",
        "[tranche] share = 0.25 of 8 pairs keeps 2.",
        "Ask for another way.",
    ),
    (
        "block_size",
        "The request's least amount is more than the policy lets anyone ask for as a block.",
        "[blocks] max_pairs = 6 and min_pairs = 8.",
        "Lower `min_pairs`, or split the bundle.",
    ),
    (
        "funding",
        "Conditions of public funding keep new pairs on a span for those they name, and the member is none of them (rule A6).",
        "funding_conditions = `school until:2032-04-01`, and the member has no role school.",
        "Ask for another way, or for a term that starts once the conditions have lapsed.",
    ),
    (
        "bundle_partner",
        "The rest of the bundle does not fit, so none of it was granted.",
        "r1 and r2 share bundle x; r2 finds no route.",
        "Take the request out of the bundle.",
    ),
    (
        "below_minimum",
        "Something would fit, but less than `min_pairs`.",
        "min_pairs=4 where 3 pairs fit.",
        "Lower `min_pairs`.",
    ),
    (
        "family",
        "Another row of the same family (`alternative_of`) was granted.",
        "r2 is alternative_of r1, and r1 was granted.",
        "Nothing: the wish is served.",
    ),
    (
        "not_eligible",
        "The member is not in the register as a user, or not on the round's date.",
        "A contributor without the role user asks for pairs.",
        "See to the register (`cni member show`).",
    ),
    (
        "late",
        "The request came in after the gate.",
        "received at 12:01, the gate closed at 12:00.",
        "Ask in the next round.",
    ),
    (
        "term",
        "The term is not among those of the policy.",
        "[terms] years = [1, 3, 5] and a request for two years.",
        "Ask for one of the terms.",
    ),
    (
        "own_rank",
        "The group's own order put another of its requests first: another award gives this one more and all other groups the same.",
        "Rank 1 took the last pair that rank 2 needs.",
        "Change the ranks.",
    ),
    (
        "drawn_lot",
        "The lot decided between equally fair awards: another with the same level counts gives this request more.",
        "Two groups, one pair: the lot gave it to the other.",
        "Nothing; the seed and the order can be checked (rule B2).",
    ),
    (
        "fair_share",
        "No award that is as fair (rule B1) gives this request more: others would fall below what they can hold together.",
        "One pair each for three groups; a second for one would take another's first.",
        "Ask for a way with more spare.",
    ),
    (
        "shorter_routes",
        "The policy puts total metres before the group's own order, and this way is longer.",
        "[order] ties begins with metres.",
        "A general meeting can change the order.",
    ),
    (
        "undecided",
        "Which of own_rank, drawn_lot and fair_share holds was not decided within the effort.",
        "An award that is `bounded`.",
        "Allocate again with more `--effort`.",
    ),
)

FINDINGS = (
    (
        "own_use_above_installed",
        "A contributor uses more strands than are installed.",
        "own_use 48 of fibre_count 36",
        "Maybe the two columns are swapped.",
    ),
    (
        "reserved_above_installed",
        "More room or power is reserved than a node has.",
        "rack_units_reserved 50 of 42",
        "See which of the two figures is old.",
    ),
    (
        "negative_figure",
        "A count or a length is below zero.",
        "fibre_count -4",
        "Give the figure; 0 where there is none.",
    ),
    (
        "negative_spare",
        "Own use, reserve, maintenance spare and live circuits together are more than is installed.",
        "36 installed, 40 spoken for; the circuits are named",
        "See which figure is old.",
    ),
    ("no_strands", "A span has no strands.", "fibre_count 0", "Maybe the count is not known; then leave the span out."),
    (
        "length_under_straight",
        "A span is shorter than the straight line between its ends.",
        "0.400 km between nodes 1.2 km apart",
        "See to the length or the positions.",
    ),
    (
        "length_over_three_times",
        "A span is more than three times the straight line between its ends.",
        "9 km between nodes 2 km apart",
        "See to the length; a detour is possible.",
    ),
    (
        "length_in_metres",
        "A length looks like metres where kilometres are expected.",
        "length_km 3400 between nodes 3 km apart",
        "Divide by 1000.",
    ),
    ("position_zero", "A node lies at 0, 0.", "lat 0, lon 0", "Give its position."),
    ("position_swapped", "Latitude and longitude look swapped.", "lat -2.2, lon 53.5", "Swap them."),
    ("position_far", "A node lies far from all others.", "500 km away", "See to its position."),
    (
        "never_in_service",
        "A span has a day on which it is to come into service, and a status that keeps it out on every day.",
        "",
        "Leave `status` empty; before `ready_for_service` the span is out of service anyway.",
    ),
    ("outside_box", "A node lies outside the box that was given.", "", "See to its position, or to the box."),
    (
        "isolated_node",
        "No span in service ends at the node.",
        "",
        "List the missing span, or give the node the status `planned`.",
    ),
    (
        "not_joined",
        "The network in service falls into parts.",
        "",
        "Look for a missing span, or two ids for one place.",
    ),
    (
        "key_on_bridge",
        "Pairs of key nodes hang on one span alone.",
        "S068 joins HAT and LON",
        "`cni scenario weak-points` lists all such places.",
    ),
    (
        "key_behind_node",
        "Pairs of key nodes hang on one node alone.",
        "HAT",
        "`cni scenario weak-points` lists all such places.",
    ),
    (
        "parallel_no_group",
        "Two spans join the same two nodes, run side by side, and share no risk group: perhaps one duct holds both.",
        "S016 and S017, 0 m apart over 2400 m",
        "See whether one event breaks both; if so, put one risk group into both, if not, give their routes.",
    ),
    (
        "same_exit",
        "Two spans leave a node together, run side by side, and share no risk group: perhaps they leave by one chamber or duct.",
        "S033 and S034, 12 m apart over 248 m",
        "See whether one event breaks both; if so, put one risk group into both, if not, give their routes.",
    ),
    (
        "runs_beside",
        "Two spans that meet at no node run side by side and share no risk group: perhaps they lie in one street.",
        "S012 and S090, 9 m apart over 1200 m",
        "See whether one event breaks both; if so, put one risk group into both, if not, give their routes.",
    ),
    (
        "more_beside",
        "More pairs of spans run side by side without a common risk group than are listed.",
        "",
        "Deal with the listed ones first, or ask for nearer or longer ones: `--within-m`, `--over-m`.",
    ),
    ("empty_network", "There is no node.", "", "See to the statuses and dates, or look at another date with `--on`."),
    (
        "unused_group",
        "A risk group is listed, but nothing is in it.",
        "",
        "Name it in risk_groups of what it breaks, or drop it.",
    ),
    (
        "unlisted_group",
        "A risk group is used, but not listed; it was made with defaults.",
        "",
        "List it to give it a name and a rate.",
    ),
    (
        "unknown_status",
        "A status is not one that the program knows; the item counts as out of service.",
        "status 'live'",
        "Maybe operational.",
    ),
    ("unknown_type", "A node type is not one that the program knows; it is kept.", "type 'hut'", ""),
    ("unknown_role", "A role is not one of contributor, user, investor.", "roles 'boss'", ""),
    (
        "unknown_column",
        "A column is not one of the format; in files it is kept, on the command line it is refused.",
        "colour",
        "",
    ),
    (
        "funding_names_nobody",
        "A name in the funding conditions of a span is nobody's role, id or group: nobody is admitted by it.",
        "funding_conditions = `shcool`",
        "Mend the name, or list the organisation.",
    ),
    (
        "owner_not_contributor",
        "The owner of a span is listed, but without the role contributor.",
        "",
        "Give it the role, or mend the owner.",
    ),
    ("same_twice", "Two rows say the same.", "", "Drop one, or tell in `name` how they differ."),
    ("empty_row", "A row is empty; it is passed over.", "", ""),
)

INPUTS = (
    (
        "strands_mismatch",
        "The recorded strands of a circuit do not go with its legs.",
        "legs = s1+s2, strands = 13-14",
        "Give one pair of numbers for each span, in the same form as `legs`.",
    ),
    (
        "no_sheet",
        "The circuit has no connection report: it is colocation, it has ended, or `--for` names another member.",
        "cni circuit sheet NET c-012 --circuits C for a room",
        "`--on DATE` looks at another date.",
    ),
    (
        "no_such_strand",
        "A strand number is above what the span has.",
        "strands = 47-48 on a span of 36 strands",
        "See which record is old.",
    ),
    (
        "strand_taken",
        "Two circuits are recorded on one strand on the same day.",
        "c1 and c7 on strand 13 of S015",
        "Mend one of the records, or leave it empty and let `cni circuit sheet` choose.",
    ),
    ("bad_value", "A value is not what is expected at its place.", "pairs = -2", ""),
    ("bad_id", "An id has other characters than A-Z a-z 0-9 . _ - or more than 64.", "'x y'", ""),
    (
        "bad_character",
        "A text holds a character that could hide what is written.",
        "a character that turns the direction of text",
        "",
    ),
    ("bad_json", "A JSON value has another shape than is expected.", "requests is no list", ""),
    ("bad_pack", "A round pack is not whole, or its parts do not fit together.", "a pack without its award", ""),
    ("bad_usage", "Words of a command do not go together.", "a column given twice", ""),
    (
        "broken_leg",
        "The spans of a leg do not follow on each other, or do not join the same ends as the other leg.",
        "s1+s9",
        "",
    ),
    ("leg_with_loop", "A leg passes a node twice.", "", ""),
    ("bundle_family", "Two rows of one family stand in one bundle.", "", "At most one row of a family can be granted."),
    ("bundle_groups", "A bundle holds requests of two groups.", "", ""),
    (
        "family_cycle",
        "`alternative_of` leads back to where it began.",
        "r1 alternative_of r2, r2 alternative_of r1",
        "",
    ),
    ("family_groups", "A family holds requests of two groups.", "", ""),
    ("min_above_pairs", "`min_pairs` is more than `pairs`.", "pairs 2, min_pairs 4", ""),
    ("dangling", "An id is named that does not exist.", "a=BOLX", ""),
    ("unknown_id", "An id is named that does not exist.", "cni network routes NET MA1 BELL", ""),
    (
        "dates_reversed",
        "An interval ends before it starts.",
        "start 2030-01-01, end 2027-01-01",
        "Maybe the two are swapped.",
    ),
    ("duplicate_id", "An id stands twice, or is taken.", "two spans s1", ""),
    ("duplicate_column", "A column stands twice in the header.", "", ""),
    ("duplicate_price", "A price is given twice for the same product, day and term.", "", ""),
    ("empty_file", "A file is empty.", "", ""),
    ("encoding", "A file is not UTF-8.", "saved as UTF-16 by a spreadsheet", "Save it as CSV UTF-8."),
    ("file_too_large", "A file is larger than 50 MB or has more than a million rows.", "", ""),
    ("missing_column", "A required column is missing.", "spans.csv without length_km", ""),
    ("missing_file", "There is no such file.", "", ""),
    ("missing_folder", "There is no such folder.", "", ""),
    ("missing_value", "Something that is needed is not given.", "a price without amount", ""),
    ("nameless_column", "A column has no name.", "", ""),
    ("no_network", "The database holds no network yet.", "", "cni network import NET"),
    (
        "no_price",
        "The tariff has no price for something that a circuit holds, on a day of the period.",
        "kw_month from 2028 on only",
        "Add the price; 0 makes it free.",
    ),
    ("not_a_folder", "A folder is expected, and a file was named.", "", ""),
    ("not_csv", "A file is not CSV.", "", ""),
    (
        "not_disclosed",
        "An audience may not see what was asked for: risk and awards are for members, failures for the coordinator.",
        "cni network map NET -o map.html --by risk --disclosure public",
        "Ask for another layer, or for another audience.",
    ),
    (
        "not_served",
        "A value that later versions will serve; this one refuses it rather than ignore it.",
        'method = "pool"',
        "",
    ),
    ("ragged_row", "A row has more cells than the header.", "a comma inside a text without quotes", ""),
    ("same_ends", "Both ends are the same node.", "a=MA1 b=MA1", ""),
    ("self_loop", "A span starts and ends at the same node.", "", ""),
    ("syntax", "A file is not of the format that its name says.", "a missing quote in TOML", ""),
    ("too_deep", "Brackets nest deeper than 64.", "", ""),
    ("too_long", "A text is longer than it may be.", "", ""),
    ("unchanged", "Nothing differs from what is there.", "", ""),
    ("unknown_format", "The suffix of a file is not one of those that are read.", "requests.xls", ""),
    ("unknown_key", "A key is not one of the format; it would be ignored, so it is refused.", "[cap] shares = 0.4", ""),
    ("unreadable_file", "A file cannot be read.", "no permission", ""),
    ("unwritable", "A file or folder cannot be written.", "no permission", ""),
    (
        "would_overwrite",
        "Something is there already and is not overwritten.",
        "cni network convert a b where b holds files",
        "",
    ),
    (
        "wrong_form",
        "A JSON document lacks what its schema asks for.",
        "an award without levels",
        "`cni schema NAME` prints the form.",
    ),
    ("wrong_kind", "A column is given that belongs to the other kind of request.", "kind=fibre with rack_units", ""),
    ("wrong_schema", "A JSON document is of another schema than the command reads.", "cni verify settlement.json", ""),
    ("wrong_state", "The round is in another state than this needs.", "cni round award of an open round", ""),
    (
        "yaml_anchor",
        "YAML anchors and aliases are refused: a few lines of them can stand for a billion values.",
        "&a",
        "",
    ),
    ("yaml_tag", "YAML tags are refused.", "!!python/object", ""),
)

CHECKS = (
    ("shape", "Whether every part of the award is there and has its form.", "granted is no whole number", ""),
    (
        "digest",
        "Whether the digest is that of the bytes.",
        "a figure was changed afterwards",
        "Ask for the file that was published.",
    ),
    (
        "pack",
        "Whether the digest of the pack is that of its bytes.",
        "a request was changed afterwards",
        "Ask for the file that was published.",
    ),
    (
        "inputs",
        "Whether the award was made from the inputs that were given.",
        "another policy",
        "Give the files of the round.",
    ),
    ("software", "Which software and version made the award.", "made by version 0.1, this is 0.2", ""),
    ("evidence", "Whether the certificates have their form.", "", ""),
    ("figures", "Whether each km, dB, count and total is what the routes and grants give.", "", ""),
    ("A1-A7", "Whether every clause of rules A holds, at every instant, in whole numbers.", "", ""),
    (
        "A1",
        "A granted pair is one circuit whose legs join the ends and are disjoint as asked for.",
        "both legs pass S015",
        "",
    ),
    ("A2", "Each leg keeps the request's limits.", "12.300 km of max_km 10", ""),
    ("A3", "Nothing is granted that is not spare.", "S015: 2 pairs granted, 1 offered", ""),
    ("A4", "With same_route all pairs of a request run over the same legs.", "", ""),
    ("A5", "Minimum, bundle and family are kept.", "half a bundle was granted", ""),
    ("A6", "The clauses of the policy are kept.", "a group holds more than the cap", ""),
    ("A7", "Only who is eligible, in time and for an allowed term is granted anything.", "", ""),
    ("B1", "The counts of the levels are those of the grants.", "", ""),
    ("B1 bounds", "No award can bring more groups to a level, proved again over all routes.", "", ""),
    (
        "B7",
        "The price of fairness: units granted, pairs that clauses keep dark, and totals that are not below what is reached.",
        "greatest_units is 54 and 55 units are granted",
        "`cni verify --full` proves the totals again.",
    ),
    ("B2-B5", "The values of the tie-breaks are those of the grants.", "", ""),
    ("B6", "Nothing more would fit.", "", ""),
    ("B5", "Of equally good routes the smallest list of span ids was taken.", "", ""),
    ("B2-B5 bounds", "No award can do better in the tie-breaks, proved again.", "", "`cni verify --full` does it."),
    (
        "repeatable",
        "Whether a wall limit cut something, so that another run may differ.",
        "--time-limit",
        "Use `--effort`.",
    ),
    ("D1", "Every request that got less than it asked for says why.", "", ""),
    ("D2", "For each request all lifts together suffice, and none is idle.", "", ""),
    (
        "D3",
        "Who holds what binds is told truly (own_rank, drawn_lot, fair_share).",
        "",
        "`cni verify --full` proves fair_share.",
    ),
    ("D4", "Every alternative that is named is free, taken alone.", "", ""),
    ("text", "The sentences of reasons are not checked; their codes, places, clauses and lifts are.", "", ""),
    ("not_checked", "What the verification left out, and how to have it checked.", "", "`cni verify --full`."),
)

_TABLES = {
    "reason": REASONS,
    "finding": (
        *FINDINGS,
        *explanations_formats.FINDINGS,
        *explanations_circuits.FINDINGS,
        *explanations_billing.FINDINGS,
    ),
    "input": (
        *INPUTS,
        *explanations_formats.INPUTS,
        *explanations_circuits.INPUTS,
        *explanations_rounds.INPUTS,
        *explanations_store.INPUTS,
        *explanations_billing.INPUTS,
    ),
    "check": (*CHECKS, *explanations_rounds.CHECKS, *explanations_billing.CHECKS),
    "store": (*explanations_store.STORE, *explanations_rounds.STORE),
}

EXPLANATIONS: dict[str, Explanation] = {
    row[0]: Explanation(row[0], kind, row[1], row[2], row[3] or explanations_formats.REMEDIES.get(row[0], ""))
    for kind, rows in _TABLES.items()
    for row in rows
}
"""Every code with its explanation, by code."""
