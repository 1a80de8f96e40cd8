"""Reads streams and their apps from a Graph, page by page (saas §1; graph §1, §5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from opencasb.saas.answer import Answer, host_of
from opencasb.saas.errors import ActionRequired, InvalidResponse, LinkRefused, ServerFailure, StreamGone, Transient
from opencasb.saas.explanations import CONSENT_MISSING
from opencasb.saas.retry import Retry
from opencasb.saas.tokens import Tokens
from opencasb.saas.web import Web

STREAMS: Final = "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"
LONGEST_LINK: Final = 8_000
_HEADERS: Final = {"accept": "application/json", "prefer": "include-unknown-enum-members"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a collection; ``next_link`` is empty on the last one."""

    records: list[Any]  # JSON
    next_link: str


class Graph:
    """A Graph at ``base`` (https://host), read with one application's tokens."""

    def __init__(self, base: str, web: Web, tokens: Tokens, retry: Retry) -> None:
        self._base = base
        self._web = web
        self._tokens = tokens
        self._retry = retry

    def streams(self, link: str = "") -> Page:
        """Return a page of streams, the first one if there is no link. Raises :class:`Problem`."""
        answer = self._get(link or f"{self._base}{STREAMS}")
        if answer.status == 404 and not link:
            raise InvalidResponse(
                "not_a_graph",
                f"{host_of(self._base)} has no cloud app discovery. Is it the address of a Graph, without a path?",
            )
        return self._page(answer)

    def apps(self, stream_id: str, days: int, link: str) -> Page:
        """Return a page of the apps of a stream. Raises :class:`StreamGone`, :class:`LinkRefused`, :class:`Problem`."""
        segment = quote(stream_id, safe="")
        answer = self._get(link or f"{self._base}{STREAMS}/{segment}/aggregatedAppsDetails(period=duration'P{days}D')")
        if link and answer.status in {400, 404, 410}:
            raise LinkRefused("link_refused", f"The link to the next page was refused ({_error_text(answer)}).")
        if answer.status == 404 and _is_graph_error(answer):
            raise StreamGone("stream_gone", f"The stream does not exist any more ({_error_text(answer)}).")
        return self._page(answer)

    def _get(self, url: str) -> Answer:
        """Return the response for a URL on our host; replace a rejected token once."""
        if not same_host(url, self._base):
            raise InvalidResponse(
                "foreign_link",
                f"{host_of(self._base)} links to another host, {host_of(url)!r}: it is not followed, or that host "
                "would get the token. An OpenCASB links to what its setting public_url says.",
            )
        answer = self._asked(url)
        if answer.status == 401:
            self._tokens.forget()
            answer = self._asked(url)
        return answer

    def _asked(self, url: str) -> Answer:
        def ask() -> Answer:
            token = self._tokens.current().value
            answer = self._web.ask(url, headers={**_HEADERS, "authorization": f"Bearer {token}"})
            if answer.status == 200 and answer.is_broken:
                text = f"{host_of(url)} goes on breaking off: its JSON has no end (status 200)."
                raise Transient(ServerFailure("server_error", text))
            return answer

        return self._retry.call(ask)

    def _page(self, answer: Answer) -> Page:
        if answer.status == 401:
            raise ActionRequired(
                "token_not_accepted",
                f"{host_of(self._base)} does not accept the tokens of the authority ({_error_text(answer)}). Do the "
                "two belong together?",
            )
        if answer.status == 403 and _is_graph_error(answer):
            raise ActionRequired("consent_missing", f"{CONSENT_MISSING} ({_error_text(answer)})")
        if answer.status != 200:
            raise InvalidResponse(*_refused(answer))
        body = answer.json()
        records, link = body.get("value"), body.get("@odata.nextLink") or ""
        if not isinstance(records, list) or not isinstance(link, str):
            raise InvalidResponse(
                "not_a_graph", f"{host_of(self._base)} answers JSON, but not as a Graph does: no 'value' list."
            )
        if len(link) > LONGEST_LINK or not link.isprintable():
            raise InvalidResponse(
                "bad_link", f"The link to the next page has not up to {LONGEST_LINK} printable characters."
            )
        return Page(records, link)


def same_host(url: str, base: str) -> bool:
    """Return whether an address is https and has the host and port of ``base``, and no credentials in it."""
    try:
        one, other = urlsplit(url), urlsplit(base)
        ports = one.port or 443, other.port or 443
    except ValueError:
        return False
    plain = one.scheme == "https" and "@" not in one.netloc and "\\" not in url
    return plain and bool(one.hostname) and one.hostname == other.hostname and ports[0] == ports[1]


def _refused(answer: Answer) -> tuple[str, str]:
    host = host_of(answer.url)
    if 300 <= answer.status < 400:
        return (
            "redirected",
            f"{host} sends elsewhere (status {answer.status}), which is not followed. Is the address right?",
        )
    if answer.is_web_page:
        return answer.what_it_is()
    return "refused", f"{host} refuses: {_error_text(answer)}."


def _is_graph_error(answer: Answer) -> bool:
    try:
        return isinstance(answer.json().get("error"), dict)
    except InvalidResponse:
        return False


def _error_text(answer: Answer) -> str:
    """Return the status and message of an error response, for people."""
    try:
        error: Any = answer.json().get("error")
    except InvalidResponse:
        error = None
    text = error.get("message") if isinstance(error, Mapping) else None
    said = "".join(letter if letter.isprintable() else " " for letter in str(text)[:200]) if text else "no reason"
    return f"status {answer.status}: {said}"
