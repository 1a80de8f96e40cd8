"""Checks for settings whose type alone allows too much: URLs, ports, addresses, files, the executor.

Invalid values are reported at start-up under the setting's name, not by a library at first use, and without passwords.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""Scheme as other tools write it → name of the one installed driver."""

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}

_STORES: Final = ("s3", "s3a", "gs", "az", "abfs", "abfss")


def database_url(value: str) -> str:
    """Return a database URL with our driver. Raises ``ValueError`` that says what is allowed."""
    if not value:
        return value
    scheme, _, rest = value.partition("://")
    if scheme not in _DRIVERS or (scheme == "sqlite" and not rest.startswith("/")) or not _is_url(value):
        raise ValueError("allowed: sqlite:///PATH and postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return f"{_DRIVERS[scheme]}://{rest}"


def lake_url(value: str) -> str:
    """Return the directory or URL of a lake. Raises ``ValueError`` that says what is allowed."""
    is_store = re.match(rf"({'|'.join(_STORES)})://[^/]", value)
    if not is_store and ("://" in value or re.match(r"\w{2,}:", value)):  # s3:/bucket is not meant as a folder
        raise ValueError(f"allowed: a directory and SCHEME://BUCKET/PATH, the scheme one of {', '.join(_STORES)}")
    return value


def server_url(value: str) -> str:
    """Return a server URL. Raises ``ValueError`` that says what is allowed."""
    if value and not (_is_url(value) and urlsplit(value).hostname and urlsplit(value).scheme in {"http", "https"}):
        raise ValueError("allowed: https://HOST or https://HOST:PORT, with or without a path")
    return value


def plain_url(value: str) -> str:
    """Return a server URL as URL libraries write it: host in lower case, no default port, no slash at the end."""
    url = urlsplit(value)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    port = "" if url.port in (None, _DEFAULT_PORTS[url.scheme]) else f":{url.port}"
    return f"{url.scheme}://{host}{port}{url.path.rstrip('/')}"


def executor(value: str) -> str:
    """Return the name or address of an executor. Raises ``ValueError`` that says what is allowed."""
    if value not in {"process", "thread"} and not value.startswith(("tcp://", "tls://")):
        raise ValueError("allowed: process, thread and tcp://HOST:PORT or tls://HOST:PORT of a Dask scheduler")
    return value


def port_range(value: str) -> str:
    """Return a port range, or nothing. Raises ``ValueError`` that says what is allowed."""
    found = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", value)
    if value and not (found and 0 < int(found[1]) <= int(found[2]) < 65_536):
        raise ValueError("allowed: FIRST-LAST, two ports from 1 to 65535 of which the first is not above the last")
    return value


def ipv4_address(value: str) -> str:
    """Return an IPv4 address, or nothing. Raises ``ValueError`` that says what is allowed."""
    import ipaddress

    try:
        return value and str(ipaddress.IPv4Address(value))
    except ValueError:
        raise ValueError("allowed: an address of IPv4, such as 192.0.2.7") from None


def networks(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return normalised addresses and networks. Raises ``ValueError`` that says what is allowed."""
    import ipaddress

    try:
        return tuple(str(ipaddress.ip_network(each)) for each in value)
    except ValueError:
        raise ValueError("allowed: addresses and networks, such as 192.0.2.7 and 10.0.0.0/8") from None


def pem_file(value: Path) -> Path:
    """Return the path of a file with certificates. Raises ``ValueError`` that says what is allowed."""
    try:
        is_pem = b"CERTIFICATE-----" in value.read_bytes()
    except OSError as error:
        raise ValueError(f"allowed: a PEM file of certificates: {error.strerror}") from None
    if not is_pem:
        raise ValueError("allowed: a PEM file of certificates: there is none in it")
    return value


def _is_url(value: str) -> bool:
    """Return whether host and port can be parsed."""
    try:
        _ = urlsplit(value).port
    except ValueError:
        return False
    return not any(character.isspace() for character in value)


def check_lake(lake_url: str, root: str) -> None:
    """Raise ``WrongSettings`` if the lake's libraries would misread the path ``root``."""
    from opencasb.setting_values import WrongSettings

    if "://" not in root and re.search(r"[][\\]|%[0-9A-Fa-f]{2}|=", str(Path(root).absolute())):
        allowed = "allowed: folders without brackets, backslashes, = and % with two hex digits in their names"
        raise WrongSettings(f"setting {'lake_url' if lake_url else 'data'}: {allowed} (got {root!r})")
