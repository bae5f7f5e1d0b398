"""How a project is asked for to take along."""

from enum import StrEnum

from pydantic import Field

from taskapi.core.fields import Input


class ExportFormat(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    NDJSON = "ndjson"
    ZIP = "zip"
    ICS = "ics"


class ExportParams(Input):
    format: ExportFormat = Field(
        description="`csv`: a table of the tasks; `ndjson`: all that the project holds but the bytes of files, a JSON "
        "document a line; `zip`: the same with the files; `ics`: the tasks as the to-dos of a calendar",
        examples=[ExportFormat.CSV],
    )
