"""Verdicts: one template each for clients, one sentence each for people."""

from __future__ import annotations

import pytest

from opencasb.discovery import verdicts
from opencasb.discovery.verdicts import Verdict

PREFIX = "REPOOPER_COMPLETION_STATUS_BASELOGPARSER_"


def test_success_has_the_template_and_counts_that_clients_wait_for() -> None:
    """Any other template is a failure to them (api §14)."""
    verdict = verdicts.parsed(1204, 37)
    assert verdict.success
    assert verdict.template == f"{PREFIX}PARSED_LOG_FILE_ALL_RELEVANT"
    assert verdict.parameters == {"transactionsCount": 1204, "cloudServicesCount": 37}
    assert verdict.text == "1204 transactions to 37 cloud apps"


def test_a_damage_is_told_with_the_success() -> None:
    """What stands before a damage counts, and the sentence names the damage."""
    verdict = verdicts.parsed(5, 1, "the gzip file is cut off")
    assert verdict.success
    assert verdict.text == "5 transactions to 1 cloud apps; the gzip file is cut off"


def test_a_wrong_format_names_the_source_type() -> None:
    """Clients read the parameter dataSource (api §14)."""
    verdict = verdicts.unexpected_format("SQUID", "9 of 10 lines do not fit SQUID")
    assert (verdict.success, verdict.template) == (False, f"{PREFIX}UNEXPECTED_FORMAT")
    assert verdict.parameters == {"dataSource": "SQUID"}
    assert verdict.text == "9 of 10 lines do not fit SQUID"


@pytest.mark.parametrize(
    ("verdict", "code", "said"),
    [
        (verdicts.unsupported_file_type("an image"), "UNSUPPORTED_FILE_TYPE", "an image"),
        (verdicts.too_old(90), "TRANSACTIONS_TOO_OLD", "90 days"),
        (verdicts.in_the_future(), "TRANSACTIONS_IN_FUTURE", "clock"),
        (verdicts.nothing_relevant(), "NO_RELEVANT_TRANSACTIONS", "public"),
        (verdicts.unsupported_log_type("no parser"), "UNSUPPORTED_LOG_TYPE", "no parser"),
        (verdicts.source_deleted(), "PROCESSING_FAILED", "deleted"),
        (verdicts.gave_up(5), "PROCESSING_FAILED", "5 attempts"),
        (verdicts.interrupted(20), "PROCESSING_FAILED", "20 times"),
    ],
)
def test_every_other_verdict_is_a_failure_that_says_why(verdict: Verdict, code: str, said: str) -> None:
    """The code is one of api §14 or in its style; the sentence is for people."""
    assert (verdict.success, verdict.template) == (False, PREFIX + code)
    assert said in verdict.text
