"""Pages are read only as far as their sites allow."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.probe.fetch import USER_AGENT
from opencasb.discovery.probe.robots import LARGEST, Pages, parsed
from opencasb.outbound import Network, OutboundError
from tests.discovery.probe.site import Page, Site

HOST, WWW = "box.example", "www.box.example"
HOME = f"https://{HOST}/"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a website with a page."""
    made = Site(tmp_path)
    made.pages["/"] = Page(body=b"hello")
    return made


def pages(network: Network) -> Pages:
    """Return the pages of the domain."""
    return Pages(network, lambda host: host.endswith(HOST))


def read(network: Network, *urls: str) -> list[bytes]:
    """Return the pages at some URLs."""

    async def each() -> list[bytes]:
        domain = pages(network)
        return [(await domain.get(url, 100)).body for url in urls]

    return asyncio.run(each())


def asked(site: Site) -> list[str]:
    """Return the requests that the site received."""
    return [f"{host}{path}" for host, path, _ in site.asked]


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /private", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /*", False),
        ("User-agent: *\nDisallow: *  # all", False),
        ("User-agent: *\n\nDisallow: /", False),
        ("\ufeffUSER-AGENT:*\r\nDISALLOW:/\r\n", False),
        ("User-agent: OpenCASB-probe\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: opencasb-probe\nAllow: /", True),
        ("User-agent: OtherBot\nUser-agent: *\nDisallow: /", False),
        ("User-agent: OtherBot\nDisallow: /", True),
        ("User-agent: *\nDisallow: //[\nDisallow: http://[\nCrawl-delay: ²\nRequest-rate: ²/²\nDisallow: /", False),
        ("<!doctype html><p>User-agent: * Disallow: /", True),
    ],
)
def test_rules_for_everybody_and_for_this_program_count(robots: str, allowed: bool) -> None:
    """The program's own group takes precedence over the general one."""
    assert parsed(robots.encode()).can_fetch(USER_AGENT, HOME) is allowed


_WORDS = (
    "user-agent:",
    "disallow:",
    "allow:",
    " *",
    "/",
    "//[",
    "\n",
    "#",
    "http://[::",
    "?",
    "%",
    "²",
    "crawl-delay:",
)


@given(st.lists(st.sampled_from(_WORDS) | st.text(max_size=5)).map("".join) | st.binary())
def test_any_file_can_be_read(robots: str | bytes) -> None:
    """No content raises an error."""
    body = robots if isinstance(robots, bytes) else robots.encode("utf-8", "surrogatepass")
    assert parsed(body).can_fetch(USER_AGENT, HOME) in {True, False}


def test_the_rules_are_read_once_before_the_first_page(site: Site) -> None:
    """With the program's own name; only the forbidden pages are skipped."""
    site.pages["/robots.txt"] = Page(body=b"User-agent: *\nDisallow: /secret")
    site.pages["/a"] = Page(body=b"a")
    with site.serving(HOST) as network:
        assert read(network, HOME, f"{HOME}a") == [b"hello", b"a"]
        assert asked(site) == [f"{HOST}/robots.txt", f"{HOST}/", f"{HOST}/a"]
        assert {agent for *_, agent in site.asked} == {USER_AGENT}
        with pytest.raises(OutboundError, match=f"{HOME}secret is not read: robots.txt asks programs not to"):
            read(network, f"{HOME}secret")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_rules_forbids_nothing(site: Site, status: int) -> None:
    """RFC 9309 §2.3.1.3, even if the body looks like rules."""
    site.pages["/robots.txt"] = Page(status, body=b"User-agent: *\nDisallow: /")
    with site.serving(HOST) as network:
        assert read(network, HOME) == [b"hello"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_while_rules_cannot_be_had_nothing_is_read(site: Site, status: int) -> None:
    """RFC 9309 §2.3.1.4; the rules are not requested again at once."""
    site.pages["/robots.txt"] = Page(status)
    with site.serving(HOST) as network:
        domain = pages(network)

        async def twice() -> None:
            for _ in range(2):
                with pytest.raises(OutboundError, match=f"{HOME} is not read: {HOME}robots.txt answers {status}"):
                    await domain.get(HOME, 100)

        asyncio.run(twice())
    assert asked(site) == [f"{HOST}/robots.txt"]


def test_a_site_that_does_not_answer_is_left_alone(site: Site) -> None:
    """The message says what went wrong."""
    with (
        site.serving("other.example") as network,
        pytest.raises(OutboundError, match=r"is not read: box.example: Connect"),
    ):
        read(network, HOME)


def test_redirects_are_followed_by_the_rules_of_where_they_lead(site: Site) -> None:
    """Each host of the domain has its own rules, which may redirect within the domain."""
    site.pages[f"{HOST}/"] = Page(301, {"location": f"https://{WWW}/"})
    site.pages[f"{HOST}/robots.txt"] = Page(301, {"location": f"https://{WWW}/robots.txt"})
    site.pages[f"{WWW}/robots.txt"] = Page(body=b"User-agent: *\nDisallow: /private")
    with site.serving(HOST, WWW) as network:
        assert read(network, HOME) == [b"hello"]
        assert asked(site)[-3:] == [f"{HOST}/", f"{WWW}/robots.txt", f"{WWW}/"]
        site.pages[f"{HOST}/robots.txt"] = Page(404)
        site.pages[f"{WWW}/robots.txt"] = Page(body=b"User-agent: *\nDisallow: /")
        with pytest.raises(OutboundError, match=f"https://{WWW}/ is not read: robots.txt asks"):
            read(network, HOME)


def test_rules_of_other_domains_are_not_asked_for(site: Site) -> None:
    """A redirect out of the domain is not followed; for rules, it means none."""
    away = Page(302, {"location": "https://id.other.test/robots.txt"}, b"away")
    site.pages["/robots.txt"] = site.pages["/"] = away
    with site.serving(HOST) as network:
        assert read(network, HOME) == [b"away"]
    assert asked(site) == [f"{HOST}/robots.txt", f"{HOST}/"]


def test_a_large_file_is_heeded_as_far_as_it_is_read(site: Site) -> None:
    """At least 500 KiB (RFC 9309 §2.5)."""
    rules = b"User-agent: *\nDisallow: /\n"
    filler = b"#" * (LARGEST - len(rules) - 1) + b"\n"
    site.pages["/robots.txt"] = Page(body=filler + rules + filler)
    with site.serving(HOST) as network:
        with pytest.raises(OutboundError, match=r"robots.txt asks"):
            read(network, HOME)
        site.pages["/robots.txt"] = Page(body=filler + b"#" * len(rules) + b"\n" + rules)
        assert read(network, HOME) == [b"hello"]
