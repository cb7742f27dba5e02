"""Who may come in: people, sign-in links, passkeys, sessions and tokens (rules J1 to J10)."""
