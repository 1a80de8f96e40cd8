"""Requests by people of the demo company, as a Symantec (Blue Coat) ProxySG logs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Final

from opencasb.discovery.demo_services import MB, Service

FIELDS: Final = (
    "date time time-taken c-ip cs-username cs-auth-group x-exception-id sc-filter-result cs-categories cs(Referer) "
    "sc-status s-action cs-method rs(Content-Type) cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query "
    "cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id"
)
"""The main log format of SGOS."""

_PROXY: Final = "10.20.0.5"
_PATHS: Final = ("/", "/api/v2/items", "/search", "/static/app.3f9c.js", "/api/session", "/files/list", "/graphql")


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the company; ``name`` is None for a server, whose requests carry no user."""

    name: str | None
    address: str
    department: str
    agent: str
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One request before it is written as a line; ``time`` in seconds since the epoch."""

    time: int
    person: Person
    service: Service
    host: str
    uploaded: int
    downloaded: int
    denied: bool


def header(midnight: datetime) -> Iterator[str]:
    """Yield the header lines of a day of the log."""
    yield "#Software: SGOS 7.4.4.1"
    yield "#Version: 1.0"
    yield f"#Start-Date: {midnight:%Y-%m-%d %H:%M:%S}"
    yield f"#Date: {midnight:%Y-%m-%d %H:%M:%S}"
    yield f"#Fields: {FIELDS}"
    yield '#Remark: 0 "proxy-head-office" "10.20.0.5" "main"'


def written(rng: Random, request: Request) -> Iterator[str]:
    """Yield the lines of a request: sometimes two, since the proxy first challenges the user to authenticate."""
    if request.person.name is not None and rng.random() < 0.02:
        yield _line(rng, request, challenge=True)
    yield _line(rng, request, challenge=False)


def _line(rng: Random, request: Request, *, challenge: bool) -> str:
    person, service = request.person, request.service
    refused = challenge or request.denied
    method = (
        "CONNECT"
        if service.tunnel
        else rng.choice(("POST", "PUT") if request.uploaded > MB else ("GET", "GET", "POST"))
    )
    path, query = (
        ("-", "-") if service.tunnel else (rng.choice(_PATHS), rng.choice(("-", f"?id={rng.randrange(10_000)}")))
    )
    extension = path.rpartition(".")[2] if "." in path else "-"
    exception = "authentication_failed" if challenge else "policy_denied" if request.denied else "-"
    status = 407 if challenge else 403 if request.denied else 200
    action = "TCP_DENIED" if refused else "TCP_TUNNELED" if service.tunnel else "TCP_NC_MISS"
    agent = "-" if person.agent == "-" else f'"{person.agent}"'
    return " ".join(
        (
            f"{datetime.fromtimestamp(request.time, UTC):%Y-%m-%d %H:%M:%S}",
            str(rng.randrange(20, 900)),
            person.address,
            "-" if challenge or person.name is None else person.name,
            "-" if challenge or person.name is None else f"LINDGREN\\{person.department}",
            exception,
            "DENIED" if refused else "OBSERVED",
            f'"{service.category}"',
            "-",
            str(status),
            action,
            method,
            "-" if service.tunnel or refused else "application/json",
            "tcp" if service.tunnel else "https",
            request.host,
            "443",
            path,
            query,
            extension,
            agent,
            _PROXY,
            str(900 if challenge else request.downloaded),
            str(600 if challenge else request.uploaded),
            "-",
        )
    )
