"""The services that the demo company uses, with their hosts, their users' habits and their typical sizes.

Host names of real services are facts. Names outside any catalog are invented, and so are the sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KB: Final = 1_000
MB: Final = 1_000_000

DEPARTMENTS: Final = ("operations", "sales", "engineering", "finance", "people", "marketing")
EVERYBODY: Final = frozenset(DEPARTMENTS)
SALES: Final = frozenset({"sales", "marketing"})
ENGINEERING: Final = frozenset({"engineering"})
OFFICE: Final = frozenset({"finance", "people"})
OPERATIONS: Final = frozenset({"operations", "finance"})


@dataclass(frozen=True, slots=True)
class Service:
    """A service as the company uses it.

    ``share`` of the people in ``departments`` use it, ``sessions`` times per working day with ``requests`` each; both
    are means. ``down`` and ``up`` are the median bytes of a request. A share ``denied`` of the requests is blocked. Use
    grows by the factor ``growth`` over the log and begins after the share ``since`` of it. A ``tunnel`` is not
    inspected, so the proxy sees the host only.
    """

    hosts: tuple[str, ...]
    category: str
    down: int
    up: int
    share: float = 1.0
    sessions: float = 1.0
    requests: float = 4.0
    departments: frozenset[str] = EVERYBODY
    denied: float = 0.0
    growth: float = 1.0
    since: float = 0.0
    tunnel: bool = False


WORK: Final = (
    Service(("outlook.office365.com", "outlook.office.com"), "Email", 45 * KB, 9 * KB, sessions=2.6, requests=4),
    Service(("lindgren.sharepoint.com", "lindgren-my.sharepoint.com"), "Office", 160 * KB, 40 * KB, sessions=1.6),
    Service(("www.office.com", "word-edit.officeapps.live.com"), "Office", 90 * KB, 12 * KB, sessions=0.8),
    Service(
        ("teams.microsoft.com", "eu-prod.asyncgw.teams.microsoft.com"), "Meetings", 210 * KB, 95 * KB, sessions=1.8
    ),
    Service(("login.microsoftonline.com",), "Identity", 22 * KB, 4 * KB, sessions=0.8, requests=2),
    Service(("lindgren.my.salesforce.com", "lindgren.lightning.force.com"), "CRM", 70 * KB, 7 * KB, 0.9, 2.4, 6, SALES),
    Service(("zoom.us", "zoomfra122mmr.fra.zoom.us"), "Meetings", 9 * MB, 5 * MB, 0.55, 0.35, 3, tunnel=True),
    Service(("lindgren.slack.com", "wss-primary.slack.com"), "Chat", 25 * KB, 8 * KB, 0.8, 2, 4, ENGINEERING | SALES),
    Service(
        ("github.com", "codeload.github.com", "api.github.com"), "Code", 240 * KB, 30 * KB, 1.0, 2.6, 5, ENGINEERING
    ),
    Service(("lindgren.atlassian.net",), "Projects", 85 * KB, 9 * KB, 0.9, 1.6, 5, ENGINEERING | OPERATIONS),
    Service(("lindgren.service-now.com",), "Support", 60 * KB, 8 * KB, 0.35, 0.4, 4),
    Service(("wd3.myworkday.com",), "HR", 55 * KB, 6 * KB, 0.9, 0.8, 5, frozenset({"people"})),
    Service(("eu.docusign.net", "account.docusign.com"), "Signing", 120 * KB, 140 * KB, 0.5, 0.5, 3, SALES | OFFICE),
    Service(("app.hubspot.com", "api.hubapi.com"), "Marketing", 75 * KB, 9 * KB, 0.8, 1.2, 5, frozenset({"marketing"})),
    Service(("lindgren.zendesk.com",), "Support", 50 * KB, 9 * KB, 0.5, 1.1, 5, frozenset({"operations"})),
    Service(
        ("eu-west-1.console.aws.amazon.com", "s3.eu-west-1.amazonaws.com"),
        "Cloud",
        95 * KB,
        260 * KB,
        0.7,
        1,
        4,
        ENGINEERING,
    ),
    Service(("go.xero.com",), "Finance", 60 * KB, 7 * KB, 0.8, 1.1, 5, frozenset({"finance"})),
    Service(("app.powerbi.com",), "Analytics", 320 * KB, 6 * KB, 0.4, 0.5, 3, OPERATIONS | SALES),
)
"""What the company pays for."""

SHADOW: Final = (
    Service(("www.dropbox.com", "content.dropboxapi.com"), "Storage", 420 * KB, 900 * KB, 0.18, 0.3, 3),
    Service(("drive.google.com", "docs.google.com"), "Storage", 260 * KB, 310 * KB, 0.25, 0.4, 4),
    Service(("wetransfer.com", "www.wetransfer.com"), "Storage", 180 * KB, 3 * MB, 0.12, 0.12, 3),
    Service(("mega.nz", "g.api.mega.co.nz"), "Storage", 150 * KB, 800 * KB, 0.05, 0.1, 3),
    Service(("gofile.io", "api.gofile.io"), "Storage", 90 * KB, 400 * KB, 0.04, 0.08, 2),
    Service(("www.notion.so", "msgstore.www.notion.so"), "Productivity", 130 * KB, 30 * KB, 0.3, 0.6, 5),
    Service(("trello.com", "api.trello.com"), "Projects", 70 * KB, 8 * KB, 0.25, 0.5, 5),
    Service(("miro.com",), "Collaboration", 380 * KB, 45 * KB, 0.2, 0.3, 4),
    Service(("www.figma.com",), "Design", 520 * KB, 60 * KB, 0.5, 0.6, 4, frozenset({"marketing", "engineering"})),
    Service(("www.canva.com", "media.canva.com"), "Design", 600 * KB, 210 * KB, 0.6, 0.5, 4, SALES),
    Service(("app.asana.com",), "Projects", 65 * KB, 7 * KB, 0.12, 0.4, 4),
    Service(("airtable.com",), "Productivity", 110 * KB, 18 * KB, 0.15, 0.3, 4, OPERATIONS | SALES),
    Service(("www.smallpdf.com", "api.smallpdf.com"), "Productivity", 300 * KB, 1_200 * KB, 0.22, 0.15, 2),
    Service(("www.ilovepdf.com",), "Productivity", 280 * KB, 1_500 * KB, 0.2, 0.12, 2),
    Service(("pastebin.com",), "Sharing", 18 * KB, 6 * KB, 0.5, 0.15, 2, ENGINEERING, denied=0.5),
    Service(("web.whatsapp.com", "mmg.whatsapp.net"), "Chat", 55 * KB, 35 * KB, 0.4, 0.7, 3, tunnel=True),
    Service(("web.telegram.org",), "Chat", 60 * KB, 30 * KB, 0.1, 0.3, 3, tunnel=True),
    Service(("discord.com", "gateway.discord.gg"), "Chat", 50 * KB, 12 * KB, 0.3, 0.4, 3, ENGINEERING, tunnel=True),
    Service(("relay-7f3a.net.anydesk.com",), "Remote access", 2 * MB, 3 * MB, 0.06, 0.1, 2, tunnel=True),
)
"""What people use without approval."""

GENERATIVE_AI: Final = (
    Service(("chatgpt.com", "ab.chatgpt.com"), "AI", 48 * KB, 26 * KB, 0.55, 0.9, 5, growth=3.0),
    Service(("copilot.microsoft.com",), "AI", 42 * KB, 14 * KB, 0.3, 0.4, 4, growth=1.6),
    Service(("claude.ai", "api.anthropic.com"), "AI", 52 * KB, 40 * KB, 0.3, 0.6, 5, growth=2.5),
    Service(("gemini.google.com",), "AI", 40 * KB, 12 * KB, 0.2, 0.3, 4, growth=1.5),
    Service(("www.perplexity.ai",), "AI", 60 * KB, 8 * KB, 0.15, 0.3, 4, growth=1.8),
    Service(("www.deepl.com", "www2.deepl.com"), "Translation", 24 * KB, 18 * KB, 0.5, 0.4, 3),
    Service(("capi.grammarly.com", "app.grammarly.com"), "Writing", 12 * KB, 15 * KB, 0.3, 0.8, 4, tunnel=True),
    Service(("chat.deepseek.com",), "AI", 38 * KB, 45 * KB, 0.2, 0.4, 4, growth=2.0, since=0.55),
    Service(("otter.ai",), "AI", 200 * KB, 7 * MB, 0.08, 0.15, 2, SALES, since=0.3),
    Service(("www.midjourney.com",), "AI", 900 * KB, 9 * KB, 0.3, 0.3, 4, frozenset({"marketing"})),
)
"""What is new and growing."""

PRIVATE: Final = (
    Service(("www.linkedin.com", "media.licdn.com"), "Social", 140 * KB, 5 * KB, 0.6, 0.5, 4),
    Service(("www.youtube.com", "rr3---sn-5hnekn7k.googlevideo.com"), "Media", 3 * MB, 7 * KB, 0.5, 0.4, 4),
    Service(("open.spotify.com", "audio-fa.scdn.co"), "Media", 2 * MB, 3 * KB, 0.3, 0.6, 3, tunnel=True),
    Service(("www.facebook.com", "static.xx.fbcdn.net"), "Social", 190 * KB, 8 * KB, 0.3, 0.2, 4, denied=0.2),
    Service(("mail.google.com",), "Webmail", 65 * KB, 25 * KB, 0.3, 0.4, 3),
    Service(("www.svt.se", "www.gp.se"), "News", 170 * KB, 3 * KB, 0.5, 0.5, 4),
    Service(("www.bet365.com",), "Gambling", 4 * KB, 2 * KB, 0.08, 0.15, 2, denied=1.0),
    Service(("thepiratebay.org",), "Piracy", 4 * KB, 2 * KB, 0.04, 0.1, 2, denied=1.0),
    Service(("www.tiktok.com",), "Social", 900 * KB, 9 * KB, 0.2, 0.2, 3, denied=0.4),
)
"""What people use privately."""

UNLISTED: Final = (
    Service(("boka.hamnslot-lindgren.se",), "Business", 40 * KB, 11 * KB, 0.8, 0.9, 5, frozenset({"operations"})),
    Service(("app.truckbay-scheduler-demo.net",), "Business", 55 * KB, 14 * KB, 0.5, 0.6, 5, frozenset({"operations"})),
    Service(
        ("portal.pallpool-nord-demo.eu", "api.pallpool-nord-demo.eu"),
        "Business",
        35 * KB,
        20 * KB,
        0.4,
        0.4,
        3,
        OPERATIONS,
    ),
    Service(("tullhjalpen-lindgren.se",), "Business", 30 * KB, 60 * KB, 0.5, 0.3, 3, OPERATIONS),
    Service(("free-pdf-unlocker-demo.top",), "Uncategorized", 70 * KB, 2 * MB, 0.06, 0.12, 2),
    Service(("cdn7.filedrop-anonym-demo.xyz",), "Uncategorized", 20 * KB, 5 * MB, 0.03, 0.1, 2, since=0.4),
    Service(("summarise-any-contract-demo.ai",), "Uncategorized", 30 * KB, 700 * KB, 0.08, 0.2, 2, since=0.5),
)
"""Names outside every catalog: trading partners, and services nobody has reviewed."""

ADDRESSES: Final = (
    Service(("140.82.121.4",), "Code", 60 * KB, 15 * KB, 0.5, 0.2, 3, ENGINEERING, tunnel=True),
    Service(("91.198.174.192",), "Uncategorized", 25 * KB, 2 * KB, 0.2, 0.1, 3, tunnel=True),
)
"""Public servers reached by address only."""

INTERNAL: Final = (
    Service(("intranet.lindgren.local", "wiki"), "Internal", 40 * KB, 3 * KB, sessions=0.8, requests=3),
    Service(("10.20.4.9",), "Internal", 80 * KB, 12 * KB, share=0.4, sessions=0.5, requests=3),
)
"""Internal hosts, which are not cloud apps."""

SERVICES: Final = (*WORK, *SHADOW, *GENERATIVE_AI, *PRIVATE, *UNLISTED, *ADDRESSES, *INTERNAL)

MACHINES: Final = (
    Service(("fe3cr.delivery.mp.microsoft.com", "dl.delivery.mp.microsoft.com"), "Updates", 1_500 * KB, 2 * KB),
    Service(("deb.debian.org",), "Updates", 800 * KB, 1 * KB),
    Service(("app.datadoghq.eu", "agent-intake.logs.datadoghq.eu"), "Monitoring", 2 * KB, 30 * KB),
)
"""What servers do around the clock, without a user."""
