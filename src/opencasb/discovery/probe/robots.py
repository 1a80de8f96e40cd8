"""Fetches pages only as far as sites allow programs to: ``robots.txt`` (RFC 9309)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from opencasb.discovery.probe.fetch import USER_AGENT, Answer, fetch
from opencasb.outbound import Network, OutboundError

PATH: Final = "/robots.txt"
LARGEST: Final = 500 * 1024
"""Bytes that are read and honoured (RFC 9309 §2.5)."""

_RULE: Final = re.compile(r"\s*(user-agent|allow|disallow)\s*:([^#]*)", re.IGNORECASE)
_TOO_MANY_REQUESTS: Final = 429


class Pages:
    """The pages of a domain; each host's ``robots.txt`` is read once, before its first page."""

    def __init__(self, network: Network, is_own: Callable[[str], bool]) -> None:
        """Follow redirects to hosts that ``is_own`` accepts."""
        self._network = network
        self._is_own = is_own
        self._rules: dict[str, RobotFileParser | OutboundError] = {}

    async def get(self, url: str, most: int) -> Answer:
        """Return a page like :func:`fetch`. Raises :class:`OutboundError`, also if the site disallows it."""
        await self._ask(url)
        return await fetch(self._network, url, most, self._follow)

    async def _follow(self, url: str) -> bool:
        if not self._is_own(_host(url)):
            return False
        await self._ask(url)
        return True

    async def _ask(self, url: str) -> None:
        host = _host(url)
        if host not in self._rules:
            self._rules[host] = await self._read(host)
        rules = self._rules[host]
        if isinstance(rules, OutboundError):
            raise OutboundError(f"{url} is not read: {rules}")
        if not rules.can_fetch(USER_AGENT, url):
            raise OutboundError(f"{url} is not read: robots.txt asks programs not to")

    async def _read(self, host: str) -> RobotFileParser | OutboundError:
        """Return the rules of a host, or why they cannot be determined now."""

        async def is_own(url: str) -> bool:
            return self._is_own(_host(url))

        try:
            answer = await fetch(self._network, f"https://{host}{PATH}", LARGEST, is_own, cut=True)
        except OutboundError as error:
            return error
        if answer.status >= 500 or answer.status == _TOO_MANY_REQUESTS:
            return OutboundError(f"{answer.url} answers {answer.status}")
        return parsed(answer.body if answer.status == 200 else b"")


def parsed(body: bytes) -> RobotFileParser:
    """Return the rules in a file with any content; lines that are not rules forbid nothing."""
    rules = RobotFileParser()
    rules.parse(list(_lines(body.decode("utf-8-sig", "replace"))))
    return rules


def _lines(text: str) -> Iterator[str]:
    """Yield the rules in a form that the standard library's parser reads as RFC 9309 intends.

    That parser takes blank lines for the end of a group, and stars literally; at the end of a path they have no effect.
    """
    for found in filter(None, map(_RULE.match, text.splitlines())):
        name, value = found[1].lower(), found[2].strip()
        if name == "user-agent" or not value:
            yield f"{name}:{value}"
        elif value.startswith(("/", "*")):
            yield f"{name}:/{value.rstrip('*').lstrip('/')}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
