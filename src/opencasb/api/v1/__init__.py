"""The REST API in the dialect of Defender for Cloud Apps: ``/api/v1/…`` and its aliases."""
