"""Risk factors: what each allows, and its names."""

from __future__ import annotations

from opencasb.model.factor import Kind
from opencasb.model.factors import FACTORS


def test_every_factor_says_what_it_expects() -> None:
    """A factor with fixed values lists them; names in the REST API are those known to clients."""
    for factor in FACTORS.values():
        assert factor.expects
        assert (factor.kind is not Kind.ONE_OF) or len(factor.allowed) > 1
    assert FACTORS["encryption_protocol"].wire_names == ("tlsEncryptionProtocol", "encryptionProtocol")
    assert FACTORS["consumer_popularity"].wire_names == ("consumerPopularity",)
    assert FACTORS["is_gdpr_right_to_data_portability"].wire_names == ("isGdprRightToDataPortablility",)
