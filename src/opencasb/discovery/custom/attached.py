"""The custom parser that reads a data source's logs instead of its source type's own (portal §3)."""

from __future__ import annotations

from typing import Any

import msgspec

from opencasb.discovery.custom.definition import Definition, InvalidDefinition
from opencasb.discovery.formats.base import Format
from opencasb.model.custom_parser import CustomParser
from opencasb.model.stream import Stream
from opencasb.store.custom_parsers import CustomParsers
from opencasb.store.streams import Streams


class ParserInUse(ValueError):
    """A parser cannot be removed while data sources use it; the message names them."""


class Attached(msgspec.Struct, frozen=True):
    """The parser version that a log is read with."""

    parser: CustomParser
    format: Format

    def as_result(self) -> dict[str, Any]:  # JSON
        """Return the parser's entry in an upload's result."""
        return {"parser": self.parser.name, "parserVersion": self.parser.version}


class AttachedParsers:
    """The custom parsers of all tenants, and the data sources that use them."""

    def __init__(self, parsers: CustomParsers, streams: Streams) -> None:
        self._parsers = parsers
        self._streams = streams

    def put(self, tenant_id: int, definition: Definition, *, by: str) -> CustomParser:
        """Store a definition under its name; an existing one gets a new version, for logs from now on."""
        from opencasb.discovery.custom.document import to_json

        return self._parsers.put(tenant_id, definition.name, to_json(definition), by=by)

    def of(self, stream: Stream) -> Attached | None:
        """Return the newest version of a data source's parser, or None if it has none.

        Raises :class:`opencasb.discovery.custom.definition.InvalidDefinition` if it cannot be used.
        """
        if not stream.parser:
            return None
        found = self._parsers.get(stream.tenant_id, stream.parser)
        if found is None:
            raise InvalidDefinition(
                f"parser: {stream.parser!r} is not a custom parser; attach another to the data source"
            )
        # Reading documents loads the parsers of every kind, 10 ms that other logs need not pay.
        from opencasb.discovery.custom.document import read_document
        from opencasb.discovery.custom.parser import compiled

        return Attached(found, compiled(read_document(found.definition)))

    def using(self, tenant_id: int, name: str) -> list[Stream]:
        """Return the data sources and reports that use a parser."""
        return [stream for stream in self._streams.all(tenant_id) if stream.parser == name]

    def known(self, tenant_id: int, name: str) -> str:
        """Return ``name`` if it is a parser or empty (none). Raises ``ValueError``, listing the known parsers."""
        if name and self._parsers.get(tenant_id, name) is None:
            there = ", ".join(parser.name for parser in self._parsers.all(tenant_id)) or "none"
            raise ValueError(f"{name!r} is not a custom parser; known: {there}")
        return name

    def attach(self, stream: Stream, name: str, *, by: str = "") -> None:
        """Read a data source's logs with a parser from now on, or with its type's own if the name is empty.

        If its author is named in ``by``, it is audited. Raises ``ValueError``, listing the known parsers.
        """
        self._streams.update(stream.tenant_id, stream.stream_id, by=by, parser=self.known(stream.tenant_id, name))

    def remove(self, tenant_id: int, name: str, *, by: str) -> bool:
        """Remove a parser; tell whether it existed. Raises :class:`ParserInUse`."""
        users = [stream.display_name for stream in self.using(tenant_id, name) if not stream.is_snapshot]
        if users:
            raise ParserInUse(f"{name!r} reads the logs of {', '.join(users)}; give them another parser first")
        return self._parsers.remove(tenant_id, name, by=by)
