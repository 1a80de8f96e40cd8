"""Typical mistakes in merging open data, absent from the shipped catalog."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from opencasb.catalog.catalog import Catalog
from opencasb.model.app import App
from opencasb.model.layer import LAYERS

CATALOG = Catalog.shipped()
FACTS = CATALOG.facts


def at(host: str) -> App | None:
    """Return the app of a host."""
    (app_id,) = CATALOG.match_hosts(pl.Series([host]))["app_id"]
    return None if app_id is None else CATALOG.app(app_id)


def known(host: str) -> App:
    """Return the app of a host that has one."""
    app = at(host)
    assert app is not None
    return app


def facts_at(host: str) -> dict[str, list[str]]:
    """Return the values of each factor of a host's app, the believed one first."""
    rows = (
        FACTS.filter(pl.col("app_id") == known(host).app_id).select("factor", "value").group_by("factor").agg("value")
    )
    return dict(rows.iter_rows())


def test_no_snowball() -> None:
    """Apps that some list groups together remain separate apps."""
    hosts = ["github.com", "spotify.com", "netlify.com", "openai.com", "pinterest.com", "livekit.cloud", "sentry.io"]
    found = [app for app in map(at, hosts) if app]
    assert len({app.app_id for app in found}) == len(found) >= 6


def test_siblings_do_not_share_facts() -> None:
    """Link has no second factor, Stripe has one."""
    assert facts_at("stripe.com")["is_multi_factor_authentication"][0] == "true"
    assert facts_at("link.com")["is_multi_factor_authentication"][0] == "false"


def test_a_platform_is_its_vendors_and_a_host_below_it_a_customers() -> None:
    """The customer is shown as the instance."""
    matched = CATALOG.match_hosts(pl.Series(["zendesk.com", "acme.zendesk.com", "acme.github.io", "acme.notion.site"]))
    assert matched["instance"].to_list() == [None, "acme.zendesk.com", "acme.github.io", "acme.notion.site"]
    assert matched["app_id"][0] == matched["app_id"][1]


@pytest.mark.parametrize(
    "host",
    """
    acme.eu.auth0.com acme.enterprise.slack.com acme--dev.sandbox.my.salesforce.com acme.eu.qualtrics.com
    acme.eu.goskope.com acme.eu.pagerduty.com xy12345.eu-central-1.snowflakecomputing.com
    xy12345.west-europe.azure.snowflakecomputing.com acme-one.privatelink.snowflakecomputing.com
    xy12345.us-east-1.privatelink.snowflakecomputing.com adb-1234567890.17.azuredatabricks.net acme.sharepoint.us
    acme-my.sharepoint.cn bucket.storage.googleapis.com acme.wd5.myworkdayjobs.com acme.crm11.dynamics.com
    acme-f3bqd2a8.westeurope-01.azurewebsites.net acme.scm.azurewebsites.net acme-a1b2c3.z01.azurefd.net
    bucket.s3.eu-central-1.wasabisys.com bucket.fra1.digitaloceanspaces.com svc-abc-uc.a.run.app
    svc-123456.europe-west1.run.app proj.uc.r.appspot.com web-1234.eu-west-1.elb.amazonaws.com
    tcp-1234.elb.eu-west-1.amazonaws.com s-12ab.server.transfer.eu-west-1.amazonaws.com
    123456789012.dkr.ecr.us-east-1.amazonaws.com abc123.lambda-url.us-east-1.on.aws acme.westeurope.cloudapp.azure.com
    acme.westeurope.kusto.windows.net acct.z6.web.core.windows.net happyhill-12ab.westeurope.azurecontainerapps.io
    abcd-saasfaprod1.fa.ocs.oraclecloud.com eabc.fa.em2.oraclecloud.com 1234567.suitetalk.api.netsuite.com
    acme.eu10.sapanalytics.cloud acme.app.personio.com acme.jamfcloud.com acme.eu.qlikcloud.com
    bucket.oss-cn-hangzhou.aliyuncs.com bucket.s3.us-west-004.backblazeb2.com
    bucket.s3.us-south.cloud-object-storage.appdomain.cloud bucket.fsn1.your-objectstorage.com
    """.split(),  # noqa: SIM905 -- a list of hosts reads better as words
)
def test_a_region_or_an_edition_is_no_customer(host: str) -> None:
    """It is between the customer's label and the platform, and is no instance by itself."""
    matched = CATALOG.match_hosts(pl.Series([host, host.partition(".")[2]]))
    assert matched["instance"].to_list() == [host, None]


@pytest.mark.parametrize(
    "host",
    """
    oauth2.googleapis.com raw.githubusercontent.com ec2.us-east-1.amazonaws.com manage.eu.auth0.com
    dc.services.visualstudio.com log-gateway.zoom.us us04st1.zoom.us idbroker-b-us.webex.com stitch.withgoogle.com
    my.1password.com open.feishu.cn
    """.split(),  # noqa: SIM905 -- a list of hosts reads better as words
)
def test_a_vendors_own_host_is_no_customer(host: str) -> None:
    """The public suffix list may have its domain."""
    assert CATALOG.match_hosts(pl.Series([host]))["instance"].to_list() == [None]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("px.ads.linkedin.com", "LinkedIn Ads"),
        ("snap.licdn.com", "LinkedIn Ads"),
        ("connect.facebook.net", "Meta Pixel"),
        ("static.ads-twitter.com", "X Ads"),
        ("analytics.tiktok.com", "TikTok Ads"),
        ("ct.pinterest.com", "Pinterest Ads"),
        ("tr.snapchat.com", "Snapchat Ads"),
        ("alb.reddit.com", "Reddit Ads"),
        ("mc.yandex.ru", "Yandex.Metrica"),
        ("an.yandex.ru", "Yandex Direct"),
        ("hm.baidu.com", "Baidu Tongji"),
        ("top-fwz1.mail.ru", "VK Ads"),
        ("js.hs-analytics.net", "HubSpot Tracking"),
        ("munchkin.marketo.net", "Marketo Munchkin"),
        ("pi.pardot.com", "Pardot Tracking"),
        ("assets.adobedtm.com", "Adobe Experience Cloud"),
        ("static.cloudflareinsights.com", "Cloudflare Web Analytics"),
        ("j.6sc.co", "6sense Tags"),
        ("ws.zoominfo.com", "ZoomInfo WebSights"),
        ("sb.scorecardresearch.com", "Comscore"),
        ("ib.adnxs.com", "Xandr"),
        ("match.adsrvr.org", "The Trade Desk"),
        ("eus.rubiconproject.com", "Magnite"),
    ],
)
def test_a_tag_in_other_peoples_pages_is_no_use_of_its_vendors_app(host: str, name: str) -> None:
    """Visitors of a page with an advertising or marketing tag do not use the vendor's app."""
    app = known(host)
    assert app.name == name
    assert "tracker" in app.flags


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("akamai.com", "akadns.net"),
        ("primevideo.com", "pv-cdn.net"),
        ("windsurf.com", "server.codeium.com"),
        ("goto.com", "webinar.getgo.com"),
        ("logmein.com", "logmein-gateway.com"),
        ("teamviewer.com", "dyngate.com"),
        ("braze.com", "js.appboycdn.com"),
        ("liveperson.com", "lpsnmedia.net"),
        ("exactonline.nl", "exact.com"),
        ("zendesk.com", "zendesk.co.uk"),
        ("zalando.de", "zalando.fr"),
        ("adobe.com", "adobe-identity.com"),
        ("todesk.com", "todesk.cn"),
        ("qwen.ai", "qianwen.com"),
    ],
)
def test_further_domains_of_an_app_are_not_a_second_app(host: str, other: str) -> None:
    """Sources list them under similar names, but none links them."""
    assert at(host) == at(other) is not None


@pytest.mark.parametrize(
    "host",
    """
    st2-v3-dc.splashtop.com rs-ny.rustdesk.com app.ninjarmm.com remotedesktop.google.com acme.invgate.net
    desktop.gotomypc.eu acme.n-central.com
    """.split(),  # noqa: SIM905 -- a list of hosts reads better as words
)
def test_reviewed_tools_for_remote_access_are_marked_as_such(host: str) -> None:
    """A review keeps the flag from a list of such tools."""
    assert "remote-access" in known(host).flags


def test_a_part_of_a_platform_is_shown_under_the_platforms_domain() -> None:
    """The public suffix list may have the platform."""
    hosts = pl.Series(["acme.scm.azurewebsites.net", "acme-a1b2c3.z01.azurefd.net", "fonts.googleapis.com"])
    assert CATALOG.match_hosts(hosts)["domain"].to_list() == ["azurewebsites.net", "azurefd.net", "googleapis.com"]


def test_facts_of_one_of_a_family_do_not_spread() -> None:
    """Facts about Google do not apply to Gemini."""
    spread = {"is_gdpr_right_to_erasure", "account_deletion_effort", "terms_of_service", "bug_bounty", "terms_grade"}
    assert spread <= facts_at("google.com").keys()
    assert not spread & facts_at("gemini.google.com").keys()


def test_country_variants_belong_together_only_if_a_source_says_so() -> None:
    """Equal labels alone often belong to different companies."""
    amazon = at("amazon.com")
    assert amazon == at("amazon.de") == at("amazon.co.jp")
    assert at("target.com.au") != known("target.com")


def test_an_include_of_advertising_hosts_makes_no_vendor_an_advertiser() -> None:
    """They are no trackers either."""
    for host in ("google.com", "microsoft.com", "adobe.com", "amazon.com", "facebook.com", "apple.com"):
        app = known(host)
        assert app.category != "SAASDB_CATEGORY_ADVERTISING", host
        assert "tracker" not in app.flags, host


def test_installations_of_one_software_are_not_one_app() -> None:
    """The software keeps its own domains."""
    for host in ("discourse.org", "joinmastodon.org", "matrix.org"):
        assert len(known(host).domains) <= 8, host


def test_a_government_edition_is_only_a_remark() -> None:
    """Its level does not apply to the general edition, and nothing is derived from it."""
    for host in ("salesforce.com", "gitlab.com", "workday.com", "zscaler.com"):
        facts = facts_at(host)
        assert "fed_ramp_government_edition" in facts, host
        assert "fed_ramp_level" not in facts, host
        assert "is_penetration_testing" not in facts, host


def test_what_a_baseline_implies_is_marked_so() -> None:
    """It is marked as derived, of medium confidence, and requires a level."""
    implied = FACTS.filter(pl.col("method").str.starts_with("implied by FedRAMP"))
    assert implied.height > 300
    assert set(implied["confidence"]) == {"medium"}
    levels = FACTS.filter(pl.col("factor") == "fed_ramp_level")
    assert set(implied["app_id"]) <= set(levels["app_id"])
    pilots = levels.filter(pl.col("value").str.contains("20x"))["app_id"]
    assert not set(pilots) & set(implied["app_id"])


def test_scraped_pages_are_no_breach() -> None:
    """Data that may have been public give low confidence."""
    assert facts_at("linkedin.com")["latest_breach_date_time"] == ['"2012-05-05"']
    breaches = FACTS.filter(pl.col("factor") == "latest_breach_date_time")
    assert "high" not in set(breaches["confidence"])
    assert breaches.filter(pl.col("method").is_not_null())["confidence"].unique().to_list() == ["low"]


@pytest.mark.parametrize("host", ["link.com", "hivehome.com", "zip.co", "front.com"])
def test_a_common_name_is_not_taken_for_a_listed_company(host: str) -> None:
    """Nor is it taken for a namesake in a gallery."""
    facts = facts_at(host)
    assert not {"holding", "founded"} & facts.keys()


def test_absence_from_a_list_of_the_good_says_nothing() -> None:
    """Positive lists never imply "no"."""
    lists = ("hsts-preload", "diodb", "entra-gallery-tutorials", "sso-wall-of-shame", "passkeys", "fedramp-marketplace")
    assert FACTS.filter(pl.col("source").is_in(lists), pl.col("value") == "false").height == 0


def test_facts_of_closed_and_old_services_have_their_age() -> None:
    """They are kept, each with the date of its source."""
    assert known("lynda.com").name == "Lynda.com"
    assert FACTS["date"].str.contains(r"^\d{4}-\d{2}-\d{2}$").all()


def test_contradictions_are_kept_and_the_newer_or_surer_source_is_believed() -> None:
    """Both statements are kept with their sources."""
    rank = {"high": 0, "medium": 1, "low": 2}
    both = FACTS.filter(pl.col("factor") == "is_multi_factor_authentication").group_by("app_id", maintain_order=True)
    contradicted = [rows for _, rows in both if rows["value"].n_unique() > 1]
    assert contradicted
    for rows in contradicted:
        assert rows["source"].n_unique() == rows.height
        assert rank[rows["confidence"][0]] == min(map(rank.__getitem__, rows["confidence"]))


def test_names_in_other_scripts_are_matched() -> None:
    """Both punycode and Unicode match."""
    listed = CATALOG.apps.explode("domains").filter(pl.col("domains").str.starts_with("xn--"))["domains"][0]
    written = listed.encode().decode("idna")
    assert written != listed
    assert at(written) == at(listed) is not None


def test_advertising_and_measuring_services_are_flagged() -> None:
    """Reports can then leave them out."""
    flagged = CATALOG.apps.filter(pl.col("flags").list.contains("tracker"))
    assert flagged.height > 1000
    advertising = CATALOG.apps.filter(pl.col("category") == "SAASDB_CATEGORY_ADVERTISING")
    assert advertising.filter(pl.col("flags").list.contains("tracker")).height > 0.8 * advertising.height


def test_no_prose_of_a_source_is_shipped() -> None:
    """Columns have names, words of a fixed vocabulary, numbers and URLs; only URLs may be long."""
    folder = Path(str(files("opencasb.catalog").joinpath("data")))
    for layer in LAYERS:
        values = pl.read_parquet(folder / layer / "facts.parquet").filter(~pl.col("value").str.contains("https?://"))
        assert values["value"].str.len_chars().max() < 120  # type: ignore[operator]  # texts have a length
        assert set(pl.read_parquet(folder / layer / "apps.parquet").columns) <= {
            *("app_id", "name", "name_source", "category", "category_source", "vendor", "vendor_source"),
            *("flags", "evidence", "score"),
        }
