"""Imports as clients begin and read them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.core.fields import Input, Timezone, example
from taskapi.core.lists.paging import PageParams
from taskapi.imports.formats import ImportFormat
from taskapi.imports.values import DateOrder
from taskapi.models import ImportState

Mapping = Annotated[
    dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=200)] | None], Field(max_length=500)
]


class Unknown(StrEnum):
    """What becomes of columns that are no field of a task."""

    REPORT = "report"
    FIELDS = "fields"


class ImportOptions(Input):
    """How a file is to be read, and what may be made for it."""

    model_config = example(unknown="fields", date_order="dmy", timezone="Europe/Vienna")

    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,49}$")] | None = Field(
        None, description="Whose ids the file has; the format unless you give one. One id of two sources is two tasks"
    )
    create_statuses: bool = Field(
        True, description="Make statuses that the project lacks; else tasks start in its first"
    )
    create_labels: bool = Field(True, description="Make labels that the project lacks; else tasks go without them")
    unknown: Unknown = Field(
        Unknown.REPORT, description="`fields`: columns that are no field of a task become custom fields of type text"
    )
    date_order: DateOrder | None = Field(None, description="What `03/04/2026` means; it is a problem unless you say")
    timezone: Timezone | None = Field(None, description="Of times without a zone; yours unless you give one")
    encoding: Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"] | None = Field(
        None, description="Of a CSV; guessed unless you give one"
    )
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(None, description="Of a CSV; guessed unless you give one")
    header: bool | None = Field(
        None,
        description="Whether the first row of a CSV names its columns, which are else called 1, 2, …; guessed",
    )


class ImportRequest(Input):
    """What comes with the file."""

    format: ImportFormat
    mapping: Mapping | None = None
    options: ImportOptions = Field(default_factory=ImportOptions)
    dry_run: bool = False


class ImportProblem(BaseModel):
    """What is wrong in a file, and where."""

    line: int = Field(description="Where the row begins, from 1", examples=[17])
    column: str | None = Field(description="As the file calls it", examples=["Due"])
    code: str = Field(description="Which mistake it is", examples=["invalid_value"])
    detail: str = Field(description="What is wrong, and what became of it", examples=["“soon” is no day"])


class ImportFailure(BaseModel):
    """Why an import failed as a whole."""

    code: str = Field(description="Which failure it is", examples=["unreadable_file"])
    detail: str = Field(description="What happened", examples=["The file is empty"])


class ImportRead(BaseModel):
    """A file that is brought into a project, and how far it has come."""

    id: UUID
    project_id: UUID
    format: ImportFormat = Field(description="How the file is written", examples=[ImportFormat.CSV])
    source: str = Field(description="Whose ids the file has", examples=["csv"])
    dry_run: bool = Field(description="Whether everything is tried and nothing written", examples=[False])
    mapping: dict[str, str | None] | None = Field(
        description="Which column is which field, as far as you said it; null: it is left out"
    )
    options: dict[str, Any] = Field(description="As you gave them", examples=[{"unknown": "fields"}])
    state: ImportState = Field(description="How far it has come", examples=[ImportState.RUNNING])
    progress: float = Field(description="How much of the file was read, from 0 to 1", examples=[0.4])
    eta: datetime | None = Field(description="When it will be done, by how long it has taken so far")
    total: int | None = Field(
        description="How many rows the file has; null until it was read to its end", examples=[500]
    )
    created: int = Field(description="Tasks that were made", examples=[480])
    updated: int = Field(
        description="Tasks that were there, and of which the file says something else now", examples=[3]
    )
    skipped: int = Field(description="Rows that say what they said before", examples=[15])
    failed: int = Field(description="Rows that no task was made of", examples=[2])
    problems: list[ImportProblem] = Field(description="The first 1,000; in a list of imports the first 20")
    problems_total: int = Field(description="How many there are", examples=[2])
    error: ImportFailure | None = Field(description="Why it failed; null unless it did")
    created_by: UUID
    created_at: datetime
    started_at: datetime | None = Field(description="When a worker began with it")
    finished_at: datetime | None = Field(description="When it was done, failed or was cancelled; null until then")
    version: int


class ImportPreview(BaseModel):
    """What a file would be read as."""

    format: ImportFormat = Field(description="How the file is written", examples=[ImportFormat.CSV])
    encoding: str = Field(description="Of its text", examples=["utf-8"])
    delimiter: str | None = Field(description="Between its cells; null where there are none", examples=[";"])
    columns: list[str] = Field(description="What its columns are called", examples=[["Title", "Due", "Team"]])
    mapping: dict[str, str] = Field(
        description="Which of them is which field of a task; the others are none",
        examples=[{"Title": "title", "Due": "due"}],
    )
    rows: list[list[str]] = Field(
        description="The first 20, cell by cell in the order of the columns",
        examples=[[["Write it", "2026-12-24", "Web"]]],
    )
    problems: list[ImportProblem] = Field(description="What would be wrong in these")


class ImportFilter(PageParams):
    pass
