"""Warnings that go out to the people of a tenant, by mail and webhook (saas §4).

One way out a file, each a :class:`~opencasb.notify.notifier.Notifier` announced under the entry point group
``opencasb.notifiers``; the name of the entry point is the kind of its channels.
"""
