"""The way in (rules J3 to J5): a mailed link makes a passkey, a passkey opens a session. There are no passwords."""

from __future__ import annotations

import json
import logging
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body, Form, Request
from fastapi.responses import RedirectResponse, Response

from cni.access import links, passkeys, secrets, sessions
from cni.portal.problems import Refusal
from cni.portal.visitors import BROWSER_COOKIE, COOKIE, Anyone, Enrolling, SignedIn, act_of, desk_of, own_path
from cni.portal.web import document, page
from cni.rounds.act import Act

router = APIRouter()
LOG = logging.getLogger("cni.portal")
HALF_DAY, QUARTER_HOUR = 12 * 3600, 15 * 60
JsonBody = Annotated[dict[str, Any], Body()]


@router.get("/sign-in")
def sign_in(request: Request, visitor: Anyone, to: str = "/me") -> Response:
    """The two ways: with a passkey, or by mail for whoever has none yet."""
    if visitor.signed_in:
        return RedirectResponse(own_path(to), 303)
    return page(request, "sign_in.html", "Sign in", {"to": own_path(to)})


@router.post("/sign-in/mail")
def ask_for_mail(
    request: Request, visitor: Anyone, background: BackgroundTasks, email: Annotated[str, Form(max_length=254)]
) -> Response:
    """Send a link, where the address is a person's; the answer is the same where it is not."""
    desk = desk_of(request)
    _allow(desk.mails.allows(_from(request), desk.ticks()))
    browser = _browser(request)
    background.add_task(_send, request, email, browser)
    answer = page(request, "mail_sent.html", "Look into your mail", {"email": email})
    _keep_browser(answer, browser, QUARTER_HOUR)
    return answer


def _send(request: Request, email: str, browser: str) -> None:
    """Make the link and mail it, after the answer went out, so that its time tells nothing either."""
    desk = desk_of(request)
    try:
        made = links.ask(desk.engine, Act("portal", desk.now(), "", desk.portal.clock_given), email, browser)
        if made is not None:
            person, secret = made
            address = f"{desk.portal.origin}/sign-in/link/{secret}"
            desk.portal.mail.send(person.email, f"Your link to {desk.portal.name}", _letter(person.name, address))
    except Exception:  # the person was told that a mail may come; whoever runs the portal reads the log
        LOG.exception("a sign-in mail could not be sent")


def _letter(name: str, address: str) -> str:
    return (
        f"Hello {name},\n\nsomebody, we hope you, asked to sign in. Open this link in the same browser within 15 minutes:\n\n"
        f"{address}\n\nIt works once. If it was not you, do nothing: nobody gets in without it.\n"
    )


@router.get("/sign-in/link/{secret}")
def look_at_link(request: Request, visitor: Anyone, secret: str) -> Response:
    """A page with one button: programs that look into mails open links, and must not use them up."""
    return page(request, "link.html", "One more step", {"secret": secret})


@router.post("/sign-in/link/{secret}")
def use_link(request: Request, visitor: Anyone, secret: str) -> Response:
    """Use the link, and go on to the passkey."""
    desk = desk_of(request)
    _allow(desk.sign_in.allows(_from(request), desk.ticks()))
    act = Act("portal", desk.now(), "", desk.portal.clock_given)
    _, session = links.use(desk.engine, act, secret, request.cookies.get(BROWSER_COOKIE, ""))
    answer = RedirectResponse("/sign-in/passkey", 303)
    _keep(answer, session, QUARTER_HOUR)
    return answer


@router.get("/sign-in/passkey")
def passkey(request: Request, visitor: Enrolling) -> Response:
    """Make a passkey on this device."""
    return page(request, "passkey.html", "Make a passkey")


@router.post("/sign-in/enrol/options")
def enrol_options(request: Request, visitor: Enrolling) -> Response:
    """What the browser needs to make a passkey."""
    desk = desk_of(request)
    options, challenge = passkeys.enrolment_options(desk.engine, desk.portal.party, visitor.known)
    desk.remember(f"enrol/{visitor.by_session.number}", challenge)
    return document(json.loads(options))


@router.post("/sign-in/enrol")
def enrol(request: Request, visitor: Enrolling, body: JsonBody) -> Response:
    """Take in the passkey; who came by a link is signed in with this."""
    desk = desk_of(request)
    challenge = desk.recall(f"enrol/{visitor.by_session.number}")
    if challenge is None:
        raise Refusal("passkey_refused", "It took too long.", "Press the button again.")
    name = str(body.get("name") or "").strip()[:60] or "passkey"
    act = act_of(request, visitor)
    made = passkeys.enrol(desk.engine, act, desk.portal.party, visitor.known, _credential(body), challenge, name)
    if visitor.by_session.kind == sessions.FULL:
        return document({"to": own_path(str(body.get("to") or "/me/access"))})
    secret = sessions.start_full(desk.engine, act, visitor.known.id, f"passkey {made.number}")
    sessions.end(desk.engine, act, visitor.by_session.number, visitor.known.id)
    answer = document({"to": "/me"})
    _keep(answer, secret, HALF_DAY)
    return answer


@router.post("/sign-in/passkey/options")
def passkey_options(request: Request, visitor: Anyone) -> Response:
    """What the browser needs to sign in with a passkey."""
    desk = desk_of(request)
    _allow(desk.sign_in.allows(_from(request), desk.ticks()))
    options, challenge = passkeys.sign_in_options(desk.portal.party)
    browser = _browser(request)
    desk.remember(f"sign-in/{browser}", challenge)
    answer = document(json.loads(options))
    _keep_browser(answer, browser, QUARTER_HOUR)
    return answer


@router.post("/sign-in/passkey")
def passkey_sign_in(request: Request, visitor: Anyone, body: JsonBody) -> Response:
    """Sign in."""
    desk = desk_of(request)
    challenge = desk.recall(f"sign-in/{request.cookies.get(BROWSER_COOKIE, '')}")
    if challenge is None:
        raise Refusal("passkey_refused", "It took too long.", "Press the button again.")
    given = desk.portal.clock_given
    _, secret = passkeys.sign_in(
        desk.engine, desk.now(), desk.portal.party, _credential(body), challenge, clock_given=given
    )
    answer = document({"to": own_path(str(body.get("to") or "/me"))})
    _keep(answer, secret, HALF_DAY)
    return answer


@router.post("/sign-out")
def sign_out(request: Request, visitor: SignedIn) -> Response:
    """End this session."""
    if visitor.session is not None:
        sessions.end(desk_of(request).engine, act_of(request, visitor), visitor.by_session.number, visitor.known.id)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _credential(body: dict[str, Any]) -> str:
    found = body.get("credential")
    if not isinstance(found, dict):
        raise Refusal("passkey_refused", "The browser sent no passkey.", "Press the button again.")
    return json.dumps(found)


def _from(request: Request) -> str:
    return request.client.host if request.client else ""


def _allow(yes: bool) -> None:
    if not yes:
        raise Refusal("too_many", "There were too many tries from your address.", retry_after=60)


def _browser(request: Request) -> str:
    held = request.cookies.get(BROWSER_COOKIE, "")
    return held if len(held) == 43 and held.isascii() else secrets.fresh()


def _keep(answer: Response, secret: str, seconds: int) -> None:
    answer.set_cookie(COOKIE, secret, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def _keep_browser(answer: Response, secret: str, seconds: int) -> None:
    answer.set_cookie(BROWSER_COOKIE, secret, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")
