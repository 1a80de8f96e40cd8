"""The Power BI connection file."""

from __future__ import annotations

import json

from tests.reporting.house import House


def test_the_file_can_be_downloaded_and_names_the_public_address(filled: House) -> None:
    """It has the format of Power BI Desktop: version 0.1, one OData connection, no credential."""
    answer = filled.get("/export/v1/opencasb.pbids")
    assert answer.headers["content-disposition"] == 'attachment; filename="opencasb.pbids"'
    content = json.loads(answer.content)
    assert content["version"] == "0.1"
    (connection,) = content["connections"]
    assert connection["mode"] == "Import"
    assert connection["details"]["address"] == {"url": "https://localhost:8443/odata/v1/"}
    assert filled.get("/export/v1/opencasb.pbids?url=https://evil.example").status_code == 400
