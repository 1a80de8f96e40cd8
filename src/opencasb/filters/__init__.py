"""The filter language of list endpoints (api §6).

A filter is a JSON object: filter name → operator → operand.

::

    {"score": {"lte": 5}, "category": {"eq": ["CLOUD_STORAGE"]}, "tag": {"neq": ["Sanctioned"], "isset": true}}

Filters are combined with AND, and so are the operators of one filter; the values of one operator are alternatives.
Names and operators are case-insensitive, a single value stands for a list of one, numbers and booleans may be text.

=========================================  ====================================================================
operator                                   a record matches if ("field": its value, or set of values)
=========================================  ====================================================================
``eq``, ``neq``                            one of the values is in the field; none of them is
``deq``                                    the field has a value that is not among those given
``contains``, ``ncontains``                a value contains one of the strings; none contains any
``startswith``, ``startswithsingle``,      a value begins with one of the strings; none begins with any
``doesnotstartwith``
``endswith``                               a value ends with one of the strings
``gt``, ``gte``, ``lt``, ``lte``           a value is greater, not less, less, not greater
``range``                                  a value is in one of the inclusive ranges ``{"start": 1, "end": 9}``
``gte_ndays``, ``lte_ndays``               the time is later (earlier) than that many days ago
``isset``, ``isnotset``                    the field has (has no) value
``text``                                   every word of the operand occurs in the record's searchable text
``descendantof``, ``ndescendantof``        a value is one of the places given or below one; none is
``cabinetmatchedrulesequals``              the same as ``eq``, for file policies
=========================================  ====================================================================

A field without a value matches the negative operators (``neq``, ``ncontains``, ``doesnotstartwith``,
``ndescendantof``) and no other. Where a filter accepts ``null`` (also written ``"null"``), it stands for *no value*.
Some filters span more than one column and define ``eq`` themselves: an app or its suite, an instance, a partially
specified entity, an address in a block (:mod:`opencasb.filters.operands`).

Each resource has a table of its filters (:mod:`opencasb.filters.fields`). :func:`opencasb.filters.parse.parse` turns
the object into a tree (:mod:`opencasb.filters.tree`) or reports what is wrong with it. An interpreter turns the tree
into a query (:mod:`opencasb.filters.frames` for Polars, :mod:`opencasb.filters.clauses` for SQL) or tests a
single record (:mod:`opencasb.filters.predicate`). A tree is only ever added to a query that is already scoped
to the tenant and the caller, so a filter can narrow a result but never widen it.
"""
