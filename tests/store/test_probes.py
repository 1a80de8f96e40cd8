"""The repository of probe measurements."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.model.measurement import Fact, Measurement
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.probes import Probes
from tests.conftest import NOW

VISIT = Measurement(
    host="box.example",
    address="140.82.112.3",
    measured=NOW,
    certificate_expires=NOW + 1,
    facts=(
        Fact(factor="is_trusted_certificate", value=True, evidence="https://box.example/", method="TLS handshake"),
        Fact(factor="encryption_protocol", value="tls1_2", evidence="https://box.example/", method="TLS handshakes"),
    ),
    problems=("no security.txt",),
)
NOTHING = Measurement(host="b.example", address=None, measured=NOW + 5, certificate_expires=None, facts=(), problems=())


def test_the_last_visit_is_kept(database: Database, clock: Callable[[], int]) -> None:
    """Unchanged, by tenant and app, and the revision grows."""
    probes = Probes(database, clock)
    before = probes.revision(1)
    probes.put(1, 10489, VISIT)
    assert probes.all(1) == {10489: VISIT}
    assert probes.all(2) == {}
    middle = probes.revision(1)
    probes.put(1, 10489, NOTHING)
    assert probes.all(1) == {10489: NOTHING}
    assert len({before, middle, probes.revision(1)}) == 3
    assert probes.revision(2) == before


def test_a_visit_that_somebody_asked_for_is_audited(database: Database, clock: Callable[[], int]) -> None:
    """Scheduled visits are not audited, because nobody requested them individually."""
    probes = Probes(database, clock)
    probes.put(1, 10489, VISIT)
    probes.put(1, 10489, VISIT, by="ana")
    (entry,) = AuditLog(database, clock).latest(1)
    assert (entry.action, entry.actor, entry.target) == ("catalog.probe", "ana", "10489")
    assert entry.details == {"host": "box.example", "address": "140.82.112.3"}
