"""Notifications to the people of a tenant, by mail and webhook (saas §4).

One delivery method per file, each a :class:`~opencasb.notify.notifier.Notifier` registered under the entry point group
``opencasb.notifiers``; the name of the entry point is the kind of its channels.
"""
