"""Detection of changes between the merged rows of two runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from opencasb.model.saas import AppRow, Change

GROWTH: Final = 1.5
"""A count that grew by half counts as a jump ..."""
LEAST: Final[Mapping[str, int]] = {
    "user_count": 10,
    "device_count": 10,
    "transaction_count": 1_000,
    "upload_bytes": 100_000_000,
    "download_bytes": 1_000_000_000,
}
"""... if it also grew by at least this much: people, devices, transactions, bytes. A 90-day window moves slowly."""


def changes(before: Mapping[str, AppRow], after: Mapping[str, AppRow]) -> list[Change]:
    """Return the changes: apps that are new, gone, have another risk score, or whose use jumped."""
    return [
        *(Change(app_id=row.app_id, kind="new", display_name=row.display_name) for row in _only(after, before)),
        *(Change(app_id=row.app_id, kind="gone", display_name=row.display_name) for row in _only(before, after)),
        *(change for app_id, row in after.items() if app_id in before for change in _of(before[app_id], row)),
    ]


def _only(these: Mapping[str, AppRow], those: Mapping[str, AppRow]) -> Iterator[AppRow]:
    return (row for app_id, row in these.items() if app_id not in those)


def _of(before: AppRow, after: AppRow) -> Iterator[Change]:
    who = {"app_id": after.app_id, "display_name": after.display_name}
    if before.risk_score != after.risk_score:
        yield Change(**who, kind="risk", field="risk_score", before=before.risk_score, after=after.risk_score)
    for field, least in LEAST.items():
        old, new = getattr(before, field), getattr(after, field)
        if old is not None and new is not None and new - old >= least and new >= GROWTH * old:
            yield Change(**who, kind="usage", field=field, before=old, after=new)
