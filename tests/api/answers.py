"""Validates every API response against its contract, whichever client of the tests receives it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any, Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opencasb.api.admin.app import AdminApi
from opencasb.api.feed.app import FeedApi
from opencasb.api.reporting.app import ReportApi
from opencasb.api.v1.app import RestApi
from tests.api.admin import contract as admin
from tests.api.feed import contract as feed
from tests.api.graph import contract as graph
from tests.api.reporting import contract as reporting
from tests.api.v1 import contract as v1
from tests.wire import Answer, answer_in

Check = Callable[[str, str, Answer], None]
Serve = Callable[[Any, Scope, Receive, Send], Any]

CHECKS: Final[dict[Any, Check]] = {
    RestApi: v1.check,
    AdminApi: admin.check,
    FeedApi: feed.check,
    ReportApi: reporting.check,
    GZipMiddleware: graph.check,  # outside of it, answers are as clients get them
}

_uncontracted: Final[set[int]] = set()
"""Statuses that no contract has and are right now."""

PROBLEMS: Final[list[str]] = []
"""What was wrong; a server in a thread of its own only logs what is raised in it."""


def check_always() -> None:
    """Validate from now on in this process; the end of an invalid response is never sent."""
    for api, check in CHECKS.items():
        api.__call__ = _checking(api.__call__, check)


@contextmanager
def our_failure() -> Iterator[None]:
    """Allow responses with status 500 while the block runs, because it breaks the server on purpose."""
    _uncontracted.add(500)
    try:
        yield
    finally:
        _uncontracted.clear()


def _checking(serve: Serve, check: Check) -> Serve:
    async def checking(api: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def sending(message: Message) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                _check(scope, sent, check)
            await send(message)

        await serve(api, scope, receive, sending)

    return checking


def _check(scope: Scope, sent: list[Message], check: Check) -> None:
    if sent[0]["status"] in _uncontracted:
        return
    raw: bytes = scope["raw_path"]
    try:
        check(scope["method"], raw.partition(b"?")[0].decode("latin-1"), _unpacked(answer_in(sent)))
    except AssertionError as error:
        if current_thread() is not main_thread():
            PROBLEMS.append(str(error))
        raise


def _unpacked(answer: Answer) -> Answer:
    packed = answer.headers.get("content-encoding", "")
    assert packed in {"", "gzip"}, packed
    return Answer(answer.status, answer.headers, gzip.decompress(answer.content)) if packed else answer
