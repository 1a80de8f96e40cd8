"""Parsing lines by the positions of their keys."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.discovery.formats.arranged import Place, Writing, arranged, read_unquoted
from opencasb.discovery.formats.keyvalue import Pairs, text, word

FIELDS = {
    "source": word("src"), "user": text("user"), "host": word("host"), "sent": word("sent"),
    "received": word("rcvd"), "rule": text("rule"),
}  # fmt: skip
KEYS = [key.name for field in FIELDS.values() for key in field]
USUAL = 'a=1 src=10.0.0.{n} user="Ann {n}" host=h{n}.example sent={n} rcvd=2'
QUOTED = 'src=10.0.0.{n} b="x y" user=ann{n} sent={n} rcvd="3"'


def lines(*shapes: str, count: int = 121) -> list[str]:
    """Return lines that cycle through these shapes."""
    return [shapes[n % len(shapes)].format(n=n) for n in range(count)]


def read(logged: list[str], separators: str = " ") -> list[dict[str, str | None]]:
    return Pairs(separators).read(pl.DataFrame({"text": logged}), FIELDS).select(*FIELDS).to_dicts()


def followed(logged: list[str], separators: str = " ") -> int:
    """Return how many lines are parsed by position."""
    found = arranged(pl.Series(logged), KEYS, Writing(separators))
    return sum(int(rows.sum()) for _, rows in found.rows) if found else 0


def test_lines_of_one_arrangement_are_all_read_by_places() -> None:
    logged = lines(USUAL)
    found = arranged(pl.Series(logged), KEYS, Writing(" "))
    assert found is not None
    assert found.rows[0][0]["user"] == Place(2, is_quoted=True)
    assert followed(logged) == len(logged)
    assert read(logged)[7] == {
        "source": "10.0.0.7", "user": "Ann 7", "host": "h7.example", "sent": "7", "received": "2", "rule": None,
    }  # fmt: skip


def test_lines_of_several_arrangements_keep_their_order() -> None:
    logged = lines(USUAL, QUOTED, "sent={n} src=10.0.0.{n} user=x rcvd=1")
    assert followed(logged) == len(logged)
    assert [row["sent"] for row in read(logged)] == [str(n) for n in range(len(logged))]
    assert read(logged)[1] == {
        "source": "10.0.0.1", "user": "ann1", "host": None, "sent": "1", "received": "3", "rule": None,
    }  # fmt: skip


def test_a_key_that_the_others_lack_is_not_overlooked() -> None:
    logged = [*lines(USUAL), USUAL.format(n=1) + " rule=x"]
    assert followed(logged) == len(logged) - 1
    assert read(logged)[-1]["rule"] == "x"


def test_a_key_inside_a_quoted_value_is_no_key() -> None:
    forged = USUAL.replace("Ann {n}", "x rule=9 src=9.9.9.9 y").format(n=5)
    row = read([*lines(USUAL), forged])[-1]
    assert (row["source"], row["user"], row["rule"]) == ("10.0.0.5", "x rule=9 src=9.9.9.9 y", None)


def test_a_quote_that_never_closes_spoils_no_other_line() -> None:
    logged = lines(USUAL)
    logged[50] = 'a=1 src=10.9.9.9 user="Ann host=h sent=4 rcvd=2'
    rows = read(logged)
    assert [row["source"] for row in rows[49:52]] == ["10.0.0.49", "10.9.9.9", "10.0.0.51"]
    assert followed(logged) == 0


def test_escaped_quotes_are_left_to_looking_for_keys() -> None:
    logged = [*lines(USUAL), r'a=1 src=10.0.0.1 user="a \"b\" c" host=h sent=3 rcvd=2']
    assert followed(logged) == len(logged) - 1
    assert read(logged)[-1]["user"] == 'a "b" c'


@pytest.mark.parametrize(("written", "meant"), [("a=", "a="), ("=", "="), ('a=""b""', 'a="b"'), ("a= b", "a= b")])
def test_an_equals_sign_before_a_quote_is_part_of_the_value(written: str, meant: str) -> None:
    logged = [*lines(USUAL), USUAL.replace("Ann {n}", written).format(n=1)]
    assert read(logged)[-1]["user"] == meant


def test_a_priority_before_the_first_key_is_no_part_of_it() -> None:
    logged = lines("<134>src=10.0.0.{n},user=ann,host=h,sent={n},rcvd=1,rule=7")
    assert followed(logged, " ,\t") == len(logged)
    assert read(logged, r" ,\t")[3]["source"] == "10.0.0.3"


def test_lines_that_are_all_different_are_left_to_looking_for_keys() -> None:
    logged = [f"{'x ' * (n % 40)}src=10.0.0.{n} user=a host=h sent=1 rcvd=2" for n in range(1300)]
    assert arranged(pl.Series(logged), KEYS, Writing(" ")) is None
    assert read(logged)[9]["source"] == "10.0.0.9"


UNQUOTED = Writing("|", is_quoted=False)


def test_unquoted_values_may_hold_blanks_and_quotes() -> None:
    logged = lines('<134>src=10.0.0.{n}|a=b|user=Ann "{n} O|host=|')
    read, others = read_unquoted(pl.DataFrame({"text": logged}), ["src", "user", "host", "rule"], UNQUOTED)
    assert others.is_empty()
    assert read.drop("text").row(7) == ("10.0.0.7", 'Ann "7 O', None, None)


def test_a_line_with_more_pieces_than_usual_is_left() -> None:
    odd = "a=1|src=10.0.0.1|url=http://h/x|y"
    logged = [*lines("a=1|src=10.0.0.{n}|url=http://h/{n}"), odd]
    read, others = read_unquoted(pl.DataFrame({"text": logged}), ["src", "url"], UNQUOTED)
    assert (read.height, others["text"].to_list()) == (len(logged) - 1, [odd])


def test_a_value_that_holds_a_separator_is_left_even_where_another_pair_lacks() -> None:
    odd = "a=1|src=10.0.0.1|url=http://h/x|y"
    logged = [*lines("a=1|src=10.0.0.{n}|url=http://h/{n}|b=2"), odd]
    read, others = read_unquoted(pl.DataFrame({"text": logged}), ["src", "url"], UNQUOTED)
    assert (read.height, others["text"].to_list()) == (len(logged) - 1, [odd])
    assert read_unquoted(pl.DataFrame({"text": [odd]}), ["src", "url"], UNQUOTED)[0].is_empty()


def test_keys_may_end_in_more_than_an_equals_sign() -> None:
    logged = lines("%X-1: Prio: Low, SrcIP: 10.0.0.{n}, User: Ann {n}")
    writing = Writing(",:", ": ", is_quoted=False, key=r" [A-Z]\w+")
    read, others = read_unquoted(pl.DataFrame({"text": logged}), [" SrcIP", " User"], writing)
    assert others.is_empty()
    assert read.drop("text").row(2) == ("10.0.0.2", "Ann 2")
