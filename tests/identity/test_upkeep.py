"""The hourly upkeep of identity."""

from __future__ import annotations

from opencasb.identity.sessions import LONGEST
from opencasb.identity.upkeep import expire
from opencasb.model.durations import DAY
from opencasb.model.tenant import Tenant
from opencasb.store.revocations import KEPT, of_user
from opencasb.store.used_assertions import UsedAssertions
from tests.identity.flows import PASSWORD, Flow
from tests.identity.standin import HandClock, StandIn

REFRESH = 90 * DAY


def test_everything_goes_when_it_is_over_and_not_before(
    casb: StandIn, tenant: Tenant, flow: Flow, hand: HandClock
) -> None:
    """Codes a day after expiry, so that a second use is still detected; the rest after its own time."""
    flow.redeem(flow.code())
    identity = casb.identity
    identity.sessions.open(flow.user, ("pwd",), "192.0.2.1")
    identity.sign_in.check(tenant, flow.user.upn, PASSWORD, "192.0.2.1")
    identity.revocations.add(tenant.tenant_id, of_user("somebody"), hand.now)
    UsedAssertions(casb.database).use(tenant.tenant_id, "client", "digest", hand.now)
    started = hand.now
    gone: dict[str, int] = {}
    for after in (0, DAY, 2 * DAY, LONGEST + DAY, 31 * DAY, REFRESH + 2 * DAY, KEPT + DAY):
        hand.now = started + after
        gone |= {name: after for name, count in expire(casb.database, hand.now).items() if count}
    assert gone == {
        "used_assertions": DAY,
        "authorization_codes": 2 * DAY,
        "sessions": LONGEST + DAY,
        "sign_in_attempts": 31 * DAY,
        "refresh_tokens": REFRESH + 2 * DAY,
        "revocations": KEPT + DAY,
    }
