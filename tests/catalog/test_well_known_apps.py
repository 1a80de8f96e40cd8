"""Apps that companies use every day, checked by hand: name, category and hosts."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.catalog.catalog import Catalog

APPS = """
1Password | SECURITY | 1password.com my.1password.eu
Adobe | PRODUCT_DESIGN | helpx.adobe.com
Adobe Creative Cloud | PRODUCT_DESIGN | creativecloud.adobe.com
Airtable | PRODUCTIVITY | airtable.com api.airtable.com
Amazon | ECOMMERCE | amazon.com www.amazon.de
Amazon Bedrock | GENERATIVE_AI | bedrock-runtime.eu-central-1.amazonaws.com bedrock.us-west-2.amazonaws.com
Amazon Photos | CLOUD_STORAGE | photos.amazon.com
Amazon Q Developer | GENERATIVE_AI | q.eu-central-1.amazonaws.com
Amazon Trust Services | SECURITY | ocsp.r2m01.amazontrust.com
Amazon Web Services | CLOUD_COMPUTING_PLATFORM | aws.amazon.com eu-west-1.console.aws.amazon.com s3.amazonaws.com
Anthropic Claude | GENERATIVE_AI | claude.ai anthropic.com api.anthropic.com
Asana | PROJECT_MANAGEMENT | asana.com app.asana.com
Atlassian (Jira, Confluence) | PROJECT_MANAGEMENT | atlassian.com acme.atlassian.net
Auth0 | SECURITY | auth0.com acme.eu.auth0.com
Bank of America | ACCOUNTING_AND_FINANCE | bankofamerica.com
Bitbucket | CODE_HOSTING | bitbucket.org
Blogger | FORUMS | acme.blogspot.co.uk
Box | CLOUD_STORAGE | box.com api.box.com app.box.com
Bullhorn | HUMAN_RESOURCE_MANAGEMENT | cls40.bullhornstaffing.com
Canva | PRODUCT_DESIGN | canva.com
Celonis | BUSINESS_INTELLIGENCE | acme.eu-1.celonis.cloud
ClickHouse | DATA_ANALYTICS | abc.eu-central-1.aws.clickhouse.cloud
Clicksign | PRODUCTIVITY | app.clicksign.com
Cloudflare | HOSTING_SERVICES | cloudflare.com cdnjs.cloudflare.com x.workers.dev
CNET | NEWS_AND_ENTERTAINMENT | www.cnet.com
CRAN | DEVELOPMENT_TOOLS | cloud.r-project.org
crates.io | DEVELOPMENT_TOOLS | index.crates.io
DeepL | PRODUCTIVITY | deepl.com api-free.deepl.com
DeepSeek | GENERATIVE_AI | deepseek.com chat.deepseek.com
Discord | SOCIAL_NETWORK | discord.com discord.gg cdn.discordapp.com
DocuSign | PRODUCTIVITY | docusign.com na3.docusign.net
Dropbox | CLOUD_STORAGE | dropbox.com dl.dropboxusercontent.com
Dropbox Sign | PRODUCTIVITY | hellosign.com sign.dropbox.com
Duck DNS | HOSTING_SERVICES | acme.duckdns.org
Elastic | DATA_ANALYTICS | abc.es.eu-west-1.aws.found.io
Evernote | PRODUCTIVITY | evernote.com
Exact Online | ACCOUNTING_AND_FINANCE | start.exactonline.nl
Facebook | SOCIAL_NETWORK | facebook.com scontent.xx.fbcdn.net
Fatture in Cloud | ACCOUNTING_AND_FINANCE | secure.fattureincloud.it
Figma | PRODUCT_DESIGN | figma.com
Files.fm | CLOUD_STORAGE | files.fm
Fortinet | SECURITY | update.fortiguard.net
Gemini Code Assist | GENERATIVE_AI | cloudcode-pa.googleapis.com
Genesys Cloud | CUSTOMER_SUPPORT | apps.mypurecloud.de
GitHub | CODE_HOSTING | github.com raw.githubusercontent.com
GitHub Copilot | GENERATIVE_AI | api.githubcopilot.com copilot-telemetry.githubusercontent.com
GitLab | CODE_HOSTING | gitlab.com
Gmail | WEBMAIL | mail.google.com gmail.com gmail.googleapis.com
Google | CONSUMER | google.com www.gstatic.com
Google Cloud | CLOUD_COMPUTING_PLATFORM | cloud.google.com console.cloud.google.com
Google Cloud | CLOUD_COMPUTING_PLATFORM | status.cloud.google.com 4.3.2.1.bc.googleusercontent.com
Google Drive | CLOUD_STORAGE | drive.google.com
Google Gemini | GENERATIVE_AI | gemini.google.com aistudio.google.com
Google Workspace (Google Apps) | COLLABORATION | workspace.google.com admin.google.com
Grammarly | PRODUCTIVITY | grammarly.com app.grammarly.com
HackerOne | SECURITY | hackerone.com
Harvey | GENERATIVE_AI | app.harvey.ai
HMRC | CONSUMER | www.tax.service.gov.uk
HPE Aruba Networking | IT_SERVICES | central.arubanetworks.com
HubSpot | CRM | hubspot.com app.hubspot.com
Hugging Face | GENERATIVE_AI | huggingface.co
Huntress | SECURITY | update.huntress.io
iCloud Private Relay | SECURITY | mask-h2.icloud.com
InMobi | ADVERTISING | api.inmobi.com
Instagram | SOCIAL_NETWORK | instagram.com
Jobcan | HUMAN_RESOURCE_MANAGEMENT | ssl.jobcan.jp
kDrive | CLOUD_STORAGE | kdrive.infomaniak.com
Kimi | GENERATIVE_AI | kimi.moonshot.cn
Kiteworks | CLOUD_STORAGE | acme.accellion.net
Kochava | ADVERTISING | control.kochava.com
LastPass | SECURITY | lastpass.com
Link | ACCOUNTING_AND_FINANCE | link.com
LinkedIn | SOCIAL_NETWORK | linkedin.com media.licdn.com
Lovable | GENERATIVE_AI | acme.lovable.app
Lumo | GENERATIVE_AI | lumo.proton.me
Mail.ru Cloud | CLOUD_STORAGE | cloud.mail.ru
Manus | GENERATIVE_AI | acme.manus.space
Maven Central | DEVELOPMENT_TOOLS | repo1.maven.org
MEGA | CLOUD_STORAGE | mega.nz mega.io
Microsoft | IT_SERVICES | deff.nelreports.net
Microsoft Advertising | ADVERTISING | bat.bing.com
Microsoft Azure | CLOUD_COMPUTING_PLATFORM | azure.com portal.azure.com
Microsoft Azure | CLOUD_COMPUTING_PLATFORM | management.azure.com dc.services.visualstudio.com
Microsoft Copilot | GENERATIVE_AI | copilot.microsoft.com
Microsoft Copilot Studio | GENERATIVE_AI | copilotstudio.microsoft.com
Microsoft Defender | SECURITY | api-eu.securitycenter.microsoft.com eu-west.smartscreen-prod.microsoft.com
Microsoft Dynamics 365 | CRM | acme.crm4.dynamics.com
Microsoft Entra ID | SECURITY | login.partner.microsoftonline.cn aadcdn.msauthimages.net
Microsoft Exchange Online | WEBMAIL | outlook.office365.com outlook.office.com outlook.office365.us
Microsoft Exchange Online | WEBMAIL | nam12.safelinks.protection.outlook.com attachments.office.net
Microsoft OneDrive | CLOUD_STORAGE | onedrive.live.com onedrive.com 1drv.ms d.docs.live.net
Microsoft OneDrive for Business | CLOUD_STORAGE | contoso-my.sharepoint.com acme-my.sharepoint.us
Microsoft Power BI | BUSINESS_INTELLIGENCE | app.powerbi.com
Microsoft SharePoint Online | COLLABORATION | contoso.sharepoint.com
Microsoft Teams | COLLABORATION | teams.microsoft.com teams.live.com eu-api.asm.skype.com statics.teams.cdn.office.net
Microsoft Yammer | COLLABORATION | yammer.com www.yammer.com
Midjourney | GENERATIVE_AI | midjourney.com
Mimecast | SECURITY | url.uk.m.mimecastprotect.com
Miro | COLLABORATION | miro.com
monday.com | PROJECT_MANAGEMENT | monday.com acme.monday.com
Moveworks | GENERATIVE_AI | www.moveworks.com
Naver MYBOX | CLOUD_STORAGE | drive.naver.com
NetEase | NEWS_AND_ENTERTAINMENT | www.163.com
Netflix | MEDIA | netflix.com ipv4-c001.1.nflxvideo.net
Nmbrs | HUMAN_RESOURCE_MANAGEMENT | acme.nmbrs.nl
Notion | PRODUCTIVITY | notion.so notion.com
Office 365 | PRODUCTIVITY | office.com portal.office.com www.office365.com office.microsoft.com config.edge.skype.com
Okta | SECURITY | okta.com acme.okta.com
Omie | BUSINESS_MANAGEMENT | app.omie.com.br
Open Telekom Cloud | CLOUD_COMPUTING_PLATFORM | obs.eu-de.otc.t-systems.com
OpenAI ChatGPT | GENERATIVE_AI | openai.com chatgpt.com chat.openai.com api.openai.com
Oracle Fusion Cloud Applications | BUSINESS_MANAGEMENT | fa-acme-saasfaprod1.fa.ocs.oraclecloud.com
Pastebin | CONTENT_SHARING | pastebin.com
PayPal | ACCOUNTING_AND_FINANCE | paypal.com
PDF24 | PRODUCTIVITY | tools.pdf24.org
Perplexity | GENERATIVE_AI | perplexity.ai www.perplexity.ai
Plex Smart Manufacturing | OPERATIONS_MANAGEMENT | plex.com
PortSwigger | SECURITY | abc.oastify.com
Psychology Today | HEALTH | www.psychologytoday.com
QQ Mail | WEBMAIL | mail.qq.com
Quark Drive | CLOUD_STORAGE | pan.quark.cn
QuickBooks | ACCOUNTING_AND_FINANCE | quickbooks.api.intuit.com
Qwen | GENERATIVE_AI | dashscope.aliyuncs.com
Red Hat | DEVELOPMENT_TOOLS | registry.redhat.io
Reddit | SOCIAL_NETWORK | reddit.com i.redd.it
Salesforce | CRM | salesforce.com acme.lightning.force.com
Salesforce Commerce Cloud | ECOMMERCE | acme.demandware.net
SAP Cloud Identity Services | SECURITY | acme.accounts.ondemand.com
SAP Concur | ACCOUNTING_AND_FINANCE | concursolutions.com
SAP Signavio | BUSINESS_MANAGEMENT | acme.signavio.com
Sber | ACCOUNTING_AND_FINANCE | online.sberbank.ru
ServiceNow | IT_SERVICES | acme.service-now.com servicenow.com
ShareFile | CLOUD_STORAGE | acme.citrixfiles.com
Shopify | ECOMMERCE | shopify.com acme.myshopify.com
Siemens | IT_SERVICES | www.siemens.com
Skyscanner | TRANSPORTATION_AND_TRAVEL | www.skyscanner.net
Slack | COLLABORATION | slack.com files.slack.com a.slack-edge.com
Smartsheet | PROJECT_MANAGEMENT | smartsheet.com app.smartsheet.com
Snowflake | DATA_ANALYTICS | acme.snowflakecomputing.com
SonicWall | SECURITY | licensemanager.sonicwall.com
Sophos | SECURITY | d2.sophosupd.com
Spotify | MEDIA | spotify.com i.scdn.co
Streamlit | DEVELOPMENT_TOOLS | acme.streamlit.app
Stripe | ACCOUNTING_AND_FINANCE | stripe.com api.stripe.com
TeamViewer | IT_SERVICES | teamviewer.com
Telegram | PERSONAL_INSTANT_MESSAGING | telegram.org t.me web.telegram.org
Tencent Meeting | ONLINE_MEETINGS | meeting.tencent.com
Tencent Yuanbao | GENERATIVE_AI | yuanbao.tencent.com
The Motley Fool | ACCOUNTING_AND_FINANCE | www.fool.com
ThemeForest | ECOMMERCE | themeforest.net
TikTok | SOCIAL_NETWORK | tiktok.com
Trae | GENERATIVE_AI | www.trae.ai
Trello | PROJECT_MANAGEMENT | trello.com
Twilio | COMMUNICATIONS | api.twilio.com
Vertex AI | GENERATIVE_AI | europe-west4-aiplatform.googleapis.com
Webex | ONLINE_MEETINGS | acme.webex.com webex.com webexapis.com
WeCom | COLLABORATION | qyapi.weixin.qq.com
WeTransfer | CLOUD_STORAGE | wetransfer.com we.tl
WhatsApp | PERSONAL_INSTANT_MESSAGING | web.whatsapp.com mmg.whatsapp.net
Workday | HUMAN_RESOURCE_MANAGEMENT | workday.com wd5.myworkday.com
WorkOS | SECURITY | api.workos.com
Wormhole | CLOUD_STORAGE | wormhole.app
WPS Office | PRODUCTIVITY | www.kdocs.cn
X | SOCIAL_NETWORK | x.com twitter.com pbs.twimg.com t.co
Yandex.Cloud | CLOUD_COMPUTING_PLATFORM | storage.yandexcloud.net
Yandex.Disk | CLOUD_STORAGE | downloads.disk.yandex.ru
YouTube | MEDIA | youtube.com youtu.be r1.googlevideo.com
Zendesk | CUSTOMER_SUPPORT | zendesk.com acme.zendesk.com
Zoom | ONLINE_MEETINGS | zoom.us acme.zoom.us zoom.com
Zscaler | SECURITY | any.broker.prod.zpath.net
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in APPS.strip().splitlines()]
CATALOG = Catalog.shipped()


@pytest.mark.parametrize(("name", "category", "hosts"), ROWS, ids=[row[0] for row in ROWS])
def test_a_well_known_app_is_right(name: str, category: str, hosts: str) -> None:
    """Its hosts match an app of this name and category; none is missing, or attributed to another app of its vendor."""
    found = CATALOG.match_hosts(pl.Series(hosts.split()))["app_id"].unique().to_list()
    assert len(found) == 1
    app = CATALOG.app(found[0])
    assert app is not None
    assert (app.name, app.category) == (name, f"SAASDB_CATEGORY_{category}")
