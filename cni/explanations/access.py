"""What the codes of access mean: people, links, passkeys, sessions, tokens, repeated acts."""

from __future__ import annotations

INPUTS = (
    (
        "sign_in_needed",
        "The page or call is for people who have signed in.",
        "GET /api/v1/circuits without a token",
        "Sign in, or send a token that has not run out.",
    ),
    (
        "forbidden",
        "The page or call is for others than you.",
        "an auditor who asks for /me/requests",
        "The page Your pages leads to all that is yours.",
    ),
    (
        "not_found",
        "Nothing has this name, or it is another member's; the two are answered alike.",
        "/me/invoices/INV-999999",
        "Lists name what is yours.",
    ),
    (
        "no_scope",
        "The token may do less than this call needs.",
        "a token with the scope read that hands in a file",
        "Make another token with that scope on the page Access.",
    ),
    (
        "bad_origin",
        "What changes something came from another site, or the portal was called by another name than its own.",
        "a form on another site",
        "Use the portal's own pages, at its own address.",
    ),
    (
        "no_ubl",
        "A document lacks what an e-invoice must have.",
        "a statement without VAT",
        "The text names what is lacking; the page can be printed.",
    ),
    (
        "both_legs",
        "Works would put both legs of a circuit out of use at once, and nothing is planned.",
        "works on two spans at the same time",
        "Plan them at two times, or name the circuit as agreed.",
    ),
    (
        "link_unknown",
        "No sign-in link has this secret.",
        "an address that a mail program broke over two lines",
        "Copy the whole address, or ask for a new link.",
    ),
    (
        "link_other_browser",
        "A sign-in link works only in the browser in which it was asked for (J3).",
        "asked for on a computer, opened on a telephone",
        "Open it where it was asked for, or ask for a new one here.",
    ),
    ("link_used", "A sign-in link works once (J3).", "the button pressed a second time", "Ask for a new link."),
    (
        "link_expired",
        "A sign-in link works for 15 minutes (J3).",
        "asked for at 12:00:00, used at 12:15:00",
        "Ask for a new link.",
    ),
    (
        "passkey_refused",
        "The answer of a passkey does not hold: another site, another challenge, no user verification, a signature of "
        "another key, a passkey that ended, or a counter that ran backwards (J4).",
        "an answer that was sent before",
        "Try again; where it stays so, ask for a link and enrol a new passkey.",
    ),
    (
        "unknown_scope",
        "A token's scope is none that there is, or is not for this person (J6).",
        "works, asked for by one who is no coordinator",
        "Choose among read, submit, circuits and works.",
    ),
    (
        "repeated",
        "This very message did its work before; nothing was done again (J9).",
        "a file handed in twice with one Idempotency-Key",
        "Nothing is left to do.",
    ),
    (
        "key_reused",
        "The key of this message came before with another one (J9).",
        "the Idempotency-Key of yesterday's file with today's",
        "Choose a new key for each new act.",
    ),
)

STORE = (
    (
        "no_mail",
        "A mail could not be handed over.",
        "an SMTP server that does not answer",
        "See to the server, its name, port and login, or to the folder.",
    ),
)
