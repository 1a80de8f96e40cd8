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
    plain_url,
    port_range,
    server_url,
)
from opencasb.setting_values import Field, WrongSettings, checked, from_environment, from_file, unknown_variables

CONFIG_NAME = "opencasb.toml"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Typed settings with their defaults; :func:`load` reads them from where they are set."""

    data: Path = Field(Path("data"), description="Data directory: everything OpenCASB keeps on this machine.")
    database_url: str = Field(
        "",
        repr=False,
        check=database_url,
        description="Operational database, `postgresql://…`; empty = SQLite in the data directory.",
    )
    database_lock_seconds: float = Field(
        30, gt=0, le=3600, description="Longest wait for a database lock; after that, the answer is 503."
    )
    database_statement_seconds: float = Field(
        300,
        ge=0,
        le=86_400,
        description="Statement timeout on PostgreSQL; after that, the answer is 503. 0 = no limit.",
    )
    lake_url: str = Field(
        "",
        check=lake_url,
        description="Usage lake: a directory, or `s3://bucket/path`; empty = `lake` in the data directory.",
    )
    executor: str = Field(
        "process",
        check=executor,
        description="Where logs are parsed: `process` (own processes), `thread`, or a Dask scheduler `tcp://host:port`.",
    )
    workers: int = Field(1, ge=1, description="Logs parsed in parallel on this machine.")
    public_url: str = Field(
        "", check=server_url, description="Base URL that clients use; empty = derived from `host` and `port`."
    )
    host: str = Field(
        "127.0.0.1", description="Address that HTTPS and the receivers listen on; `0.0.0.0` = all interfaces."
    )
    port: int = Field(8443, ge=0, le=65535, description="HTTPS port; 0 = any free port, reported at startup.")
    http_port: int = Field(8080, ge=0, le=65535, description="Plain HTTP port, on loopback only; 0 = off.")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port for Prometheus metrics, over plain HTTP without authentication; 0 = off."
    )
    metrics_host: str = Field("127.0.0.1", description="Address that `metrics_port` listens on.")
    trusted_proxies: tuple[str, ...] = Field(
        (),
        check=networks,
        description="Addresses and networks of reverse proxies whose `X-Forwarded-For` is trusted.",
    )
    tls_certificate: Path | None = Field(
        None, description="PEM certificate chain to serve instead of the locally generated one."
    )
    tls_key: Path | None = Field(None, description="PEM private key for `tls_certificate`, without a passphrase.")
    tls_names: tuple[str, ...] = Field(
        (), description="Additional names and addresses for the locally generated certificate."
    )
    host_alias: bool = Field(
        False,
        description="Lab only: also answer as `login.microsoftonline.com` and related names, with a separate CA.",
    )
    issuer_base: str = Field("", check=server_url, description="Base URL of the token issuer; empty = the public URL.")
    token_lifetime: int = Field(3600, ge=600, le=86400, description="Lifetime of access tokens, in seconds.")
    time_servers: tuple[str, ...] = Field(
        (), description="NTP servers to compare the clock with at startup, such as `time.example.org`."
    )
    requests_per_minute: int = Field(30, ge=0, description="REST API calls per tenant and minute; 0 = no limit.")
    graph_requests_per_minute: int = Field(
        600, ge=0, description="Graph API calls per application and minute, counted over two minutes; 0 = no limit."
    )
    graph_global_view: bool = Field(
        False,
        description="List the Global View in the Graph API; clients that add up all streams then count twice.",
    )
    feed_requests_per_minute: int = Field(
        600, ge=0, description="Change feed and report feed calls per tenant and minute; 0 = no limit."
    )
    page_size: int = Field(100, ge=1, le=1000, description="Largest page of a REST list.")
    unknown_filters: Literal["error", "empty"] = Field(
        "error", description="Answer to an unknown REST filter: `error` (400) or `empty` (no records)."
    )
    retention_days: int = Field(
        90, ge=0, description="Days to keep usage; older log events are rejected. 0 = keep everything."
    )
    record_retention_days: int = Field(
        180, ge=0, description="Days to keep activities, alerts, governance log and score history; 0 = keep everything."
    )
    places: Path | None = Field(
        None, description="GeoIP databases (mmdb): a file or a folder; without them, addresses have no country."
    )
    catalog_layers: tuple[Layer, ...] = Field(
        LAYERS, description="App catalog layers to use; `core` is always included."
    )
    probe_days: int = Field(
        0, ge=0, description="Days between measurements of apps in use, made over the internet; 0 = never."
    )
    probe_registries: str = Field(
        "https://data.iana.org/rdap/dns.json",
        description="Where probes look up the RDAP registry of a domain; empty = do not query registries.",
    )
    catalog_review: bool = Field(False, description="Require a second administrator to accept catalog corrections.")
    flush_seconds: float = Field(
        2.0, gt=0, description="Longest time a syslog line is buffered before it is queued for parsing."
    )
    receiver_backlog_bytes: int = Field(
        10 * 1024**3,
        ge=1,
        description="Syslog backlog allowed on disk, half of it in equal shares of the tenants; beyond it, TCP senders "
        "wait and UDP is dropped and counted.",
    )
    syslog_client_ca: Path | None = Field(
        None,
        check=pem_file,
        description="PEM file of CAs; syslog senders over TLS must then present a certificate issued by one of them.",
    )
    ftp_port: int = Field(
        2121, ge=0, le=65535, description="FTP and FTPS port, used if a data source needs it; 0 = off."
    )
    ftp_passive_ports: str = Field(
        "20000-20099",
        check=port_range,
        description="Port range for FTP data connections; empty = any free port.",
    )
    ftp_passive_address: str = Field(
        "", check=ipv4_address, description="IPv4 address to announce for FTP data connections behind NAT."
    )
    sftp_port: int = Field(2222, ge=0, le=65535, description="SFTP port, used if a data source needs it; 0 = off.")
    smtp_host: str = Field("", description="Mail server for notifications; empty = no mail.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Mail server port.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="Mail encryption: `starttls`, `tls` (implicit, port 465) or `none`."
    )
    smtp_ca: Path | None = Field(
        None, check=pem_file, description="PEM file of the only CAs to trust for the mail server."
    )
    smtp_user: str = Field("", description="User name for the mail server; empty = no authentication.")
    smtp_password: str = Field("", repr=False, description="Password for `smtp_user`.")
    smtp_from: str = Field("", description="Sender address, such as `OpenCASB <casb@example.org>`.")
    max_upload_bytes: int = Field(5 * 1024**3, ge=1, description="Largest uploaded file.")
    max_expanded_bytes: int = Field(200 * 1024**3, ge=1, description="Largest decompressed size of an upload.")

    @property
    def database_file(self) -> Path:
        """The path of the operational store unless ``database_url`` says otherwise."""
        return self.data / "opencasb.sqlite3"

    @property
    def effective_database_url(self) -> str:
        """The operational store's URL with the default filled in."""
        path = str(self.database_file).replace("%", "%25").replace("?", "%3F")  # special in a URL
        return self.database_url or f"sqlite:///{path}"

    @property
    def effective_lake_url(self) -> str:
        """The lake's root with the default filled in, without a trailing slash."""
        return (self.lake_url or str(self.data / "lake")).rstrip("/")

    @property
    def passive_ports(self) -> range | None:
        """The ports for FTP data connections; None for any."""
        first, _, last = self.ftp_passive_ports.partition("-")
        return range(int(first), int(last) + 1) if first else None

    @property
    def effective_public_url(self) -> str:
        """The base URL in links and issuers, in the spelling of :func:`plain_url`."""
        return plain_url(self.public_url or self._own_url)

    @property
    def _own_url(self) -> str:
        everywhere, here = {"0.0.0.0", "::"}, {"127.0.0.1", "::1"}  # noqa: S104 -- recognised, not bound
        host = socket.gethostname() if self.host in everywhere else "localhost" if self.host in here else self.host
        return f"https://[{host}]:{self.port}" if ":" in host else f"https://{host}:{self.port}"

    @property
    def served_names(self) -> tuple[str, ...]:
        """The names and addresses in the locally generated certificate besides those of this machine."""
        host = urlsplit(self.effective_public_url).hostname
        return (*self.tls_names, host) if host and host not in self.tls_names else self.tls_names


def load(data: Path | None = None, **overrides: Any) -> Settings:  # values of any setting
    """Read the settings.

    Precedence: ``data`` and ``overrides`` that are not None, ``OPENCASB_*`` variables, ``<data>/opencasb.toml``.
    Raises :class:`opencasb.setting_values.WrongSettings` naming each setting, its value and what is allowed.
    """
    given = {name: value for name, value in {"data": data, **overrides}.items() if value is not None}
    values = from_environment(Settings) | given
    folder = Path(values.get("data") or Settings.data)
    return Settings(**checked(Settings, from_file(folder / CONFIG_NAME) | values))


def load_or_exit(data: Path | None = None, **overrides: Any) -> Settings:  # values of any setting
    """Read the settings for a command: an invalid one ends the program with a message and exit code 2.

    Warns on stderr of each ``OPENCASB_*`` variable that is not a setting.
    """
    for name in unknown_variables(Settings):
        sys.stderr.write(f"Warning: variable {name}: no such setting\n")
    try:
        return load(data, **overrides)
    except WrongSettings as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
