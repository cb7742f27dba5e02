"""Parts that several documents have, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

LEG = {"spans": ["id"], "nodes": ["id"], "length_km": "three places", "loss_db": "three places"}
REASON = {"code": "text", "text": "text", "spans": ["id"], "nodes": ["id"], "clause?": "any", "lifts": "any"}
