"""Resolve the resource that a token request names, and the audience of its token (identity §6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from opencasb.identity.errors import OAuthError
from opencasb.model.permissions import GRAPH, MDCA, RESOURCES, Audience, Resource

DEFAULT_SCOPE: Final = ".default"
"""The scope that stands for all permissions granted to the application."""
OIDC_SCOPES: Final = frozenset({"openid", "profile", "email", "offline_access"})
"""Scopes that belong to no resource."""


@dataclass(frozen=True, slots=True)
class Target:
    """A resource as requested: ``requested`` is the client's literal text, ``audience`` the ``aud`` of the token."""

    resource: Resource
    audience: str
    requested: str


class Resources:
    """The resources of this server and the names they go by.

    ``hosts`` are our own host names. Clients that derive a scope from the URL they call request
    ``https://<our host>/.default``. That is Graph, because the Graph SDK does this by default (identity §3.1), and it
    omits the port, so ports are ignored. With a path below ``/api`` or ``/cas`` it is the REST API.
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)

    def target(self, requested: str) -> Target:
        """Resolve a resource: its GUID, its URI, ``api://<GUID>`` or one of our own hosts. Raises 500011."""
        plain = requested.rstrip("/").lower()
        for resource in RESOURCES.values():
            if plain == resource.app_id:
                return Target(resource, resource.app_id, requested)
            if plain == resource.uri:
                return Target(resource, plain + "/" * requested.endswith("/"), requested)
            if plain == f"api://{resource.app_id}":
                return Target(resource, _canonical(resource), requested)
        own = self._own(plain)
        if own is None:
            raise OAuthError(500011, f"The resource '{requested[:200]}' is not known in this tenant.")
        return Target(own, _canonical(own), requested)

    def audiences(self, key: Audience) -> frozenset[str]:
        """Return every ``aud`` that tokens for a resource may carry."""
        resource = RESOURCES[key]
        uris = set() if resource.uri is None else {resource.uri, f"{resource.uri}/"}
        return frozenset({resource.app_id, f"api://{resource.app_id}"} | uris)

    def for_v1(self, form: Mapping[str, str]) -> Target:
        """Resolve the ``resource`` of a v1 request, or failing that the resource prefix of its ``scope``.

        Raises 900144 if both are missing, 500011 for an unknown resource.
        """
        if requested := form.get("resource", "").strip():
            return self.target(requested)
        prefixes = {scope.rpartition("/")[0] for scope in form.get("scope", "").split()} - {""}
        if not prefixes:
            raise OAuthError(900144, "The request body must contain the parameter 'resource'.")
        return self._single(prefixes)

    def for_v2(self, form: Mapping[str, str]) -> Target:
        """Resolve the ``scope`` of a v2 client-credentials request: exactly one ``<resource>/.default``.

        OpenID Connect scopes beside it are ignored, because some libraries add them to every request. Raises 900144
        without a scope, 1002012 for named scopes, 70011 for a mixture, 700022 for several resources, 500011 for an
        unknown one.
        """
        given = form.get("scope", "").split()
        if not given:
            raise OAuthError(900144, "The request body must contain the parameter 'scope'.")
        scopes = {scope for scope in given if scope.lower() not in OIDC_SCOPES}
        defaults = {scope for scope in scopes if scope.rpartition("/")[2].lower() == DEFAULT_SCOPE}
        if not defaults:
            raise OAuthError(1002012, "With client credentials the scope must be a resource followed by '/.default'.")
        target = self._single({_prefix(scope) for scope in scopes})
        if scopes != defaults:
            raise OAuthError(70011, "'/.default' cannot be combined with other scopes.")
        return target

    def target_of(self, scope: str) -> Target:
        """Resolve the resource that a scope belongs to; a name without a resource is Graph's. Raises 500011."""
        return self.target(_prefix(scope))

    def _own(self, url: str) -> Resource | None:
        try:
            address = urlsplit(url)
        except ValueError:  # such as an unclosed bracket
            return None
        if address.scheme not in {"http", "https"} or address.hostname not in self._hosts:
            return None
        return MDCA if address.path.split("/")[1:2] in (["api"], ["cas"]) else GRAPH

    def _single(self, prefixes: Iterable[str]) -> Target:
        targets = [self.target(prefix) for prefix in sorted(prefixes)]
        if len({target.resource.key for target in targets}) > 1:
            raise OAuthError(700022, "Scopes of several resources were requested; one token serves one resource.")
        return targets[0]


def _prefix(scope: str) -> str:
    # Split at the last slash: a resource may itself end in a slash, which gives two in a row.
    prefix, slash, _ = scope.rpartition("/")
    return prefix if slash else str(GRAPH.uri)


def _canonical(resource: Resource) -> str:
    return resource.uri or resource.app_id
