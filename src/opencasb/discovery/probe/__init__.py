"""Measuring apps from outside, where an operator wants that: what their public address shows to everybody.

``network`` reaches out and guards against what is not public, ``robots`` heeds what sites ask of programs;
``certificates``, ``page_security`` and ``rdap`` measure one thing each, ``measure`` puts them together,
``prober`` decides which apps are measured when.
"""
