"""Block scripts: one golden text per appliance, containing nothing but host names."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.block_scripts import UnknownFormat, filename, formats, refused, render

DOMAINS: Final = ("Share.Example.NET", "bücher.example", "share.example.net", "bad host.example", "co.uk")
"""Two domains remain: one is a duplicate, two are refused."""

FIRST: Final = "share.example.net"
SECOND: Final = "xn--bcher-kva.example"

GOLDEN: Final = {
    102: """\
url.domain=share.example.net deny
url.domain=xn--bcher-kva.example deny
""",
    104: """\
object network CASB_BLOCK_1
 fqdn v4 share.example.net
object network CASB_BLOCK_2
 fqdn v4 xn--bcher-kva.example
object-group network CASB_BLOCK
 network-object object CASB_BLOCK_1
 network-object object CASB_BLOCK_2
access-list CASB_BLOCK_ACL extended deny ip any object-group CASB_BLOCK
! CASB_BLOCK_ACL works only once it is bound to an interface with access-group,
! and it has to end with a permit rule: access-list CASB_BLOCK_ACL extended permit ip any any
""",
    108: """\
config webfilter urlfilter
    edit 1
        set name "CASB_BLOCK"
        config entries
            edit 1
                set url "*.share.example.net"
                set type wildcard
                set action block
            next
            edit 2
                set url "share.example.net"
                set type simple
                set action block
            next
            edit 3
                set url "*.xn--bcher-kva.example"
                set type wildcard
                set action block
            next
            edit 4
                set url "xn--bcher-kva.example"
                set type simple
                set action block
            next
        end
    next
end
""",
    112: """\
set profiles custom-url-category CASB_BLOCK type "URL List"
set profiles custom-url-category CASB_BLOCK list share.example.net/
set profiles custom-url-category CASB_BLOCK list *.share.example.net/
set profiles custom-url-category CASB_BLOCK list xn--bcher-kva.example/
set profiles custom-url-category CASB_BLOCK list *.xn--bcher-kva.example/
set rulebase security rules CASB_BLOCK from any to any source any destination any application any service any \
category CASB_BLOCK action deny
""",
    120: """\
.share.example.net
.xn--bcher-kva.example
""",
    129: """\
set security utm custom-objects url-pattern CASB_BLOCK value http://*.share.example.net
set security utm custom-objects url-pattern CASB_BLOCK value http://*.xn--bcher-kva.example
set security utm custom-objects custom-url-category CASB_BLOCK value CASB_BLOCK
set security utm feature-profile web-filtering juniper-local profile CASB_BLOCK category CASB_BLOCK action block
""",
    135: """\
dest_host=share.example.net action=deny
dest_host=xn--bcher-kva.example action=deny
""",
}


def test_the_seven_appliances_of_the_api() -> None:
    """The ids and names are those of api §13, found through the entry point group."""
    assert formats() == {
        102: "BlueCoat ProxySG",
        104: "Cisco ASA",
        108: "Fortinet FortiGate",
        112: "Palo Alto",
        120: "Zscaler",
        129: "Juniper SRX",
        135: "Websense",
    }


@pytest.mark.parametrize("format_id", GOLDEN)
def test_the_script_of_each_appliance(format_id: int) -> None:
    """Domains are in lower case, in punycode, unique and sorted, in the appliance's own syntax."""
    assert render(format_id, DOMAINS) == GOLDEN[format_id]
    assert render(format_id, iter(reversed(DOMAINS))) == GOLDEN[format_id]


@pytest.mark.parametrize("format_id", GOLDEN)
def test_no_domain_no_script(format_id: int) -> None:
    """Without domains the script is empty, whatever was refused."""
    assert render(format_id, []) == render(format_id, ["co.uk", "*"]) == ""


def test_what_is_left_out_is_told() -> None:
    """Refused names are returned unchanged, without duplicates."""
    assert refused([*DOMAINS, "co.uk"]) == ["bad host.example", "co.uk"]


def test_the_name_of_the_download() -> None:
    """The file name has the day and the appliance, without blanks."""
    assert filename(104, date(2025, 11, 20)) == "2025-11-20_CAS_Cisco_ASA_block_script.txt"


def test_an_unknown_format_names_the_known_ones() -> None:
    """Both functions reject an unknown format id."""
    message = r"format 1 is unknown; allowed: 102 \(BlueCoat ProxySG\), 104"
    with pytest.raises(UnknownFormat, match=message):
        render(1, [])
    with pytest.raises(UnknownFormat, match=message):
        filename(1, date(2025, 11, 20))


def _shape(script: str) -> list[str]:
    """Return the distinct lines of a script with dotted names and numbers removed."""
    marked = re.sub(r"[a-z0-9-]+(\.[a-z0-9-]+)+", "HOST", script)
    return sorted(set(re.sub(r"\d+", "N", marked).splitlines()))


@given(
    format_id=st.sampled_from(sorted(GOLDEN)),
    hostile=st.lists(
        st.text()
        | st.builds("{}{}".format, st.just("a.example"), st.text())
        | st.builds("{}{}".format, st.text(), st.just(".example"))
        | st.sampled_from(["a.example\n", "a.example deny\nallow", 'a.example"\nend\nconfig system admin', "!", "*"]),
        max_size=5,
    ),
)
@settings(deadline=None)  # the first call looks up the appliances
def test_no_text_reaches_the_script(format_id: int, hostile: list[str]) -> None:
    """Whatever the domains, the script has only the lines of the golden one, with other names and numbers."""
    script = render(format_id, [*hostile, FIRST, SECOND])
    assert _shape(script) == _shape(GOLDEN[format_id])
    assert script.isascii()
    assert script.endswith("\n")
    assert not script.endswith("\n\n")
