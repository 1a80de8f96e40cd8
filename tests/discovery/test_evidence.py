"""Evidence about domains outside the catalog, collected from log lines."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.catalog import Catalog
from opencasb.discovery.discover import discover
from opencasb.discovery.evidence import Evidence, followed, sign_ins
from opencasb.discovery.formats.base import ParseContext
from opencasb.model.trace import HOST, MOST, SIGN_IN, Trace
from tests.conftest import NOW

CATALOG = Catalog.shipped()
BACK = "redirect_uri=https%3A%2F%2Fportal.some-unlisted-site.net%2Fcb"
W3C = "#Fields: date time c-ip cs-username cs-method cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query bytes\n"
GOOGLE = "accounts.google.com"
MICROSOFT = "login.microsoftonline.com"


def squid(*requests: str) -> str:
    """Return Squid lines."""
    return "".join(
        f"1763600000.000 5 10.0.0.1 TCP_MISS/200 100 {each} ana HIER_DIRECT/1.1.1.1 -\n" for each in requests
    )


def w3c(*targets: tuple[str, str, str, str]) -> str:
    """Return W3C lines from method, host, path and query."""
    lines = (f"2025-11-20 08:00:00 10.0.0.1 ana {m} https {h} 443 {p} {q} 100\n" for m, h, p, q in targets)
    return W3C + "".join(lines)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "SQUID_NATIVE",
            squid(
                "GET http://www.google.com/maps/x",
                "GET http://www.google.com/imprint",
                "CONNECT www.google.com:443",
                f"GET https://{MICROSOFT}/common/authorize?{BACK}",
                "GET http://portal.some-unlisted-site.net/",
            ),
        ),
        (
            "GENERIC_W3C",
            w3c(
                ("GET", "www.google.com", "/maps/x", "-"),
                ("GET", "www.google.com", "/imprint", "-"),
                ("CONNECT", "www.google.com", "-", "-"),
                ("GET", MICROSOFT, "/common/authorize", f"?{BACK}"),
                ("GET", "portal.some-unlisted-site.net", "/", "-"),
            ),
        ),
    ],
)
def test_urls_of_followed_hosts_tell_apps_and_sign_ins(tmp_path: Path, source: str, text: str) -> None:
    """The path identifies an app on a shared host, and the query the target of a sign-in; tunnels have neither."""
    log = tmp_path / "access.log"
    log.write_text(text)
    report = discover([log], source, context=ParseContext(received_at=NOW, want_url=False), catalog=CATALOG)
    assert report.lines.rejected == 0
    assert {app.name: app.transactions for app in report.apps} == {
        "Google Maps": 1,
        "Google": 2,
        "Microsoft Entra ID": 1,
        "some-unlisted-site.net": 1,
    }
    (found,) = report.unlisted
    assert found.hosts == ("portal.some-unlisted-site.net",)
    assert [reason.text for reason in found.reasons] == [
        f"people are sent back to it by {MICROSOFT}",
        "hosts of an application: portal.some-unlisted-site.net",
    ]


def test_the_session_of_a_web_record_counts_for_the_app_of_its_path(tmp_path: Path) -> None:
    """A firewall logs the path on one line and the bytes on another."""
    head = "date=2025-11-20 time=08:00:00 devid=FG1 eventtime=1763625600 srcip=10.0.0.1 dstip=203.0.113.1 sessionid=7"
    log = tmp_path / "firewall.log"
    log.write_text(
        f'{head} type=utm subtype=webfilter action=passthrough hostname="www.google.com" url="/maps/x"\n'
        f"{head} type=traffic subtype=forward action=close sentbyte=10 rcvdbyte=20\n"
    )
    context = ParseContext(received_at=NOW, want_url=False, follow=followed())
    report = discover([log], "FORTIGATE", context=context, catalog=CATALOG)
    assert [(app.name, app.transactions, app.total_bytes) for app in report.apps] == [("Google Maps", 1, 30)]


def test_hosts_are_kept_up_to_a_number() -> None:
    """Across batches; sign-ins to apps in the catalog are not evidence."""
    evidence = Evidence()
    for start in (0, MOST - 5):
        hosts = [f"n{number:03}.cdn.example" for number in range(start, start + MOST)]
        evidence.note_hosts(pl.DataFrame({"domain": ["cdn.example"] * MOST, "host": hosts}))
    urls = [
        f"https://x/?redirect_uri=https://{name}/"
        for name in ("www.dropbox.com", "a.some-unlisted-site.net", "x.local")
    ]
    evidence.note_urls(pl.Series([MICROSOFT] * 3), pl.Series(urls))
    traces = evidence.traces(CATALOG.match_hosts)
    assert sum(trace.kind == HOST for trace in traces) == MOST
    assert [trace for trace in traces if trace.kind == SIGN_IN] == [Trace("some-unlisted-site.net", SIGN_IN, MICROSOFT)]
    assert evidence.domains == ["cdn.example"]


def test_followed_hosts_are_those_of_paths_and_of_providers() -> None:
    """The hosts of their customers are followed, too."""
    hosts = pl.Series(["www.google.com", MICROSOFT, "corp.okta.com", "okta.com", "www.dropbox.com", None])
    assert followed().among(hosts).to_list() == ["www.google.com", MICROSOFT, "corp.okta.com"]


def found(*pairs: tuple[str, str | None]) -> list[tuple[str, str]]:
    """Return what is found in pairs of host and URL."""
    hosts = pl.Series([host for host, _ in pairs], dtype=pl.String)
    return list(sign_ins(hosts, pl.Series([url for _, url in pairs], dtype=pl.String)))


def test_the_host_behind_a_redirect_is_found() -> None:
    """Escaped or not, without duplicates, at providers and their customers' hosts."""
    acme = f"https://{GOOGLE}/o/oauth2/auth?client_id=1&redirect_uri=https%3A%2F%2FApp.Acme.example%2Fcb&state="
    assert found((GOOGLE, acme + "1"), (GOOGLE, acme + "2")) == [(GOOGLE, "app.acme.example")]
    okta = "https://corp.okta.com/app/x/sso/saml?RelayState=https://acme.example:8443/home"
    assert found(("corp.okta.com", okta)) == [("corp.okta.com", "acme.example")]


def test_what_is_no_sign_in_is_left_alone() -> None:
    """Other hosts, missing parameters, app schemes, the provider itself, single labels, broken addresses."""
    for host, back in (
        ("www.google.com", "https://acme.example"),
        (GOOGLE, "com.acme.app://callback"),
        (GOOGLE, f"https://{GOOGLE}/next"),
        (GOOGLE, "http://localhost:8000/cb"),
        (GOOGLE, "https://[::1/cb"),
    ):
        assert found((host, f"https://{host}/auth?redirect_uri={back}")) == []
    assert found((GOOGLE, f"https://{GOOGLE}/"), (GOOGLE, None)) == []


@given(st.text(max_size=60))
def test_any_url_is_read(text: str) -> None:
    """It never raises."""
    found((GOOGLE, text), (GOOGLE, f"https://x/?redirect_uri={text}"))
