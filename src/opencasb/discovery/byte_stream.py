"""A stream of bytes with a look ahead, for files that are expanded as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

PIECE: Final = 1024 * 1024


class Damaged(Exception):
    """The rest of the file cannot be expanded."""


class ByteStream:
    """Bytes of a stream with a look ahead and a count."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._ahead = b""
        self._at = 0
        self.taken = 0

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer only at the end, without taking them."""
        while len(self._ahead) - self._at < size:
            more = self._read(PIECE)
            if not more:
                break
            self._ahead, self._at = self._ahead[self._at :] + more, 0
        return self._ahead[self._at : self._at + size]

    def take(self, size: int = PIECE) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        if self._at == len(self._ahead):
            self._ahead, self._at = self._read(size), 0
        found = self._ahead[self._at : self._at + size]
        self._at += len(found)
        self.taken += len(found)
        return found

    def give_back(self, unused: bytes) -> None:
        """Put bytes back that were taken too many."""
        self._ahead, self._at = unused + self._ahead[self._at :], 0
        self.taken -= len(unused)

    def exactly(self, size: int, kind: str) -> bytes:
        """Return the next ``size`` bytes. Raises :class:`Damaged`, which names the ``kind`` of file, at its end."""
        if len(self.peek(size)) < size:
            raise Damaged(f"the {kind} file is cut off")
        return self.take(size) if size else b""

    def pieces(self, size: int, kind: str) -> Iterator[bytes]:
        """Yield the next ``size`` bytes, however many. Raises what :meth:`exactly` raises, after what is there."""
        while size:
            piece = self.take(min(size, PIECE))
            if not piece:
                raise Damaged(f"the {kind} file is cut off")
            size -= len(piece)
            yield piece
