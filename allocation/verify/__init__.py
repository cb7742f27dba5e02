"""Rule C's verifier: an award checked against its inputs without trusting, or sharing code with, what made it."""

from __future__ import annotations

from allocation.verify.public import verify_public
from allocation.verify.verifier import verify_award, verify_pack

__all__ = ["verify_award", "verify_pack", "verify_public"]
