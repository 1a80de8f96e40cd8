"""An unmodified OData client library reads the feed: metadata, types, pages, filters and keys."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from odata import ODataService
from requests.adapters import BaseAdapter

from opencasb.api.reporting import pages
from tests.reporting.house import BASE, TODAY, House


class InProcess(BaseAdapter):
    """Passes requests to the application without a network."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house
        self.calls = 0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Return the response."""
        self.calls += 1
        assert request.method is not None
        assert request.url is not None
        headers = {name: str(value) for name, value in request.headers.items()}
        answer = self.house.call(request.method, request.url, headers.pop("Authorization"), **headers)
        made = requests.Response()
        made.status_code, made._content = answer.status_code, answer.content
        made.headers.update({k: v for k, v in answer.headers.items() if k != "content-encoding"})
        made.request, made.url = request, request.url
        return made

    def close(self) -> None:
        """Do nothing: there is no connection."""


@pytest.fixture
def service(filled: House) -> tuple[Any, InProcess]:
    """The library's service object for the feed, with a report credential."""
    session = requests.Session()
    adapter = InProcess(filled)
    session.mount("https://", adapter)
    session.auth = ("anything", filled.credential(user_data=True))
    return ODataService(f"{BASE}/odata/v1/", session=session, reflect_entities=True), adapter


def test_the_library_knows_every_table(service: tuple[Any, InProcess], filled: House) -> None:
    """From the metadata alone."""
    assert set(service[0].entities) >= set(filled.casb.report_tables.all)


def test_the_library_reads_pages_filters_and_keys(
    service: tuple[Any, InProcess], filled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the types in the metadata, across all pages."""
    feed, adapter = service
    usage = feed.entities["app_usage_by_stream"]
    monkeypatch.setattr(pages, "PAGE_SIZE", 10)
    before = adapter.calls
    rows = list(feed.query(usage))
    assert len(rows) == len(filled.rows("app_usage_by_stream"))
    assert adapter.calls - before >= 5
    assert isinstance(rows[0].UserCount, int)
    period = list(feed.query(usage).filter(usage.Period == "P7D").order_by(usage.TotalBytes.desc()).limit(3))
    assert len(period) == 3
    assert period[0].TotalBytes >= period[1].TotalBytes
    apps = feed.entities["apps"]
    assert feed.query(apps).get(10489).AppName == "Box"
    assert str(rows[0].AsOfDate)[:10] == TODAY.isoformat()
