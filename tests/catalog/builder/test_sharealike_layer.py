"""Additions of the share-alike layer."""

from __future__ import annotations

import pytest

from opencasb.catalog.builder.core_layer import core_apps
from opencasb.catalog.builder.materials import Materials
from opencasb.catalog.builder.sharealike_layer import ShareAlike, sharealike


@pytest.fixture(scope="module")
def layer(materials: Materials) -> ShareAlike:
    """The layer on top of core."""
    return sharealike(materials, core_apps(materials))


def test_a_tracker_becomes_an_app_with_its_domains_and_vendor(layer: ShareAlike) -> None:
    """It does not get hosts of other apps."""
    (app,) = (app for app in layer.apps if app.name.value == "Admonger")
    assert list(app.domains) == ["admonger.com", "mngr.net"]
    assert (app.category.value, app.vendor.value) == ("SAASDB_CATEGORY_ADVERTISING", "Monger Media")
    assert app.flags == {"tracker"}


def test_a_product_of_a_house_is_not_the_house(layer: ShareAlike) -> None:
    """An advertising product at the address of a core app becomes a separate app, or none."""
    (pixel,) = (app for app in layer.apps if app.name.value == "Tasklane Pixel")
    assert list(pixel.domains) == ["tlpixel.net"]
    assert "tlpixel.net" not in layer.additions["tasklane.com"].domains


def test_an_app_of_core_gets_further_domains(layer: ShareAlike) -> None:
    """Those not belonging to any app."""
    assert layer.additions["metricly.io"].domains == {"metriclystats.com": "adguard-companiesdb"}


def test_core_is_not_overruled(layer: ShareAlike, materials: Materials) -> None:
    """If core classifies an app otherwise, it is no tracker, even if others use it for tracking."""
    apps = {app.key: app for app in core_apps(materials)}
    tasklane = layer.additions["tasklane.com"]
    assert tasklane.category(apps["tasklane.com"], materials).value == ""
    assert tasklane.flags(apps["tasklane.com"], "") == frozenset()


def test_an_entry_whose_name_and_address_disagree_makes_no_app(layer: ShareAlike) -> None:
    """An entry known only by its domain, or not about a company's service, makes none either."""
    names = {app.name.value for app in layer.apps}
    assert names == {"Admonger", "Tasklane Pixel", "Oldie"}
