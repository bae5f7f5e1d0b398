"""What reports do when the log is read: each fact about a task begins the phase that it tells of."""

from typing import Final

from taskapi.analytics.phases import queries, service
from taskapi.core.change_log.readers import Begins, LogReader

READER: Final = LogReader(queries.NAME, service.add, Begins.AT_THE_BEGINNING, at_once=1000, asks_what_changed=False)
