"""What the names of hosts give away: ``login.``, ``api-eu.`` and ``app.`` are of a service, ``pixel.`` is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

SIGN_IN: Final = frozenset(  # a list of words reads better as words
    """
    account accounts auth auth0 authenticate authorize idp identity id login logon oauth oidc register saml secure
    session signin signon signup sso
    """.split()  # noqa: SIM905
)
API: Final = frozenset("api apis gateway graphql grpc hook hooks rest rpc socket webhook webhooks ws wss".split())  # noqa: SIM905
APPLICATION: Final = frozenset(
    """
    admin app apps backend billing client cloud connect console crm customer dashboard desk erp hr hub manage meet
    members my panel platform portal projects service studio team teams upload uploads webapp work workspace
    """.split()  # noqa: SIM905
)
DELIVERY: Final = frozenset(
    """
    ad ads adserver analytics assets banner beacon bid cache cdn collect collector content count counter css dsp edge
    event events fonts gtm image images img js log logs match media metric metrics pix pixel player px rtb s static stat
    stats stream sync tag tags telemetry thumb thumbs tiles track tracker tracking trk video videos vod
    """.split()  # noqa: SIM905
)
"""Words of hosts that hand out or count, without anybody working there."""

NAMES: Final = ("cdn", "pixel", "track", "metric", "analytic", "adserv", "telemetry", "static", "beacon", "counter")
"""Parts of domains that say the same."""

_PARTS: Final = re.compile(r"[a-z]+")


def words(host: str, domain: str) -> list[str]:
    """Return the words of a host below its domain: ``api-eu2.login.acme.com`` → ``api``, ``eu``, ``login``."""
    return _PARTS.findall(host.removesuffix(domain))


def hosts_with(hosts: Mapping[str, Iterable[str]], wanted: frozenset[str]) -> list[str]:
    """Return the hosts that have a word of ``wanted``, in order; ``hosts`` has the words of each."""
    return sorted(host for host, words in hosts.items() if not wanted.isdisjoint(words))
