"""Identity as a whole."""

from __future__ import annotations

import subprocess
import sys

from opencasb.identity.identity import IdentitySettings
from opencasb.model.tenant import Tenant
from tests.identity.standin import StandIn


def test_our_hosts_are_the_public_one_the_loopback_ones_and_further_names() -> None:
    """Ports, paths and case do not matter."""
    settings = IdentitySettings("https://CASB.example:8443/x", host_names=("Portal.example",))
    assert settings.hosts == {"casb.example", "localhost", "127.0.0.1", "::1", "portal.example"}


def test_our_addresses_are_those_names_with_the_ports_that_we_listen_at() -> None:
    """Beside the public one, the issuer and, on this machine alone, plain HTTP."""
    settings = IdentitySettings(
        "https://casb.example",
        issuer_base="https://sts.example",
        host_names=("portal.example",),
        port=8443,
        http_port=8080,
    )
    names = ("casb.example", "portal.example", "localhost", "127.0.0.1", "[::1]")
    assert settings.bases == {
        *(f"https://{name}{port}" for name in names for port in ("", ":8443")),
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "https://sts.example",
    }
    plain = IdentitySettings("https://casb.example:8443", port=8443, host_alias=True).bases
    assert {each.partition("/common")[0] for each in plain if "microsoft" in each} == {
        "https://login.microsoftonline.com"
    }
    assert not any(each.startswith("http:") for each in plain)


def test_a_command_that_makes_a_token_makes_no_signing_key(casb: StandIn, tenant: Tenant) -> None:
    """Only what is used is made: an API token needs the pepper and nothing else."""
    casb.identity.credentials.new_api_token(tenant.tenant_id, "u", "n")
    assert [path.name for path in (casb.data / "keys").iterdir()] == ["pepper"]


def test_opening_identity_imports_nothing_heavy() -> None:
    """The libraries of tokens and throttling are imported by the parts that need them."""
    code = "import sys, opencasb.identity.identity; print(*sorted({'joserfc', 'limits', 'argon2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
