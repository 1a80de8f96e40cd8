"""Synthetic traffic of a company.

The records are realistic where inference looks: people and sites keep their addresses, and sizes vary widely.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Final

START: Final = datetime(2025, 11, 20, 8, 0, tzinfo=UTC)
_SITES: Final = (
    "files.northwind.example", "mail.contoso.example", "cdn.fabrikam.example", "chat.litware.example",
    "drive.proseware.example", "code.adatum.example", "crm.tailspin.example", "hr.wingtip.example",
    "login.woodgrove.example", "static.lucerne.example", "video.alpine.example", "notes.margies.example",
)  # fmt: skip
_NAMES: Final = (
    "aino", "bela", "carla", "dmitri", "esra", "farid", "greta", "hugo", "ines", "jonas", "katya", "liam", "mira",
    "noor", "otto", "petra", "quinn", "rosa", "sven", "tariq", "uma", "vera", "wim", "xenia", "yusuf", "zoe",
)  # fmt: skip
_TYPES: Final = ("text/html", "application/json", "image/png", "application/octet-stream")
AGENT: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Browser/142.0"
"""The user agent of browsers."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    n: int
    time: datetime
    user: str
    ip: str
    pc: str
    host: str
    server: str
    path: str
    method: str
    sent: int
    received: int
    blocked: bool
    sport: int
    elapsed: int
    mime: str

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"https://{self.host}{self.path}"

    @property
    def epoch(self) -> int:
        """Seconds since 1970."""
        return int(self.time.timestamp())

    def at(self, form: str, hours: int = 0) -> str:
        """Return the time in the given format."""
        return self.time.astimezone(timezone(timedelta(hours=hours))).strftime(form)


def traffic(count: int = 150, seed: int = 7) -> list[Request]:
    """Return requests in time order."""
    rng = Random(seed)  # noqa: S311 -- not for secrets
    sites = [(host, f"203.0.113.{10 + number}") for number, host in enumerate(_SITES)]
    made, now = [], START
    for n in range(1, count + 1):
        now += timedelta(seconds=rng.randrange(1, 40))
        person = min(rng.randrange(len(_NAMES)), rng.randrange(len(_NAMES)))
        host, server = rng.choice(sites)
        made.append(
            Request(
                n=n,
                time=now,
                user=_NAMES[person],
                ip=f"10.20.{person // 20}.{person % 20 + 30}",
                pc=f"pc-{4000 + person * 17}",
                host=host,
                server=server,
                path=rng.choice(("/", "/api/v2/items", f"/share/{rng.randrange(9999)}", f"/s?id={rng.randrange(99)}")),
                method=rng.choice(("GET", "GET", "GET", "POST")),
                sent=int(rng.lognormvariate(6.5, 1)),
                received=int(rng.lognormvariate(9, 2)),
                blocked=rng.random() < 0.06,
                sport=rng.randrange(49152, 65535),
                elapsed=rng.randrange(3, 4000),
                mime=rng.choice(_TYPES),
            )
        )
    return made
