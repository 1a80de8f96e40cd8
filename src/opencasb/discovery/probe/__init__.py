"""Outside measurement of apps, if an operator enables it: what their public address shows to everybody.

``fetch`` reads pages, and ``robots`` honours what sites ask of programs; ``certificates``, ``page_security`` and
``rdap`` measure one thing each, ``measure`` combines them, ``prober`` decides which apps are measured when.
"""
