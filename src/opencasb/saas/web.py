"""An HTTPS connection pool for one integration; failed exchanges are told apart: final or worth another try."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from opencasb.outbound import Network, NotPublic, OutboundError, Target, usual_trust
from opencasb.saas.answer import Answer, host_of
from opencasb.saas.errors import InvalidResponse, Problem, RetryLater, ServerFailure, Stopped, Transient
from opencasb.saas.retry import retry_after

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS: Final = 15.0
READ_SECONDS: Final = 45.0
"""Shorter than a lease."""
LONGEST_SECONDS: Final = 60.0
"""Time limit for a whole response: a trickle of bytes would never hit the read timeout."""
LARGEST: Final = 32 * 1024 * 1024
"""Largest response in bytes; a page of 1,000 apps with many domains takes about 2,000,000."""


class Web:
    """An HTTPS client that counts requests and never follows redirects, because the token belongs to one host."""

    def __init__(self, ca: str, clock: Callable[[], int], stop: Event, network: Network | None = None) -> None:
        """``ca``: PEM of the only CAs to trust; empty for the machine's (``SSL_CERT_FILE``, or the default).

        Once ``stop`` is set, no more requests are sent. ``network`` limits the addresses, for hosts that a tenant's
        administrator chose.
        """
        self._ca = ca
        self._network = network
        self._pools: dict[str | None, httpx.Client] = {}
        self._clock = clock
        self._stop = stop
        self.requests = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            pool.close()

    def ask(
        self, url: str, *, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and return the response.

        Raises :class:`Transient`, :class:`Problem` if a retry is useless, or :class:`Stopped`.
        """
        import httpx

        if urlsplit(url).scheme != "https":
            raise InvalidResponse("not_https", f"{url[:200]!r} is not an address that begins with https://.")
        if self._stop.is_set():
            raise Stopped
        target = self._target(url)
        http = self._pool(target)
        self.requests += 1
        headers, extensions = {**(headers or {}), **target.headers}, target.extensions
        method = "GET" if form is None else "POST"
        try:
            with http.stream(method, target.url, headers=headers, data=form, extensions=extensions) as answer:
                complete = Answer(url, answer.status_code, dict(answer.headers), _content(answer))
        except (httpx.TransportError, httpx.DecodingError, OSError) as error:
            raise _failure(url, error) from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise InvalidResponse("bad_address", f"{url[:200]!r} is not an address: {error}") from None
        if complete.status in {408, 429} or complete.status >= 500:  # proxies use non-standard codes from 509 on
            raise self._again(complete)
        return complete

    def _target(self, url: str) -> Target:
        """Return where to send a request. Raises :class:`Transient` or :class:`Problem`."""
        if self._network is None:
            return Target(url)
        try:
            return asyncio.run(self._network.target(url))
        except NotPublic as error:
            raise InvalidResponse(
                "not_public",
                f"{error}: authority and graph_url must be public; the operator can set others with opencasb saas set.",
            ) from None
        except OutboundError as error:
            raise _failure(url, error) from None

    def _pool(self, target: Target) -> httpx.Client:
        """Return the pool for the proxy of a target, created on first use. Raises :class:`RetryLater`."""
        import httpx

        if target.proxy not in self._pools:
            timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
            try:
                verify = ssl.create_default_context(cadata=self._ca) if self._ca else usual_trust()
                # Connections to an address are not kept: the next host may share it, and needs its own certificate.
                by_name = self._network is None or target.proxy is not None
                self._pools[target.proxy] = httpx.Client(
                    verify=verify,
                    timeout=timeout,
                    limits=httpx.Limits(max_keepalive_connections=20 if by_name else 0),
                    trust_env=self._network is None,
                    proxy=target.proxy,
                    follow_redirects=False,
                )
            except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
                raise RetryLater(
                    "environment",
                    f"Nothing can be asked with the environment of this process: {str(error).rstrip('.')}. Look at "
                    "SSL_CERT_FILE and at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.",
                ) from None
        return self._pools[target.proxy]

    def _again(self, answer: Answer) -> Transient:
        host, wait = host_of(answer.url), retry_after(answer.headers, self._clock())
        if answer.status == 429:
            return Transient(RetryLater("throttled", f"{host} goes on refusing: too many requests (status 429)."), wait)
        what = "a web page" if answer.is_web_page else f"{answer.text[:200]!r}"
        return Transient(
            ServerFailure("server_error", f"{host} goes on failing: status {answer.status} with {what}."), wait
        )


def _content(answer: httpx.Response) -> bytes:
    content, until = bytearray(), time.monotonic() + LONGEST_SECONDS
    for piece in answer.iter_bytes():
        content += piece
        if time.monotonic() > until:
            raise TimeoutError(f"its answer takes more than {LONGEST_SECONDS:.0f} seconds")
        if len(content) > LARGEST:
            raise InvalidResponse("too_large", f"{host_of(str(answer.url))} answered with more than {LARGEST} bytes.")
    return bytes(content)


def _failure(url: str, error: Exception) -> Transient | Problem:
    """Return the problem behind a failed exchange; an untrusted certificate is not worth retrying."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    host = host_of(url)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return RetryLater(
            "tls_untrusted",
            f"The certificate of {host} is not trusted: {cause.verify_message}. Where the host has a CA of its own, "
            "give the integration the file of that CA.",
        )
    reason = "".join(filter(str.isprintable, str(error)))[:200] or type(error).__name__
    return Transient(RetryLater("host_unreachable", f"{host} cannot be reached: {reason}. Is the address right?"))
