"""Apps of a scope as users write them."""

from __future__ import annotations

import pytest

from opencasb.model.role_scope import AppInstance


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("11161", AppInstance(11161)),
        (" 11770 | 1059065 ", AppInstance(11770, 1059065)),
        ("11770|0", AppInstance(11770, 0)),
    ],
)
def test_an_app_or_an_instance_of_it(text: str, made: AppInstance) -> None:
    """It has the format of filters (api §6.7), and its displayed form can be parsed again."""
    assert AppInstance.parse(text) == made
    assert AppInstance.parse(str(made)) == made


@pytest.mark.parametrize("text", ["", "x", "1|", "|1", "1|x", "-1", "٣", "2147483648", "1|99999999999999999", "1|2|3"])
def test_what_is_no_app_is_refused(text: str) -> None:
    """The error has what is expected."""
    with pytest.raises(ValueError, match=r"is not an app; give its number"):
        AppInstance.parse(text)
