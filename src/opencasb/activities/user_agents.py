"""Parse user agent strings into client kind, browser, operating system and device type (connectors §6.3)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities.outdated import is_outdated_browser, is_outdated_system

if TYPE_CHECKING:
    from ua_parser import OS, Result
    from ua_parser import UserAgent as Browser

NATIVE_CLIENT: Final = "000000000000000000000000"
OUTDATED_BROWSER: Final = "000000010000000000000000"
OUTDATED_SYSTEM: Final = "000000020000000000000000"
ROBOT: Final = "0000002b0000000000000000"
"""Ids of the tags, which clients hard-code."""

LONGEST: Final = 1024
"""Only this many characters are parsed; no genuine client sends more."""

_TAGS: Final = {"native": (NATIVE_CLIENT,), "sync": (NATIVE_CLIENT,), "tool": (ROBOT,), "robot": (ROBOT,)}
_FACELESS: Final = frozenset({"tool", "service", "robot"})
"""Client kinds that run anywhere: the system they state is not a person's device."""

_DESKTOPS: Final = frozenset({"Windows", "Mac OS X", "Linux", "Chrome OS"})
_OF_PEOPLE: Final = frozenset({"Windows", "Mac OS X", "iOS", "Android"})
"""Systems on which a client with a name of its own is an app, not a service or a tool."""

_PHONES: Final = frozenset({"Windows Phone", "BlackBerry OS", "KaiOS", "Symbian OS", "Firefox OS"})
_PRODUCT: Final = re.compile(r"([A-Za-z][\w.-]*(?: [A-Za-z][\w.-]*){0,4})[/ ]v?(\d[\w.]*)", re.ASCII)
_BROWSES: Final = re.compile(r"Mozilla/|Opera/|UCWEB/")
"""Browser prefixes; an app's string starts with its own name, though ua-parser may report the browser Android."""

_ANONYMOUS_ANDROID: Final = "; K)"
"""Chrome's placeholder for the device, alongside a fixed "Android 10"."""

_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class UserAgent:
    """A client. Unknown texts are empty; an unknown ``kind`` or ``device_type`` is None.

    ``kind`` is browser, native, sync, tool, service or robot. ``browser`` is the family, *Chrome* for Chrome on a phone
    too, and empty for anything but a browser; ``name`` is the client's own. ``tags`` are ids.
    """

    kind: str | None = None
    device_type: str | None = None
    browser: str = ""
    name: str = ""
    version: str = ""
    system: str = ""
    system_name: str = ""
    system_version: str = ""
    tags: tuple[str, ...] = ()

    def wire(self) -> _Json:
        """Return the wire object ``userAgent`` (api §7.4)."""
        major, _, rest = self.version.partition(".")
        family = re.sub(r"[^A-Z0-9]+", "_", self.browser.upper())
        type_name = "Browser" if self.kind == "browser" else "Unknown"
        name = f"{self.system_name} {self.system_version}".strip()
        return {
            "family": family,
            "name": self.name,
            "version": self.version,
            "major": major,
            "minor": rest.partition(".")[0],
            "operatingSystem": {"name": name, "family": self.system, "version": self.system_version},
            "os": self.system.lower(),
            "browser": family,
            "type": type_name,
            "typeName": type_name,
            "deviceType": self.device_type or "",
            "nativeBrowser": self.kind in {"native", "sync"},
            "tags": list(self.tags),
        }


NOTHING: Final = UserAgent()


def read_user_agent(text: str | None) -> UserAgent:
    """Parse a user agent string. None, empty text and ``-`` yield :data:`NOTHING`; an unknown string has no kind."""
    return _read(_unwrapped(text or ""))  # bounds the size of the cache keys


@lru_cache(maxsize=20_000)
def _read(text: str) -> UserAgent:
    if text in {"", "-"}:
        return NOTHING
    from ua_parser import parse

    found = parse(text)
    rule, match = _first_rule(text)
    kind = rule["kind"] if rule and match else _kind(text, found)
    if kind in _FACELESS:
        return UserAgent(kind, "OTHER", **_product(text, found), tags=_TAGS.get(kind, ()))
    system, system_name, system_version = _system(found, rule or {}, match)
    browser, product = _browser(found, match) if kind == "browser" else ("", _product(text, found))
    tags = list(_TAGS.get(kind or "", ()))
    if browser and is_outdated_browser(browser, product["version"].partition(".")[0]):
        tags.append(OUTDATED_BROWSER)
    if _ANONYMOUS_ANDROID not in text and is_outdated_system(system, system_version):
        tags.append(OUTDATED_SYSTEM)
    return UserAgent(
        kind=kind,
        device_type=rule["device"] if rule and "device" in rule else _device_type(text, found, system),
        browser=browser,
        **product,
        system=system,
        system_name=system_name,
        system_version=system_version,
        tags=tuple(tags),
    )


def _unwrapped(text: str) -> str:
    """Return the bare string: AWS puts some in brackets, and Google appends the compression."""
    text = text.strip()[:LONGEST].removesuffix(",gzip(gfe)")
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    return text.strip()


@cache
def _table() -> Mapping[str, Any]:  # TOML
    found = tomllib.loads((files("opencasb.activities") / "data" / "user_agents.toml").read_text(encoding="utf-8"))
    rules = [{**rule, "pattern": re.compile(rule["pattern"], re.IGNORECASE | re.ASCII)} for rule in found["rule"]]
    return {**found, "rule": rules}


def _first_rule(text: str) -> tuple[Mapping[str, Any] | None, re.Match[str] | None]:
    """Return the first of our rules that matches, with its match; our rules take precedence over ua-parser."""
    for rule in _table()["rule"]:
        match = rule["pattern"].search(text)
        if match:
            return rule, match
    return None, None


def _kind(text: str, found: Result) -> str | None:
    if found.device and found.device.family == "Spider":
        return "robot"
    browses = _BROWSES.search(text)
    if not found.user_agent:
        is_app = found.os and found.os.family in _OF_PEOPLE and "/" in text and not browses
        return "native" if is_app else None
    return "browser" if browses and found.user_agent.family in _table()["browsers"] else "native"


def _browser(found: Result, match: re.Match[str] | None) -> tuple[str, dict[str, str]]:
    """Return the browser's family, and its name and version."""
    named = match.groupdict() if match else {}
    if "browser" in named:
        return named["browser"], {"name": named["browser"], "version": named["version"]}
    if not found.user_agent:
        return "", {"name": "", "version": ""}
    family = found.user_agent.family
    return _table()["browsers"].get(family, ""), {"name": family, "version": _version(found.user_agent)}


def _product(text: str, found: Result) -> dict[str, str]:
    """Return name and version of a client that is not a browser, from ua-parser or from the start of the string."""
    match = _PRODUCT.match(text)
    if match and match[1] == "Mozilla":
        match = None
    if found.user_agent and found.user_agent.major and not (match and found.user_agent.family in _table()["browsers"]):
        return {"name": found.user_agent.family, "version": _version(found.user_agent)}
    return {"name": match[1], "version": match[2]} if match else {"name": "", "version": ""}


def _version(given: OS | Browser) -> str:
    return ".".join(takewhile(bool, (given.major or "", given.minor or "", given.patch or "")))


def _system(found: Result, rule: Mapping[str, Any], match: re.Match[str] | None) -> tuple[str, str, str]:
    """Return family, name and version of the operating system."""
    implied = rule.get("os")
    if match and "system_version" in match.groupdict():
        return rule["os"], rule["os"], match["system_version"]
    if not found.os or (implied is not None and (found.os.family != implied or not rule.get("versioned", True))):
        return implied or "", implied or "", ""
    name = found.os.family
    return _table()["operating_systems"].get(name, name), name, _version(found.os)


def _device_type(text: str, found: Result, system: str) -> str:
    device = found.device.family if found.device else ""
    if system == "iOS":
        return "TABLET" if device.startswith("iPad") or "Apple-iPad" in text else "MOBILE"
    if system == "Android":
        # Browsers on tablets omit "Mobile"; apps never state it.
        return "TABLET" if text.startswith("Mozilla/") and "Mobile" not in text else "MOBILE"
    if system in _PHONES:
        return "MOBILE"
    return "DESKTOP" if system in _DESKTOPS else "OTHER"
