"""The filter language of list endpoints (api §6).

A filter is a JSON object: filter name → operator → operand.

::

    {"score": {"lte": 5}, "category": {"eq": ["CLOUD_STORAGE"]}, "tag": {"neq": ["Sanctioned"], "isset": true}}

Filters are joined with AND, and so are the operators of one filter; the values of one operator are alternatives.
Names and operators are taken in any case, single values stand for lists of one, numbers and booleans may be text.

=========================================  ====================================================================
operator                                   a record matches if ("field": its value, or set of values)
=========================================  ====================================================================
``eq``, ``neq``                            one of the values is in the field; none of them is
``deq``                                    the field has a value that is not among those given
``contains``, ``ncontains``                a value of the field contains one of the strings; none contains any
``startswith``, ``startswithsingle``,      a value begins with one of the strings; none begins with any
``doesnotstartwith``
``endswith``                               a value ends with one of the strings
``gt``, ``gte``, ``lt``, ``lte``           a value is greater, not less, less, not greater
``range``                                  a value is in one of the ranges ``{"start": 1, "end": 9}``, ends included
``gte_ndays``, ``lte_ndays``               the time is later (earlier) than that many days ago
``isset``, ``isnotset``                    the field has (has no) value
``text``                                   every word of the operand occurs in the searchable text of the record
``descendantof``, ``ndescendantof``        a value is one of the places given or below one; none is
``cabinetmatchedrulesequals``              the same as ``eq``, for the policies of files
=========================================  ====================================================================

A field without a value matches the operators that say *none* (``neq``, ``ncontains``, ``doesnotstartwith``,
``ndescendantof``) and no other. Where a filter takes ``null`` (also written ``"null"``), it stands for *no value*.
Some filters are more than one column of a record, and say themselves what ``eq`` is: an app or its suite, an instance,
an entity of which parts are known, an address in a block (:mod:`opencasb.filters.operands`).

A resource has a table of its filters (:mod:`opencasb.filters.fields`); :func:`opencasb.filters.parse.parse` turns the
object into a tree (:mod:`opencasb.filters.tree`) or says what is wrong with it; an interpreter turns the tree into a
query (:mod:`opencasb.filters.frames` for Polars, :mod:`opencasb.filters.clauses` for SQL) or tells whether one record
passes (:mod:`opencasb.filters.predicate`). A tree is only ever added to a query that already names the tenant and the
caller's scope, so a filter can narrow and never widen.
"""
