"""Why a request got less than it asked for, and what is nearest."""
