"""A call of the REST API as handlers see it, and what they answer; nothing here knows ASGI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    ``path`` has the variable segments of the path by name, ``base_url`` the address the client reached us under,
    without a trailing slash. ``body`` is there for routes that take bytes.
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
        """Return a variable segment of the path without zero bytes, of which PostgreSQL takes none."""
        return self.path[name].replace("\0", "")

    @property
    def app_id(self) -> int:
        """The app number in the path. Raises :class:`NotFound` when it is no number."""
        text = self.path["app_id"]
        if not (text.isascii() and text.isdecimal() and len(text) <= 10):
            raise NotFound
        return int(text)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not plain 200 with JSON; ``challenges`` are values of ``WWW-Authenticate``."""

    content: bytes
    media_type: str | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    challenges: tuple[str, ...] = ()


Handler = Callable[["Casb", Call], object]
"""Answers a call with a JSON value or a :class:`Reply`; refuses by raising a :class:`~.errors.Refusal`."""
