"""Projects that are full, and files that lie somewhere."""

from tests.tasks.attachments.conftest import own_storage

__all__ = ["own_storage"]
