"""Pages of the audience user."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
