"""The HTML report: complete, offline, and safe against hostile log content."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.html_report import render
from opencasb.model.report import DailyUsage, DiscoveryReport, LineCounts, RejectedSample
from opencasb.model.unlisted_profile import Reason
from tests.conftest import NOW
from tests.discovery.reported import CHATGPT, DROPBOX, EMPTY, ODD, ODD_PROFILE, REPORT, app

HOSTILE = "</style></bdi><script>alert('1')</script>\"><img src=https://evil.example onerror=alert(2)>{{ 7*7 }}&amp;"


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.elements.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        """Record a text."""
        self.text += data

    @property
    def tags(self) -> list[str]:
        """Return the names of the elements in order."""
        return [tag for tag, _ in self.elements]

    def classes(self, name: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements with a class."""
        return [attributes for _, attributes in self.elements if attributes.get("class") == name]


def text_of(report: DiscoveryReport = REPORT, **changes: Any) -> str:
    """Return the text on the page of a report, optionally changed."""
    return " ".join(Page(render(msgspec.structs.replace(report, **changes), NOW)).text.split())


def with_text(text: str) -> DiscoveryReport:
    """Return the report with ``text`` wherever text from a log or a file name appears."""
    return msgspec.structs.replace(
        REPORT,
        source=text,
        apps=[
            msgspec.structs.replace(each, name=text, category=text, domains=("first.example", text))
            for each in REPORT.apps
        ],
        rejected_samples=[RejectedSample(file=text, line=1, reason=text, text=text)],
        ignored_by_rule={text: 60},
        rejected_by_reason={text: 40},
        problems=(text,),
        unlisted=(msgspec.structs.replace(ODD_PROFILE, domain=text, reasons=(Reason("uploads", text, 25),)),),
    )


def test_everything_is_on_the_page() -> None:
    """Every app with its numbers, the totals, the charts, and how the lines were parsed."""
    page = Page(render(REPORT, NOW))
    text = " ".join(page.text.split())
    assert "2025-11-19 12:00 to 2025-11-20 12:00 UTC, read as SQUID. Made by OpenCASB on 2025-11-20 12:00 UTC." in text
    for expected in ("Dropbox", "dropbox.com, dropboxapi.com and 1 more", "odd.example", "ChatGPT", "Generative AI"):
        assert expected in text
    assert (
        "Dropbox dropbox.com, dropboxapi.com and 1 more Cloud storage 3 12 14 1,400 7 6.0 GB 1.5 MB 6.0 GB 2025-11-20"
        in text
    )
    assert "odd.example unlisted Cloud storage unscored" in text
    assert "Most data went up to Dropbox: 6.0 GB, 74 % of all uploads." in text
    assert "1,600 lines: 1,500 used, 60 ignored because they are no transactions, 40 not understood." in text
    assert "access.log 4,711 too few fields half a li" in text
    assert "Devices" not in text


def test_marks_of_apps_are_explained() -> None:
    """In text that is visible on paper and phones, too, if there is such an app."""
    flagged = [
        msgspec.structs.replace(each, flags=("low-evidence", "platform")) if each.score == 3 else each
        for each in REPORT.apps
    ]
    text = text_of(apps=flagged)
    assert "A star (*): fewer than 8 facts are known. A platform: its hosts belong to its customers." in text
    assert "Cloud storage 3* 12 14" in text
    assert "Dropbox platform" in text
    assert "fewer than" not in render(REPORT, NOW)


def test_tags_of_a_tenant_stand_beside_its_apps() -> None:
    """Unsanctioned as well as sanctioned."""
    text = text_of(sanctioned=frozenset({CHATGPT.id}), unsanctioned=frozenset({ODD.id}))
    assert "ChatGPT sanctioned chatgpt.com" in text
    assert "odd.example unlisted unsanctioned Cloud storage" in text


def test_files_that_were_left_out_are_told() -> None:
    """Readers of the page did not see the command's warnings."""
    assert "b.gz: the file ends early" in text_of(problems=("b.gz: the file ends early",))


def test_the_charts_have_their_numbers() -> None:
    """Columns by day, bars by app and category, and risk bands, each with a text."""
    page = Page(render(msgspec.structs.replace(REPORT, sanctioned=frozenset({CHATGPT.id})), NOW))
    heights = [
        attributes["height"] for attributes in page.classes("count") if str(attributes.get("x", "")).endswith("%")
    ]
    assert heights == ["105.0", "120.0"]
    assert {"2025-11-20: 8.0 GB", "2025-11-19: 1.0 MB"} <= set(re.findall(r"2025-11-\d\d: [\d.]+ .B", page.text))
    widths = [attributes["width"] for attributes in page.classes("up") if "x" not in attributes]
    assert widths == ["100.0%", "33.333%", "1.5%"]
    labels = [str(attributes.get("aria-label")) for tag, attributes in page.elements if tag == "svg"]
    assert "0 sanctioned, 1 in the catalog, 0 outside the catalog" in labels
    assert "1 sanctioned, 0 in the catalog, 0 outside the catalog" in labels
    assert "0 sanctioned, 0 in the catalog, 1 outside the catalog" in labels


def test_the_page_asks_nobody_for_anything() -> None:
    """No script, link or external address; the policy forbids them, and allows the one style by its hash."""
    html = render(REPORT, NOW)
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "a", "form", "base"} & set(page.tags)
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {"src", "href", "xlink:href", "style", "srcset", "action"} & names
    assert not re.search(r"https?:|url\(|@import|//", html)
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_tables_can_be_read_aloud() -> None:
    """Every table has column headings with a scope, every image a name or is hidden, every scrolled area a label."""
    page = Page(render(REPORT, NOW))
    for tag, attributes in page.elements:
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"
        if tag == "th":
            assert attributes["scope"] in ("col", "row")
        if attributes.get("class") == "scroll":
            assert attributes["tabindex"] == "0"
            assert attributes.get("aria-label") or attributes.get("aria-labelledby")
    assert page.tags.count("table") == page.tags.count("thead") == page.tags.count("tbody")
    assert page.elements[0] == ("html", {"lang": "en"})


def test_a_hostile_log_changes_nothing() -> None:
    """Markup and template syntax from a log are shown literally, and the elements stay the same."""
    page, harmless = Page(render(with_text(HOSTILE), NOW)), Page(render(with_text("harmless"), NOW))
    assert page.tags == harmless.tags
    shown = harmless.text.casefold().count("harmless")
    assert page.text.casefold().count(HOSTILE.casefold()) == shown > 20


@given(
    text=st.text(st.characters(), max_size=20)
    | st.sampled_from(["<", "&lt", "'\"><b>", "]]>", "<!--", "\x00", "\ud800"])
)
@settings(max_examples=40, deadline=None)
def test_no_text_gets_out_of_its_place(text: str) -> None:
    """For any text: the same elements, and a page that can be encoded as UTF-8."""
    html = render(with_text(text), NOW)
    assert Page(html).tags == Page(render(with_text("x"), NOW)).tags
    assert html.encode().decode() == html


def test_hidden_characters_are_shown() -> None:
    """A name can neither change the writing direction nor contain terminal codes."""
    text = Page(render(with_text("gnp.\u202eexe\x1b[31m"), NOW)).text
    assert r"gnp.\u202eexe\x1b[31m" in text
    assert "\u202e" not in text


def test_likely_cloud_apps_outside_the_catalog_say_why() -> None:
    """With the reasons in favour; unlikely ones are not listed."""
    unlikely = msgspec.structs.replace(ODD_PROFILE, domain="news.example", confidence=49)
    text = text_of(unlisted=(ODD_PROFILE, unlikely))
    heading = "Likely cloud apps outside the catalog Domain Confidence, of 100 Why"
    assert f"{heading} odd.example 73 100 % of 2.0 GB went up" in text
    assert "only a test" not in text
    assert "news.example" not in text


def test_a_list_that_is_cut_says_so() -> None:
    """For likely apps, and with a bar for all others."""
    profiles = tuple(msgspec.structs.replace(ODD_PROFILE, domain=f"odd{number}.example") for number in range(20))
    apps = [app(number, f"app-{number}", uploaded_bytes=1_000_000 * (20 - number)) for number in range(20)]
    text = text_of(unlisted=profiles, apps=apps, unsanctioned=frozenset(range(20)))
    assert "The 12 with the highest confidence of 20." in text
    assert "app-11 9.0 MB 8 others 36 MB" in text
    assert "app-11 1,400 8 others 11,200" in text


def test_a_domain_has_one_name_on_the_page() -> None:
    """The same as in lists and APIs, even if it could be written in another script."""
    domain = "xn--bcher-kva.example"
    report = msgspec.structs.replace(REPORT, unlisted=(msgspec.structs.replace(ODD_PROFILE, domain=domain),))
    text = Page(render(report, NOW)).text
    assert text.count(domain) == 2
    assert "b\u00fccher" not in text


def test_an_empty_report_says_so() -> None:
    """A log without apps gives a page without app tables, and no error."""
    text = text_of(EMPTY)
    assert "Nothing: no line of the log is traffic to a cloud app." in text
    assert "0 lines: 0 used" in text
    assert "Every app" not in text


def test_a_report_of_which_nothing_stands_out_says_so() -> None:
    """Apps are in use, and none is notable; a tenant without usage has no log to mention."""
    quiet = msgspec.structs.replace(EMPTY, apps=[app(1, "Zoom", score=9, uploaded_bytes=0)])
    tenant = msgspec.structs.replace(EMPTY, unsanctioned=frozenset())
    for report, said in ((quiet, "every app in use is in the catalog"), (tenant, "this report has no usage yet")):
        assert f"What stands out Nothing: {said}." in text_of(report)


def test_apps_that_a_sentence_does_not_name_are_counted() -> None:
    """Seven apps outside the catalog: five names, and two more."""
    many = [app(number, f"n{number}", listed=False, score=None, uploaded_bytes=number) for number in range(1, 8)]
    assert "uploads: n7, n6, n5, n4, n3 and 2 more." in text_of(msgspec.structs.replace(REPORT, apps=many))


def test_a_reader_learns_what_scores_rest_on() -> None:
    """The command that shows the facts is named below the heading of the table."""
    assert "opencasb catalog explain APP shows the facts behind a score and their sources." in text_of(REPORT)


def test_a_log_without_sizes_or_users() -> None:
    """Missing data has no chart or column, and the page says why."""
    bare = app(11627, "Dropbox", uploaded_bytes=0, downloaded_bytes=0, total_bytes=0, users=0, devices=3)
    daily = [DailyUsage(day="2025-11-20", transactions=3, uploaded_bytes=0, downloaded_bytes=0)]
    page = Page(render(msgspec.structs.replace(REPORT, apps=[bare], daily=daily), NOW))
    assert "This log has no uploaded bytes." in page.text
    assert "Users" not in page.text
    assert "Devices" in page.text
    assert page.classes("up") == []


def test_every_app_is_listed_however_many() -> None:
    """Lists at the top are short; the table has everything."""
    many = [app(number, f"app-{number}", category=f"SAASDB_CATEGORY_C{number}") for number in range(300)]
    page = Page(render(msgspec.structs.replace(REPORT, apps=[*many, DROPBOX, ODD]), NOW))
    assert len(re.findall(r"\bapp-\d+\b", page.text)) == 300 + 12 + 1 + 5
    assert "289 others" in page.text


def test_a_source_that_was_named_wrongly_is_told() -> None:
    """Beside the detected format."""
    assert "read as SQUID (named BLUECOAT). Made by OpenCASB" in text_of(named_source="BLUECOAT")


def test_a_log_without_bytes_has_its_categories_by_transactions() -> None:
    """Like the card of days; the bars have lengths."""
    silent = {"uploaded_bytes": 0, "downloaded_bytes": 0, "total_bytes": 0}
    apps = [msgspec.structs.replace(each, **silent) for each in REPORT.apps]
    page = Page(render(msgspec.structs.replace(REPORT, apps=apps), NOW))
    assert "Category Transactions Cloud storage 2,800 Generative AI 1,400" in " ".join(page.text.split())
    assert [each["width"] for each in page.classes("down") if "x" not in each] == ["100.0%", "50.0%"]


def test_a_log_of_sums_alone_shows_no_directions() -> None:
    """A firewall that counts both directions together: uploads are unknown, not zero."""
    sums = {"uploaded_bytes": 0, "downloaded_bytes": 0, "total_bytes": 4_000_000}
    report = msgspec.structs.replace(REPORT, apps=[msgspec.structs.replace(each, **sums) for each in REPORT.apps])
    text = text_of(report, daily=[])
    assert "Outside the catalog1 Traffic12 MB Transactions4,200" in text
    assert "Transactions Blocked Total Last seen" in text
    assert "Uploaded" not in text
    both = [msgspec.structs.replace(each, total_bytes=each.total_bytes + 1_000) for each in REPORT.apps]
    text = Page(render(msgspec.structs.replace(REPORT, apps=both), NOW)).text
    assert "Uploaded8.1 GB" in text
    assert "Traffic18 GB" in text


def test_sums_have_a_chart_of_their_own() -> None:
    """By day, beside the directions only if some logs have them."""
    sums = {"uploaded_bytes": 0, "downloaded_bytes": 0}
    alone = DailyUsage(day="2025-11-20", transactions=3, total_bytes=4_000_000, **sums)
    apps = [msgspec.structs.replace(each, total_bytes=4_000_000, **sums) for each in REPORT.apps]
    text = " ".join(Page(render(msgspec.structs.replace(REPORT, apps=apps, daily=[alone]), NOW)).text.split())
    assert "Traffic per day Traffic 2025-11-20: 4.0 MB 4.0 MB" in text
    assert "Day (UTC) Traffic Transactions 2025-11-20 4.0 MB 3" in text
    both = msgspec.structs.replace(alone, day="2025-11-21", uploaded_bytes=1_000, total_bytes=1_000)
    text = " ".join(Page(render(msgspec.structs.replace(REPORT, daily=[alone, both]), NOW)).text.split())
    assert "Day (UTC) Traffic Uploaded Downloaded Transactions 2025-11-20 4.0 MB 0 B 0 B 3" in text


def test_one_line_is_told_in_the_singular() -> None:
    """Singular instead of plural."""
    lines = LineCounts(read=1, used=0, ignored=1, rejected=0)
    text = text_of(apps=REPORT.apps[:1], lines=lines)
    assert "1 line: 0 used, 1 ignored because it is no transaction, 0 not understood." in text
    assert "1 app, in order of traffic" in text
