"""The portal as one ASGI application: pages for people, an API for programs, over the use-cases of the command line."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from cni.errors import CniError
from cni.portal import api, description
from cni.portal.desk import Desk
from cni.portal.pages import admin, audit, contributor, me, public, sign_in, user
from cni.portal.problems import Refusal, Told, told
from cni.portal.security import Guard
from cni.portal.settings import Portal
from cni.portal.visitors import API, Visitor, to_sign_in
from cni.portal.web import page
from topology.about import SOFTWARE
from topology.canonical import canonical_bytes
from topology.problems import BadInput

STATIC = Path(__file__).with_name("static")
LOG = logging.getLogger("cni.portal")


def make_site(portal: Portal) -> Guard:
    """The application behind its guard: what is served. Raises StoreError where the database cannot be used as it is."""
    return Guard(make_app(portal), portal.origin)


def make_app(portal: Portal) -> FastAPI:
    """The application on a database. Raises StoreError where that cannot be used as it is."""
    app = FastAPI(
        title="CNI portal",
        version=str(SOFTWARE["version"]),
        description=description.ABOUT,
        openapi_url=f"{API}v1/openapi.json",
        docs_url=None,  # both would load their code from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.desk = Desk(portal)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for each in (public, sign_in, me, user, contributor, audit, admin):
        app.include_router(each.router, include_in_schema=False)
    app.include_router(api.router, prefix=f"{API}v1")
    for kind in (Refusal, BadInput, CniError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _answer)
    app.openapi = lambda: description.described(app)  # type: ignore[method-assign]
    return app


def _answer(request: Request, error: Exception) -> Response:
    """An error as the one who asked can use it: problem details under /api/, else a page."""
    found = _told(error)
    if found.status >= 500:
        LOG.error("%s %s: %s", request.method, request.url.path, found.code)
    headers = {"retry-after": str(found.retry_after)} if found.retry_after else {}
    wants_json = request.url.path.startswith(API) or request.headers.get("x-cni") is not None
    if wants_json:
        if found.status == 401:
            headers["www-authenticate"] = "Bearer"
        return Response(canonical_bytes(found.as_json()), found.status, headers, "application/problem+json")
    if found.status == 401 and found.code == "sign_in_needed":
        return to_sign_in(request)
    request.state.visitor = getattr(request.state, "visitor", None) or Visitor()
    answer = page(request, "error.html", found.title, {"found": found}, status=found.status)
    answer.headers.update(headers)
    return answer


def _told(error: Exception) -> Told:
    if isinstance(error, RequestValidationError):
        rows = tuple(_row(each) for each in error.errors())
        return Told(422, "bad_value", " ".join(str(r["text"]) for r in rows[:5]), rows)
    if isinstance(error, HTTPException):
        codes = {404: "not_found", 405: "method_not_allowed", 413: "file_too_large"}
        return told(Refusal(codes.get(error.status_code, "bad_value"), str(error.detail)))
    return told(error)


def _row(fault: dict[str, Any]) -> dict[str, Any]:
    where = ".".join(str(part) for part in fault.get("loc", ()))
    said = str(fault.get("msg", "is not as it must be"))
    return {"code": "bad_value", "column": where, "value": "", "text": f"{where}: {said}", "hint": ""}
