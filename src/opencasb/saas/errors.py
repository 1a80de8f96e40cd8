"""What can go wrong with an integration, said so that a person can act.

::

    Problem
    ├── ActionRequired    nothing gets better by waiting: the integration has to be authorised again
    ├── RetryLater        out of reach now: the run is interrupted, and goes on later
    │   └── ServerFailure     a server that answers with errors of its own, perhaps only for one stream
    ├── InvalidResponse   an answer that cannot be what was asked for
    │   └── LinkRefused       the link to the next page does not lead anywhere any more
    └── StreamGone        the stream does not exist any more
"""

from __future__ import annotations


class Problem(Exception):
    """A problem with a short ``code`` for machines; the text says what it is, and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class ActionRequired(Problem):
    """Nothing gets better by waiting: somebody has to change something, and to authorise the integration again."""


class RetryLater(Problem):
    """Out of reach now: the run goes on later as it is, not before ``seconds`` are over, if the server said so."""

    def __init__(self, code: str, text: str, seconds: float = 0.0) -> None:
        super().__init__(code, text)
        self.seconds = seconds


class ServerFailure(RetryLater):
    """A server failed, again and again, perhaps only for one stream."""


class InvalidResponse(Problem):
    """The answer is not what was asked for, and would not be if it were asked for again."""


class LinkRefused(InvalidResponse):
    """The server does not know its own link any more: the stream has to be read from its beginning."""


class StreamGone(Problem):
    """The stream was deleted."""


class Stopped(Exception):
    """This process ends; the run goes on elsewhere, or later."""


class Transient(Exception):
    """Worth another try, after ``retry_after`` seconds if the server said so; ``problem`` is raised after the last."""

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.retry_after = retry_after
