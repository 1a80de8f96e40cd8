"""The Azure client uploads to our URL as to its own service (api §12.1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from azure.storage.blob import BlobClient

from tests.api.v1.conftest import Client
from tests.api.v1.serving import serving
from tests.api.v1.test_log_upload import DONE, URL
from tests.api.v1.test_upload import stored


@pytest.mark.parametrize("size", [1, 100_000, 300_000])
def test_the_azure_client_uploads_in_one_put_and_in_blocks(open_client: Callable[..., Client], size: int) -> None:
    """Small files in one request, larger ones in blocks with a list; step 3 then queues the file."""
    client = open_client()
    log = bytes(index % 251 for index in range(size))
    with serving(client.app) as port:
        address = f"http://127.0.0.1:{port}"
        url = client.get(f"{address}/api/v1/{URL}?filename=a.log&source=SQUID")["url"]
        assert url.startswith(address)
        blob = BlobClient.from_blob_url(url, max_single_put_size=200_000, max_block_size=50_000)
        with blob:
            blob.upload_blob(log, overwrite=True, max_concurrency=2)
    assert stored(client) == log
    assert client.post(DONE, {"uploadUrl": url})["success"] is True
