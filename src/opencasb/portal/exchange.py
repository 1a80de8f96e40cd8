"""Pages over HTTP: session lookup, CSRF protection of forms, and error pages (identity §12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote, urlencode

import structlog
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from opencasb.identity.errors import OAuthError
from opencasb.identity.refusals import InvalidValue, NotAllowed
from opencasb.model.quantities import bytes_text
from opencasb.portal.form import Form
from opencasb.portal.form_body import LARGEST, form_of
from opencasb.portal.once import ONCE_COOKIE, shown, to_show
from opencasb.portal.page import SESSION_COOKIE, TENANT_COOKIE, Page, is_own_form, render, see_other, set_cookie
from opencasb.portal.routes import Action, View, match
from opencasb.portal.visit import ROOT, NotFound, Visit
from opencasb.store.outage import RETRY_AFTER, outage_of

if TYPE_CHECKING:
    from opencasb.app import Casb

SIGN_OUT: Final = "sign-out"
"""The one form that loses nothing when nobody is signed in."""

Routed = TypeVar("Routed", View, Action)
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/-]*")
"""What the paths of our pages consist of."""
_log = structlog.get_logger(__name__)


class Portal:
    """Serves pages to signed-in users and redirects everybody else to the sign-in page."""

    def __init__(self, casb: Casb, views: Iterable[View], actions: Iterable[Action]) -> None:
        self._casb = casb
        self._views = tuple(views)
        self._actions = tuple(actions)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            form = await form_of(request)
        except ClientDisconnect:
            return
        page = await to_thread.run_sync(self._answer, request, form)
        await Response(page.content, page.status, page.headers)(scope, receive, send)

    def _answer(self, request: Request, form: Form | None) -> Page:
        try:
            return self._visited(request, form)
        except Exception as error:  # noqa: BLE001 -- whatever fails, people get a page
            outage = outage_of(error)
            if outage is None:
                _log.exception("a page failed", path=request.url.path)
                return _message_page(500, "Internal error", "See the server's log for details.")
            _log.error("page refused", path=request.url.path, reason=str(outage), error=repr(error))
            return _with(
                _message_page(503, "Temporarily unavailable", f"Try again later: {outage}."),
                **{"retry-after": str(RETRY_AFTER)},
            )

    def _visited(self, request: Request, form: Form | None) -> Page:
        path = request.scope["path"].removeprefix("/portal").strip("/")
        cookie = request.cookies.get(SESSION_COOKIE, "")
        found = self._casb.identity.sessions.of(cookie) if cookie else None
        if found is None:
            return self._sign_in(request, path)
        named = self._casb.tenants.by_guid_or_domain(request.cookies.get(TENANT_COOKIE, ""))
        user, session = self._casb.identity.guests.within(named, *found) or found
        visit = Visit(
            casb=self._casb,
            user=user,
            home=found[0],
            session=session,
            cookie=cookie,
            address=request.client.host if request.client else "",
            path={},
            query=dict(request.query_params),
            form=form or Form(),
        )
        try:
            if request.method in {"GET", "HEAD"}:
                once = to_show(visit, path, request.cookies.get(ONCE_COOKIE, "")) if request.method == "GET" else {}
                page = self._read(replace(visit, once=once), path)
                return shown(page) if once else page
            return self._sent(visit, request.method, path, readable=form is not None)
        except NotAllowed:
            return visit.render("problem.html.j2", 403, title="Not allowed", text="Your role does not allow this.")
        except OAuthError as refusal:
            return visit.render("problem.html.j2", refusal.status, title="That was refused", text=refusal.text)
        except NotFound:
            return visit.render("problem.html.j2", 404, title="Not found", text="There is no page at this address.")

    def _read(self, visit: Visit, path: str) -> Page:
        """Show a page, or the confirmation page of an action."""
        if not self._is_page(path):
            action, variables = _find((each for each in self._actions if each.confirmation is not None), path)
            return self._ask(action, _at(visit, variables), path)
        view, variables = _find(self._views, path)
        if not view.right(visit.user):
            raise NotAllowed
        return view.show(_at(visit, variables))

    def _sent(self, visit: Visit, method: str, path: str, *, readable: bool) -> Page:
        if method != "POST":
            page = visit.render(
                "problem.html.j2",
                405,
                title="Method not allowed",
                text="This address does not accept this kind of request.",
            )
            return _with(page, allow="GET, HEAD, POST")
        if not readable:
            text, back = f"The form is damaged, or larger than {bytes_text(LARGEST)}.", self._page_above(path)
            return visit.render("problem.html.j2", 400, title="The form cannot be read", text=text, back=back)
        if not is_own_form(visit.casb.identity.pepper, visit.form_key, visit.form.raw("form_token")):
            text = "The form belongs to another session. Reload the page and try again."
            back = self._page_above(path)
            return visit.render("problem.html.j2", 403, title="The form is too old", text=text, back=back)
        action, variables = _find(self._actions, path)
        return self._acted(action, _at(visit, variables), path)

    def _acted(self, action: Action, visit: Visit, path: str) -> Page:
        if not action.right(visit.user):
            raise NotAllowed
        if action.confirmation is not None and not visit.form.ticked("confirmed"):
            action.confirmation.subject(visit)
            return see_other(ROOT + quote(path))
        try:
            done = action.act(visit)
        except InvalidValue as problem:
            return action.page(visit.with_problem(problem.field, str(problem)))
        return done if isinstance(done, Page) else see_other(ROOT + done)

    def _ask(self, action: Action, visit: Visit, path: str) -> Page:
        """Show a confirmation page, whose form carries the confirmation."""
        if not action.right(visit.user):
            raise NotAllowed
        assert action.confirmation is not None  # noqa: S101 -- checked by the caller
        back, subject = self._page_above(path), action.confirmation.subject(visit)
        return visit.render(
            "confirm.html.j2", confirmation=action.confirmation, subject=subject, action=path, back=back
        )

    def _page_above(self, path: str) -> str:
        """Return the path itself if it is a page, else the nearest page above it."""
        while not self._is_page(path):
            path = path.rpartition("/")[0]
        return path

    def _is_page(self, path: str) -> bool:
        return any(match(view.path, path) is not None for view in self._views)

    def _sign_in(self, request: Request, path: str) -> Page:
        """Redirect to the sign-in page, and from there back; a submitted form is lost, and the page says so."""
        tenants = self._casb.tenants.all()
        given = request.query_params.get("tenant", "")
        named = self._casb.tenants.by_guid_or_domain(given) if given else None
        only = named or (tenants[0] if len(tenants) == 1 else None)
        segment = only.guid if only else "organizations"
        page = self._page_above(path) if _PLAIN.fullmatch(path) else ""
        query = request.scope.get("query_string", b"").decode("ascii", "replace")
        going_to = ROOT + page
        if request.method == "POST" and path != SIGN_OUT:
            going_to += "?done=lost"
        elif request.method in {"GET", "HEAD"} and page == path and query and query.isprintable():
            going_to += "?" + quote(query, safe="=&%+.~_-")
        return see_other(f"/{segment}/login?{urlencode({'going_to': going_to})}")


def signed_out(address: str) -> Page:
    """Redirect a browser to an address of ours and remove its session cookie."""
    return see_other(address, **{"set-cookie": set_cookie(SESSION_COOKIE, "")})


def _message_page(status: int, title: str, text: str) -> Page:
    return render("done.html.j2", status, title=title, text=text)


def _with(page: Page, **headers: str) -> Page:
    return Page(page.content, page.status, {**page.headers, **headers})


def _find(routes: Iterable[Routed], path: str) -> tuple[Routed, Mapping[str, str]]:
    for route in routes:
        variables = match(route.path, path)
        if variables is not None:
            return route, variables
    raise NotFound


def _at(visit: Visit, variables: Mapping[str, str]) -> Visit:
    return replace(visit, path=variables)
