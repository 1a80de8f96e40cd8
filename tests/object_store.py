"""A local object store for tests: moto's S3 in a separate process, on a free loopback port."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

BUCKET = "lake"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "anyone", "AWS_SECRET_ACCESS_KEY": "anything", "AWS_REGION": "us-east-1"}
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=anyone/20251120/us-east-1/s3/aws4_request"}
CARELESS = "careless"
"""A bucket whose conditional writes always succeed, as in object stores that ignore the condition."""


@contextmanager
def server() -> Iterator[dict[str, str]]:
    """Run a store with the buckets BUCKET and CARELESS; yields the environment for its clients."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            for bucket in (BUCKET, CARELESS):
                httpx.put(f"{url}/{bucket}", headers=SIGNED, trust_env=False).raise_for_status()
            yield {**CREDENTIALS, "AWS_ENDPOINT_URL": url, "AWS_ALLOW_HTTP": "true", "NO_PROXY": "127.0.0.1"}
        finally:
            process.terminate()


def _one_at_a_time(app: WSGIApplication) -> WSGIApplication:
    """Serve one request at a time, because the store checks for an object and writes it in two steps."""
    lock = Lock()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(f"/{CARELESS}/"):
            environ.pop("HTTP_IF_NONE_MATCH", None)
        with lock:
            return app(environ, start_response)

    return serve


def _main() -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app: Any = DomainDispatcherApplication(create_backend_app)
    store = make_server("127.0.0.1", 0, _one_at_a_time(app), threaded=True)
    print(f"http://127.0.0.1:{store.server_port}", flush=True)  # noqa: T201 -- for the parent process
    store.serve_forever()


if __name__ == "__main__":
    _main()
