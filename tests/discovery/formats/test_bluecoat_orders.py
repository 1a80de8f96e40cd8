"""Blue Coat lines without a ``#Fields`` line."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.bluecoat_orders import MAIN
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import RECEIVED, row, rows

HEAD = "2025-11-20 12:00:00 57 10.0.0.1"
ASKED = "https www.example.com 443 /a ?b"
TAIL = f'"Web Mail" https://ref.example/  200 TCP_NC_MISS GET text/html {ASKED} html "Agent x" 10.9.9.9 1037 617'
USUAL = f"{HEAD} joe - - OBSERVED {TAIL} -"
NEWER = f'{HEAD} joe - - 203.0.113.9 "None" - - OBSERVED {TAIL} - "none" "-"'
OF_SSL = (
    f'{HEAD} joe - - 203.0.113.9 "None" - - OBSERVED "Web Mail" 0 TUNNELED unknown - "ssl" www.example.com 443 -'
    ' "Agent x" 10.9.9.9 1037 617 - none'
)
"""The log of intercepted TLS has no paths."""
OLDER = f"{HEAD} 200 TCP_NC_MISS 1037 617 GET {ASKED} joe - DIRECT 203.0.113.9 text/html https://ref.example/"
OLD = f'{OLDER} "Agent x" OBSERVED "Web Mail" - 10.9.9.9'
OTHER = f'{OLDER} OBSERVED "Web Mail" - 10.9.9.9 10.9.9.8 "Agent x" sha256'
OLDEST = (
    f"{HEAD} 200 TCP_NC_MISS 1037 617 GET https www.example.com /a ?b joe DIRECT 203.0.113.9 text/html"
    ' "Agent x" OBSERVED Web%20Mail - 10.9.9.9 SG-HTTP-Service'
)
CLOUD = (
    f'18050 2025-11-20 12:00:00 "DP5-PROXY1 sg" 57 10.0.0.1 joe - - OBSERVED {TAIL} - - - - 0 "client" client "Mail"'
    ' "None" 203.0.113.9 "Sweden"'
)
"""Blue Coat's cloud service puts the customer's number and the appliance's name first."""
TAIL_OF_SERVER = TAIL.replace("https://ref.example/  ", '"https://ref.example/" ').replace("text/html", '"text/html"')
OF_SERVER = (
    f'{HEAD} joe - - OBSERVED {TAIL_OF_SERVER.replace("1037 617", "617 1037")} - none none 443 "United States" 2'
)
"""Microsoft Sentinel's: the bytes that the proxy sent to the server and received from it, and the port once more."""
FOUND = {
    "timestamp": RECEIVED, "user": "joe", "source_ip": "10.0.0.1", "destination_host": "www.example.com",
    "url": "https://www.example.com/a?b", "action": "allow", "uploaded_bytes": 617, "downloaded_bytes": 1037,
    "total_bytes": 1654, "transactions": 1,
}  # fmt: skip
SERVER = {"destination_ip": "203.0.113.9"}


@pytest.mark.parametrize("header", ["", "<13>1 2025-11-20T12:00:01Z proxy1 proxysg - - - "])
@pytest.mark.parametrize("more", ["", ' - "some more" 2'])
@pytest.mark.parametrize(
    ("line", "server"),
    [(USUAL, {}), (NEWER, SERVER), (OLD, SERVER), (OTHER, SERVER), (OLDEST, SERVER), (CLOUD, SERVER)],
)
def test_orders(line: str, server: dict[str, str], more: str, header: str) -> None:
    """Each order is recognised by the position of the filter result, whatever fields follow."""
    assert row("BLUECOAT_SYSLOG", f"{header}{line}{more}") == FOUND | server
    assert recognise([f"{header}{line}{more}"]).source in ("BLUECOAT", "BLUECOAT_SYSLOG")


def test_a_file_that_lost_its_fields_line() -> None:
    """Its other directives are no lines in another format."""
    lines = ["#Software: SGOS 3.2.4.8", "#Version: 1.0", "#Date: 2025-11-20 11:59:00", OLDEST, OLDEST]
    assert recognise(lines).source == "BLUECOAT"
    assert [line.get("user") for line in rows("BLUECOAT", lines)] == [None, None, None, "joe", "joe"]


@pytest.mark.parametrize("tag", ["ProxySG: ", "BluecoatSG: ", "bluecoat "])
def test_a_tag_before_the_line(tag: str) -> None:
    line = f"<13>Nov 20 12:00:01 proxy1 {tag}{USUAL}"
    assert row("BLUECOAT_SYSLOG", line) == FOUND
    assert recognise([line]).source == "BLUECOAT_SYSLOG"


@pytest.mark.parametrize("header", ["", "1 ", "  1 ", "<134>Nov 20 12:00:01 proxy1   1 "])
def test_bytes_exchanged_with_the_server(header: str) -> None:
    assert row("BLUECOAT_SYSLOG", f"{header}{OF_SERVER}") == FOUND
    assert recognise([f"{header}{OF_SERVER}"]).source in ("BLUECOAT", "BLUECOAT_SYSLOG")
    others = [
        OF_SERVER.replace(" none 443 ", " none 8 "),
        OF_SERVER.replace('"https://ref.example/"', "-"),
        f"{OF_SERVER} x",
    ]
    for other in others:
        assert row("BLUECOAT_SYSLOG", f"{header}{other}")["uploaded_bytes"] == 1037


@pytest.mark.parametrize("line", [USUAL, NEWER, OLD, OTHER, OLDEST, CLOUD, OF_SERVER])
def test_a_denial(line: str) -> None:
    assert row("BLUECOAT", line.replace("OBSERVED", "DENIED"))["action"] == "block"


@pytest.mark.parametrize("more", ["", ' - "some more" 2'])
def test_the_order_of_tls(more: str) -> None:
    assert row("BLUECOAT_SYSLOG", OF_SSL + more) == {key: FOUND[key] for key in FOUND if key != "url"} | SERVER
    answered = OF_SSL.replace("0 TUNNELED unknown", "200 TCP_NC_MISS GET").replace('"ssl"', "https")
    assert row("BLUECOAT_SYSLOG", answered + more) == row("BLUECOAT_SYSLOG", OF_SSL)
    assert recognise([OF_SSL + more, answered]).confidence == 1


@pytest.mark.parametrize(
    ("exception", "answer"),
    [
        ("authentication_redirect_to_virtual_host", "302 TCP_AUTH_REDIRECT"),
        ("-", "302 TCP_AUTH_REDIRECT"),
        ("authentication_redirect_off_box", "307 TCP_DENIED"),
        ("authentication_success", "307 TCP_DENIED"),
    ],
)
def test_a_client_that_is_sent_to_sign_in(exception: str, answer: str) -> None:
    """The request is logged again once authenticated."""
    line = NEWER.replace("- - OBSERVED", f"- {exception} DENIED").replace("200 TCP_NC_MISS", answer)
    assert row("BLUECOAT", line)["ignored"] == "authentication challenge"
    denied = NEWER.replace("- - OBSERVED", "- authorization_failed DENIED").replace("200 TCP_NC_MISS", "403 TCP_DENIED")
    assert row("BLUECOAT", denied)["action"] == "block"


def test_orders_in_one_log() -> None:
    """Lines of different orders and lengths are mixed with messages of the appliance."""
    message = f"<134>Nov 20 12:00:00 proxysg {'word ' * 27}"
    found = rows(
        "BLUECOAT_SYSLOG", [NEWER, message, OF_SSL, USUAL, f"{OLD} x", OTHER, OLD, "2025-11-20 12:00:00 57 short"]
    )
    fates = [line.get("ignored") or line.get("rejected") for line in found]
    assert fates == [None, "appliance message", *[None] * 5, "in no usual order of fields, and no #Fields line above"]
    assert [line["destination_host"] for line in found if "destination_host" in line] == ["www.example.com"] * 6


def test_a_line_with_nothing_for_its_result_is_counted() -> None:
    """It has nothing to tell the order by."""
    fields = ["" if name == "sc-filter-result" else "x" for name in MAIN]
    assert len(rows("BLUECOAT_SYSLOG", [NEWER, " ".join(fields)])) == 2
