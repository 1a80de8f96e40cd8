"""The usage lake: daily usage of cloud apps in open Delta tables (design §4)."""
