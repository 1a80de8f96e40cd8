"""The seven encodings of parameters are equivalent (api §3)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.v1.encodings import read
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.multipart import Malformed, parts
from opencasb.api.v1.parameters import Parameters

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XX"


def part(name: str | None, text: str, kind: str = "") -> str:
    """Return one part of a multipart body."""
    disposition = "" if name is None else f'Content-Disposition: form-data; name="{name}"\r\n'
    return f"--XX\r\n{disposition}{kind}\r\n{text}\r\n"


MANY_PARTS = (
    part("filters", '{"score":{"eq":[1,4]}}')
    + part("skip", "100")
    + part("limit", "5")
    + part("isScan", "true")
    + "--XX--\r\n"
)
WANTED = {"filters": {"score": {"eq": [1, 4]}}, "skip": 100, "limit": 5, "isScan": True}
ENCODED = [
    (b'{"filters":{"score":{"eq":[1,4]}},"skip":100,"limit":5,"isScan":true}', JSON, b""),
    (b'{"filters":{"score":{"eq":[1,4]}},"skip":"100","limit":5,"isScan":true}', FORM, b""),
    (b'{"filters":{"score":{"eq":[1,4]}},"skip":"1e2","limit":"5.0","isScan":true}', JSON, b""),
    (
        b"skip=9&limit=9&skip=100&limit=5&isScan=no&isScan=true&filters=%7B%22score%22:%7B%22eq%22:[1,4]%7D%7D",
        FORM,
        b"",
    ),
    (b'\xef\xbb\xbf {"filters":"{\\"score\\":{\\"eq\\":[1,4]}}","skip":100,"limit":5,"isScan":"True"}\n', "", b""),
    ('{"filters":{"score":{"eq":[1,4]}},"skip":100,"limit":5,"isScan":true}\r\n'.encode("utf-16"), JSON, b""),
    (b"skip=100&limit=5&isScan=true&filters=%7B%22score%22%3A%7B%22eq%22%3A%5B1%2C4%5D%7D%7D", FORM, b""),
    (b"", "", b"skip=100&limit=5&isScan=true&filters=%7B%22score%22:%7B%22eq%22:[1,4]%7D%7D"),
    (b'{"limit":5,"isScan":true}', JSON, b'limit=9&skip=100&filters={"score":{"eq":[1,4]}}'),
    (b"{}", "application/vnd.api+json", b'limit=5&isScan=true&skip=100&filters={"score":{"eq":[1,4]}}'),
    (MANY_PARTS.encode(), MULTIPART, b""),
    (
        (part(None, '{"filters":{"score":{"eq":[1,4]}},"skip":100,"limit":5,"isScan":true}') + "--XX--").encode(),
        MULTIPART,
        b"",
    ),
    (b'{"filters":{"score":{"eq":[1,4]}},"skip":100,"limit":5,"isScan":true}', MULTIPART, b""),
]


@pytest.mark.parametrize(("body", "kind", "query"), ENCODED)
def test_every_encoding_says_the_same(body: bytes, kind: str, query: bytes) -> None:
    """JSON under any label, forms, multipart and the query string; the body takes precedence over the query."""
    given_ = read(body, kind, query)
    found = {
        "filters": given_.structure("filters"),
        "skip": given_.integer("skip"),
        "limit": given_.integer("limit"),
        "isScan": given_.flag("isScan"),
    }
    assert found == WANTED


@pytest.mark.parametrize("body", [b"", b"null", b" null\r\n", b"{}", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("kind", ["", JSON, FORM, MULTIPART, "text/plain"])
def test_no_body_is_no_parameters(body: bytes, kind: str) -> None:
    """Empty, ``null`` and ``{}`` are equivalent."""
    assert read(body, kind, b"").value("limit") is None


def test_text_of_another_kind_is_no_body() -> None:
    """Content that is neither JSON nor a form is ignored (api §3.2)."""
    assert read(b"limit=5", "text/plain", b"").integer("limit") is None


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"{", JSON, "body: this is not JSON"),
        (b"[1]", "", "body: a JSON object is expected"),
        (b"5", JSON, "body: a JSON object is expected"),
        (b"\xff\xfe{\0\x00\xd8", JSON, "body: this is not JSON"),
        (b"[" * 100_000, "", "body: this is not JSON: it is nested too deeply"),
        (b'{"a":1e999}', "", "body: this is not JSON: Number out of range"),
        (b"a=1&" * 1001, FORM, "body: a form has at most 1000 fields"),
        (b"--YY", MULTIPART, "body: "),
        (b"--XX", "multipart/form-data", "body: the content type names no boundary"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(body: bytes, kind: str, said: str) -> None:
    """400 with a reason, without guessing."""
    with pytest.raises(BadRequest, match=said):
        read(body, kind, b"")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("integer", "x", "p: a whole number is expected, not x"),
        ("integer", 2.5, "p: a whole number is expected, not 2.5"),
        ("integer", 10**31, "p: a whole number is expected, not a very large number"),
        ("flag", "yes", "p: true or false is expected, not yes"),
        ("flag", {}, "p: true or false is expected, not an object"),
        ("flag", {"IsPresent": 2}, "p: true or false is expected, not 2"),
        ("text", ["x"], "p: text is expected, not a list"),
        ("text", "a\0b", "p: at most 1000 printable characters"),
        ("text", "x" * 1001, "p: at most 1000 printable characters"),
        ("required_text", " ", "p: this parameter is required"),
        ("structure", "{x", "p: this is not JSON"),
        ("texts", [1], "p: a list of texts is expected"),
        ("texts", "[1]", "p: a list of texts is expected"),
    ],
)
def test_a_wrong_value_names_its_parameter(name: str, value: Any, said: str) -> None:
    """The message begins with the parameter."""
    with pytest.raises(BadRequest, match=said):
        getattr(Parameters({"p": value}), name)("p")


def test_lists_of_texts_come_in_three_forms() -> None:
    """A list, JSON text of one, or a single text."""
    given_ = Parameters({"a": ["x", "y"], "b": '["x", "y"]', "c": "x"})
    assert [given_.texts(name) for name in "abcd"] == [["x", "y"], ["x", "y"], ["x"], []]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=x&b=1&a=&a=y&b=2", FORM),
        ((part("a", "x") + part("b", "1") + part("a", "y") + part("b", "2") + "--XX--").encode(), MULTIPART),
    ],
)
def test_a_field_that_comes_several_times_is_a_list_where_one_is_wanted(body: bytes, kind: str) -> None:
    """As clients send lists in forms (api §3.1 c); otherwise the last value counts.

    The body replaces the query entirely.
    """
    given_ = read(body, kind, b"a=z&a=q&c=1")
    assert (given_.texts("a"), given_.text("a"), given_.integer("b"), given_.texts("c")) == (["x", "y"], "y", 2, ["1"])


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (b"filters[date][gte]=1&filters[severity][eq][]=1&filters[severity][eq][]=2", {"date": {"gte": "1"}}),
        (b"filters%5Bdate%5D%5Bgte%5D=1&filters[severity][eq]=1&filters[severity][eq]=2", {"date": {"gte": "1"}}),
        (b"filters[severity][eq][0]=1&filters[severity][eq][1]=2&filters[date]=1&filters[date][gte]=2", {"date": "1"}),
        (b"filters[severity][eq][10]=2&filters[severity][eq][9]=1", {}),
    ],
)
def test_objects_may_be_spread_over_fields(form: bytes, said: dict[str, Any]) -> None:
    """As written by jQuery, axios and PHP, in forms and query strings."""
    wanted = {"severity": {"eq": ["1", "2"]}, **said}
    assert read(form, FORM, b"").structure("filters") == wanted == read(b"", "", form).structure("filters")


def test_flags_in_forms_may_be_numbers() -> None:
    """PHP writes them so; only 1 and 0 are accepted."""
    sent = read(b"isScan=1&uploadAsSnapshot=0&read=True&open=&filters[activity.type][eq]=1", FORM, b"")
    assert [sent.flag(name) for name in ("isScan", "uploadAsSnapshot", "read", "open", "none")] == [
        *(True, False, True, False, False)
    ]
    for value in (2, "01", 1.0):
        with pytest.raises(BadRequest, match="isScan: true or false is expected"):
            Parameters({"isScan": value}).flag("isScan")


def test_lists_may_be_spread_over_fields() -> None:
    """Texts and objects; a field with the exact name precedes them, and fields nested too deeply are ignored."""
    read_form = read(
        b"subnets[]=a&subnets[]=b&ids[]=c&x[0][id]=7&x[1]=8&skip=1&skip[]=2" + b"&y" + b"[]" * 9, FORM, b""
    )
    assert (read_form.texts("subnets"), read_form.texts("ids")) == (["a", "b"], ["c"])
    assert (read_form.structure("x"), read_form.integer("skip"), read_form.value("y")) == ([{"id": "7"}, "8"], 1, None)


def test_names_are_what_people_write() -> None:
    """No-break spaces and joined emoji, but no control characters and no lone surrogates."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    given_ = Parameters({"a": f" Lisbon\u00a0HQ {family}\n", "b": 0.0, "c": "x\ny", "d": "\ud83d"})
    assert (given_.label("a"), given_.label("b"), given_.text("b")) == (f"Lisbon\u00a0HQ {family}", "0", "0")
    for name in "cd":
        with pytest.raises(BadRequest, match=f"{name}: at most 1000 printable characters"):
            given_.required_label(name)


def test_prose_has_several_lines() -> None:
    """Unchanged, except for characters that no store accepts."""
    given_ = Parameters({"a": " x\n\ty\u00a0z\0 ", "b": "x" * 11, "c": 5})
    assert (given_.prose("a", longest=10), given_.prose("none", longest=10)) == (" x\n\ty\u00a0z\ufffd ", "")
    for name in "bc":
        with pytest.raises(BadRequest, match=f"{name}: text of at most 10 characters is expected"):
            given_.prose(name, longest=10)


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "utf-16"])
@pytest.mark.parametrize("kind", [JSON, FORM, ""])
def test_texts_come_as_powershell_sends_them(charset: str, kind: str) -> None:
    """In Latin-1 by default, or with text read from a UTF-16 file."""
    assert read('{"name":"Brandvägg"}'.encode(charset), kind, b"").label("name") == "Brandvägg"


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
@pytest.mark.parametrize("word", ["d\u00fb", "\u00bfqu\u00e9\u00bf", "\u00abx\u00bb", "Schlo\u00df\u00ff"])
def test_a_form_may_end_in_any_letter(charset: str, word: str) -> None:
    """Some letters end in bytes that a byte order mark has, too; only the mark itself is dropped (api §3.2)."""
    assert read(f"limit=5&comment={word}\n".encode(charset), FORM, b"").prose("comment", longest=10) == word


def test_a_file_name_that_looks_like_json_is_a_file_name() -> None:
    """Text is parsed as JSON only where a structure is expected."""
    assert read(b"", "", b"filename=[1].log").text("filename") == "[1].log"


@given(st.binary(max_size=60), st.sampled_from([JSON, FORM, MULTIPART, "multipart/form-data; boundary=", "", "é;;="]))
def test_any_bytes_are_read_or_refused(body: bytes, kind: str) -> None:
    """Only the rejection is raised."""
    try:
        read(body, kind, body)
        read(b"--XX\r\n" + body + b"\r\n--XX--", kind, b"")
    except BadRequest as error:
        assert str(error).startswith("body: ")  # noqa: PT017 -- either outcome is right


def test_a_body_has_a_limit_of_parts() -> None:
    """A body with very many parts is rejected."""
    body = (part("a", "x") * 3 + "--XX--").encode()
    assert len(parts(body, MULTIPART, 3)) == 3
    with pytest.raises(Malformed):
        parts(body, MULTIPART, 2)
