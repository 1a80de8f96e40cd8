"""Send the reason phrase of a 429 in upper case, as a client compares it (api §5); uvicorn's is in mixed case.

ASGI has no place for reason phrases. uvicorn accepts a protocol class as an option and writes through the public
``h11.Connection``; ours overrides the one phrase, and accepts URLs as curl sends them.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PHRASES: Final = {429: b"TOO MANY REQUESTS"}

_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")


class PhrasingConnection(h11.Connection):
    """An HTTP/1.1 connection with the reason phrases that clients expect."""

    def send(self, event: Any) -> Any:  # overloaded in h11
        """Return the bytes of an event."""
        if isinstance(event, h11.Response) and event.status_code in PHRASES:
            event = h11.Response(
                status_code=event.status_code,
                headers=event.headers,
                http_version=event.http_version,
                reason=PHRASES[event.status_code],
            )
        return super().send(event)

    def receive_data(self, data: bytes) -> None:
        """Receive client bytes, escaping non-ASCII ones in the request line, which h11 refuses.

        curl sends ``?filename=Brandvägg.log`` as it is.
        """
        if self.their_state is h11.IDLE and b"\n" not in self.trailing_data[0]:
            line, end, rest = data.partition(b"\n")
            data = _NOT_ASCII.sub(lambda found: b"%%%02X" % ord(found[0]), line) + end + rest
        super().receive_data(data)


class PhrasingProtocol(H11Protocol):
    """The protocol class for uvicorn's option ``http``."""

    connection: ClassVar[type[PhrasingConnection]] = PhrasingConnection

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # uvicorn's own, whatever they are
        super().__init__(*args, **kwargs)
        size = self.config.h11_max_incomplete_event_size
        self.conn = self.connection(h11.SERVER, **({} if size is None else {"max_incomplete_event_size": size}))
