"""The verdict on a parsed log file, as the governance log shows it (api §14, portal §2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from opencasb.discovery.compression import ExpandsTooMuch, LogError
from opencasb.discovery.logfile import UnsupportedFileType
from opencasb.discovery.reading import ReadLog
from opencasb.discovery.recognise import UnknownSource
from opencasb.model.quantities import counted

_PREFIX: Final = "REPOOPER_COMPLETION_STATUS_BASELOGPARSER_"

_ALL_DROPPED: Final = {
    "too old": (
        "TRANSACTIONS_TOO_OLD",
        "every transaction is more than {days} days old; see the setting retention_days",
    ),
    "in the future": (
        "TRANSACTIONS_IN_FUTURE",
        "every transaction lies in the future: check the clock of the appliance and the time zone of the data source",
    ),
}
"""Most frequent drop rule if the roll-up kept no transaction → code and sentence."""

_COUNTED_BEFORE: Final = "this file was counted before and does not count again"
_NOTHING: Final = ("NO_RELEVANT_TRANSACTIONS", "no line is traffic to a public host or address")


class Verdict(msgspec.Struct, frozen=True):
    """Success or failure, the message template with its parameters, and a sentence a person can act on."""

    success: bool
    code: str
    text: str
    parameters: Mapping[str, Any] = {}  # JSON

    @property
    def template(self) -> str:
        """The template code on the wire."""
        return _PREFIX + self.code


def of_error(error: LogError, source: str) -> Verdict:
    """Return why a log could not be read as ``source``."""
    if isinstance(error, UnsupportedFileType | ExpandsTooMuch):
        return failed("UNSUPPORTED_FILE_TYPE", str(error))
    if isinstance(error, UnknownSource):
        return unsupported_log_type(str(error))
    return _unexpected_format(source, str(error))


def of_log(read: ReadLog, source: str, retention_days: int, *, fits: bool, is_new: bool) -> Verdict:
    """Return the verdict on a log that was read to its end.

    ``fits`` tells whether its lines count, ``is_new`` whether they had not been counted before.
    """
    usage, dropped = read.rolled_up.usage, read.rolled_up.dropped
    if read.mismatch is not None and not fits:
        return _unexpected_format(source, read.mismatch)
    if usage.is_empty():
        rule, _ = max(dropped.items(), key=lambda item: item[1], default=("", 0))
        code, text = _ALL_DROPPED.get(rule, _NOTHING)
        return failed(code, text.format(days=retention_days))
    remarks = (
        None if is_new else _COUNTED_BEFORE,
        read.remark,
        read.mismatch or read.problem,
    )  # mismatch names problem
    return parsed(int(usage["transactions"].sum()), usage["app_id"].n_unique(), *remarks)


def parsed(transactions: int, apps: int, *remarks: str | None) -> Verdict:
    """Return the verdict that everything relevant was parsed; clients treat only this template as success.

    ``remarks`` report oddities: lines of other formats, or damage before which everything counts.
    """
    text = "; ".join(
        [f"{counted(transactions, 'transaction')} to {counted(apps, 'cloud app')}", *filter(None, remarks)]
    )
    counts = {"transactionsCount": transactions, "cloudServicesCount": apps}
    return Verdict(success=True, code="PARSED_LOG_FILE_ALL_RELEVANT", text=text, parameters=counts)


def failed(code: str, text: str, **parameters: str) -> Verdict:
    """Return the verdict that nothing of the file counts, and why."""
    return Verdict(success=False, code=code, text=text, parameters=parameters)


def unsupported_log_type(why: str) -> Verdict:
    """Return the verdict that logs of this source type are not parsed."""
    return failed("UNSUPPORTED_LOG_TYPE", why)


def processing_failed(why: str) -> Verdict:
    """Return the verdict that the file was not read to its end, or not counted."""
    return failed("PROCESSING_FAILED", why)


def _unexpected_format(source: str, why: str) -> Verdict:
    return failed("UNEXPECTED_FORMAT", why, dataSource=source)
