"""A complete server in process, and browsers of signed-in users."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx

from opencasb.api.asgi import Dispatcher
from opencasb.app import Casb
from opencasb.identity.passwords import hash_password
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.portal.page import SESSION_COOKIE
from opencasb.settings import Settings
from tests.api.login.browser import Browser
from tests.conftest import create_schema
from tests.identity.standin import HandClock

ADMIN = Role.GLOBAL_ADMINISTRATOR
PASSWORD = "correct horse battery"
_FORM = re.compile(r'<form method="post" action="/portal/([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)


class Fields(HTMLParser):
    """Collects what a browser would submit with a form: hidden and typed values, ticked boxes, selected options."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a field."""
        given = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = given["name"]
        elif tag == "textarea":
            self._area = given["name"]
            self.values[self._area] = [""]
        elif tag == "input" and given.get("type") != "file" and (given.get("type") != "checkbox" or "checked" in given):
            self.values.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """End a field."""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Add to the text of a field."""
        if self._area:
            self.values[self._area][0] += data


class Visitor(Browser):
    """A user's browser."""

    def open(self, path: str) -> httpx.Response:
        """Open a page below ``/portal/``."""
        return self.get(f"/portal/{path}")

    def raw(self, path: str, content: bytes, kind: str) -> httpx.Response:
        """Submit arbitrary bytes as a form."""

        async def exchange() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport(), base_url=self._base_url) as client:
                headers = {"cookie": f"{SESSION_COOKIE}={self.cookies[SESSION_COOKIE]}", "content-type": kind}
                return await client.post(f"/portal/{path}", content=content, headers=headers)

        return asyncio.run(exchange())

    def page(self, path: str) -> str:
        """Return the text of an existing page."""
        answer = self.open(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, page: str, action: str, /, **values: str | list[str]) -> httpx.Response:
        """Submit the page's form whose action is ``action``; for a confirmation, return its page."""
        forms = {unescape(path): inside for path, inside in _FORM.findall(self.page(page))}
        assert action in forms, f"{action} is not among {list(forms)}"
        fields = Fields()
        fields.feed(forms[action])
        answer = self._send("POST", f"/portal/{action}", data={**fields.values, **values})
        return self.open(action) if answer.headers.get("location") == f"/portal/{action}" else answer

    def confirm(self, asked: httpx.Response) -> httpx.Response:
        """Submit a confirmation."""
        assert asked.status_code == 200, asked.text
        [(action, inside)] = [each for each in _FORM.findall(asked.text) if 'name="confirmed"' in each[1]]
        fields = Fields()
        fields.feed(inside)
        return self._send("POST", f"/portal/{action}", data=fields.values)

    def done(self, answer: httpx.Response) -> str:
        """Follow the redirect after an accepted form, and return the page."""
        assert answer.status_code == 303, answer.text
        return self.page(answer.headers["location"].removeprefix("/portal/"))


class Site:
    """An installation with the tenants Contoso and Fabrikam."""

    def __init__(self, data: Path, tenants: tuple[str, ...] = ("Contoso", "Fabrikam"), database_url: str = "") -> None:
        self.clock = HandClock()
        self.casb = Casb(Settings(data=data, database_url=database_url), self.clock)
        data.mkdir(parents=True, exist_ok=True)
        create_schema(self.casb.database)
        self.tenants = [self.casb.tenants.create(name, domain=f"{name.lower()}.example") for name in tenants]
        self.app = Dispatcher(self.casb)
        self._visitors: dict[tuple[int, Role], tuple[User, Visitor]] = {}

    @property
    def contoso(self) -> Tenant:
        """The tenant used by most tests."""
        return self.tenants[0]

    def user(self, role: Role = ADMIN, tenant: Tenant | None = None) -> User:
        """Return the user of a role, created on first use."""
        return self._visitor(role, tenant)[0]

    def visitor(self, role: Role = ADMIN, tenant: Tenant | None = None) -> Visitor:
        """Return the browser of that user, signed in."""
        return self._visitor(role, tenant)[1]

    def guest(self) -> Visitor:
        """Return a browser without a session."""
        return Visitor(self.app)

    def sign_in(self, user: User) -> Visitor:
        """Return another browser of a user."""
        visitor = self.guest()
        visitor.cookies[SESSION_COOKIE] = self.casb.identity.sessions.open(user, ("pwd",), "192.0.2.1")
        return visitor

    def _visitor(self, role: Role, tenant: Tenant | None) -> tuple[User, Visitor]:
        where = tenant or self.contoso
        key = (where.tenant_id, role)
        if key not in self._visitors:
            reports = [self.casb.streams.global_view(where.tenant_id).stream_id]
            user = self.casb.users.create(
                where.tenant_id,
                f"{role.slug}@{where.domain}",
                role,
                stream_ids=reports if role is Role.CLOUD_DISCOVERY_REPORT_ADMIN else None,
                password_hash=hash_password(PASSWORD),
            )
            self._visitors[key] = (user, self.sign_in(user))
        return self._visitors[key]
