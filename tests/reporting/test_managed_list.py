"""Lists of managed applications: accepted lines, and reasons for rejected ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.managed_app import ManagedApp
from opencasb.reporting import managed_list
from opencasb.reporting.managed_list import RefusedLine, Unreadable


def test_a_list_of_a_spreadsheet_is_read() -> None:
    """It has a byte order mark, quoted fields, headings in any case, and blank lines."""
    content = (
        '\ufeffName,Domains,"Yearly cost",Owner\r\n'
        '"Box, Inc.","box.com; BoxCDN.net","1200.50","Ana\'s team"\r\n'
        "\r\n"
        "Zürich,bücher.example www.example.com,,\r\n"
    )
    found = managed_list.read(content.encode())
    assert found.refused == ()
    assert found.apps == (
        ManagedApp(name="Box, Inc.", domains=("box.com", "boxcdn.net"), owner="Ana's team", yearly_cost="1200.50"),
        ManagedApp(name="Zürich", domains=("xn--bcher-kva.example", "www.example.com")),
    )


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_of_spreadsheets_are_read(mark: str) -> None:
    """Domains may be separated by the same character, in quotes."""
    lines = (
        ("name", "domains", "owner", "yearly_cost"),
        ("Box", '"box.com;boxcdn.net"', "Ana, Ben", "1200,5"),
        ("Other", "a.example", "", "12"),
    )
    found = managed_list.read("\r\n".join(mark.join(line) for line in lines).encode("utf-8-sig"))
    assert found.refused == ()
    assert [(app.name, app.domains, app.owner, app.yearly_cost) for app in found.apps] == [
        ("Box", ("box.com", "boxcdn.net"), "Ana, Ben", "1200.5"),
        ("Other", ("a.example",), "", "12"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",1,,,", "name is empty"),
        ("X,,,,", "'X' needs an app_id or domains"),
        ("X,minus,,,", "app_id 'minus' must be the number of an app, 1 to 2147483647"),
        ("X,0,,,", "app_id '0' must be"),
        ("X,99999999999,,,", "app_id '99999999999' must be"),
        ("X,,*.x.example,,", "domain '*.x.example' must be a host name"),
        ("X,1,,,12 EUR", "yearly_cost '12 EUR' must be a number such as 1200.50"),
        ("X,1,,,-1", "yearly_cost '-1' must be a number"),
        ('X,1,,,"12,000"', "yearly_cost '12,000' must be a number"),
        ("X,1,,,NaN", "yearly_cost 'NaN' must be a number"),
        ("X,1", "there are 2 fields under 5 headings"),
        ("X\x07,1,,,", "must have at most 200 printable characters"),
        ("Box,5,,,", "name 'box' is on line 2 already"),
        ("Y,10489,,,", "app_id 10489 is on line 2 already"),
        ("Y,,box.com,,", "domain 'box.com' is on line 2 already"),
    ],
)
def test_a_bad_line_is_told_by_its_number_and_the_others_are_taken(line: str, reason: str) -> None:
    """The lines before and after it are accepted."""
    content = f"name,app_id,domains,owner,yearly_cost\nBox,10489,box.com,Ana,5\n{line}\nLast,7,,,\n"
    found = managed_list.read(content.encode())
    assert [app.name for app in found.apps] == ["Box", "Last"]
    (refused,) = found.refused
    assert refused.line == 3
    assert reason in refused.reason


def test_unicode_text_of_a_spreadsheet_is_read() -> None:
    """This is UTF-16 with tabs."""
    found = managed_list.read("name\tdomains\r\nHaus-Wiki für alle\twiki.example.net\r\n".encode("utf-16"))
    assert [app.name for app in found.apps] == ["Haus-Wiki für alle"]


def test_numbers_of_lines_count_those_inside_fields() -> None:
    """They agree with an editor's."""
    found = managed_list.read(b'name,app_id,owner\n"A",1,"x"\n"B\nC",2,y\nD,x,z\n')
    assert found.refused == (
        RefusedLine(3, "name 'B\\nC' must have at most 200 printable characters"),
        RefusedLine(5, "app_id 'x' must be the number of an app, 1 to 2147483647"),
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "must have the headings"),
        (b"name\nx\n", "must have the headings name, and app_id or domains"),
        (b"name,name,app_id\n", "each once"),
        (b"name,app_id,colour\n", "heading 'colour' is unknown; allowed: name, app_id"),
        (b"name,app_id\nx\xff,1\n", "byte 13 is not UTF-8; spreadsheets save it so as 'CSV UTF-8'"),
        (b"\xff\xfen", "byte 2 is not UTF-16"),
        (b'name,app_id\n"x"y,1\n', "line 2 is not CSV"),
    ],
)
def test_what_is_no_list_is_refused_whole(content: bytes, words: str) -> None:
    """The error has the reason."""
    with pytest.raises(Unreadable, match=words):
        managed_list.read(content)


@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: b"name,app_id,domains\n" + text.encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """No other error is raised."""
    try:
        managed_list.read(content)
    except Unreadable:
        return
