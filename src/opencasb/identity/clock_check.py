"""Compare the clock with NTP servers: tokens are refused if two clocks differ by minutes (identity §12)."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Final

import structlog

FAR_OFF: Final = 60.0
"""Clock difference in seconds from which an error is logged; equals the skew our own tokens tolerate."""
_TIMEOUT: Final = 5.0
_log = structlog.get_logger(__name__)


def compare(servers: Sequence[str], port: int = 123) -> float | None:
    """Return the median number of seconds by which the clocks of NTP ``servers`` are ahead of ours.

    Returns None if no server answers. A difference beyond :data:`FAR_OFF` is logged as an error, no answer as a
    warning; neither stops the server.
    """
    found = list(_offsets(servers, port))
    if not found:
        _log.warning("no time server answers: the clock was not compared", servers=list(servers))
        return None
    offset = statistics.median(found)
    if abs(offset) > FAR_OFF:
        _log.error("the clock is wrong: tokens will be refused", seconds_behind=round(offset, 3))
    return offset


def _offsets(servers: Sequence[str], port: int) -> Iterator[float]:
    import ntplib

    for server in servers:
        try:
            yield float(ntplib.NTPClient().request(server, version=4, port=port, timeout=_TIMEOUT).offset)
        except (ntplib.NTPException, OSError) as error:
            _log.warning("a time server does not answer", server=server, error=str(error))
