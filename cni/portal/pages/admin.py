"""Pages of the audience admin."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
