"""The route table, read by the dispatcher and by tests: each path, its handlers and its permission (api §1.1, §17)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from opencasb.api.v1.call import Handler, TogetherHandler
from opencasb.api.v1.errors import MethodNotAllowed, NotFound

_VARIABLE: Final = re.compile(r"<(\w+)>")
_WIDE: Final = frozenset({"entity_pk", "activity_id"})
"""Variables that span several segments: base64 has slashes, and so do some vendors' ids (connectors §1.3)."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path below ``/api/v1/`` without leading or trailing slashes; ``<name>`` matches any one segment.

    ``<entity_pk>`` and ``<activity_id>`` match one or more segments.

    ``operation`` is a key of :data:`opencasb.model.rights.OPERATIONS`; None means that every authenticated caller
    may call and the handler decides what to return. A path may have a route per operation. ``takes_bytes`` is the
    maximum length of a body that the handlers read themselves, as ``call.body``; if it is 0, bodies carry parameters.
    ``asks_others``: the handlers wait for other servers, for an unbounded time. ``together`` answers calls with short,
    uncompressed bodies that one caller made at the same time, instead of the handlers.
    """

    path: str
    operation: str | None
    handlers: Mapping[str, Handler]
    takes_bytes: int = 0
    asks_others: bool = False
    together: TogetherHandler | None = None


class Found(NamedTuple):
    """The route of a call, and its decoded variable path segments."""

    route: Route
    handler: Handler
    variables: dict[str, str]


class Router:
    """Matches paths to routes; literal segments win over variable ones."""

    def __init__(self, routes: Iterable[Route]) -> None:
        methods: dict[str, dict[str, Route]] = {}
        for route in routes:
            methods.setdefault(route.path, {}).update(dict.fromkeys(route.handlers, route))
        self._literal = {path: found for path, found in methods.items() if not _VARIABLE.search(path)}
        # The trailing mark sorts longer paths before one that ends in the variable.
        paths = sorted(methods.keys() - self._literal, key=lambda path: _VARIABLE.sub("\uffff", path) + "\uffff")
        self._patterns = [(re.compile(_VARIABLE.sub(_group, path)), methods[path]) for path in paths]

    def find(self, method: str, path: str) -> Found:
        """Return the route of ``path`` (see :func:`canonical`).

        Raises :class:`NotFound` and :class:`MethodNotAllowed`. A path with a literal route never matches a variable
        one, whatever the method.
        """
        methods, variables = self._match(path)
        if method not in methods:
            raise MethodNotAllowed(method, methods)
        return Found(methods[method], methods[method].handlers[method], variables)

    def _match(self, path: str) -> tuple[Mapping[str, Route], dict[str, str]]:
        if path in self._literal:
            return self._literal[path], {}
        for pattern, methods in self._patterns:
            if matched := pattern.fullmatch(path):
                return methods, {name: unquote(found) for name, found in matched.groupdict().items()}
        raise NotFound


def _group(variable: re.Match[str]) -> str:
    name = variable[1]
    return rf"(?P<{name}>.+)" if name in _WIDE else rf"(?P<{name}>[^/]+)"


def canonical(path: str) -> str:
    """Return the part of a request's raw (still percent-encoded) path that names a resource: ``discovery/streams``.

    Empty segments, one leading ``cas``, and the alternatives ``/api/v1/`` and ``/api/`` are dropped (api §1.1). An
    escaped slash is part of its segment and stays escaped, so that ids may contain any character. Raises
    :class:`NotFound` for other paths.
    """
    segments = [quote(unquote(segment), safe="") for segment in path.split("/") if segment]
    if segments and segments[0].lower() == "cas":
        segments = segments[1:]
    if not segments or segments[0].lower() != "api":
        raise NotFound
    below = segments[1:]
    return "/".join(below[1:] if below and below[0].lower() == "v1" else below)
