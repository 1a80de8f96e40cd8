"""The properties of discoveredCloudAppInfo."""

from __future__ import annotations

from opencasb.api.graph.app_info import FACTS, PROPERTIES, STATES, short_names


def test_there_are_83_properties_of_which_66_are_states() -> None:
    """The type has 17 values and 66 states, without duplicates."""
    assert (len(FACTS), len(STATES), len(PROPERTIES)) == (17, 66, 83)
    assert len({each.name for each in PROPERTIES}) == 83


def test_short_names_stand_for_exactly_one_property() -> None:
    """A state may be named without `is` and `Compliant`."""
    names = short_names()
    assert names["hipaa"] == "isHipaaCompliant"
    assert names["soc2"] == "isSoc2Compliant"
    assert names["soc2compliant"] == names["issoc2"] == "isSoc2Compliant"
    assert names["dmca"] == "isDmca"
    assert set(names.values()) <= set(STATES)
    assert not {name.lower() for name in STATES} & names.keys()
