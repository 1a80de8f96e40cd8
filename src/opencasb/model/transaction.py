"""The normalised discovery transaction (log-formats §1) as columns of a data frame."""

from __future__ import annotations

from typing import Final

TIMESTAMP: Final = "timestamp"
USER: Final = "user"
SOURCE_IP: Final = "source_ip"
SOURCE_DEVICE: Final = "source_device"
DESTINATION_HOST: Final = "destination_host"
URL: Final = "url"
DESTINATION_IP: Final = "destination_ip"
ACTION: Final = "action"
UPLOADED: Final = "uploaded_bytes"
DOWNLOADED: Final = "downloaded_bytes"
TOTAL: Final = "total_bytes"
TRANSACTIONS: Final = "transactions"

TEXT_COLUMNS: Final = (USER, SOURCE_IP, SOURCE_DEVICE, DESTINATION_HOST, URL, DESTINATION_IP, ACTION)
"""Text, null when unknown. ``action`` is ``allow`` or ``block``."""

INTEGER_COLUMNS: Final = (TIMESTAMP, UPLOADED, DOWNLOADED, TOTAL, TRANSACTIONS)
"""64-bit integers: ``timestamp`` in ms since the epoch UTC (null: the line has no time), sizes in bytes (null: not
logged, which differs from 0), ``transactions`` at least 1."""

LINE: Final = "line"
"""Physical line number in the file, counted from 1, header lines included."""

IGNORED: Final = "ignored"
"""Null, or the name of the rule by which the line is skipped (``session start``, ``comment`` ...)."""

REJECTED: Final = "rejected"
"""Null, or the reason why the line could not be parsed (``too few fields``, ``no source address`` ...)."""

COLUMNS: Final = (
    LINE, IGNORED, REJECTED, TIMESTAMP, USER, SOURCE_IP, SOURCE_DEVICE, DESTINATION_HOST, URL, DESTINATION_IP,
    ACTION, UPLOADED, DOWNLOADED, TOTAL, TRANSACTIONS,
)  # fmt: skip
"""Every column of a parsed frame, in order."""
