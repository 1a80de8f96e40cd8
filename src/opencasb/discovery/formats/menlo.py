"""Menlo Security: CEF, or what its log export writes, an object of JSON a line (log-formats §5, MENLO_SECURITY_CEF).

No list of fields is public: they are known by the names that they usually go by. What is isolated is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.formats.cef import TEXTS, WORDS, Cef
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.tolerant import Tolerant

_VENDOR: Final = r"(?i:Menlo ?Security)"


class MenloCef(Cef):
    """Reads the records of Menlo's platform in CEF."""

    vendor: ClassVar[str] = rf"{_VENDOR}\|"
    words: ClassVar[Mapping[str, Sequence[str]]] = {
        **WORDS,
        "source": ("src", "srcip", "src_ip", "source_ip", "clientip", "x-client-ip", "origin_ip", "ip"),
        "server": ("dst", "dstip", "dst_ip", "destinationAddress", "server_ip", "serverip"),
        "authority": ("dhost", "destinationHostName", "host", "hostname", "domain"),
        "url": ("request", "url", "requestUrl", "cs-uri"),
        "sent": ("out", "bytes_out", "bytes_sent", "requestsize", "upload"),
        "received": ("in", "bytes_in", "bytes_received", "responsesize", "download"),
        "total": ("totalBytes", "bytes", "total", "transactionsize"),
    }
    texts: ClassVar[Mapping[str, Sequence[str]]] = {
        **TEXTS,
        "user": ("suser", "usrName", "user", "username", "user_name", "userid", "login", "loginID", "email", "duser"),
        "device": ("shost", "sourceHostName", "srcname", "device", "devicename", "devicehostname", "deviceId"),
        "time": ("rt", "devTime", "start", "end", "eventtime", "event_time", "timestamp", "datetime", "ts", "epoch"),
        "action": ("act", "action", "pe_action", "disposition", "cat", "result", "status"),
    }


class Menlo(Tolerant):
    """Reads the records of Menlo's platform in any shape; their times are UTC."""

    cef: ClassVar[type[Cef]] = MenloCef

    def __init__(self, context: ParseContext) -> None:
        super().__init__(replace(context, timezone="UTC"))


FORMATS: Final = (
    Format(
        ("MENLO_SECURITY_CEF",),
        signature(
            rf'(?:(?:CEF: ?|^)\d{{1,2}}|LEEF:[\d.]+)\|{_VENDOR}\||\{{.*"vendor"\s*:\s*"{_VENDOR}"',
            "records of Menlo Security",
        ),
        Menlo,
        rank=5,
    ),
)
