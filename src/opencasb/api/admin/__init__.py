"""Our own administration API: ``/admin/v1/…`` (docs/identity.md)."""
