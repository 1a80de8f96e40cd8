"""Run ``opencasb app`` on a stand-in with the tenants Contoso (the default) and Fabrikam."""

from __future__ import annotations

from opencasb.cli.app import command
from opencasb.model.tenant import Tenant
from tests.cli.commands import Commands
from tests.identity.standin import StandIn


class Desk(Commands):
    """Runs ``opencasb app …``."""

    def __init__(self, casb: StandIn) -> None:
        super().__init__(command, casb)
        self.casb = casb
        self.contoso: Tenant = casb.tenants.create("Contoso")
        casb.clock.now += 1  # type: ignore[attr-defined]  # so that Contoso is the oldest
        self.fabrikam: Tenant = casb.tenants.create("Fabrikam")

    def created(self, *options: str) -> str:
        """Register an application and return its client id."""
        return str(self.json("create", "--name", "script", *options)["client_id"])
