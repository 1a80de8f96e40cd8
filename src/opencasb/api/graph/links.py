"""Absolute links in responses (graph §5.1, §6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from opencasb.api.graph.options import PAGE_SIZE, Options, skip_token

_UNTOUCHED: Final = "!#$%&'()*+,-./:;=?@[]_~"


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one response.

    ``base`` is the configured public URL, never the request's ``Host``; ``path`` is the raw path as sent, so that a
    client keeps its own spelling.
    """

    base: str
    path: str

    def page(self, options: Options, skip: int, day: str | None, after: str) -> str:
        """Return the link to the page after ``skip`` rows, with the same options and the same ``day``.

        ``after`` is the key of the last of these rows, so that rows inserted or removed before it do not shift the
        page.
        """
        return self._link(self.path, [*options.raw, *_place(skip, day, after)])

    def related(self, name: str, day: str | None = None, after: str = "", selection: Collection[str] = ()) -> str:
        """Return the link to the rows after the first page of a collection below this resource.

        ``selection`` is what a nested ``$select`` named.
        """
        chosen = [f"$select={','.join(selection)}"] if selection else []
        return self._link(f"{self.path.rstrip('/')}/{name}", [*chosen, *_place(PAGE_SIZE, day, after)])

    def context(self, fragment: str, selection: Collection[str] = ()) -> str:
        """Return the context URL of a response; ``selection`` is what a ``$select`` named."""
        chosen = f"({','.join(selection)})" if selection else ""
        of_set, entity, _ = fragment.partition("/$entity")
        return f"{self.metadata}#{of_set}{chosen}{entity}"

    @property
    def metadata(self) -> str:
        """The URL of the metadata document."""
        return f"{self.base}/beta/$metadata"

    def _link(self, path: str, parts: list[str]) -> str:
        return quote(f"{self.base}{path}?{'&'.join(parts)}", safe=_UNTOUCHED, encoding="latin-1")


def _place(skip: int, day: str | None, after: str) -> list[str]:
    return [f"$skip={skip}", *([f"$skiptoken={skip_token(day, skip, after)}"] if day else [])]
