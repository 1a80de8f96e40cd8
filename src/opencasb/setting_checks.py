"""What a setting may be where its type alone would let too much through: URLs and the executor.

A wrong one is told at the start, by name; not by a library at the first use, and never with a password in it.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""Scheme as it is written elsewhere → as the one installed driver is called."""

_STORES: Final = ("s3", "s3a", "gs", "az", "abfs", "abfss")


def database_url(value: str) -> str:
    """Return the URL of a database with our driver. Raises ``ValueError`` that says what is allowed."""
    if not value:
        return value
    scheme, _, rest = value.partition("://")
    if scheme not in _DRIVERS or (scheme == "sqlite" and not rest.startswith("/")) or not _is_url(value):
        raise ValueError("allowed are sqlite:///PATH and postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return f"{_DRIVERS[scheme]}://{rest}"


def lake_url(value: str) -> str:
    """Return the directory or URL of a lake. Raises ``ValueError`` that says what is allowed."""
    scheme, separator, rest = value.partition("://")
    if separator and (scheme not in _STORES or not rest.partition("/")[0]):
        raise ValueError(f"allowed are a directory and SCHEME://BUCKET/PATH, the scheme one of {', '.join(_STORES)}")
    return value


def server_url(value: str) -> str:
    """Return the URL of a server. Raises ``ValueError`` that says what is allowed."""
    if value and not (_is_url(value) and urlsplit(value).hostname and urlsplit(value).scheme in {"http", "https"}):
        raise ValueError("allowed is https://HOST or https://HOST:PORT, with or without a path")
    return value


def executor(value: str) -> str:
    """Return the name or address of an executor. Raises ``ValueError`` that says what is allowed."""
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
