"""Well-known apps, checked by hand: name, hosts and category."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.catalog.catalog import Catalog

GOLD = """
1Password | SECURITY | 1password.com my.1password.eu
Adobe Creative Cloud | PRODUCT_DESIGN | creativecloud.adobe.com
Airtable | PRODUCTIVITY | airtable.com api.airtable.com
Amazon | ECOMMERCE | amazon.com www.amazon.de
Amazon Web Services | CLOUD_COMPUTING_PLATFORM | aws.amazon.com eu-west-1.console.aws.amazon.com s3.amazonaws.com
Anthropic Claude | GENERATIVE_AI | claude.ai anthropic.com api.anthropic.com
Asana | PROJECT_MANAGEMENT | asana.com app.asana.com
Atlassian (Jira, Confluence) | PROJECT_MANAGEMENT | atlassian.com acme.atlassian.net
Auth0 | SECURITY | auth0.com acme.eu.auth0.com
Bank of America | ACCOUNTING_AND_FINANCE | bankofamerica.com
Bitbucket | CODE_HOSTING | bitbucket.org
Box | CLOUD_STORAGE | box.com api.box.com app.box.com
Canva | PRODUCT_DESIGN | canva.com
Cloudflare | HOSTING_SERVICES | cloudflare.com cdnjs.cloudflare.com x.workers.dev
DeepL | PRODUCTIVITY | deepl.com api-free.deepl.com
DeepSeek | GENERATIVE_AI | deepseek.com chat.deepseek.com
Discord | SOCIAL_NETWORK | discord.com discord.gg cdn.discordapp.com
DocuSign | PRODUCTIVITY | docusign.com na3.docusign.net
Dropbox | CLOUD_STORAGE | dropbox.com dl.dropboxusercontent.com
Dropbox Sign | PRODUCTIVITY | hellosign.com sign.dropbox.com
Evernote | PRODUCTIVITY | evernote.com
Facebook | SOCIAL_NETWORK | facebook.com scontent.xx.fbcdn.net
Figma | PRODUCT_DESIGN | figma.com
GitHub | CODE_HOSTING | github.com raw.githubusercontent.com
GitHub Copilot | GENERATIVE_AI | api.githubcopilot.com
GitLab | CODE_HOSTING | gitlab.com
Gmail | WEBMAIL | mail.google.com gmail.com
Google | CONSUMER | google.com www.gstatic.com
Google Cloud | CLOUD_COMPUTING_PLATFORM | cloud.google.com console.cloud.google.com
Google Drive | CLOUD_STORAGE | drive.google.com
Google Gemini | GENERATIVE_AI | gemini.google.com aistudio.google.com
Google Workspace (Google Apps) | COLLABORATION | workspace.google.com admin.google.com
Grammarly | PRODUCTIVITY | grammarly.com app.grammarly.com
HubSpot | CRM | hubspot.com app.hubspot.com
Hugging Face | GENERATIVE_AI | huggingface.co
Instagram | SOCIAL_NETWORK | instagram.com
LastPass | SECURITY | lastpass.com
LinkedIn | SOCIAL_NETWORK | linkedin.com media.licdn.com
MEGA | CLOUD_STORAGE | mega.nz mega.io
Microsoft Azure | CLOUD_COMPUTING_PLATFORM | azure.com portal.azure.com management.azure.com
Microsoft Copilot | GENERATIVE_AI | copilot.microsoft.com
Microsoft Dynamics 365 | CRM | acme.crm4.dynamics.com
Microsoft Exchange Online | WEBMAIL | outlook.office365.com outlook.office.com
Microsoft OneDrive | CLOUD_STORAGE | onedrive.live.com onedrive.com 1drv.ms
Microsoft OneDrive for Business | CLOUD_STORAGE | contoso-my.sharepoint.com
Microsoft Power BI | BUSINESS_INTELLIGENCE | app.powerbi.com
Microsoft SharePoint Online | COLLABORATION | contoso.sharepoint.com
Microsoft Teams | COLLABORATION | teams.microsoft.com teams.live.com
Microsoft Yammer | COLLABORATION | yammer.com www.yammer.com
Midjourney | GENERATIVE_AI | midjourney.com
Miro | COLLABORATION | miro.com
monday.com | PROJECT_MANAGEMENT | monday.com acme.monday.com
Netflix | MEDIA | netflix.com ipv4-c001.1.nflxvideo.net
Notion | PRODUCTIVITY | notion.so notion.com
Office 365 | PRODUCTIVITY | office.com portal.office.com www.office365.com
Okta | SECURITY | okta.com acme.okta.com
OpenAI ChatGPT | GENERATIVE_AI | openai.com chatgpt.com chat.openai.com api.openai.com
Pastebin | CONTENT_SHARING | pastebin.com
PayPal | ACCOUNTING_AND_FINANCE | paypal.com
Perplexity | GENERATIVE_AI | perplexity.ai www.perplexity.ai
Reddit | SOCIAL_NETWORK | reddit.com i.redd.it
Salesforce | CRM | salesforce.com acme.lightning.force.com
SAP Concur | ACCOUNTING_AND_FINANCE | concursolutions.com
ServiceNow | IT_SERVICES | acme.service-now.com servicenow.com
Shopify | ECOMMERCE | shopify.com acme.myshopify.com
Slack | COLLABORATION | slack.com files.slack.com a.slack-edge.com
Smartsheet | PROJECT_MANAGEMENT | smartsheet.com app.smartsheet.com
Snowflake | DATA_ANALYTICS | acme.snowflakecomputing.com
Spotify | MEDIA | spotify.com i.scdn.co
Stripe | ACCOUNTING_AND_FINANCE | stripe.com api.stripe.com
TeamViewer | IT_SERVICES | teamviewer.com
Telegram | PERSONAL_INSTANT_MESSAGING | telegram.org t.me web.telegram.org
TikTok | SOCIAL_NETWORK | tiktok.com
Trello | PROJECT_MANAGEMENT | trello.com
Twilio | COMMUNICATIONS | api.twilio.com
Webex | ONLINE_MEETINGS | acme.webex.com webex.com
WeTransfer | CLOUD_STORAGE | wetransfer.com we.tl
WhatsApp | PERSONAL_INSTANT_MESSAGING | web.whatsapp.com mmg.whatsapp.net
Workday | HUMAN_RESOURCE_MANAGEMENT | workday.com wd5.myworkday.com
X | SOCIAL_NETWORK | x.com twitter.com pbs.twimg.com t.co
YouTube | MEDIA | youtube.com youtu.be r1.googlevideo.com
Zendesk | CUSTOMER_SUPPORT | zendesk.com acme.zendesk.com
Zoom | ONLINE_MEETINGS | zoom.us acme.zoom.us zoom.com
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in GOLD.strip().splitlines()]
CATALOG = Catalog.shipped()


@pytest.mark.parametrize(("name", "category", "hosts"), ROWS, ids=[row[0] for row in ROWS])
def test_a_well_known_app_is_right(name: str, category: str, hosts: str) -> None:
    """Its hosts lead to an app of this name and category."""
    found = CATALOG.match_hosts(pl.Series(hosts.split()))["app_id"].unique().to_list()
    assert len(found) == 1
    app = CATALOG.app(found[0])
    assert app is not None
    assert (app.name, app.category) == (name, f"SAASDB_CATEGORY_{category}")
