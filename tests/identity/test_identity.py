"""Identity as a whole."""

from __future__ import annotations

import subprocess
import sys

from opencasb.model.tenant import Tenant
from tests.identity.standin import StandIn


def test_a_command_that_makes_a_token_makes_no_signing_key(casb: StandIn, tenant: Tenant) -> None:
    """Only what is used is created: an API token just needs the pepper."""
    casb.identity.credentials.new_api_token(tenant.tenant_id, "u", "n")
    assert [path.name for path in (casb.data / "keys").iterdir()] == ["pepper"]


def test_opening_identity_imports_nothing_heavy() -> None:
    """The libraries for tokens and throttling are imported by the parts that need them."""
    code = "import sys, opencasb.identity.identity; print(*sorted({'joserfc', 'limits', 'argon2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
