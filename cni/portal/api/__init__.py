"""The API: the house's own documents over HTTP, for programs. One file per part."""

from __future__ import annotations

from fastapi import APIRouter

from cni.portal.api import audit, circuits, money, rounds

router = APIRouter()
for each in (rounds, circuits, money, audit):
    router.include_router(each.router)
