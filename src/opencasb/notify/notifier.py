"""What a notifier is: the one interface through which our ways out and those of others are registered."""

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
    """What is told. ``message_id`` is the same at every try; ``made`` is in ms since the epoch UTC.

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
    """A message to a channel, sent at ``now`` (ms); ``secret`` signs it, where the notifier signs."""

    channel: Channel
    message: Message
    now: int
    secret: str = field(default="", repr=False)


class Undelivered(Exception):
    """A message was not taken; the text says why, and never has a secret in it."""


class Notifier(Protocol):
    """A way out."""

    signs: bool
    """Whether each channel has a secret that its messages are signed with."""

    def checked(self, address: str, *, anywhere: bool) -> str:
        """Return an address as it is kept. Raises ``ValueError`` that says what is allowed.

        ``anywhere`` is that of :class:`~opencasb.model.notification.Channel`.
        """

    def send(self, envelope: Envelope) -> None:
        """Send a message, within four minutes. Raises :class:`Undelivered` unless it was taken."""


def notifiers(settings: Settings) -> Mapping[str, Notifier]:
    """Return every notifier by the kind of its channels."""
    made: dict[str, Callable[[Settings], Notifier]] = {each.name: each.load() for each in entry_points(group=GROUP)}
    return {name: made[name](settings) for name in sorted(made)}
