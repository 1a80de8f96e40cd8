"""Delegated permissions: map the scopes of a request to a resource and the names granted (identity §6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from opencasb.identity.errors import OAuthError
from opencasb.identity.resources import DEFAULT_SCOPE, OIDC_SCOPES, Resources, Target
from opencasb.model.delegation import ScopeRequest
from opencasb.model.permissions import GRAPH, Permission, Resource

V1_SCOPES: Final = OIDC_SCOPES
"""The scopes that a v1 request implies."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for.

    ``names`` are permissions of the target resource, spelled as in tokens; with ``everything`` they are all that the
    application is configured with. ``scopes`` are the client's literal scopes, which the response repeats.
    """

    target: Target
    names: frozenset[str]
    oidc: frozenset[str]
    scopes: tuple[str, ...]
    everything: bool

    @property
    def permissions(self) -> frozenset[Permission]:
        """The permissions that need somebody's consent."""
        return frozenset(Permission(self.target.resource.key, name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Delegation:
    """What was granted: ``names`` for the token's ``scp``, ``scopes`` for the response."""

    target: Target
    names: tuple[str, ...]
    oidc: frozenset[str]
    scopes: tuple[str, ...]


def wanted(
    resources: Resources, request: ScopeRequest, configured: Collection[Permission], *, first: bool = False
) -> Wanted:
    """Parse what an application requests; ``configured`` are the delegated permissions of its registration.

    ``first`` picks the first of several resources, because a refresh may name them all. Raises 900144 (nothing
    requested), 70011 (unknown name, or ``.default`` combined with names), 700022 (several resources), 500011 (unknown
    resource), 650057 (v1: the application is not configured for the resource).
    """
    return (
        _by_scope(resources, request, configured, first=first)
        if request.version == 2
        else _by_resource(resources, request, configured)
    )


def wanted_of_all(
    resources: Resources, request: ScopeRequest, configured: Collection[Permission]
) -> frozenset[Permission]:
    """Return every requested permission that needs consent, which may span several resources.

    A user consents to all of them at once, but each token serves one resource (identity §6). Raises what :func:`wanted`
    does.
    """
    scopes: dict[str, list[str]] = {}
    for scope in request.scope.split() if request.version == 2 else ():
        if scope.lower() not in OIDC_SCOPES:
            scopes.setdefault(resources.target_of(scope).resource.key, []).append(scope)
    parts = [msgspec.structs.replace(request, scope=" ".join(each)) for each in scopes.values()] or [request]
    return frozenset().union(*(wanted(resources, part, configured).permissions for part in parts))


def granted(asked: Wanted, consented: Collection[Permission]) -> Delegation:
    """Return the part of ``asked`` that the user or an administrator consented to.

    Raises 65001 if a named permission lacks consent, or if ``.default`` leaves none.
    """
    key = asked.target.resource.key
    given = {each.name for each in consented if each.resource == key} - OIDC_SCOPES
    names = given if asked.everything else asked.names
    missing = sorted(asked.names - given)
    if (missing and not asked.everything) or (asked.everything and not names and asked.names):
        text = f"Neither the user nor an administrator has consented to: {', '.join(missing)}."
        raise OAuthError(65001, text, suberror="consent_required")
    return Delegation(asked.target, tuple(sorted(names)), asked.oidc, _shown(asked, names))


def _by_resource(resources: Resources, request: ScopeRequest, configured: Collection[Permission]) -> Wanted:
    scopes = request.scope.split()
    if "openid" in scopes and not request.resource.strip() and not any("/" in scope for scope in scopes):
        # OpenID clients that know only the v1 metadata sign people in without naming a resource.
        said = tuple(scope for scope in dict.fromkeys(scopes) if scope in OIDC_SCOPES)
        return Wanted(resources.target(str(GRAPH.uri)), frozenset(), V1_SCOPES, said, everything=False)
    target = resources.for_v1({"resource": request.resource, "scope": request.scope})
    names = _configured(target.resource, configured)
    if not names:
        text = f"The application is not configured with permissions of the resource '{target.requested[:200]}'."
        raise OAuthError(650057, text)
    return Wanted(target, names, V1_SCOPES, (), everything=True)


def _by_scope(
    resources: Resources, request: ScopeRequest, configured: Collection[Permission], *, first: bool
) -> Wanted:
    scopes = tuple(dict.fromkeys(request.scope.split()))
    if not scopes:
        raise OAuthError(900144, "The request must contain the parameter 'scope'.")
    oidc = frozenset(scope.lower() for scope in scopes if scope.lower() in OIDC_SCOPES)
    named = [scope for scope in scopes if scope.lower() not in OIDC_SCOPES]
    targets = {scope: resources.target_of(scope) for scope in named}
    target = targets[named[0]] if named else resources.target(str(GRAPH.uri))
    if any(each.resource.key != target.resource.key for each in targets.values()):
        if not first:
            raise OAuthError(700022, "Scopes of several resources were requested; one token serves one resource.")
        named = [scope for scope in named if targets[scope].resource.key == target.resource.key]
    words = [scope.rpartition("/")[2] for scope in named]
    everything = any(word.lower() == DEFAULT_SCOPE for word in words)
    if everything and len(set(words)) > 1:
        raise OAuthError(70011, "'/.default' cannot be combined with other scopes of the same resource.")
    mine = _configured(target.resource, configured)
    names = mine if everything else _known(target.resource, words, mine)
    return Wanted(target, names, oidc, (*named, *(scope for scope in scopes if scope.lower() in oidc)), everything)


def _configured(resource: Resource, configured: Iterable[Permission]) -> frozenset[str]:
    return frozenset(each.name for each in configured if each.resource == resource.key) - OIDC_SCOPES


def _known(resource: Resource, words: Iterable[str], configured: Iterable[str]) -> frozenset[str]:
    spelled = {name.lower(): name for name in (*configured, *resource.delegated)}
    names = set()
    for word in words:
        if word.lower() not in spelled:
            known = ", ".join(resource.delegated)
            raise OAuthError(70011, f"The scope '{word[:100]}' is not valid for {resource.display_name}: {known}.")
        names.add(spelled[word.lower()])
    return frozenset(names)


def _shown(asked: Wanted, names: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes of the response: the client's literal ones, then what ``.default`` expanded to."""
    said = {scope.rpartition("/")[2].lower() for scope in asked.scopes}
    uri, _, _ = asked.target.requested.partition("/.default")
    prefix = "" if asked.target.resource is GRAPH else f"{uri.rstrip('/')}/"
    added = tuple(f"{prefix}{name}" for name in sorted(names) if name.lower() not in said)
    return asked.scopes + added
