"""User agents."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.user_agents import (
    NATIVE_CLIENT,
    NOTHING,
    OUTDATED_BROWSER,
    OUTDATED_SYSTEM,
    ROBOT,
    read_user_agent,
)

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/157.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/27.0 Mobile/15E148 Safari/604.1"
)
HIDDEN_ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/157.0.0.0 Mobile Safari/537.36"
)


def test_the_shared_cases(shared: Path) -> None:
    """Every verified string of the samples has the expected type, device, browser and system."""
    lines = (shared / "samples" / "enrichment" / "user-agents.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    assert len(cases) > 40
    for case in cases:
        found = read_user_agent(case["userAgent"])
        assert {
            "userAgent": case["userAgent"],
            "deviceType": found.device_type,
            "kind": found.kind,
            "browser": found.browser or None,
            "os": found.system or None,
        } == case


@pytest.mark.parametrize(
    ("text", "kind", "device"),
    [
        (WINDOWS, "browser", "DESKTOP"),
        (PHONE, "browser", "MOBILE"),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/157.0.0.0 Safari/537.36",
            "browser",
            "DESKTOP",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", None, "DESKTOP"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) Chrome/157.0.0.0 Mobile Safari/537.36", "native", "MOBILE"),
        ("Client=OutlookService;Outlook-Android/2.0", "native", "MOBILE"),
        ("Dalvik/2.1.0 (Linux; U; Android 15; Pixel 9)", "native", "MOBILE"),
        ("MyApp/1 CFNetwork/1568.200.51 Darwin/24.1.0", "native", "MOBILE"),
        ("Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621.4391", "tool", "OTHER"),
        ("axios/1.7.2", "tool", "OTHER"),
        ("gaxios/6.3.0", "tool", "OTHER"),
        ("got (https://github.com/sindresorhus/got)", "tool", "OTHER"),
        ("Java1.8.0_181", "tool", "OTHER"),
        ("MSGraphPythonSDK/1.0", "tool", "OTHER"),
        ("ExampleSDKv2/11.36", "tool", "OTHER"),
        ("OpenAI/Python 1.30.1", "tool", "OTHER"),
        ("claude-cli/1.0.33 (external, cli)", "tool", "OTHER"),
        ("AzureAD-PowerShell", "tool", "OTHER"),
        ("sqlmap/1.8 (https://sqlmap.org)", "tool", "OTHER"),
        ("command/gcloud.compute.instances.list gcloud/470 (Linux)", "tool", "OTHER"),
        ("SalesforceMobileSDK/9.1.1 iOS/18.4.1 (iPhone) Salesforce1/246.0", "native", "MOBILE"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Goanna/6.7 Firefox/128.0 PaleMoon/33.2.0", "browser", "DESKTOP"),
        ("python-httpx/0.27.0", "tool", "OTHER"),
        ("SharePointDocumentStore/1.0", "service", "OTHER"),
        ("ec2.amazonaws.com", "service", "OTHER"),
        ("AWSConsole, aws-sdk-java/1.12", "service", "OTHER"),
        ("Coral/Netty4", "service", "OTHER"),
        ("OktaVerify/9.10.0 DeviceSDK/1.0 macOS/15.1", "native", "OTHER"),
        ("GoogleDriveFS/88.0 Windows", "sync", "DESKTOP"),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "robot", "OTHER"),
        ("macOS/15.1 (24B83) Mail/1.0", "native", "DESKTOP"),
        ("Client=WebServices;Mac OS X/10.15.7 (19H2)", "native", "DESKTOP"),
        (
            "Client=WebServices;Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
            "native",
            "DESKTOP",
        ),
        ("Client=WebServices;ExchangeServicesClient/15.00.0913.015", "service", "OTHER"),
        ("Microsoft OneNote 2016 (16.0.10730; Pro)", "native", "OTHER"),
        ("OneDrive/12.62.9 (iOS/18.4.1)", "native", "MOBILE"),
        ("com.example.notes/5.2 Android/15", "native", "MOBILE"),
        ("com.example.notes/5.2 (Linux; U; Android 15; en_US; Pixel 9)", "native", "MOBILE"),
        ("Microsoft.Office.OneDrive (Android 15)", "native", "MOBILE"),
        ("Windows-AzureAD-Authentication-Provider/1.0", "native", "DESKTOP"),
        (f"{WINDOWS} OneOutlook/1.2026.111.100", "native", "DESKTOP"),
        ("Notes/16.2 CFNetwork/978.0.7 Darwin/18.7.0 (x86_64)", "native", "DESKTOP"),
        ("Windows 11", None, "DESKTOP"),
        ("Mac+OS+X/13.4 (22F66) CalendarAgent/961.4.2", "native", "DESKTOP"),
        ("iOS/18.1 (22B83) dataaccessd/1.0", "native", "MOBILE"),
        ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Trident/7.0; ms-office)", "native", "DESKTOP"),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0", "robot", "OTHER"),
        ("Claude-User/1.0", "robot", "OTHER"),
        (f"{WINDOWS}; Errand-User/1.0", "robot", "OTHER"),
        (f"{WINDOWS} (compatible; ExampleBot/2.1; https://bot.example.com)", "robot", "OTHER"),
        (f"{WINDOWS} (compatible; Reader/1.0; +https://reader.example.com/about)", "robot", "OTHER"),
        ("Mozilla/5.0 (compatible; ExampleWatch/1.1)", "robot", "OTHER"),
        ("example-crawler/3.2", "robot", "OTHER"),
        (HIDDEN_ANDROID.replace("; K)", "; CUBOT X18)"), "browser", "MOBILE"),
        (HIDDEN_ANDROID.replace("; K)", "; IDbot553)"), "browser", "MOBILE"),
        ("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)", "browser", "DESKTOP"),
        ("okta-sdk-python/2.9.8 python/3.11.4 Linux/6.8", "tool", "OTHER"),
        ("node", "tool", "OTHER"),
        ("[AWSCloudTrail, aws-internal/3]", "service", "OTHER"),
        ("(((", None, "OTHER"),
    ],
)
def test_kind_and_device_type_are_recognised(text: str, kind: str | None, device: str) -> None:
    found = read_user_agent(text)
    assert (found.kind, found.device_type) == (kind, device)


def test_a_sign_in_to_entra_names_system_and_browser() -> None:
    """Its format is no user agent."""
    found = read_user_agent(";Windows 10;Chrome 91.0;")
    assert (found.kind, found.device_type, found.browser, found.version) == ("browser", "DESKTOP", "Chrome", "91.0")
    assert (found.system, found.system_version, found.tags) == ("Windows", "10", (OUTDATED_BROWSER,))
    phone, other = read_user_agent(";Ios 18.1;Mobile Safari 18.1;"), read_user_agent(";Android 15;Chrome Mobile 142.0;")
    assert (phone.browser, phone.device_type, phone.system) == ("Safari", "MOBILE", "iOS")
    assert (other.browser, other.device_type, other.system) == ("Chrome", "MOBILE", "Android")
    assert read_user_agent(";MacOs;Edge 142.0;").device_type == "DESKTOP"
    assert read_user_agent(";Windows 10;Rich Client 5.2.9.0;").kind == "native"
    assert read_user_agent(";;;").kind is None


@pytest.mark.parametrize("before", ["", "Client=OutlookService;"])
@pytest.mark.parametrize(("system", "version"), [("iOS", "2.0"), ("Android", "2.0;"), ("Android", "4.2345.0")])
def test_the_version_of_outlook_is_not_that_of_the_phone(before: str, system: str, version: str) -> None:
    """It is a native client on a system of unknown version."""
    found = read_user_agent(f"{before}Outlook-{system}/{version}")
    assert (found.kind, found.device_type, found.system, found.system_version) == ("native", "MOBILE", system, "")
    assert found.tags == (NATIVE_CLIENT,)


@pytest.mark.parametrize("text", ["TeamsMobile-iOS/6.2", "TeamsMobile-iOS/6.2.1 (build 77)"])
def test_the_version_of_an_app_is_not_that_of_the_phone(text: str) -> None:
    """The version after the system's name is the app's own."""
    found = read_user_agent(text)
    assert (found.kind, found.device_type, found.system, found.system_version) == ("native", "MOBILE", "iOS", "")
    assert found.tags == (NATIVE_CLIENT,)


@pytest.mark.parametrize(
    "text",
    [
        "MacOutlook/16.84.24041420 (Intelx64 Mac OS X Version 10.14.5 (Build 18F132))",
        "Client=WebServices;MacOutlook/16.84.24041420 (Intelx64 Mac OS X 10.14.5 (Build 18F132))",
        "Microsoft Office Word/16.54.1010 (Mac OS/10.14.5; Desktop; en-US; AppStore; Apple/iMac14,2)",
    ],
)
def test_office_on_a_mac_tells_its_version(text: str) -> None:
    found = read_user_agent(text)
    assert (found.kind, found.device_type, found.system) == ("native", "DESKTOP", "Mac OS X")
    assert (found.system_version, found.tags) == ("10.14.5", (NATIVE_CLIENT, OUTDATED_SYSTEM))


def test_an_app_has_its_own_name() -> None:
    """It differs from the system's name."""
    found = read_user_agent("com.example.notes/5.2 (Linux; U; Android 15; en_US; Pixel 9)")
    assert (found.name, found.version, found.system, found.system_version) == (
        "com.example.notes",
        "5.2",
        "Android",
        "15",
    )


@pytest.mark.parametrize("before", ["", "Client=ActiveSync;UserAgent="])
def test_outlook_on_phones_has_one_name_for_all_of_them(before: str) -> None:
    """The system is therefore unknown, and not tagged as outdated."""
    found = read_user_agent(f"{before}Outlook-iOS-Android/1.0;Action=Sync")
    assert (found.kind, found.device_type, found.system, found.system_version) == ("native", "MOBILE", "", "")
    assert found.tags == (NATIVE_CLIENT,)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        (WINDOWS, []),
        (HIDDEN_ANDROID, []),
        (PHONE, []),
        (WINDOWS.replace("157", "120"), [OUTDATED_BROWSER]),
        (WINDOWS.replace("NT 10.0", "NT 6.1"), [OUTDATED_SYSTEM]),
        (WINDOWS.replace("157", "109").replace("NT 10.0", "NT 6.1"), [OUTDATED_BROWSER, OUTDATED_SYSTEM]),
        ("Microsoft Office/16.0", [NATIVE_CLIENT]),
        ("Microsoft SkyDriveSync 21.030.0211.0002 ship; Windows NT 10.0 (19042)", [NATIVE_CLIENT]),
        ("curl/8.4.0", [ROBOT]),
        ("sso.amazonaws.com", []),
    ],
)
def test_tags(text: str, tags: list[str]) -> None:
    """Chrome hides the version of Android, so it cannot be tagged as outdated."""
    assert list(read_user_agent(text).tags) == tags


def test_an_empty_user_agent_says_nothing() -> None:
    for text in (None, "", "-", "  ", "[]"):
        assert read_user_agent(text) == NOTHING


def test_the_wire_object() -> None:
    """It has the format of the samples (api §7.4)."""
    assert read_user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:160.0) Gecko/20100101 Firefox/160.0").wire() == {
        "family": "FIREFOX",
        "name": "Firefox",
        "version": "160.0",
        "major": "160",
        "minor": "0",
        "operatingSystem": {"name": "Linux", "family": "Linux", "version": ""},
        "os": "linux",
        "browser": "FIREFOX",
        "type": "Browser",
        "typeName": "Browser",
        "deviceType": "DESKTOP",
        "nativeBrowser": False,
        "tags": [],
    }
    assert read_user_agent(PHONE).wire()["family"] == "SAFARI"
    assert read_user_agent("aws-cli/2.11.0 Python/3.11.2").wire()["name"] == "aws-cli"


@given(st.text(max_size=200) | st.text(alphabet="()[]/;. 0Mozilaws", max_size=2000))
def test_any_text_has_an_answer(text: str) -> None:
    found = read_user_agent(text)
    assert found.device_type in {None, "DESKTOP", "MOBILE", "TABLET", "OTHER"}
    msgspec.json.encode(found.kind)


def test_a_hostile_length_takes_no_time() -> None:
    assert read_user_agent("Mozilla/5.0 (" + "Windows NT " * 100_000).device_type is not None
