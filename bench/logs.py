"""Logs for the benchmarks: seeded, realistic in what costs time (distinct users, hosts, addresses, line lengths)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

START = 1_763_000_000
HOSTS = 3_000
USERS = 2_000


def _draws(lines: int) -> Iterator[tuple[float, str, str, str, int, int, bool, str]]:
    """Yield time, client, user, host, bytes up, bytes down, is CONNECT, path."""
    choose = random.Random(20251120)
    hosts = [f"www{n}.site{n % 700}.com" for n in range(HOSTS - 40)] + [
        f"{sub}.{domain}"
        for domain in (
            "dropbox.com",
            "office.com",
            "salesforce.com",
            "slack.com",
            "github.com",
            "zoom.us",
            "box.com",
            "wetransfer.com",
        )
        for sub in ("www", "api", "cdn", "login", "eu")
    ]
    choose.shuffle(hosts)
    clients = [f"10.{n >> 8 & 3}.{n & 255}.{n * 7 % 250 + 1}" for n in range(USERS)]
    now = float(START)
    step = 86_400 * 7 / lines
    for _ in range(lines):
        now += step
        person = int(USERS * choose.random() ** 2)
        host = hosts[(person * 37 + int(60 * choose.random() ** 3) * 101) % HOSTS]  # everyone has some 60 hosts
        up, down = choose.randrange(200, 20_000), choose.randrange(300, 100_000)
        path = f"/path/{choose.randrange(10**6)}/index.html?q={choose.randrange(10**9)}"
        yield now, clients[person], f"user{person}", host, up, down, choose.random() < 0.6, path


def squid(lines: int) -> Iterator[str]:
    """Yield Squid native lines."""
    for now, client, user, host, _, down, connect, path in _draws(lines):
        request = f"CONNECT {host}:443" if connect else f"GET http://{host}{path}"
        yield f"{now:.3f} {down % 5000:6d} {client} TCP_MISS/200 {down} {request} {user} HIER_DIRECT/93.184.216.34 -\n"


def w3c(lines: int) -> Iterator[str]:
    """Yield Blue Coat lines in W3C format."""
    yield "#Software: SGOS 6.7.4.2\n#Version: 1.0\n"
    yield (
        "#Fields: date time time-taken c-ip cs-username sc-filter-result sc-status s-action cs-method cs-uri-scheme"
        " cs-host cs-uri-port cs-uri-path cs-uri-query sc-bytes cs-bytes\n"
    )
    for now, client, user, host, up, down, connect, path in _draws(lines):
        when = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S")
        plain, _, query = path.partition("?")
        target = f"CONNECT tcp {host} 443 / -" if connect else f"GET http {host} 80 {plain} ?{query}"
        yield f"{when} {down % 900} {client} {user} OBSERVED 200 TCP_NC_MISS {target} {down} {up}\n"


def cef(lines: int) -> Iterator[str]:
    """Yield CEF lines with a syslog header."""
    for now, client, user, host, up, down, connect, path in _draws(lines):
        when = datetime.fromtimestamp(now, UTC)
        request = f"https://{host}/" if connect else f"http://{host}{path}"
        yield (
            f"<134>{when:%b %e %H:%M:%S} gw1 CEF:0|Ex|Gw|1|100|web|3|rt={int(now * 1000)} src={client} suser={user}"
            f" dhost={host} request={request} act=allow out={up} in={down} dst=93.184.216.34\n"
        )


KINDS: dict[str, Callable[[int], Iterator[str]]] = {"squid": squid, "w3c": w3c, "cef": cef}
SOURCES = {"squid": "SQUID_NATIVE", "w3c": "BLUECOAT", "cef": "GENERIC_CEF_SYSLOG"}


def obtain(kind: str, lines: int, folder: Path) -> Path:
    """Return the path of a log of that kind and length, generated on first use."""
    path = folder / f"{kind}-{lines}.log"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("w") as file:
            file.writelines(KINDS[kind](lines))
        part.rename(path)
    return path
