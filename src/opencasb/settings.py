"""Every setting of the product, from ``OPENCASB_*`` variables, a TOML file, and command-line options."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from opencasb.model.layer import LAYERS, Layer
from opencasb.setting_checks import (
    database_url,
    executor,
    ipv4_address,
    lake_url,
    networks,
    pem_file,
    port_range,
    server_url,
)
from opencasb.setting_values import Field, WrongSettings, checked, from_environment, from_file, unknown_variables

CONFIG_NAME = "opencasb.toml"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Typed settings: the defaults but for what is given; :func:`load` reads them from where they are set."""

    data: Path = Field(Path("data"), description="Directory of everything the product keeps on this machine.")
    database_url: str = Field(
        "",
        repr=False,
        check=database_url,
        description="Operational store: `postgresql://…`; empty = SQLite in the data directory.",
    )
    database_lock_seconds: float = Field(
        30, gt=0, le=3600, description="Longest wait for a lock of the operational store; then the answer is 503."
    )
    database_statement_seconds: float = Field(
        300, ge=0, le=86_400, description="Longest statement on PostgreSQL; then the answer is 503. 0 = no limit."
    )
    lake_url: str = Field(
        "", check=lake_url, description="Usage lake: a directory, or `s3://bucket/path`; empty = data directory."
    )
    executor: str = Field(
        "process",
        check=executor,
        description="Where logs are parsed: `process` (own processes), `thread`, or a Dask scheduler `tcp://host:port`.",
    )
    workers: int = Field(1, ge=1, description="Logs parsed at the same time on this machine.")
    public_url: str = Field(
        "", check=server_url, description="Base URL that clients use; empty = taken from the listening address."
    )
    host: str = Field("127.0.0.1", description="Address that HTTPS and receivers bind; `0.0.0.0` = every one here.")
    port: int = Field(
        8443, ge=0, le=65535, description="Port of the HTTPS server; 0 = any free port, told at the start."
    )
    http_port: int = Field(8080, ge=0, le=65535, description="Port of plain HTTP on loopback; 0 switches it off.")
    trusted_proxies: tuple[str, ...] = Field(
        (),
        check=networks,
        description="Addresses and networks of reverse proxies, whose `X-Forwarded-For` tells who calls.",
    )
    tls_certificate: Path | None = Field(None, description="PEM chain to serve instead of the locally made one.")
    tls_key: Path | None = Field(None, description="PEM key of `tls_certificate`.")
    tls_names: tuple[str, ...] = Field((), description="More names and addresses for the locally made certificate.")
    host_alias: bool = Field(
        False,
        description="Laboratory only: answer as `login.microsoftonline.com` and the like, too, by a CA of its own.",
    )
    issuer_base: str = Field("", check=server_url, description="Base of the token issuer; empty = the public URL.")
    token_lifetime: int = Field(3600, ge=600, le=86400, description="Seconds an access token lives.")
    time_servers: tuple[str, ...] = Field(
        (), description="NTP servers that the clock is compared with at the start, such as `time.example.org`."
    )
    requests_per_minute: int = Field(30, ge=0, description="REST calls per tenant and minute; 0 = no limit.")
    graph_requests_per_minute: int = Field(
        600, ge=0, description="Graph calls per app and minute, counted over two minutes; 0 = no limit."
    )
    graph_global_view: bool = Field(
        False, description="List the Global View among the streams of the Graph API; who adds streams up counts twice."
    )
    feed_requests_per_minute: int = Field(
        600, ge=0, description="Calls of the change feed, and of report feeds, per tenant and minute; 0 = no limit."
    )
    page_size: int = Field(100, ge=1, le=1000, description="Largest page of a REST list.")
    unknown_filters: Literal["error", "empty"] = Field(
        "error", description="Answer to a filter the REST API does not know: `error` (400) or `empty` (no records)."
    )
    retention_days: int = Field(90, ge=0, description="Days usage is kept, and the oldest event taken; 0 = for ever.")
    record_retention_days: int = Field(
        180, ge=0, description="Days activities, alerts, governance tasks and changes of scores are kept; 0 = for ever."
    )
    places: Path | None = Field(
        None, description="Databases of places (mmdb): a file, or a folder of them; without, no address has a country."
    )
    catalog_layers: tuple[Layer, ...] = Field(
        LAYERS, description="Layers of the app catalog to use; `core` always is one of them."
    )
    probe_days: int = Field(
        0, ge=0, description="Days after which the server measures apps in use anew over the internet; 0 = never."
    )
    probe_registries: str = Field(
        "https://data.iana.org/rdap/dns.json",
        description="Where probes learn which registry knows the age of a domain; empty = nobody is asked.",
    )
    catalog_review: bool = Field(
        False, description="Whether corrections of the catalog wait until another administrator accepts them."
    )
    flush_seconds: float = Field(2.0, gt=0, description="Longest time a received syslog line waits for its report.")
    receiver_backlog_bytes: int = Field(
        10 * 1024**3,
        ge=1,
        description="Syslog that may wait on disk; then TCP senders wait and UDP is dropped, counted.",
    )
    syslog_client_ca: Path | None = Field(
        None,
        check=pem_file,
        description="PEM file of CAs: senders of syslog over TLS then have to show a certificate of theirs.",
    )
    ftp_port: int = Field(
        2121, ge=0, le=65535, description="Port of FTP and FTPS, if a data source uses it; 0 = never."
    )
    ftp_passive_ports: str = Field(
        "20000-20099",
        check=port_range,
        description="Ports of FTP's data connections; empty = any free ones.",
    )
    ftp_passive_address: str = Field(
        "", check=ipv4_address, description="IPv4 address for FTP's data connections that clients see behind a NAT."
    )
    sftp_port: int = Field(2222, ge=0, le=65535, description="Port of SFTP, if a data source uses it; 0 = never.")
    smtp_host: str = Field("", description="Mail server that warnings go out by; empty = no mail.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How mail is encrypted: `starttls`, `tls` from the first byte (port 465), or `none`."
    )
    smtp_ca: Path | None = Field(
        None, check=pem_file, description="PEM file of the only CAs to trust for the mail server."
    )
    smtp_user: str = Field("", description="User at the mail server; empty = none is asked for.")
    smtp_password: str = Field("", repr=False, description="Password of `smtp_user`.")
    smtp_from: str = Field("", description="Sender of mails, such as `OpenCASB <casb@example.org>`.")
    max_upload_bytes: int = Field(5 * 1024**3, ge=1, description="Largest uploaded file.")
    max_expanded_bytes: int = Field(200 * 1024**3, ge=1, description="Largest expansion of a compressed upload.")

    @property
    def database_file(self) -> Path:
        """Where the operational store is unless ``database_url`` says otherwise."""
        return self.data / "opencasb.sqlite3"

    @property
    def effective_database_url(self) -> str:
        """The operational store's URL with the default filled in."""
        path = str(self.database_file).replace("%", "%25").replace("?", "%3F")  # which mean something in a URL
        return self.database_url or f"sqlite:///{path}"

    @property
    def effective_lake_url(self) -> str:
        """The lake's root with the default filled in, without a trailing slash."""
        return (self.lake_url or str(self.data / "lake")).rstrip("/")

    @property
    def passive_ports(self) -> range | None:
        """The ports of FTP's data connections; None for any."""
        first, _, last = self.ftp_passive_ports.partition("-")
        return range(int(first), int(last) + 1) if first else None

    @property
    def effective_public_url(self) -> str:
        """The base URL in links, without a trailing slash."""
        if self.public_url:
            return self.public_url.rstrip("/")
        everywhere, here = {"0.0.0.0", "::"}, {"127.0.0.1", "::1"}  # noqa: S104 -- recognised, not bound
        host = socket.gethostname() if self.host in everywhere else "localhost" if self.host in here else self.host
        return f"https://{host}:{self.port}"

    @property
    def served_names(self) -> tuple[str, ...]:
        """The names and addresses of the locally made certificate besides those of this machine."""
        host = urlsplit(self.effective_public_url).hostname
        return (*self.tls_names, host) if host and host not in self.tls_names else self.tls_names


def load(data: Path | None = None, **overrides: Any) -> Settings:  # values of any setting
    """Read the settings.

    ``data`` and ``overrides`` that are not None win over ``OPENCASB_*`` variables, these over ``<data>/opencasb.toml``.
    Raises :class:`opencasb.setting_values.WrongSettings` naming each setting, its value and what is allowed.
    """
    given = {name: value for name, value in {"data": data, **overrides}.items() if value is not None}
    values = from_environment(Settings) | given
    folder = Path(values.get("data") or Settings.data)
    return Settings(**checked(Settings, from_file(folder / CONFIG_NAME) | values))


def load_or_exit(data: Path | None = None, **overrides: Any) -> Settings:  # values of any setting
    """Read the settings for a command: a wrong one ends the program with a message and exit code 2.

    A variable that looks like a setting and is none is told on stderr.
    """
    for name in unknown_variables(Settings):
        sys.stderr.write(f"Warning: variable {name}: no such setting\n")
    try:
        return load(data, **overrides)
    except WrongSettings as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
