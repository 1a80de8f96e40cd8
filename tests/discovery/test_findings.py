"""The findings of a report."""

from __future__ import annotations

import msgspec

from opencasb.discovery.findings import Finding, findings
from opencasb.model.report import LineCounts
from tests.discovery.reported import CHATGPT, DROPBOX, EMPTY, ODD, ODD_PROFILE, REPORT, app


def test_what_stands_out_comes_in_sentences() -> None:
    """Uploads, unknown apps, risky apps, generative AI, and lines that were not understood."""
    assert findings(REPORT) == [
        Finding("Most data went up to", ("Dropbox",), "6.0 GB, 74 % of all uploads"),
        Finding("1 app outside the catalog took 2.0 GB of uploads:", ("odd.example",)),
        Finding("1 app with a score of 3 or less:", ("Dropbox",)),
        Finding("1 app of generative AI, the most used by 40 people:", ("ChatGPT",)),
        Finding("2 % of the lines were not understood, most often: too few fields"),
    ]


def test_what_does_not_stand_out_is_not_mentioned() -> None:
    """No uploads in the log, everything approved or safe, few bad lines, no user names: no sentences about them."""
    assert findings(EMPTY) == []
    quiet = msgspec.structs.replace(
        REPORT,
        lines=LineCounts(read=1_000, used=995, ignored=0, rejected=5),
        apps=[
            msgspec.structs.replace(DROPBOX, uploaded_bytes=0),
            msgspec.structs.replace(ODD, uploaded_bytes=0),
            msgspec.structs.replace(CHATGPT, uploaded_bytes=0, users=0),
        ],
        sanctioned=frozenset({DROPBOX.id}),
    )
    assert findings(quiet) == [
        Finding("1 app outside the catalog:", ("odd.example",)),
        Finding("1 app of generative AI:", ("ChatGPT",)),
    ]


def test_unsanctioned_apps_in_use_come_first() -> None:
    """Used, because some of their transactions were not blocked; most uploads first."""
    blocked = msgspec.structs.replace(ODD, blocked_transactions=ODD.transactions)
    tagged = msgspec.structs.replace(
        REPORT, apps=[DROPBOX, CHATGPT, blocked], unsanctioned=frozenset({DROPBOX.id, CHATGPT.id, ODD.id})
    )
    assert findings(tagged)[0] == Finding("2 unsanctioned apps in use:", ("Dropbox", "ChatGPT"))
    one = msgspec.structs.replace(tagged, unsanctioned=frozenset({CHATGPT.id}))
    assert findings(one)[0] == Finding("1 unsanctioned app in use:", ("ChatGPT",))


def test_one_app_and_one_person_are_told_in_the_singular() -> None:
    """Singular instead of plural."""
    found = findings(msgspec.structs.replace(REPORT, apps=[msgspec.structs.replace(CHATGPT, users=1)]))
    assert found[-2].before == "1 app of generative AI, the most used by 1 person:"


def test_five_names_are_enough() -> None:
    """Those with the most uploads, the total number, and how many are not named."""
    many = [app(number, f"n{number}", listed=False, score=None, uploaded_bytes=number) for number in range(1, 1_201)]
    found = findings(msgspec.structs.replace(REPORT, apps=many))[1]
    assert found.before.startswith("1,200 apps outside the catalog took 721 kB")
    assert found.apps == ("n1200", "n1199", "n1198", "n1197", "n1196")
    assert found.more == 1_195


def test_domains_that_look_like_cloud_apps_are_named() -> None:
    """Unlikely domains are not a finding."""
    unlikely = msgspec.structs.replace(ODD_PROFILE, domain="news.example", confidence=49)
    found = findings(msgspec.structs.replace(REPORT, unlisted=(ODD_PROFILE, unlikely)))
    assert found[2] == Finding("1 domain outside the catalog looks like a cloud app, by confidence:", ("odd.example",))
    assert findings(msgspec.structs.replace(REPORT, unlisted=(unlikely,))) == findings(REPORT)


def test_a_log_of_which_most_is_ignored_says_why() -> None:
    """Half of the lines may be ignored without comment, because sessions have a beginning and an end."""
    lines = LineCounts(read=10, used=4, ignored=6, rejected=0)
    mostly = msgspec.structs.replace(REPORT, lines=lines, ignored_by_rule={"session start": 5, "internal host": 1})
    assert findings(mostly)[-1] == Finding("60 % of the lines were ignored, most often: session start")
    half = msgspec.structs.replace(mostly, lines=LineCounts(read=10, used=5, ignored=5, rejected=0))
    assert not any("ignored" in found.before for found in findings(half))
