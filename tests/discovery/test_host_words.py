"""Words of host names."""

from __future__ import annotations

from opencasb.discovery.host_words import API, DELIVERY, SIGN_IN, hosts_with, words


def test_words_are_cut_at_dots_digits_and_hyphens() -> None:
    """Below the domain only."""
    assert words("api-eu2.login7.acme.com", "acme.com") == ["api", "eu", "login"]
    assert words("login.com", "login.com") == []


def test_hosts_that_say_something_are_named() -> None:
    """By whole words: a capital is no API, and a blogger no log."""
    names = ["capital.acme.com", "api.acme.com", "sso-eu.acme.com", "bloggers.acme.com", "cdn3.acme.com", "acme.com"]
    hosts = {name: words(name, "acme.com") for name in names}
    assert hosts_with(hosts, API) == ["api.acme.com"]
    assert hosts_with(hosts, SIGN_IN) == ["sso-eu.acme.com"]
    assert hosts_with(hosts, DELIVERY) == ["cdn3.acme.com"]
