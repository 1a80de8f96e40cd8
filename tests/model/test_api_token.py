"""API tokens: the displayed state."""

from __future__ import annotations

import pytest

from opencasb.model.api_token import ApiToken

DAY = 24 * 3600 * 1000


@pytest.mark.parametrize(
    ("last_used", "state"),
    [(None, "Generated"), (100 * DAY, "Active"), (93 * DAY, "Active"), (93 * DAY - 1, "Inactive")],
)
def test_the_state_follows_from_the_last_use(last_used: int | None, state: str) -> None:
    """A token is Active for seven days after its last use, Inactive later, and Generated before the first."""
    token = ApiToken(tenant_id=1, token_id="t", user_id="u", name="n", prefix="ab12", created=0, last_used=last_used)
    assert token.state(100 * DAY) == state
