"""Splitting deliveries into records."""

from __future__ import annotations

from mmap import ACCESS_READ, mmap
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.lines import LONGEST, NotRecords, lines

records = st.lists(st.dictionaries(st.sampled_from("abc"), st.integers() | st.text(max_size=5)), max_size=6)


@pytest.mark.parametrize(
    ("delivered", "expected"),
    [
        (b"", []),
        (b'{"a":1}', [b'{"a":1}']),
        (b'\xef\xbb\xbf{"a":1}\r\n\n{"b":2}\n', [b'{"a":1}\r', b"", b'{"b":2}']),
        (b' [1, {"a":2}]\n', [b"1", b'{"a":2}']),
        (b"[]", []),
        (b'{"total":1,"data":[{"a":1},{"b":2}],"hasNext":false}', [b'{"a":1}', b'{"b":2}']),
        (b'{\n "data": [\n  {"a": 1}\n ]\n}\n', [b'{"a": 1}']),
        (b'{\n "a": 1\n}\n', [b'{\n "a": 1\n}\n']),
        (b'{"data":7}', [b'{"data":7}']),
        (b'{"a":1}\n{"data":[2]}', [b'{"a":1}', b'{"data":[2]}']),
        (b'{"a":\n{"b":2}', [b'{"a":', b'{"b":2}']),
        (b"no json\n", [b"no json"]),
        (b'{"data":[{"a":1}],"hasNext":true}\n{"data":[],"hasNext":false}', [b'{"a":1}']),
        (b'{"data":[{"a":1}]}{"data":[{"b":2},{"c":3}]}\n\n', [b'{"a":1}', b'{"b":2}', b'{"c":3}']),
        (b'{\n "a": 1\n}\n{\n "b": 2\n}\n', [b'{\n "a": 1\n}', b'{\n "b": 2\n}']),
        (b'\n{\n"a":1}\n{"b":2}\n{"c":[\n{"d":4}\n', [b'{\n"a":1}', b'{"b":2}', b'{"c":[', b'{"d":4}']),
        (b'{"a":"x\n{"b":1}\n"}\n{"c":2}', [b'{"a":"x', b'{"b":1}', b'"}', b'{"c":2}']),
        (
            b'{"data":[{"a":1}]}\n{"data":[{"b":2},{"c\n{"data":[{"d":4}]}\n',
            [b'{"a":1}', b'{"data":[{"b":2},{"c', b'{"d":4}'],
        ),
        (b'{"a":1}{"b":2}{"c":"}{"}', [b'{"a":1}', b'{"b":2}', b'{"c":"}{"}']),
        (b'{"a":\n1}, {"b":2}\n3', [b'{"a":\n1}', b', {"b":2}', b"3"]),
    ],
)
def test_a_delivery_of_any_form_is_split_into_records(delivered: bytes, expected: list[bytes]) -> None:
    """Lines, an array, a page of a list call, a single record; anything else is split into lines."""
    assert list(lines(delivered)) == expected


@given(records)
def test_every_form_has_the_same_records(given_: list[dict[str, object]]) -> None:
    """NDJSON, an array, a page, several pages, and objects over several lines are equivalent."""
    encoder = msgspec.json.Encoder()
    forms = [b"\n".join(map(encoder.encode, given_)), encoder.encode(given_), encoder.encode({"data": given_})]
    forms += [b"".join(encoder.encode({"data": [each]}) for each in given_)]
    forms += [forms[0].replace(b"\n", b"")]
    if all(given_):
        forms += [b"\n".join(msgspec.json.format(each, indent=2) for each in forms[0].splitlines())]
    for form in forms:
        assert [msgspec.json.decode(line) for line in lines(form)] == given_


@pytest.mark.parametrize(
    "delivered", [b"[", b'[{"a":1}', b"[1] 2", b"[1]]", b'[{"a":1}\n,', b"[" * 9999, b'[{"]', b'["a]']
)
def test_a_broken_array_has_no_records(delivered: bytes) -> None:
    """Its records cannot be separated, so none is accepted."""
    with pytest.raises(NotRecords, match="begins like a JSON array but is not one"):
        next(lines(delivered))


DEEP = b'{"a":' + b"[" * 1100 + b"]" * 1100 + b"}"
HALF = b'{"a, ]":"\\"\\ud83d"}'


@pytest.mark.parametrize("odd", [DEEP, HALF, b'{"a" 1}', b'{"a":"\xff"}', b'"\n"'])
@pytest.mark.parametrize("around", [(b" [", b"]"), (b'{"total": 2, "data": [', b'], "hasNext": false}\n')])
def test_an_odd_element_stands_by_itself(around: tuple[bytes, bytes], odd: bytes) -> None:
    """If brackets balance, records can be separated, whatever is wrong within one."""
    before, after = around
    good = b'{"b":[1,{"c":"],"}]}'
    assert list(lines(before + good + b"," + odd + b"," + good + after)) == [good, odd, good]
    assert list(lines(before + odd + after)) == [odd]


@pytest.mark.parametrize("odd", [DEEP, HALF])
def test_one_odd_record_is_one_record(odd: bytes) -> None:
    """It may have several lines; before others it is a line."""
    spread = odd.replace(b":", b":\n")
    assert list(lines(spread)) == [spread]
    assert list(lines(odd + b"\n" + odd)) == [odd, odd]


@given(st.binary(max_size=80) | st.text('{}[]",:1a\n', max_size=80).map(str.encode))
def test_any_bytes_are_cut(delivered: bytes) -> None:
    """No delivery raises another error, and lines contain only delivered bytes."""
    try:
        found = list(lines(delivered))
    except NotRecords:
        return
    assert sum(map(len, found)) <= len(delivered)


@pytest.mark.parametrize("packed", [b"\xff\x06\x00\x00sNaPpY", b"\x1b\x3f\x00\x00", b"\xfd7zXZ\x00", b" \n\0"])
def test_what_is_no_text_is_no_delivery(packed: bytes) -> None:
    """Unsupported compression is rejected; as one invalid line it would count as delivered."""
    with pytest.raises(NotRecords, match="neither text nor gzip, zlib, bzip2, xz, zstd or zip"):
        list(lines(packed))


def test_a_record_over_the_limit_is_cut_right_behind_it() -> None:
    """The reader sees that it is too long, and the others are unaffected."""
    long = b'"' + b"x" * (3 * LONGEST) + b'"'
    for delivered in (b"1\n" + long + b"\n2", b"[1," + long + b",2]"):
        assert [len(line) for line in lines(delivered)] == [1, LONGEST + 1, 1]


def test_a_file_is_read_as_it_lies(tmp_path: Path) -> None:
    """It is memory-mapped instead of loaded."""
    path = tmp_path / "page.json"
    for content in (b'{"data":[{"a":1},{"b":2}]}', b'{"a":1}\n{"b":2}'):
        path.write_bytes(content)
        with path.open("rb") as opened:
            assert list(lines(mmap(opened.fileno(), 0, access=ACCESS_READ))) == [b'{"a":1}', b'{"b":2}']
