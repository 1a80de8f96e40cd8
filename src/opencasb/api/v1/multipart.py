"""Multipart bodies: a named part is a field, a single unnamed part is the body itself (api §3.1 d, §3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header


class Malformed(ValueError):
    """The body is not the multipart message that its content type announces."""


@dataclass(slots=True)
class Part:
    """One part: its name, empty if unnamed, and its bytes."""

    name: str = ""
    data: bytearray = field(default_factory=bytearray)


class _Collector:
    """Receives the parser's events."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._header = bytearray()
        self._value = bytearray()

    def begin(self) -> None:
        self.parts.append(Part())

    def data(self, text: bytes, start: int, end: int) -> None:
        self.parts[-1].data += text[start:end]

    def header(self, text: bytes, start: int, end: int) -> None:
        self._header += text[start:end]

    def value(self, text: bytes, start: int, end: int) -> None:
        self._value += text[start:end]

    def header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self.parts[-1].name = options.get(b"name", b"").decode("utf-8", "replace")
        self._header.clear()
        self._value.clear()


def parts(body: bytes, content_type: str, most: int) -> list[Part]:
    """Return the parts of a body. Raises :class:`Malformed`, also if there are more than ``most``."""
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise Malformed("the content type names no boundary")
    found = _Collector()
    events = {
        "on_part_begin": found.begin,
        "on_part_data": found.data,
        "on_header_field": found.header,
        "on_header_value": found.value,
        "on_header_end": found.header_end,
    }
    try:
        parser = MultipartParser(boundary, events)  # type: ignore[arg-type]  # its keys are a TypedDict's
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise Malformed(str(error)) from None
    if len(found.parts) > most:
        raise Malformed(f"more than {most} parts")
    return found.parts
