"""Resolve pseudonyms to names and back, with an audit trail (portal §2.6).

The governance log records who did it, why and with which pseudonyms, the audit log who and why; neither contains a
name. Both are written before the answer is returned, so nothing is disclosed without a record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from opencasb.store.audit_log import AuditLog
    from opencasb.store.governance import GovernanceLog

TASK: Final = "DiscoveryResolvePseudonymTask"
RESOLVED: Final = "PSEUDONYM_RESOLVED"
UNKNOWN: Final = "PSEUDONYM_UNKNOWN"
ACTION: Final = "pseudonym.resolve"

Kind = Literal["user", "device"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A pseudonym and the name behind it; None if this tenant's key did not create the pseudonym."""

    pseudonym: str
    name: str | None


class PseudonymResolver:
    """Resolves pseudonyms of every tenant."""

    def __init__(self, key: Callable[[int], bytes], governance_log: GovernanceLog, audit_log: AuditLog) -> None:
        """``key`` returns the pseudonym key of a tenant, or raises ``LookupError``."""
        self._key = key
        self._governance_log = governance_log
        self._audit_log = audit_log

    def reveal(
        self, tenant_id: int, kind: Kind, pseudonyms: Sequence[str], *, justification: str, by: str
    ) -> list[Pair]:
        """Return the names behind pseudonyms."""
        from opencasb.lake.names import Pseudonyms

        key = Pseudonyms(self._key(tenant_id))
        found = [Pair(each, _name(lambda text: key.reveal(kind, text), each)) for each in pseudonyms]
        return self._recorded(tenant_id, kind, found, justification, by)

    def hide(self, tenant_id: int, kind: Kind, names: Sequence[str], *, justification: str, by: str) -> list[Pair]:
        """Return the pseudonyms of names."""
        from opencasb.lake.names import Pseudonyms

        key = Pseudonyms(self._key(tenant_id))
        found = [Pair(key.hide(kind, each), each) for each in names]
        return self._recorded(tenant_id, kind, found, justification, by)

    def _recorded(self, tenant_id: int, kind: Kind, found: list[Pair], justification: str, by: str) -> list[Pair]:
        known = any(each.name is not None for each in found)
        task = self._governance_log.completed(
            tenant_id,
            TASK,
            success=known,
            template=RESOLVED if known else UNKNOWN,
            parameters={"kind": kind, "pseudonyms": [each.pseudonym for each in found]},
            created_by=by,
            label=justification,
        )
        self._audit_log.add(tenant_id, ACTION, by=by, target=task, justification=justification, count=len(found))
        return found


def _name(reveal: Callable[[str], str], pseudonym: str) -> str | None:
    try:
        return reveal(pseudonym)
    except ValueError:
        return None
