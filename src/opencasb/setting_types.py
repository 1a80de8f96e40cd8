"""What a setting may be where a plain type would let too much through: URLs and the executor.

A wrong one is told at the start, by name; not by a library at the first use, and never with a password in it.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator

_DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""Scheme as it is written elsewhere → as the one installed driver is called."""

_STORES: Final = ("s3", "s3a", "gs", "az", "abfs", "abfss")


def _database_url(value: str) -> str:
    """Return the URL with our driver."""
    if not value:
        return value
    scheme, _, rest = value.partition("://")
    if scheme not in _DRIVERS or (scheme == "sqlite" and not rest.startswith("/")) or not _is_url(value):
        raise ValueError("allowed are sqlite:///PATH and postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return f"{_DRIVERS[scheme]}://{rest}"


def _lake_url(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if separator and (scheme not in _STORES or not rest.partition("/")[0]):
        raise ValueError(f"allowed are a directory and SCHEME://BUCKET/PATH, the scheme one of {', '.join(_STORES)}")
    return value


def _server_url(value: str) -> str:
    if value and not (_is_url(value) and urlsplit(value).hostname and urlsplit(value).scheme in {"http", "https"}):
        raise ValueError("allowed is https://HOST or https://HOST:PORT, with or without a path")
    return value


def _executor(value: str) -> str:
    if value not in {"process", "thread"} and not value.startswith(("tcp://", "tls://")):
        raise ValueError("allowed are process, thread and tcp://HOST:PORT or tls://HOST:PORT of a Dask scheduler")
    return value


def _is_url(value: str) -> bool:
    """Tell whether host and port can be read."""
    try:
        _ = urlsplit(value).port
    except ValueError:
        return False
    return not any(character.isspace() for character in value)


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
LakeUrl = Annotated[str, AfterValidator(_lake_url)]
ServerUrl = Annotated[str, AfterValidator(_server_url)]
ExecutorName = Annotated[str, AfterValidator(_executor)]
