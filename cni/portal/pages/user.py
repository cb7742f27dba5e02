"""Pages of a member that uses fibre, part by part: asking, receipts and results, circuits and works, invoices."""

from __future__ import annotations

from fastapi import APIRouter

from cni.portal.pages import asks, held, invoices, results

router = APIRouter()
for each in (asks, results, held, invoices):
    router.include_router(each.router)
