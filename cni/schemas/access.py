"""Forms of what is told of access, in the notation of `cni.schemas.notation`. None has a place for a secret."""

from __future__ import annotations

from typing import Any

PERSON = {
    "id": "id",
    "name": "text",
    "email": "text",
    "member": "text",
    "roles": ["text"],
    "active": "flag",
    "version": "count",
}
SESSION = {
    "number": "count",
    "person": "id",
    "kind": "text",
    "how": "text",
    "started": "text",
    "expires": "text",
    "ended?": "text",
}
TOKEN = {
    "number": "count",
    "person": "id",
    "name": "text",
    "scopes": ["text"],
    "made": "text",
    "expires": "text",
    "ended?": "text",
}
PASSKEY = {"number": "count", "person": "id", "name": "text", "made": "text", "ended": "flag"}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.people/1": ("who may come in, for which member, with which roles of the house", {"people": [PERSON]}),
    "cni.passkeys/1": ("passkeys of people", {"passkeys": [PASSKEY]}),
    "cni.sessions/1": ("sessions of people", {"sessions": [SESSION]}),
    "cni.tokens/1": ("tokens of people, without their secrets", {"tokens": [TOKEN]}),
}
