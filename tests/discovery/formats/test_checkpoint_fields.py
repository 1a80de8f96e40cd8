"""The meaning of Check Point's fields."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.discovery.formats.checkpoint_fields import FIELDS, judged

CONNECTION = {"source": "10.0.0.1", "server": "203.0.113.9", "action": "Accept", "protocol": "tcp", "kind": "Log"}


def judge(fields: dict[str, str], *, tracker: bool = False) -> dict[str, object]:
    row = {**dict.fromkeys(FIELDS), **CONNECTION, **fields}
    return judged(pl.DataFrame([row], schema=dict.fromkeys(FIELDS, pl.String)), tracker=tracker).row(0, named=True)


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        ({}, None),
        ({"product": "URL Filtering"}, None),
        ({"product": "Anti Malware"}, "not a connection or request record"),
        ({"kind": "alert"}, "not a connection or request record"),
        ({"protocol": "ICMP"}, "ICMP"),
        ({"server": " - "}, "no traffic record"),
    ],
)
def test_what_counts(fields: dict[str, str], ignored: str | None) -> None:
    assert judge(fields)["ignored"] == ignored


def test_the_tracker_counts_by_kind_and_protocol() -> None:
    assert judge({"product": "Multi-product"}, tracker=True)["ignored"] is None
    assert judge({"protocol": ""}, tracker=True)["ignored"] == "not a connection or request record"


@pytest.mark.parametrize(
    "blade", ["SmartDefense", "IPS", "New Anti Virus", "Anti-Bot", "Identity Awareness", "WEB_API"]
)
def test_the_tracker_leaves_alarms(blade: str) -> None:
    assert judge({"product": blade}, tracker=True)["ignored"] == "not a connection or request record"


def test_values() -> None:
    """Logins, devices and resolved names are extracted from the surrounding text."""
    row = judge({"user": "Ann (alee)", "device": "pc@corp", "server": "web.example.com", "action": "drop"})
    assert (row["user"], row["device"], row["authority"], row["server"], row["blocked"]) == (
        "alee", "pc", "web.example.com", None, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("user", "login"),
    [
        ("Ann Lee (alee)", "alee"),
        ("Ann Lee (alee)(+)", "alee"),
        ("Ann Lee (alee) (+) ", "alee"),
        ("alee(+)", "alee"),
        ("alee", "alee"),
        ("Lee (Ext), Ann (alee)", "alee"),
    ],
)
def test_users(user: str, login: str) -> None:
    """A mark indicates other users at the same address."""
    assert judge({"user": user})["user"] == login


@pytest.mark.parametrize("device", ["pc1", "pc1@corp.example", "pc1@corp.example(+)", "pc1 (+)"])
def test_devices(device: str) -> None:
    assert judge({"device": device})["device"] == "pc1"


@pytest.mark.parametrize(
    ("url", "authority", "kept"),
    [
        ("https://files.example.com/a", None, "https://files.example.com/a"),
        ("files.example.com", "files.example.com", None),
        ("files.example.com:443", "files.example.com:443", None),
        ("report.2", None, None),
    ],
)
def test_a_resource_that_is_a_host(url: str, authority: str | None, kept: str | None) -> None:
    found = judge({"url": url, "authority": "Files"})
    assert (found["authority"], found["url"]) == (authority, kept)
