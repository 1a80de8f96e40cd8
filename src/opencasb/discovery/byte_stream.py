"""A byte stream with look-ahead, for files that are decompressed as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

PIECE: Final = 1024 * 1024


class Damaged(Exception):
    """The rest of the file cannot be decompressed."""


class ByteStream:
    """A byte stream with look-ahead and a count of the bytes taken."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._ahead = b""
        self._at = 0
        self.taken = 0

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes without consuming them; fewer only at the end."""
        while len(self._ahead) - self._at < size:
            more = self._read(PIECE)
            if not more:
                break
            self._ahead, self._at = self._ahead[self._at :] + more, 0
        return self._ahead[self._at : self._at + size]

    def take(self, size: int = PIECE) -> bytes:
        """Return up to ``size`` bytes; empty at the end."""
        if self._at == len(self._ahead):
            self._ahead, self._at = self._read(size), 0
        found = self._ahead[self._at : self._at + size]
        self._at += len(found)
        self.taken += len(found)
        return found

    def give_back(self, unused: bytes) -> None:
        """Put back bytes that were taken but not needed."""
        self._ahead, self._at = unused + self._ahead[self._at :], 0
        self.taken -= len(unused)

    def exactly(self, size: int, kind: str) -> bytes:
        """Return the next ``size`` bytes. Raises :class:`Damaged`, naming the ``kind`` of file, if there are fewer."""
        if len(self.peek(size)) < size:
            raise Damaged(f"the {kind} file is cut off")
        return self.take(size) if size else b""

    def pieces(self, size: int, kind: str) -> Iterator[bytes]:
        """Yield the next ``size`` bytes, however many. Raises like :meth:`exactly`, after yielding what is left."""
        while size:
            piece = self.take(min(size, PIECE))
            if not piece:
                raise Damaged(f"the {kind} file is cut off")
            size -= len(piece)
            yield piece
