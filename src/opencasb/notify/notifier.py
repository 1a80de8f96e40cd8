"""The notifier interface, through which built-in and third-party delivery methods are registered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from opencasb.model.notification import Channel
    from opencasb.settings import Settings

GROUP: Final = "opencasb.notifiers"


@dataclass(frozen=True, slots=True)
class Message:
    """A message to deliver. ``message_id`` is the same on every attempt; ``made`` is in ms since the epoch UTC.

    ``kind`` and ``facts`` are for machines, ``subject`` (one line) and ``text`` for people.
    """

    message_id: str
    kind: str
    made: int
    subject: str
    text: str
    facts: Mapping[str, Any]  # JSON


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message to a channel, sent at ``now`` (ms); ``secret`` signs it if the notifier signs."""

    channel: Channel
    message: Message
    now: int
    secret: str = field(default="", repr=False)


class Undelivered(Exception):
    """A message was not accepted; the text says why, and never contains a secret."""


class Notifier(Protocol):
    """A delivery method."""

    signs: bool
    """Whether each channel has a secret that signs its messages."""

    def checked(self, address: str, *, anywhere: bool) -> str:
        """Return an address as it is stored. Raises ``ValueError`` saying what is allowed.

        ``anywhere`` is that of :class:`~opencasb.model.notification.Channel`.
        """

    def send(self, envelope: Envelope) -> None:
        """Send a message, within four minutes. Raises :class:`Undelivered` unless it was accepted."""


def notifiers(settings: Settings) -> Mapping[str, Notifier]:
    """Return every notifier by the kind of its channels."""
    made: dict[str, Callable[[Settings], Notifier]] = {each.name: each.load() for each in entry_points(group=GROUP)}
    return {name: made[name](settings) for name in sorted(made)}
