"""Which formats can be brought in, and who reads each."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from taskapi.imports.csv import reading as csv
from taskapi.imports.jira import reading as jira
from taskapi.imports.ndjson import reading as ndjson
from taskapi.imports.records import Reader
from taskapi.imports.todoist import reading as todoist
from taskapi.imports.trello import reading as trello
from taskapi.imports.vikunja import reading as vikunja


class ImportFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    NDJSON = "ndjson"
    JIRA = "jira"
    TODOIST = "todoist"
    TRELLO = "trello"
    VIKUNJA = "vikunja"


FORMATS: Final[Mapping[ImportFormat, Reader]] = {
    ImportFormat.CSV: csv.read,
    ImportFormat.NDJSON: ndjson.read,
    ImportFormat.JIRA: jira.read,
    ImportFormat.TODOIST: todoist.read,
    ImportFormat.TRELLO: trello.read,
    ImportFormat.VIKUNJA: vikunja.read,
}
