"""Errors of an integration, worded so that a person can act on them.

::

    Problem
    ├── ActionRequired    waiting does not help: the integration has to be authorised again
    ├── RetryLater        unavailable for now: the run is interrupted and resumes later
    │   └── ServerFailure     the server keeps failing, perhaps only for one stream
    ├── InvalidResponse   the response cannot be what was asked for
    │   └── LinkRefused       the link to the next page is no longer valid
    └── StreamGone        the stream no longer exists
"""

from __future__ import annotations


class Problem(Exception):
    """A problem with a short ``code`` for programs; the text says what is wrong and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class ActionRequired(Problem):
    """Waiting does not help: somebody has to change something and authorise the integration again."""


class RetryLater(Problem):
    """Unavailable for now: the run resumes later, after at least ``seconds`` if the server asked for that."""

    def __init__(self, code: str, text: str, seconds: float = 0.0) -> None:
        super().__init__(code, text)
        self.seconds = seconds


class ServerFailure(RetryLater):
    """A server fails repeatedly, perhaps only for one stream."""


class InvalidResponse(Problem):
    """The response is not what was asked for, and asking again would not change that."""


class LinkRefused(InvalidResponse):
    """The server no longer accepts its own link: the stream has to be read from the start."""


class StreamGone(Problem):
    """The stream was deleted."""


class Stopped(Exception):
    """This process is shutting down; the run resumes elsewhere or later."""


class Transient(Exception):
    """A retry may help, after ``retry_after`` seconds if the server said so; the last attempt raises ``problem``."""

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.retry_after = retry_after
