"""The syslog ports of this server, each with the data sources that listen on it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import structlog

from opencasb.discovery.receivers.feeds import Feed, Feeds
from opencasb.discovery.receivers.routing import Router, Rule, network_of
from opencasb.discovery.receivers.syslog import Listener, listener
from opencasb.model.stream import Stream
from opencasb.store.receivers import Binding

_log = structlog.get_logger(__name__)

SYSLOG: Final = ("syslog-udp", "syslog-tcp", "syslog-tls")

Place = tuple[str, int]
"""Receiver and port."""


class Port:
    """One port: passes lines to the feeds of its data sources, and accepts none before it knows them."""

    def __init__(self, place: Place, feeds: Feeds) -> None:
        self.place = place
        self._feeds = feeds
        self._router: Router[Feed] = Router(())
        self._sources: list[Feed] = []
        self._tenants: frozenset[int] = frozenset()
        self._is_served = False
        self._strays = 0
        self._told: set[str] = set()

    def serve(self, sources: Sequence[tuple[Stream, Binding]]) -> None:
        """Take lines for these data sources from now on."""
        rules: dict[tuple[object, ...], Rule[Feed]] = {}
        for stream, binding in sources:
            wanted = (network_of(binding.sender), binding.host_name.lower(), binding.app_name.lower())
            rule = rules.setdefault(wanted, Rule(self._feeds.of(stream), *wanted))
            self._twins(rule.target, self._feeds.of(stream))
        self._router = Router(rules.values())
        self._sources = [self._feeds.of(stream) for stream, _ in sources]
        self._tenants = frozenset(stream.tenant_id for stream, _ in sources)
        self._is_served = True

    def _twins(self, first: Feed, second: Feed) -> None:
        """Report once a data source that would take another's messages; the older one keeps them."""
        key = second.stream.stream_id
        if first is second:
            self._told.discard(key)
        elif key not in self._told:
            self._told.add(key)
            names = f"{second.stream.display_name} and {first.stream.display_name}"
            second.tally.failed(ValueError(f"{names} take the same messages: bind one by sender, host or application"))
            _log.error("two data sources take the same messages", receiver=names, port=self.place[1])

    def is_full(self, sender: str) -> bool:
        """Whether the journals have no room for a tenant that the sender may belong to, or do not exist yet."""
        if not self._is_served:
            return True
        tenants: Collection[int] = self._tenants
        if len(tenants) > 1:
            tenants = {feed.stream.tenant_id for feed in self._router.choice(sender).targets}
        return any(map(self._feeds.is_full, tenants))

    def take(self, sender: str, lines: bytes) -> bool:
        """Store lines in the journals of their data sources; return False if one failed."""
        stored = True
        for feed, own in self._router.choice(sender).routed(lines):
            if feed is None:
                self._strays += own.count(b"\n")
            else:
                stored = self._stored(feed, own, sender) and stored
        return stored

    def offer(self, sender: str, lines: bytes) -> None:
        """Store the lines of tenants that have room, and count the others as dropped, for their data sources."""
        if not self._is_served:
            return
        for feed, own in self._router.choice(sender).routed(lines):
            if feed is None:
                self._strays += own.count(b"\n")
            elif self._feeds.is_full(feed.stream.tenant_id) or not self._stored(feed, own, sender):
                feed.tally.dropped(own.count(b"\n"))

    def _stored(self, feed: Feed, lines: bytes, sender: str) -> bool:
        try:
            self._feeds.append(feed, lines, sender)
        except OSError as error:  # a full disk
            feed.tally.failed(error)
            return False
        return True

    def drop(self, sender: str, messages: int) -> None:
        """Count messages that were not taken, for the data source that names neither host nor application."""
        rest = self._router.choice(sender).rest
        for feed in self._sources[:1] if rest is None else [rest]:
            feed.tally.dropped(messages)

    def lost(self, datagrams: int) -> None:
        """Count what the kernel dropped; it does not say whose, so every data source on the port gets it."""
        for feed in self._sources if datagrams else ():
            feed.tally.dropped(datagrams)

    def strays(self) -> int:
        """Return how many lines since the last call belonged to no data source."""
        found, self._strays = self._strays, 0
        return found


class Ports:
    """Opens and closes ports as data sources come and go."""

    def __init__(self, host: str, feeds: Feeds, tls: Callable[[], ssl.SSLContext]) -> None:
        self._host = host
        self._feeds = feeds
        self._tls = tls
        self._open: dict[Place, tuple[Port, Listener]] = {}

    async def serve(self, wanted: Mapping[Place, Sequence[tuple[Stream, Binding]]]) -> None:
        """Listen for these data sources, and no others."""
        for place in self._open.keys() - wanted.keys():
            self._open.pop(place)[1].close()
        for place, sources in wanted.items():
            if place in self._open:
                self._open[place][0].serve(sources)
            else:
                await self._start(place, sources)

    async def _start(self, place: Place, sources: Sequence[tuple[Stream, Binding]]) -> None:
        """Listen first and only then touch the journals, since whoever holds the port may be writing them."""
        port = Port(place, self._feeds)
        receiver, number = place
        names = ", ".join(sorted(stream.display_name for stream, _ in sources)[:5])
        try:
            opened = listener(receiver, self._host, number, port, self._tls() if receiver == "syslog-tls" else None)
            await opened.open()
        except (OSError, ssl.SSLError, ValueError) as error:  # retried at the next reload
            for stream, _ in sources:
                self._feeds.tallies.of(stream).failed(error)
            _log.error("receiver failed", receiver=f"{names} ({receiver})", port=number, error=repr(error))
            return
        self._open[place] = (port, opened)
        port.serve(sources)
        opened.resume()
        _log.info("receiver listens", receiver=names, sources=len(sources), port=number)

    def tend(self) -> None:
        """Count what was dropped and let senders continue; call it every second or so."""
        for port, opened in self._open.values():
            port.lost(opened.dropped())
            opened.resume()
            strays = port.strays()
            if strays:
                _log.warning("lines of no data source", receiver=port.place[0], port=port.place[1], lines=strays)

    def close(self) -> None:
        """Stop listening."""
        for _, opened in self._open.values():
            opened.close()
        self._open.clear()
