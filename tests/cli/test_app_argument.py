"""The argument APP: an id, a name or a host."""

from __future__ import annotations

import click
import pytest

from opencasb.cli.app_argument import find_app
from opencasb.cli.options import CommandContext
from opencasb.store.unlisted_apps import FIRST_ID
from tests.cli.installation import Installation, Opening


@pytest.fixture
def casb(installation: Installation) -> Installation:
    """Return an installation whose first tenant has a custom and an unlisted app."""
    installation.custom_apps.create(installation.contoso, "Time Sheets", domains=["times.corp.example"])
    installation.unlisted_apps.ids(installation.contoso, ["shadow.example"])
    return installation


def at(casb: Installation, tenant: str | None = None) -> CommandContext:
    """Return the context that a command gets."""
    return CommandContext(Opening(casb), casb.settings.data, tenant)


@pytest.mark.parametrize("given", ["11627", "Dropbox", " dropBOX ", "dropbox.com", "www.Dropbox.com"])
def test_an_app_of_the_catalog_is_found_by_id_name_and_host(casb: Installation, given: str) -> None:
    """Each form finds the same app."""
    assert find_app(at(casb), given).app_id == 11627


@pytest.mark.parametrize("given", ["shadow.example", "www.shadow.example", str(FIRST_ID)])
def test_an_unlisted_app_is_found_by_domain_host_and_id(casb: Installation, given: str) -> None:
    """Its name is its domain, and it is marked as not listed."""
    found = find_app(at(casb), given)
    assert (found.app_id, found.name, found.domains) == (FIRST_ID, "shadow.example", ("shadow.example",))


def test_a_custom_app_is_its_tenants(casb: Installation) -> None:
    """Apps of another tenant are not found, whether custom or unlisted."""
    assert find_app(at(casb), "time sheets").name == "Time Sheets"
    for given in ("time sheets", "shadow.example", str(FIRST_ID)):
        with pytest.raises(click.ClickException, match="no id, name or domain"):
            find_app(at(casb, "Fabrikam"), given)


def test_a_name_of_two_apps_asks_for_an_id(casb: Installation) -> None:
    """The message lists both ids."""
    with pytest.raises(click.ClickException, match="2 apps are called 'twin'; give an id: 31001, 31002"):
        find_app(at(casb), "twin")


def test_what_is_nearly_a_name_gets_a_hint(casb: Installation) -> None:
    """The message suggests similar names; nonsense gets no suggestion."""
    with pytest.raises(click.ClickException, match=r"'Dropbix' is no id, name or domain of an app; there is Dropbox$"):
        find_app(at(casb), "Dropbix")
    for given in ("dropbx", "DRPOBOX", "www.dropbx.com"):
        with pytest.raises(click.ClickException, match=r"; there is Dropbox$"):
            find_app(at(casb), given)
    for given in ("", "zzzz", "zzzz.example", "9" * 10, "9" * 11, "²", "\0"):
        with pytest.raises(click.ClickException, match="no id, name or domain"):
            find_app(at(casb), given)
