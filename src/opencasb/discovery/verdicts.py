"""The verdict on a parsed log file, as the governance log shows it (api §14, portal §2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from opencasb.discovery.compression import ExpandsTooMuch, LogError
from opencasb.discovery.logfile import UnsupportedFileType
from opencasb.discovery.reading import ReadLog
from opencasb.discovery.recognise import UnknownSource

_PREFIX: Final = "REPOOPER_COMPLETION_STATUS_BASELOGPARSER_"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Success or failure, the message template with its parameters, and a sentence a person can act on."""

    success: bool
    code: str
    text: str
    parameters: Mapping[str, Any] = field(default_factory=dict)  # JSON

    @property
    def template(self) -> str:
        """The template code on the wire."""
        return _PREFIX + self.code


def of_error(error: LogError, source: str) -> Verdict:
    """Return why a log could not be read as ``source``."""
    if isinstance(error, UnsupportedFileType | ExpandsTooMuch):
        return unsupported_file_type(str(error))
    if isinstance(error, UnknownSource):
        return unsupported_log_type(str(error))
    return unexpected_format(source, str(error))


def of_log(read: ReadLog, source: str, retention_days: int, *, fits: bool) -> Verdict:
    """Return what came of a log that was read to its end; ``fits`` tells whether its lines count."""
    usage, dropped = read.rolled_up.usage, read.rolled_up.dropped
    if read.mismatch is not None and not fits:
        return unexpected_format(source, read.mismatch)
    if not usage.is_empty():
        remarks = (read.remark, read.mismatch or read.problem)  # the former names the latter
        return parsed(int(usage["transactions"].sum()), usage["app_id"].n_unique(), *remarks)
    reason, _ = max(dropped.items(), key=lambda item: item[1], default=("", 0))
    match reason:
        case "too old":
            return too_old(retention_days)
        case "in the future":
            return in_the_future()
        case _:
            return nothing_relevant()


def parsed(transactions: int, apps: int, *remarks: str | None) -> Verdict:
    """Tell that everything relevant was parsed; clients treat only this template as success.

    ``remarks`` say what is strange: lines of other formats, a damage before which everything counts.
    """
    text = "; ".join([f"{transactions} transactions to {apps} cloud apps", *filter(None, remarks)])
    counts = {"transactionsCount": transactions, "cloudServicesCount": apps}
    return Verdict(success=True, code="PARSED_LOG_FILE_ALL_RELEVANT", text=text, parameters=counts)


def unexpected_format(source: str, why: str) -> Verdict:
    """Tell that the log format doesn't match the data source."""
    return Verdict(success=False, code="UNEXPECTED_FORMAT", text=why, parameters={"dataSource": source})


def unsupported_file_type(why: str) -> Verdict:
    """Tell that the file is neither text nor a compression we read."""
    return Verdict(success=False, code="UNSUPPORTED_FILE_TYPE", text=why)


def too_old(days: int) -> Verdict:
    """Tell that every transaction is older than usage is kept."""
    text = f"every transaction is more than {days} days old; see the setting retention_days"
    return Verdict(success=False, code="TRANSACTIONS_TOO_OLD", text=text)


def in_the_future() -> Verdict:
    """Tell that every transaction lies in the future: the appliance's clock or time zone is wrong."""
    text = "every transaction lies in the future: check the clock of the appliance and the time zone of the data source"
    return Verdict(success=False, code="TRANSACTIONS_IN_FUTURE", text=text)


def nothing_relevant() -> Verdict:
    """Tell that the lines were read, and none goes to the internet."""
    text = "no line is traffic to a public host or address"
    return Verdict(success=False, code="NO_RELEVANT_TRANSACTIONS", text=text)


def unsupported_log_type(why: str) -> Verdict:
    """Tell that logs of this source type are not parsed."""
    return Verdict(success=False, code="UNSUPPORTED_LOG_TYPE", text=why)


def source_deleted() -> Verdict:
    """Tell that the data source or report was deleted before the file was counted."""
    text = "the data source or report of this file was deleted before the file was counted"
    return Verdict(success=False, code="PROCESSING_FAILED", text=text)


def gave_up(attempts: int) -> Verdict:
    """Tell that the file ended its worker again and again."""
    text = f"the file could not be processed in {attempts} attempts; the server's log says why"
    return Verdict(success=False, code="PROCESSING_FAILED", text=text)


def interrupted(times: int) -> Verdict:
    """Tell that the server ended again and again while it had the file in work."""
    text = f"the server ended {times} times while it processed the file; if the file is not why, upload it again"
    return Verdict(success=False, code="PROCESSING_FAILED", text=text)
