"""A response of the Graph API or the token endpoint that an integration reads, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from opencasb.saas.errors import InvalidResponse


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response; header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The content as text, with invalid UTF-8 replaced."""
        return self.content.decode("utf-8", "replace")

    @property
    def is_web_page(self) -> bool:
        """Whether it is HTML instead of JSON."""
        return "html" in self.headers.get("content-type", "").lower() or self.content.lstrip()[:1] == b"<"

    @property
    def is_broken(self) -> bool:
        """Whether it claims to be JSON but is not: how a service shows that it failed midway through a response."""
        if "json" not in self.headers.get("content-type", "").lower():
            return False
        try:
            msgspec.json.decode(self.content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return True
        return False

    def json(self) -> dict[str, Any]:  # any JSON
        """Return the JSON object. Raises :class:`InvalidResponse` if there is none."""
        try:
            found = msgspec.json.decode(self.content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise InvalidResponse(*self.what_it_is())
        return found

    def what_it_is(self) -> tuple[str, str]:
        """Return an error code and text for a response that is not JSON."""
        host = host_of(self.url)
        if self.is_web_page:
            return "web_page", (
                f"{host} answered with a web page (status {self.status}) instead of JSON: the address is that of "
                "something else, or a proxy is in between."
            )
        return "not_json", f"{host} answered with something that is not JSON (status {self.status})."


def host_of(url: str) -> str:
    """Return the host and port of a URL, for messages."""
    return urlsplit(url).netloc[:200]
