"""A small folder of sources in the formats of the real ones, about fictitious services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opencasb.catalog.builder.curated import Curated, load
from tests.catalog.builder.facts.sources import document, lines, text

CURATED = """
reviewed = "2026-01-02"
families = ["bigcorp.com"]
shared = ["codeplace.com"]
service = [["Salesy", "SALES", "salesy.io"]]
platform = [{ domain = "boxfall.com", services = ["sync"] }]
reserved = [34001]

[[app]]
id = 11627
name = "Boxfall"
category = "CLOUD_STORAGE"
domains = ["boxfall.com", "bf.to", "bigcorp"]
vendor = "Boxfall"
source = "https://boxfall.com/domains"

[[app]]
name = "Bigcorp Drive"
category = "CLOUD_STORAGE"
domains = ["drive.bigcorp.com"]
whole = true
source = "https://drive.bigcorp.com"
"""

TWO_FACTOR = [
    {
        "name": "Tasklane",
        "domain": "tasklane.com",
        "categories": ["task"],
        "additional-domains": ["tasklane.net"],
        "tfa": ["totp", "u2f"],
        "documentation": "https://tasklane.com/help/2fa",
    },
    {"name": "Paycove", "domain": "paycove.com", "categories": ["other", "payments"]},
    {"name": "Northwold University", "domain": "northwold.edu", "categories": ["universities"]},
    {"name": "Bigcorp Mail", "domain": "mail.bigcorp.com", "categories": ["email"]},
]
DELETION = [
    {"name": "Tasklane", "url": "https://tasklane.com/bye", "difficulty": "easy", "domains": ["tasklane.com"]},
    {
        "name": "Boxfall",
        "url": "https://boxfall.com",
        "difficulty": "easy",
        "domains": ["boxfall.com", "boxfalldrop.com"],
    },
    {
        "name": "Chatterware",
        "url": "https://chatterware.org",
        "difficulty": "easy",
        "domains": ["chatterware.org", *(f"talk{number}.net" for number in range(9))],
    },
]
LISTS = [
    {
        "list": "tasklane",
        "rules": ["tasklane.com", "tlcdn.net", "paycove.com", "full:tasklane-assets.s3.amazonaws.com"],
    },
    {"list": "metricly", "rules": ["metricly.io", "metricly-ads.net @ads"]},
    {"list": "category-ai-!cn", "rules": ["include:metricly", "thinkwell.ai"]},
    {"list": "category-ads", "rules": ["include:metricly @ads"]},
    {"list": "nobody", "rules": ["unnamed-thing.org"]},
]
CURATED_LIST = [
    {"list": "cjbarber/ToolsOfTheTrade", "name": "Metricly", "url": "https://metricly.io", "section": "Log Monitoring"},
    {"list": "cjbarber/ToolsOfTheTrade", "name": "A file", "url": "https://codeplace.com/a/b", "section": "Notes"},
]
SITES = [{"s": "Paycove Pay", "d": "www.paycove.com", "c": "Shopping", "sc": "Online"}]
TRACKERS = {
    "categories": {"3": "pornvertising", "4": "advertising", "6": "site_analytics", "11": "unknown"},
    "trackers": {
        "admonger": {"name": "Admonger", "categoryId": 4, "url": "https://admonger.com/", "companyId": "monger"},
        "metricly": {"name": "Metricly", "categoryId": 6, "url": "http://www.metricly.io/", "companyId": None},
        "tasklane": {"name": "Tasklane", "categoryId": 6, "url": "https://tasklane.com/", "companyId": None},
        "tl_pixel": {"name": "Tasklane Pixel", "categoryId": 4, "url": "https://tasklane.com/", "companyId": None},
        "nameless.net": {"name": "nameless.net", "categoryId": 11, "url": None, "companyId": None},
        "smut": {"name": "Smut", "categoryId": 3, "url": "https://smut.com", "companyId": None},
    },
    "trackerDomains": {
        "admonger.com": "admonger",
        "mngr.net": "admonger",
        "t.boxfall.com": "admonger",
        "metriclystats.com": "metricly",
        "tasklane.com": "tasklane",
        "tlpixel.net": "tl_pixel",
        "nameless.net": "nameless.net",
        "smut.com": "smut",
    },
}
COMPANIES = {"companies": {"monger": {"name": "Monger Media"}}}
TERMS: list[dict[str, Any]] = [
    {"slug": "paycove", "name": "Paycove", "urls": ["paycove.com"], "rated": "B", "cases": [0, 1]},
    {"slug": "oldie", "name": "Oldie", "urls": ["oldie.net"], "rated": False},
    {"slug": "stray", "name": "Stray", "urls": ["elsewhere.org"], "rated": False},
]
CASES = [["You maintain ownership of your data", "good"], ["Something else", "bad"]]
RANGES = {"google-ipv4": "8.8.8.0/24\n", "openai-ipv4": "8.8.8.16/28\n"}


def write_sources(root: Path) -> Path:
    """Write the sources below ``root`` and return it."""
    lines(root, "twofactorauth/entries.jsonl", *TWO_FACTOR)
    lines(root, "justdeleteme/sites.jsonl", *DELETION)
    lines(root, "v2fly-domain-list-community/lists.jsonl", *LISTS)
    lines(root, "awesome-lists/entries.jsonl", *CURATED_LIST)
    lines(root, "kagi-bangs/sites.jsonl", *SITES)
    lines(root, "tosdr/services.jsonl", *TERMS)
    document(root, "tosdr/cases.json", CASES)
    document(root, "adguard-companiesdb/trackers.json", TRACKERS)
    document(root, "adguard-companiesdb/companies.json", COMPANIES)
    for name, ranges in RANGES.items():
        text(root, f"ipranges/{name}.txt", ranges)
    return root


def curated() -> Curated:
    """Return the reviewed facts for these sources."""
    return load(CURATED)
