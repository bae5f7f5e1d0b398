"""What notifications do when they read the log."""

from typing import Final

from taskapi.core.change_log.readers import LogReader
from taskapi.notifications import service

READER: Final = LogReader("notifications", service.tell, passes_over_imports=True)
