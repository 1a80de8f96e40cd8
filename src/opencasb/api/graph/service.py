"""Answer calls: authenticate the caller, resolve the resource, negotiate the form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from opencasb.api.graph import apps, batch, csdl, options, path, streams
from opencasb.api.graph.errors import (
    BadRequest,
    FailedDependency,
    Forbidden,
    GraphError,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
    Unavailable,
    quoted,
)
from opencasb.api.graph.exchange import Call, Reply, json_reply, refusal
from opencasb.api.graph.links import Links
from opencasb.api.graph.negotiation import negotiate
from opencasb.api.graph.path import COLLECTIONS, Kind, Target
from opencasb.api.graph.query import Query
from opencasb.api.graph.throttle import Throttle
from opencasb.identity.challenge import bearer_challenge
from opencasb.identity.errors import Unauthenticated
from opencasb.identity.host_alias import base_at
from opencasb.model.permissions import GRAPH
from opencasb.model.principal import Principal
from opencasb.model.rights import permits
from opencasb.store.outage import outage_of

if TYPE_CHECKING:
    from opencasb.app import Casb

VERSION: Final = "/beta"

_ABOVE_APPS: Final = frozenset({Kind.SERVICE, Kind.SECURITY, Kind.ROOT, Kind.REPORT, Kind.STREAMS, Kind.STREAM})

_log = structlog.get_logger(__name__)


class Service:
    """Answers calls; thread-safe."""

    def __init__(self, casb: Casb) -> None:
        self._casb = casb
        self._base = casb.settings.effective_public_url.rstrip("/")
        self._throttle = Throttle(casb.settings.graph_requests_per_minute)

    def answer(self, call: Call) -> Reply:
        """Return the reply to a call, including refusals."""
        try:
            return self._answer(call)
        except GraphError as error:
            return refusal(call, error, self._casb.clock())
        except Exception as error:  # noqa: BLE001 (no call may end without a reply)
            return refusal(call, _failure(call, error), self._casb.clock())

    def knows(self, authorization: str | None) -> bool:
        """Return whether the credentials of a call are valid; False on failure, as the reply then gives the reason."""
        try:
            self._casb.identity.access.authenticate(authorization, "graph")
        except Exception:  # noqa: BLE001 (as above)
            return False
        return True

    def _answer(self, call: Call) -> Reply:
        below = _below_version(call.path)
        target = _target(below)
        if isinstance(target, Target) and target.kind is Kind.METADATA:  # describes types, not data: public
            _check_method(call, "GET")
            return Reply(csdl.document(), "application/xml")
        principal = self._caller(call)
        with self._throttle.running(principal):
            self._throttle.count(principal)
            if isinstance(target, BadRequest):
                raise target
            if target.kind is not Kind.BATCH:
                return self._read(principal, target, call, self._base_at(call))
            _check_method(call, "POST")
            base = self._base_at(call)
            return batch.answer(call, f"{base}{VERSION}", partial(self._batched, principal, base))

    def _base_at(self, call: Call) -> str:
        return base_at(call.headers.get("host", ""), self._base, on=self._casb.settings.host_alias)

    def _batched(self, principal: Principal, base: str, call: Call, failed: str | None) -> Reply:
        """Return the reply to one call of a batch; caller and base URL are those of the batch.

        ``failed`` is the id of a failed call on which this one depends.
        """
        try:
            if failed is not None:
                raise FailedDependency(failed)
            self._throttle.count(principal)
            target = _target(_below_version(call.path))
            if isinstance(target, BadRequest):
                raise target
            if target.kind in {Kind.BATCH, Kind.METADATA}:
                raise BadRequest(f"The resource {quoted(call.path)} cannot be part of a batch.")
            return self._read(principal, target, call, base)
        except GraphError as error:
            return refusal(call, error, self._casb.clock())

    def _read(self, principal: Principal, target: Target, call: Call, base: str) -> Reply:
        _check_method(call, "GET")
        asked = options.parse(call.query)
        accept = "" if target.count else call.headers.get("accept", "")
        form = negotiate(accept, asked.format, call.headers.get("prefer", ""))
        query = Query(principal, target, asked, form, Links(base, call.path))
        body = (streams if target.kind in _ABOVE_APPS else apps).answer(self._casb, query)
        if isinstance(body, int):
            return Reply(str(body).encode(), "text/plain;charset=utf-8")
        applied = form.applied(paged=target.kind in COLLECTIONS)
        return json_reply(body, form.content_type, {"Preference-Applied": applied} if applied else {})

    def _caller(self, call: Call) -> Principal:
        try:
            principal = self._casb.identity.access.authenticate(call.headers.get("authorization"), "graph")
        except Unauthenticated as error:
            raise self._challenge(error) from error
        if not permits(principal, "graph.discovery.view"):
            needed = f"{GRAPH.permissions[0]} is needed for this resource"
            role = ", and a role that may see discovered apps" if principal.user_id else ""
            raise Forbidden(f"The caller has insufficient privileges: {needed}{role}.")
        return principal

    def _challenge(self, refused: Unauthenticated) -> Unauthorized:
        missing = refused.reason == "missing"
        text = (
            "The request has no access token."
            if missing
            else refused.hint or "The access token is unknown, malformed, expired or meant for another resource."
        )
        return Unauthorized(text, WWW_Authenticate=bearer_challenge(self._base, GRAPH.app_id, invalid=not missing))


def _failure(call: Call, error: Exception) -> GraphError:
    """Return what the caller is told about an internal error; details go to the log."""
    outage = outage_of(error)
    if outage is not None:
        _log.error("graph call refused", request_id=call.request_id, reason=str(outage), error=repr(error))
        return Unavailable(f"The request could not be answered: {outage}.")
    _log.error("graph call failed", request_id=call.request_id, exc_info=error)
    return GraphError(f"The request could not be answered; the server's log has it under {call.request_id}.")


def _below_version(raw_path: str) -> str:
    version, below = raw_path[: len(VERSION)], raw_path[len(VERSION) :]
    if version.lower() != VERSION or below[:1] not in {"", "/"}:
        raise NotFound(f"{quoted(raw_path)} does not exist; cloud app discovery is only part of the version beta.")
    return below


def _target(below: str) -> Target | BadRequest:
    """Return the resource of a path, or the error, which is withheld until the caller is authenticated."""
    try:
        return path.parse(below)
    except BadRequest as error:
        return error


def _check_method(call: Call, allowed: str) -> None:
    if call.method != allowed:
        raise MethodNotAllowed(call.method, allowed)
