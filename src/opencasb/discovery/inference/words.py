"""The words in field names and values that reveal, to people and to this inference, what a field means.

They are the terms of the trade, not the fields of any one product, including the German, French and Spanish ones in
exports for people. Names are given in the form ``_src_ip_``.
"""

from __future__ import annotations

import re
from typing import Final


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


SOURCE: Final = _any(
    "src", "source", "client", "_c_ip", "initiator", "originator", "_orig_h_", "downstream_remote", "_from_",
    "internal", "inside", "local", "^_ip_$", "_quell", "_origen",
)  # fmt: skip
TARGET: Final = _any(
    "dst", "dest", "server", "(?<!downstream_)remote", "responder", "_resp_h_", "_r_ip_", "supplier", "_to_", "target",
    "outside", "peer", "_ziel",
)  # fmt: skip
OTHER_ADDRESS: Final = _any(
    "(?<!desti)nat(?!ion)", "xlat", "transl", "_trans", "mapped", "_post", "public", "forward", "proxy", "gateway",
    "_dvc_", "device", "_dev", "_fw_", "agent", "_orig(?!inator|_h_)", "report", "external", "mac", "mask",
    "downstream_local",
)  # fmt: skip
HOST: Final = _any(
    "host", "domain", "site", "fqdn", "_sni_", "server", "dst_?name", "dest", "url", "uri", "common_name", "_ziel",
    "_sitio",
)  # fmt: skip
OTHER_HOST: Final = _any(
    "src", "source", "client", "_shost", "_c_", "device", "_dev", "_fw_", "_ad_", "refer", "agent", "orig", "proxy",
    "observer", "collector", "categ", "cat_$", "_app", "vendor", "product", "gateway", "log", "user", "mail",
)  # fmt: skip
URL: Final = _any("url", "uri", "request", "req_", "link", "resource", "target", "page")
OTHER_URL: Final = _any("refer", "agent", "categ", "report", "redirect")
PATH: Final = _any("path", "stem", "_arg_", "url", "uri", "request", "_obj_", "page")
SCHEME: Final = _any("scheme", "proto", "_app_", "service")
USER: Final = _any(
    "user", "usr", "login", "account", "_s?uid_", "principal", "_upn_", "e_?mail", "person", "employee", "identity",
    "^_display_name_$", "^_(?:u|who)_$", "benutzer", "utilisateur", "usuario",
)  # fmt: skip
OTHER_USER: Final = _any(
    "agent", "group", "_gp_", "role", "domain", "type", "risk", "categ", "dst", "dest", "_duser", "authenticated",
    "count", "level", "status", "device", "mac", "policy", "rule", "license", "class",
)  # fmt: skip
BROWSER: Final = _any("user_?agent")
DEVICE: Final = _any(
    "_shost", "src_?(?:host|name)", "client_?(?:host|name|system_name)", "device_?host_?name",
    "machine", "computer", "workstation", "source_?(?:host|machine)",
)  # fmt: skip
TIME: Final = _any("time", "date", "_rt_", "stamp", "_ts_", "^_t_$", "when", "_start_?", "_end_", "created", "epoch")
OTHER_TIME: Final = _any(
    "zone", "_tz_", "duration", "elapsed", "taken", "out_", "session_time", "format", "expir", "birth", "indexed",
    "ingest",
)  # fmt: skip
RECEIVED_TIME: Final = _any("_rt_", "event_?time", "dev_?time", "stamp", "_ts_", "request", "start", "log")
ACTION: Final = _any(
    "act(?:ion)?_", "action", "disp", "verdict", "decision", "result", "filter", "outcome", "permission", "subtype",
    "event", "status", "_msg_", "_name_", "block", "aktion", "accion",
)  # fmt: skip
SIZE: Final = _any(
    "bytes?", "octet", "size", "_in_", "_out_", "sent", "rcvd", "recv", "received", "transfer", "volume", "upload",
    "download", "_up_", "_down_", "data_", "_len", "gesendet", "empfangen", "enviad", "recibid",
    "(?:in|out)bound_(?:flow|traffic|data)", "(?:flow|traffic)_[kmg]?b_",
)  # fmt: skip
OTHER_SIZE: Final = _any(
    "pkt", "packet", "time", "duration", "elapsed", "port", "count", "_id_", "_num", "rate", "status", "code", "zone",
    "frame", "cached", "percent", "limit", "max", "version", "policy", "rule",
)  # fmt: skip
RECEIVED: Final = _any(
    "to_?client", "from_?server", "responder", "rcvd", "rece?i?v", "_in_", "bytes_?in_", "_in_?bytes", "down", "_sc_",
    "response", "_resp_", "dst_?bytes", "dest\\w*_bytes", "(?<!_to)_server_bytes_$", "_s2c_", "termsent", "ingress",
    "inbound", "empfangen", "_recus?_", "recibid",
)  # fmt: skip
SENT: Final = _any(
    "from_?client", "to_?server", "initiator", "sent", "_out_", "bytes_?out_", "_out_?bytes", "upload", "_up_", "_cs_",
    "request", "_req_", "_orig_(?:ip_)?bytes", "src_?bytes", "source_?bytes", "(?<!_to)_client_bytes_$", "_c2s_",
    "egress", "outbound", "gesendet", "envoye", "enviad",
)  # fmt: skip
VIEWED: Final = _any(
    "(?<!term)sent", "rcvd", "rece?i?v", "_in_", "_out_", "bytes_?(?:in|out)_", "_(?:in|out)_?bytes", "empfangen",
    "gesendet", "_recus?_", "envoye", "recibid", "enviad",
)  # fmt: skip
"""Directions whose meaning depends on who is speaking, an appliance for its clients or a server, unless another word
tells."""
WHOSE: Final = _any(
    "client", "server", "initiator", "responder", "down", "upload", "_up_", "_[cs][sc]_", "_[cs]2[cs]_", "request",
    "response", "_req_", "_resp_", "src", "source", "dst", "dest",
)  # fmt: skip
TOTAL: Final = _any("total", "transaction", "_sum_")

METHODS: Final = frozenset({"GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "PATCH", "TRACE", "PROPFIND"})
SCHEMES: Final = frozenset(
    {"http", "https", "ftp", "ftps", "ssl", "tls", "tunnel", "tcp", "udp", "http_proxy", "https/https", "dns", "icmp"}
)
BLOCK: Final = re.compile(
    r"(?i)block|den(?:y|ied)|drop(?!box)|reject|reset|discard|refuse|prevent|quarantin|sinkhol|forbid|disallow"
    r"|abgelehnt|gesperrt|verweigert|verworfen|refus|rejet|bloqu|denegad|rechazad"
)
ALLOW: Final = re.compile(
    r"(?i)allow|permit|accept|pass|observed|proxied|forward|success|close|isolat|monitor|alert|miss|hit|tunnel|continue"
    r"|erlaubt|zugelassen|autoris|accord|permitid|aceptad"
)
BLOCK_TEXTS: Final = (
    "*block*", "*denied*", "*deny*", "*drop*", "*reject*", "*reset*", "*discard*", "*refuse*", "*prevent*",
    "*quarantin*", "*sinkhol*", "*forbid*", "*disallow*",
)  # fmt: skip
STARTED: Final = re.compile(r"(?i)(?:^|[_\W])(?:start|open|opened|create|created|begin|built|new)(?:$|[_\W])")
ENDED: Final = re.compile(r"(?i)(?:^|[_\W])(?:end|close|closed|teardown|stop|remove|delete|deleted|finish)(?:$|[_\W])")
