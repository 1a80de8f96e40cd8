"""A REST call as handlers see it, and their replies; nothing here knows ASGI."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.parameters import Parameters
from opencasb.model.principal import Principal

if TYPE_CHECKING:
    from opencasb.app import Casb


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated call.

    ``path`` maps the names of the path's variable segments to their values; ``base_url`` is the address under which the
    client reached us, without a trailing slash. ``body`` is set for routes that take bytes.
    """

    principal: Principal
    method: str
    path: Mapping[str, str]
    parameters: Parameters
    base_url: str
    body: bytes = b""

    @property
    def tenant_id(self) -> int:
        """The caller's tenant."""
        return self.principal.tenant_id

    def segment(self, name: str) -> str:
        """Return a variable path segment without NUL bytes, which PostgreSQL rejects."""
        return self.path[name].replace("\0", "")

    @property
    def app_id(self) -> int:
        """The app number in the path. Raises :class:`NotFound` if it is not a number."""
        text = self.path["app_id"]
        if not (text.isascii() and text.isdecimal() and len(text) <= 10):
            raise NotFound
        return int(text)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response other than a plain 200 with JSON; ``challenges`` are values of ``WWW-Authenticate``."""

    content: bytes
    media_type: str | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    challenges: tuple[str, ...] = ()


Handler = Callable[["Casb", Call], object]
"""Answers a call with a JSON value or a :class:`Reply`; refuses by raising a :class:`~.errors.Refusal`."""

TogetherHandler = Callable[["Casb", Sequence[Call]], Sequence[object | Exception]]
"""Answers several calls by one caller; returns an answer for each, or the exception that its handler would raise."""
