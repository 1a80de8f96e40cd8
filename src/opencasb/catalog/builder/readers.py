"""Readers: the records of each source, as entries. A source whose folder is absent yields nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from opencasb.catalog.builder import category_rules as rules
from opencasb.catalog.builder.claims import agrees, split_address
from opencasb.catalog.builder.company_names import company, provider, without_edition
from opencasb.catalog.builder.entry import WEB_SITES, Entry, Level, Role, Statement, stated
from opencasb.catalog.builder.json_lines import Record, lines
from opencasb.model.categories import PREFIX

INSTITUTION: Final = "institution"
REMOTE_ACCESS: Final = "remote-access"
SOFTWARE: Final = "software"
MANY_DOMAINS: Final = 8
"""More domains than this under unlike labels are installations of one software, not one app."""

_AI_LISTS: Final = {"steven2358/awesome-generative-ai", "mahseema/awesome-ai-tools", "eudk/awesome-ai-tools"}
_LIST_SUBJECTS: Final = {
    "thenaturalist/awesome-business-intelligence": "SAASDB_CATEGORY_BUSINESS_INTELLIGENCE",
    "onurakpolat/awesome-analytics": "SAASDB_CATEGORY_WEB_ANALYTICS",
    "goabstract/Awesome-Design-Tools": "SAASDB_CATEGORY_PRODUCT_DESIGN",
    "edoardottt/awesome-hacker-search-engines": "SAASDB_CATEGORY_SECURITY",
}
_VAGUE: Final = {"AI", "Business Management", "Content and Files", "Data", "Productivity", "Website"}
"""Words of connectors that say what data flows rather than what the app is."""
_NOT_SERVICES: Final = {"CNCF Members", "Special"}


Categories = Callable[[Record], tuple[Statement, ...]]
"""What a record says of the category of its app."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """Reads a source whose ``wanted`` records are entries; ``name`` and ``address`` are the fields that have these."""

    file: str
    role: Role
    name: str
    address: str
    categories: Categories = lambda _: ()
    wanted: Callable[[Record], bool] = lambda _: True

    def __call__(self, root: Path) -> Iterator[Entry]:
        for record in filter(self.wanted, lines(root / f"{self.file}.jsonl")):
            yield Entry(
                source=self.file.partition("/")[0],
                role=self.role,
                name=record[self.name],
                address=record.get(self.address, ""),
                categories=self.categories(record),
            )


def _in_section(name: str) -> Categories:
    return lambda record: stated(Level.SECTION, rules.of_section(record[name]))


def _of_toolkit(record: Record) -> tuple[Statement, ...]:
    return stated(Level.SECTION, next(filter(None, map(rules.of_section, record["categories"])), None))


def _of_payments(_: Record) -> tuple[Statement, ...]:
    return stated(Level.WHOLE_LIST, PREFIX + "ACCOUNTING_AND_FINANCE")


def _of_api(record: Record) -> tuple[Statement, ...]:
    section = record.get("category", "")
    return stated(Level.SECTION, rules.mapped("public-apis", section) or rules.of_section(section))


def _of_landscape(record: Record) -> tuple[Statement, ...]:
    return stated(Level.SECTION, rules.of_section(record["subcategory"]) or rules.of_section(record["category"]))


def _of_automation(record: Record) -> tuple[Statement, ...]:
    return stated(Level.APP, rules.first_mapped("activepieces", record.get("categories", ())))


def _of_site(record: Record) -> tuple[Statement, ...]:
    category = rules.mapped("kagi-sub", record.get("sc", "")) or rules.mapped("kagi-top", record.get("c", ""))
    return stated(Level.SITE, category)


def _sign_ins(source: str, root: Path) -> Iterator[Entry]:
    for record in lines(root / source / "entries.jsonl"):
        words = record["categories"]
        yield Entry(
            source=source,
            role=Role.SERVICE,
            name=record["name"],
            address=record["domain"],
            more=tuple(record.get("additional-domains", ())),
            categories=stated(
                Level.APP, rules.first_mapped("twofactorauth", [words] if isinstance(words, str) else words)
            ),
            flags=frozenset({INSTITUTION} if words == ["universities"] else ()),
        )


def _account_deletion(root: Path) -> Iterator[Entry]:
    for record in lines(root / "justdeleteme/sites.jsonl"):
        domains = record["domains"]
        if not domains:
            continue
        installations = len(domains) > MANY_DOMAINS and len({_label(domain) for domain in domains}) > MANY_DOMAINS
        yield Entry(
            source="justdeleteme",
            role=Role.SERVICE,
            name=record["name"],
            address=domains[0],
            more=() if installations else tuple(domains[1:]),
            flags=frozenset({SOFTWARE} if installations else ()),
        )


def _label(domain: str) -> str:
    return domain.removeprefix("www.").split(".")[0]


def _remote_access(root: Path) -> Iterator[Entry]:
    for record in lines(root / "lolrmm/tools.jsonl"):
        if record["category"] == "RMM":
            yield Entry(
                source="lolrmm",
                role=Role.LISTED,
                name=re.sub(r"\s*\(.*", "", record["name"]),
                address=record.get("website", ""),
                categories=stated(Level.APP, PREFIX + "IT_SERVICES"),
                flags=frozenset({REMOTE_ACCESS}),
            )


def _power_platform(root: Path) -> Iterator[Entry]:
    for record in lines(root / "powerplatform-connectors/connectors.jsonl"):
        words = [word.strip() for word in (record.get("categories") or "").split(";")]
        clear = rules.first_mapped("powerplatform", (word for word in words if word not in _VAGUE))
        unclear = rules.first_mapped("powerplatform", words)
        yield Entry(
            source="powerplatform-connectors",
            role=Role.LISTED,
            name=_connector_name(record),
            address=record.get("website") or "",
            categories=stated(Level.APP, clear) or stated(Level.WHOLE_LIST, unclear),
            vendor=company(record.get("stack_owner") or ""),
        )


def _connector_name(record: Record) -> str:
    """Return the title of a connector, or its owner's name; nothing where neither agrees with the web site."""
    title = re.sub(r"\s*\((Independent Publisher|Preview|Deprecated).*", "", record["title"], flags=re.IGNORECASE)
    site = split_address(record.get("website") or "")[0].removeprefix("www.")
    names = (title, company(record.get("stack_owner") or ""))
    return next((name for name in names if any(agrees(name, label) for label in site.split("."))), "")


def _fedramp(root: Path) -> Iterator[Entry]:
    products = list(lines(root / "fedramp-marketplace/products.jsonl"))
    frequency = Counter(word for product in products for word in product["business_function"])
    for product in products:
        words = sorted(product["business_function"], key=lambda word: (frequency[word], word))
        name = without_edition(product["cso"]).rstrip(" -,(")
        public = product["deployment_model"] == "Public Cloud"
        yield Entry(
            source="fedramp-marketplace",
            role=Role.LISTED,
            name=name if public and name else provider(product),
            address=product.get("website") or "",
            categories=stated(Level.APP, rules.first_mapped("fedramp", words)),
            vendor=provider(product),
        )


def _curated_lists(root: Path) -> Iterator[Entry]:
    for record in lines(root / "awesome-lists/entries.jsonl"):
        source, section = record["list"], record.get("section") or ""
        is_ai = source in _AI_LISTS
        of_section = rules.of_ai_section(section) if is_ai else rules.of_section(section)
        subject = PREFIX + "GENERATIVE_AI" if is_ai else _LIST_SUBJECTS.get(source)
        yield Entry(
            source=source,
            role=Role.LISTED,
            name=record["name"],
            address=record["url"],
            categories=stated(Level.SECTION, of_section) + stated(Level.WHOLE_LIST, subject),
        )


READERS: Final[tuple[Callable[[Path], Iterator[Entry]], ...]] = (
    partial(_sign_ins, "twofactorauth"),
    partial(_sign_ins, "passkeys"),
    _account_deletion,
    _remote_access,
    _Plain("sso-wall-of-shame/vendors", Role.LISTED, "name", "vendor_url"),
    _power_platform,
    _fedramp,
    _Plain(
        "meltano-hub/plugins",
        Role.LISTED,
        "label",
        "domain_url",
        wanted=lambda record: record["plugin_type"] in {"extractors", "loaders"},
    ),
    _Plain(
        "activepieces/pieces",
        Role.NAME_ONLY,
        "name",
        "",
        _of_automation,
        lambda record: {"CORE", "FLOW_CONTROL"}.isdisjoint(record.get("categories", ())),
    ),
    _Plain("composio-toolkits/toolkits", Role.NAME_ONLY, "name", "", _of_toolkit),
    _Plain("openfintech/vendors", Role.LISTED, "name", "website", _of_payments),
    _Plain("awesome-privacy/services", Role.LISTED, "name", "url", _in_section("section")),
    _Plain("public-apis/apis", Role.LISTED, "name", "url", _of_api),
    _Plain("public-api-lists/apis", Role.LISTED, "name", "url", _of_api),
    _Plain("oss-alternatives/companies", Role.LISTED, "company_name", "link", _in_section("category")),
    _Plain(
        "cncf-landscape/items",
        Role.LISTED,
        "name",
        "homepage_url",
        _of_landscape,
        lambda record: record["category"] not in _NOT_SERVICES,
    ),
    _curated_lists,
    _Plain("simple-icons/brands", Role.NAMING, "title", "source"),
    _Plain("gilbarbara-logos/logos", Role.NAMING, "name", "url"),
    _Plain("github-explore-topics/topics", Role.NAMING, "display_name", "url"),
    # Shortcuts at the search engine itself look through other sites.
    _Plain(f"{WEB_SITES}/sites", Role.NAMING, "s", "d", _of_site, lambda record: record["d"] != "kagi.com"),
)
"""The readers; each takes the folder of sources."""


def read(root: Path) -> list[Entry]:
    """Return the entries of every source below ``root``."""
    return [entry for reader in READERS for entry in reader(root)]
