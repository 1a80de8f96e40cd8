"""What can happen, and who may report it: breaches, headers, disclosure programmes, abuse, file transfer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from opencasb.catalog.builder.claims import split_address
from opencasb.catalog.builder.facts.finding import LOW, MEDIUM, Finding
from opencasb.catalog.builder.json_lines import Record, lines
from opencasb.catalog.builder.sharealike_readers import UT1, ut1

OWNED: Final = "a domain of the app, or of its customers, is on the list"
"""The method of a finding that is about any domain of an app."""

_MARKETS: Final = (
    *("amazonaws.com", "android.com", "apigee.net", "apple.com", "atlassian.com", "auth0.com", "epicgames.com"),
    *("etherscan.io", "github.com", "google.com", "huawei.com", "microsoft.com", "mozilla.org"),
)
"""Where others publish their apps, code and documents: the scope of 100 programmes has a page of Apple's store."""

_PLATFORMS: Final = ("bugcrowd.com", "hackerone.com", "intigriti.com", "yeswehack.com")
"""Where policies of others are published; such a policy is told by the name of the programme."""

_UNSURE: Final = ("IsFabricated", "IsSpamList", "IsMalware", "IsStealerLog", "IsRetired")
_SHARING: Final = ("is_file_sharing", "is_user_can_upload_data")


def breaches(root: Path) -> Iterator[Finding]:
    """Yield the newest verified breach of each domain; lists of spammers, malware and scraped pages are none."""
    newest: dict[str, Record] = {}
    for record in lines(root / "hibp-breaches/breaches.jsonl"):
        scraped = "scrape" in f"{record['Title']} {record['Name']}".lower()
        if not record.get("Domain") or not record["IsVerified"] or scraped or any(map(record.get, _UNSURE)):
            continue
        newest[record["Domain"]] = max(newest.get(record["Domain"], record), record, key=_when)
    for record in newest.values():
        yield from _breach(record)


def _when(record: Record) -> str:
    return str(record["BreachDate"])


def _breach(record: Record) -> Iterator[Finding]:
    stolen = "Passwords" in record["DataClasses"]
    about = {
        "address": record["Domain"],
        "source": "hibp-breaches",
        "confidence": MEDIUM if stolen else LOW,
        "method": None if stolen else "no passwords among the data: it may have been public",
        "evidence": f"https://haveibeenpwned.com/Breach/{record['Name']}",
    }
    yield Finding(factor="latest_breach_date_time", value=record["BreachDate"], **about)
    yield Finding(factor="breached_accounts", value=record["PwnCount"], **about)


def strict_transport(root: Path, domains: Iterable[str]) -> Iterator[Finding]:
    """Yield the domains that browsers only reach encrypted: those of the preload list, and what it has below them."""
    path = root / "hsts-preload/hosts.txt"
    if not path.exists():
        return
    head, *rest = path.read_text("utf-8").splitlines()
    whole = {line.removesuffix(",s") for line in rest if line.endswith(",s")}
    tops = set(head.rpartition("entries:")[2].split())
    single = {line.partition(",")[0] for line in rest}
    for domain in domains:
        above = domain.split(".")
        inherited = any(".".join(above[at:]) in whole for at in range(1, len(above)))
        if domain in single or inherited or above[-1] in tops:
            yield Finding(
                factor="is_http_security_headers_strict_transport_security",
                value=True,
                address=domain,
                source="hsts-preload",
                method="on the list that browsers ship",
            )


def programmes(root: Path) -> Iterator[Finding]:
    """Yield programmes for reporting vulnerabilities; not being on a list says nothing."""
    for record in lines(root / "diodb/program-list.jsonl"):
        if record.get("policy_url_status") == "alive":
            yield from _disclosure(record)
    for record in lines(root / "public-bugbounty-programs/programs.jsonl"):
        for domain in record.get("domains", ()):
            about = {"name": record["name"], "address": domain, "source": "public-bugbounty-programs"}
            yield Finding(factor="vulnerability_disclosure", value=record["url"], **about)
            if record["bounty"]:
                yield Finding(factor="bug_bounty", value=True, evidence=record["url"], **about)
    for record in lines(root / "bounty-targets/programs.jsonl"):
        name = record["name"].strip()
        for host in (each for each in record.get("hosts", ()) if _is_own(each, name)):
            about = {"name": name, "address": host, "source": "bounty-targets", "confidence": MEDIUM}
            yield Finding(factor="vulnerability_disclosure", value=record["url"], **about)
            if record.get("max_payout"):
                yield Finding(factor="bug_bounty", value=True, evidence=record["url"], **about)


def _is_own(host: str, programme: str) -> bool:
    """Return whether a host in a programme's scope is run by its owner rather than by a marketplace that lists them."""
    market = _place(host, _MARKETS)
    return not market or market.partition(".")[0] in programme.lower()


def _place(host: str, places: Iterable[str]) -> str:
    """Return the domain among ``places`` that a host is in, nothing if it is in none."""
    return next((each for each in places if f".{host}".endswith(f".{each}")), "")


def _disclosure(record: Record) -> Iterator[Finding]:
    url = record["policy_url"]
    is_elsewhere = bool(_place(split_address(url)[0], _PLATFORMS))
    about = {"name": record["program_name"], "address": "" if is_elsewhere else url, "source": "diodb"}
    yield Finding(factor="vulnerability_disclosure", value=url, **about)
    if record.get("offers_bounty") == "yes":
        yield Finding(factor="bug_bounty", value=True, evidence=url, **about)
    if record.get("securitytxt_url"):
        yield Finding(factor="security_txt", value=record["securitytxt_url"], **about)


def abuse(root: Path) -> Iterator[Finding]:
    """Yield domains that attackers use to host or to control what they do."""
    path = root / "misp-warninglists/lots-project.json"
    if path.exists():
        for entry in msgspec.json.decode(path.read_bytes())["list"]:
            yield Finding(
                factor="hosting_abuse", value=True, address=entry.lstrip("."), source="misp-warninglists", method=OWNED
            )


def remote_access(root: Path) -> Iterator[Finding]:
    """Yield tools for remote access, and those of them that move files."""
    for record in lines(root / "lolrmm/tools.jsonl"):
        about = {"name": record["name"], "address": record.get("website", ""), "source": "lolrmm"}
        if record["category"] == "RMM":
            yield Finding(factor="remote_access_tool", value=True, **about)
            if any("file transfer" in word.lower() for word in record.get("capabilities", ())):
                yield Finding(factor="is_file_sharing", value=True, method="it moves files", **about)


def agents(root: Path) -> Iterator[Finding]:
    """Yield the addresses at which AI agents can use a service."""
    for record in lines(root / "awesome-lists/entries.jsonl"):
        if record.get("mcp_endpoint"):
            yield Finding(
                factor="mcp_endpoint",
                value=record["mcp_endpoint"],
                name=record["name"],
                address=record["url"],
                source=record["list"],
            )


def file_hosts(root: Path) -> Iterator[Finding]:
    """Yield services listed as hosts of files."""
    for domain in ut1(root, "filehosting"):
        for factor in _SHARING:
            yield Finding(
                factor=factor,
                value=True,
                address=domain,
                source=UT1,
                confidence=MEDIUM,
                method="listed as a host of files",
            )
