"""Answer calls that arrive together in one trip to a thread.

A call that waits for a commit would hold a thread, and waking it costs more than what it asks for. Calls of the same
caller that arrive while others are being answered wait in the event loop instead, and are answered together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final, Generic, TypeVar

from anyio import to_thread

MOST: Final = 256
"""Maximum number of calls answered together."""

Asked = TypeVar("Asked")
Told = TypeVar("Told")


def attempted(work: Callable[[Asked], Told], every: Iterable[Asked]) -> list[Told | Exception]:
    """Return the result of ``work`` for each, or the exception that it raised."""
    done: list[Told | Exception] = []
    for each in every:
        try:
            done.append(work(each))
        except Exception as error:  # noqa: BLE001 -- whoever asked raises it
            done.append(error)
    return done


def settled(
    work: Callable[[Sequence[Asked]], Iterable[Told | Exception]], every: Sequence[Asked | Exception]
) -> list[Told | Exception]:
    """Return the results of ``work`` on those that are no exceptions, with these in their places."""
    good = [each for each in every if not isinstance(each, Exception)]
    done = iter(work(good) if good else ())
    return [each if isinstance(each, Exception) else next(done) for each in every]


class Together(Generic[Asked, Told]):
    """Collects calls by key; one key's calls are answered at a time, and the keys take turns."""

    def __init__(self, answer: Callable[[Sequence[Asked]], Sequence[Told | Exception]]) -> None:
        """Take ``answer``, which runs in a thread and returns an answer or an exception for each call."""
        self._answer = answer
        self._waiting: dict[Hashable, list[tuple[Asked, asyncio.Future[Told]]]] = {}
        self._work: asyncio.Task[None] | None = None

    async def __call__(self, key: Hashable, asked: Asked) -> Told:
        """Return the answer to a call, or raise its exception."""
        future: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append((asked, future))
        if self._work is None:
            self._work = asyncio.create_task(self._answer_all())
        return await future

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                key = next(iter(self._waiting))
                waiting = self._waiting.pop(key)
                if later := waiting[MOST:]:
                    self._waiting[key] = later  # behind the other keys
                await self._answer_some(waiting[:MOST])
        finally:
            self._work = None

    async def _answer_some(self, waiting: Sequence[tuple[Asked, asyncio.Future[Told]]]) -> None:
        try:
            answers = await to_thread.run_sync(self._answer, [asked for asked, _ in waiting])
        except Exception as error:  # noqa: BLE001 -- each caller raises it
            answers = [error] * len(waiting)
        for (_, future), answer in zip(waiting, answers, strict=True):
            if future.done():  # its caller was cancelled
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
