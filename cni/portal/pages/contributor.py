"""Pages of the audience contributor."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
