"""A browser for tests: keeps cookies, does not follow redirects, fills in forms."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from starlette.types import ASGIApp

_FORM = re.compile(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')


class Browser:
    """The browser of one person."""

    def __init__(self, app: ASGIApp, base_url: str = "https://localhost:8443") -> None:
        self._app = app
        self._base_url = base_url
        self.cookies: dict[str, str] = {}

    def get(self, address: str, **params: str) -> httpx.Response:
        """Open an address."""
        return self._send("GET", address, params=params or None)

    def post(self, address: str, data: dict[str, str]) -> httpx.Response:
        """Send a form."""
        return self._send("POST", address, data=data)

    def fill_in(self, page: httpx.Response, **values: str) -> httpx.Response:
        """Fill in the first form of a page, and send it."""
        action, form = form_of(page)
        return self.post(action, {**form, **values})

    def _transport(self) -> httpx.AsyncBaseTransport:
        return httpx.ASGITransport(self._app, client=("192.0.2.1", 4711))

    def _send(self, method: str, address: str, **body: Any) -> httpx.Response:
        async def exchange() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport(), base_url=self._base_url) as client:
                header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
                return await client.request(method, address, headers={"cookie": header} if header else None, **body)

        answer = asyncio.run(exchange())
        self.cookies.update(answer.cookies)
        for header in answer.headers.get_list("set-cookie"):
            if "Max-Age=0" in header:
                self.cookies.pop(header.partition("=")[0], None)
        return answer


def form_of(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """Return the action of a page's first form, and its fields."""
    found = _FORM.search(page.text)
    assert found, page.text
    fields = [dict(_ATTRIBUTE.findall(each)) for each in _INPUT.findall(found[2])]
    return unescape(found[1]), {each["name"]: unescape(each.get("value", "")) for each in fields}


def answer_of(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters of a redirect."""
    address = urlsplit(answer.headers["location"])
    return dict(parse_qsl(address.query or address.fragment))
