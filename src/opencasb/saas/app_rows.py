"""Conversion of a Graph's app records to stored rows (saas §2), tolerating missing and malformed values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from opencasb.model.saas import AppRow

LARGEST: Final = 2**63 - 1
MOST_TEXTS: Final = 1_000
LONGEST_ID: Final = 128
LONGEST_TEXT: Final = 1_000
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_DIGITS: Final = re.compile(r"[0-9]{1,19}")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

Record = Mapping[str, Any]  # JSON


class Reader:
    """Reads records and counts malformed values in ``odd``."""

    def __init__(self) -> None:
        self.odd = 0

    def app(self, record: object) -> AppRow | None:
        """Return the row of a record; None for one without a usable id."""
        if not isinstance(record, dict):
            return None
        app_id = self._id(record.get("id"))
        if not app_id:
            return None
        domains = self._texts(record, "domains")
        name = self._text(record, "displayName") or next(iter(domains), app_id)
        return AppRow(
            app_id=app_id,
            display_name=name,
            category=self._text(record, "category") or "unknown",
            domains=domains,
            tags=self._texts(record, "tags"),
            risk_score=self._score(record.get("riskScore")),
            last_seen=self._moment(record.get("lastSeenDateTime")),
            first_seen=self._moment(record.get("firstSeenDateTime")),
            user_count=self._count(record, "userCount") or 0,
            ip_address_count=self._count(record, "ipAddressCount") or 0,
            device_count=self._count(record, "deviceCount"),
            transaction_count=self._count(record, "transactionCount") or 0,
            upload_bytes=self._count(record, "uploadNetworkTrafficInBytes", "uploadNetworkTraficInBytes") or 0,
            download_bytes=self._count(record, "downloadNetworkTrafficInBytes", "downloadNetworkTraficInBytes") or 0,
        )

    def _id(self, given: object) -> str:
        # A number in an old sample from the vendor, text in all others.
        text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
        return text if isinstance(text, str) and len(text) <= LONGEST_ID and not _UNPRINTABLE.search(text) else ""

    def _text(self, record: Record, name: str) -> str:
        given = record.get(name)
        if given is None:
            return ""
        if not isinstance(given, str):
            self.odd += 1
            return ""
        return _cleaned(given)

    def _texts(self, record: Record, name: str) -> list[str]:
        given = record.get(name)
        if given is None:
            return []
        if not isinstance(given, list):
            self.odd += 1
            return []
        texts = [_cleaned(each) for each in given if isinstance(each, str)]
        if len(texts) != len(given):
            self.odd += 1
        return list(dict.fromkeys(filter(None, texts)))[:MOST_TEXTS]

    def _score(self, given: object) -> int | None:
        if given is None:
            return None
        score = _whole(given)
        if score is None or score > 10:
            self.odd += 1
            return None
        return score

    def _count(self, record: Record, *names: str) -> int | None:
        given = next((record[name] for name in names if record.get(name) is not None), None)
        if given is None:
            return None
        count = _whole(given)
        self.odd += count is None
        return count

    def _moment(self, given: object) -> int | None:
        if given is None:
            return None
        try:
            moment = datetime.fromisoformat(str(given))
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.odd += 1
            return None
        # Services write the first day of a calendar (0001-01-01, 1601-01-01, 1970-01-01) for "no date".
        return int(moment.timestamp() * 1000) if moment > _EPOCH else None


def _whole(given: object) -> int | None:
    """Return a non-negative whole number, also from text (IEEE754Compatible responses) and from 4.0; else None."""
    if isinstance(given, bool):
        return None
    if isinstance(given, str):
        return min(int(given), LARGEST) if _DIGITS.fullmatch(given) else None
    if isinstance(given, float):
        given = int(given) if given.is_integer() else None
    return min(given, LARGEST) if isinstance(given, int) and given >= 0 else None


def _cleaned(text: str) -> str:
    return _UNPRINTABLE.sub("", text).strip()[:LONGEST_TEXT]
