"""Facade of SaaS management for commands, the administration API and the server."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

import structlog

from opencasb.identity.vault import Vault
from opencasb.model.durations import DAY, HOUR, MINUTE
from opencasb.model.saas import Integration, Run
from opencasb.outbound import Network
from opencasb.saas import configuration
from opencasb.saas.authorization import Authorization, authorize
from opencasb.saas.configuration import Given
from opencasb.saas.errors import ActionRequired, Problem, RetryLater, Stopped
from opencasb.saas.graph import Graph
from opencasb.saas.retry import ATTEMPTS, Retry
from opencasb.saas.schedule import SKEW, is_due
from opencasb.saas.tokens import Acquire, Tokens, by_msal
from opencasb.saas.usage_task import Connection, UsageTask
from opencasb.saas.web import CONNECT_SECONDS, Web
from opencasb.store.database import Database
from opencasb.store.lease_owner import is_gone, this_process
from opencasb.store.outage_log import log_failure
from opencasb.store.saas_integrations import LeaseLost, SaasIntegrations
from opencasb.store.saas_runs import SaasRuns
from opencasb.store.saas_usage import SaasUsage

RESUMABLE: Final = 12 * HOUR
"""How long (ms) after its start a run may resume; an older one is abandoned, because its pages are from another day."""
AT_ONCE: Final = 32
"""Most runs started by one call of :meth:`Saas.run_due`.

Most integrations run daily at the same time. 300 started together kept SQLite locked for over half a minute.
"""
SLICE_SECONDS: Final = 20.0
"""Longest sleep between lease renewals."""
RETRY: Final = 15 * MINUTE
"""How long (ms) after an interruption a run resumes, unless the server asks for more, up to :data:`RESUMABLE`."""
_log = structlog.get_logger(__name__)


class Busy(Exception):
    """The integration is already running."""


class Saas:
    """The integrations of every tenant, and their runs."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Callable[[], int],
        *,
        retention_days: int = 180,
        sleep: Callable[[float], object] | None = None,
        acquire: Acquire = by_msal,
    ) -> None:
        """``retention_days``: how long the history of runs and changes is kept, 0 for ever.

        ``sleep`` takes seconds; by default, sleeping ends early when the run is told to stop.
        """
        self.integrations: Final = SaasIntegrations(database, clock)
        self.runs: Final = SaasRuns(database, clock)
        self.usage: Final = SaasUsage(database)
        self._vault = vault
        self._clock = clock
        self._retention_days = retention_days
        self._sleep = sleep
        self._acquire = acquire
        self._at_work: dict[tuple[int, str], Thread] = {}

    def add(self, tenant_id: int, name: str, given: Given, *, by: str) -> Integration:
        """Store a new integration. Raises ``ValueError`` for invalid input, :class:`Conflict` for a name in use."""
        made = configuration.made(tenant_id, name, given, self._vault)
        self.integrations.add(made, by=by)
        return self._now(made)

    def change(self, integration: Integration, given: Given, *, by: str) -> Integration:
        """Change the given fields of an integration. Raises ``ValueError`` for invalid input."""
        after = configuration.changed(integration, given, self._vault)
        self.integrations.change(integration, after, by=by)
        return self._now(integration)

    def authorize(self, integration: Integration, *, by: str) -> Authorization:
        """Test whether an integration works, without retries, and store the result."""
        with self._connected(integration, attempts=1, sleep=Event().wait) as connection:
            found = authorize(connection)
        if found.ok:
            self.integrations.set_state(integration, "ready", roles=found.roles, by=by)
        elif found.lasting:
            self.integrations.set_state(integration, "refused", found.text, by=by)
        return found

    def run(self, integration: Integration, reason: str, stop: Event | None = None) -> Run:
        """Run an integration to completion, resuming an unfinished run if there is one; return the run.

        Ends early once ``stop`` is set. Raises :class:`Busy`, or ``ValueError`` for an unauthorised integration.
        """
        if integration.state != "ready":
            raise ValueError(integration.state_message or "the integration has to be authorised first")
        owner = f"{this_process()}:{secrets.token_hex(4)}"
        leased = self.integrations.lease(integration, owner, is_gone)
        if leased is None:
            raise Busy(f"{integration.name} is being run")
        try:
            return self._run(leased, reason, stop or Event())
        finally:
            self.integrations.release(leased)

    def run_due(self, stop: Event) -> None:
        """Start the due integrations, at most :data:`AT_ONCE`, each in a thread of its own; called periodically.

        A slow vendor holds up nobody, because the next call starts others, however many are still running.
        """
        self._at_work = {key: thread for key, thread in self._at_work.items() if thread.is_alive()}
        for integration in [] if stop.is_set() else self._due()[:AT_ONCE]:
            key = (integration.tenant_id, integration.name)
            reason = "schedule" if integration.asked is None else "asked"
            self._at_work[key] = Thread(
                target=self._in_background, args=(integration, reason, stop), name="saas", daemon=True
            )
            self._at_work[key].start()

    def _due(self) -> list[Integration]:
        """Return the due integrations in the order of their turns.

        Tenants with fewer runs are first, then the integrations that somebody asked for, then those run longest ago.
        """
        integrations, latest = self.integrations.of_every_tenant(), self.runs.latest_of_every_tenant()
        due: list[tuple[bool, int, Integration]] = []
        for integration in integrations:
            key = (integration.tenant_id, integration.name)
            run = latest.get(key)
            if key not in self._at_work and is_due(integration, run, self._clock()):
                due.append((integration.asked is None, 0 if run is None else run.started, integration))
        running, turns = Counter(tenant_id for tenant_id, _ in self._at_work), list[tuple[int, Integration]]()
        for *_, integration in sorted(due, key=lambda each: each[:2]):
            turns.append((running[integration.tenant_id], integration))
            running[integration.tenant_id] += 1
        return [integration for _, integration in sorted(turns, key=lambda each: each[0])]

    def wait(self, seconds: float) -> None:
        """Wait for the threads that :meth:`run_due` started, at most ``seconds`` for each."""
        for thread in self._at_work.values():
            thread.join(seconds)

    def _in_background(self, integration: Integration, reason: str, stop: Event) -> None:
        facts = {"tenant_id": integration.tenant_id, "integration": integration.name}
        try:
            run = self.run(integration, reason, stop)
        except (Busy, LeaseLost, Stopped):
            return  # another server has it, somebody removed it, or this server is shutting down
        except Exception as error:  # noqa: BLE001 -- the next turn resumes from here
            log_failure("saas integration failed", error, **facts)
            return
        _log.info("saas integration ran", **facts, run=run.number, outcome=run.outcome, message=run.message)

    def _run(self, leased: Integration, reason: str, stop: Event) -> Run:
        run = self._opened(leased, reason)

        def sleep(seconds: float) -> None:
            while seconds > 0:
                if stop.is_set():
                    raise Stopped
                piece = min(seconds, SLICE_SECONDS)
                (self._sleep or stop.wait)(piece)
                self.integrations.renew(leased)
                seconds -= piece

        with self._connected(leased, attempts=ATTEMPTS, sleep=sleep, stop=stop) as connection:
            task = UsageTask(leased, run, connection, self.runs, self.usage, self._clock)
            try:
                task.execute(self._clock() - self._retention_days * DAY if self._retention_days else 0)
            except RetryLater as problem:
                resume_at = self._clock() + min(max(RETRY, round(problem.seconds * 1000)), RESUMABLE)
                self.runs.close(leased, run, "interrupted", str(problem), task.spent(), resume_at)
            except Problem as problem:
                self.runs.close(leased, run, "failed", str(problem), task.spent())
                if isinstance(problem, ActionRequired):
                    self.integrations.set_state(leased, "refused", str(problem), by="system")
        return self.runs.get(leased, run.number) or run

    def _opened(self, leased: Integration, reason: str) -> Run:
        latest = self.runs.latest(leased)
        if latest is not None and latest.outcome in {"running", "interrupted"}:
            if latest.origin == leased.origin and -SKEW <= self._clock() - latest.started < RESUMABLE:
                return self.runs.reopen(leased, latest)
            self.runs.close(leased, latest, "failed", "given up: it did not come to its end in time")
        return self.runs.begin(leased, reason)

    @contextmanager
    def _connected(
        self, integration: Integration, *, attempts: int, sleep: Callable[[float], object], stop: Event | None = None
    ) -> Iterator[Connection]:
        network = None if integration.anywhere else Network(seconds=CONNECT_SECONDS)
        with Web(integration.ca, self._clock, stop or Event(), network) as web:
            retry = Retry(sleep, attempts=attempts)
            tokens = Tokens(lambda: self._credentials(integration), web, retry, self._clock, self._acquire)
            yield Connection(web, retry, tokens, Graph(integration.graph_url, web, tokens, retry))

    def _credentials(self, integration: Integration) -> tuple[Integration, str]:
        now = self._now(integration)
        if integration.anywhere and not now.anywhere:  # what is connected may reach addresses that now are forbidden
            raise ActionRequired("changed", "Its addresses were changed meanwhile: authorise the integration again.")
        try:
            return now, configuration.secret_of(now, self._vault)
        except ValueError as error:
            raise ActionRequired("secret_sealed", str(error)) from None

    def _now(self, integration: Integration) -> Integration:
        return self.integrations.get(integration.tenant_id, integration.name) or integration
