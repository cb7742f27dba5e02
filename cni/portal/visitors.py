"""Who is asking, and whether they may (rules J): each route names the one audience that it is for.

`Needs` is the only gate. A test walks every route of the app, so that none can be without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse

from cni.access import people, sessions, tokens
from cni.access.people import Person
from cni.access.sessions import Session
from cni.access.tokens import Token
from cni.portal.desk import Desk
from cni.portal.problems import Refusal
from cni.rounds.act import Act, Key
from cni.store.engine import reading
from cni.views.holdings import Audience

COOKIE = "__Host-cni"
BROWSER_COOKIE = "__Host-cni-browser"
PUBLIC = "public"
AUDIENCES = ("public", "enrolling", "member", "user", "contributor", "auditor", "coordinator")
"""From whom a route may ask to be. `enrolling`: who may make a passkey, having come by a mailed link or with a session."""

API = "/api/"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: nobody known, or a person by a session or a token. `group`: the member group that they act for."""

    person: Person | None = None
    audiences: frozenset[str] = frozenset({PUBLIC})
    how: str = ""
    session: Session | None = None
    token: Token | None = None

    @property
    def known(self) -> Person:
        """The person, behind a gate that lets in nobody unknown."""
        assert self.person is not None
        return self.person

    @property
    def by_session(self) -> Session:
        """The session; what is done with a token has none. Raises Refusal."""
        if self.session is None:
            raise Refusal("forbidden", "This is done in a browser, not with a token.")
        return self.session

    @property
    def member(self) -> str:
        """The member that the person acts for; empty for none."""
        return self.person.member if self.person else ""

    @property
    def signed_in(self) -> bool:
        """Whether it is a person with a full session or a token."""
        return "auditor" in self.audiences or "member" in self.audiences

    def may(self, audience: str) -> bool:
        """Whether they belong to an audience."""
        return audience in self.audiences

    @property
    def sees(self) -> Audience:
        """How lists of circuits are cut for them: their own in full, else as codes; the coordinator sees all."""
        return Audience("internal") if self.may("coordinator") and not self.member else Audience("member", self.member)


def desk_of(request: Request) -> Desk:
    """The desk of the running portal."""
    found: Desk = request.app.state.desk
    return found


def visitor_of(request: Request) -> Visitor:
    """Who sent a request; looked up once for each. Raises Refusal for a token that is not valid."""
    known: Visitor | None = getattr(request.state, "visitor", None)
    if known is None:
        known = _by_token(request) if "authorization" in request.headers else _by_cookie(request)
        request.state.visitor = known
    return known


def _by_token(request: Request) -> Visitor:
    kind, _, secret = request.headers["authorization"].partition(" ")
    desk = desk_of(request)
    if kind.lower() != "bearer" or not request.url.path.startswith(API):
        raise Refusal("sign_in_needed", "A token goes in the header Authorization: Bearer, to addresses under /api/.")
    with reading(desk.engine) as connection:
        token = tokens.find(connection, secret.strip(), desk.now())
        person = people.person(connection, token.person) if token else None
        if token is None or person is None:
            raise Refusal("sign_in_needed", "This token is unknown, has run out, or was ended.")
        who = people.audiences_of(connection, person, desk.today())
    return Visitor(person, who, f"token {token.number} ({token.name})", token=token)


def _by_cookie(request: Request) -> Visitor:
    secret, desk = request.cookies.get(COOKIE, ""), desk_of(request)
    if not secret:
        return Visitor()
    with reading(desk.engine) as connection:
        session = sessions.find(connection, secret, desk.now())
        person = people.person(connection, session.person) if session else None
        if session is None or person is None:
            return Visitor()
        who = people.audiences_of(connection, person, desk.today())
    if session.kind == "enrol":
        return Visitor(person, frozenset({PUBLIC, "enrolling"}), f"session {session.number}", session)
    return Visitor(person, who | {"enrolling"}, f"{session.how}, session {session.number}", session)


class Needs:
    """A route's gate: the audience that it is for, and the scope that a token needs for it."""

    def __init__(self, audience: str, scope: str = "read") -> None:
        assert audience in AUDIENCES, audience
        self.audience, self.scope = audience, scope

    def __call__(self, request: Request) -> Visitor:
        """The visitor, where they may. Raises Refusal."""
        visitor = visitor_of(request)
        if not visitor.may(self.audience):
            if visitor.signed_in:
                raise Refusal("forbidden", f"This is for the {self.audience}.", "Your own pages are under Your pages.")
            raise Refusal("sign_in_needed", "This is not public. Sign in first.")
        if visitor.token is not None and self.scope not in ("read", *visitor.token.scopes):
            raise Refusal(
                "no_scope", f"The token lacks the scope {self.scope}.", "Make another one on the page Access."
            )
        return visitor


Anyone = Annotated[Visitor, Depends(Needs("public"))]
Enrolling = Annotated[Visitor, Depends(Needs("enrolling"))]
SignedIn = Annotated[Visitor, Depends(Needs("auditor"))]
OfMember = Annotated[Visitor, Depends(Needs("member"))]
User = Annotated[Visitor, Depends(Needs("user"))]
Contributor = Annotated[Visitor, Depends(Needs("contributor"))]
Coordinator = Annotated[Visitor, Depends(Needs("coordinator"))]
Submitting = Annotated[Visitor, Depends(Needs("user", "submit"))]
Deciding = Annotated[Visitor, Depends(Needs("user", "circuits"))]
CoordinatorDeciding = Annotated[Visitor, Depends(Needs("coordinator", "circuits"))]
PlanningWorks = Annotated[Visitor, Depends(Needs("coordinator", "works"))]


def act_of(request: Request, visitor: Visitor, key: Key | None = None) -> Act:
    """The visitor's act now: who, and how they came in, for the audit log."""
    desk = desk_of(request)
    at = getattr(request.state, "complete_at", None) or desk.now()
    return Act(visitor.known.id, at, visitor.how, clock_given=desk.portal.clock_given, key=key)


def to_sign_in(request: Request) -> RedirectResponse:
    """Where a person who is not signed in is sent, and back from there to what they wanted."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?to={quote(path)}" if request.method == "GET" else "/sign-in", 303)


def own_path(text: str) -> str:
    """A path of this portal to go on to; anything else becomes the visitor's first page."""
    fine = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return text if fine and len(text) < 500 else "/me"
