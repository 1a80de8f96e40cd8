"""The administration API of our own: ``/admin/v1/…`` (docs/identity.md)."""
