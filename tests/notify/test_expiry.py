"""Due warnings."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from opencasb.model.durations import DAY
from opencasb.notify import expiry
from opencasb.notify.expiry import LATE
from opencasb.store.expiring_credentials import ExpiringCredentials
from tests.identity.certificates import certificate
from tests.notify.conftest import House


def due(house: House, tenant_id: int | None = None) -> list[tuple[str, str, int]]:
    """Return what is due now: kind, description and threshold."""
    credentials = ExpiringCredentials(house.casb.database)
    found = expiry.due(credentials, house.tenant_id if tenant_id is None else tenant_id, house.clock())
    return [(each.credential.kind, each.credential.description, each.days) for each in found]


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (30 * DAY + 1, None),
        (30 * DAY, 30),
        (7 * DAY + 1, 30),
        (7 * DAY, 7),
        (DAY + 1, 7),
        (DAY, 1),
        (1, 1),
        (0, 0),
        (1 - LATE, 0),
        (-LATE, None),
    ],
)
def test_the_nearest_threshold_counts(house: House, left: int, days: int | None) -> None:
    """Nothing is due if it expired long ago."""
    house.secret(100)
    house.pass_time(100 * DAY - left)
    assert due(house) == ([] if days is None else [("secret", "nightly", days)])


def test_secrets_and_certificates_count_those_of_the_tenant_that_can_sign_in(each_house: House) -> None:
    """Ordered by expiry; a disabled application cannot sign in."""
    identity, tenant_id = each_house.casb.identity, each_house.tenant_id
    application = identity.applications.get(tenant_id, each_house.client_id)
    assert application is not None
    content = certificate(days=6).public_bytes(Encoding.PEM)
    identity.registrations.add_certificate(application, content, description="of the robot", by="test")
    each_house.secret(20)
    each_house.secret(200)
    assert due(each_house) == [("certificate", "of the robot", 7), ("secret", "nightly", 30)]
    assert due(each_house, each_house.fabrikam.tenant_id) == []
    multi = identity.applications.create(tenant_id, "multi", multitenant=True)
    identity.applications.enter(each_house.fabrikam.tenant_id, multi)
    identity.credentials.new_client_secret(tenant_id, multi.client_id, description="of many", days=3)
    assert due(each_house)[0] == ("secret", "of many", 7)
    assert len(due(each_house)) == 3
    assert due(each_house, each_house.fabrikam.tenant_id) == []
    assert identity.applications.delete(tenant_id, multi.client_id, by="test")
    identity.applications.set_enabled(tenant_id, each_house.client_id, enabled=False)
    assert due(each_house) == []
