"""What is searched for, and what is found."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from taskapi.core.fields import SearchText
from taskapi.core.lists.paging import PageParams
from taskapi.projects.schemas import ProjectRead
from taskapi.tasks.comments.schemas import CommentRead
from taskapi.tasks.schemas import TaskRead

MAX_WORDS = 50
NEWEST = 500


class FoundType(StrEnum):
    """What can be found."""

    TASK = "task"
    PROJECT = "project"
    COMMENT = "comment"


def _split(values: Any) -> Any:  # noqa: ANN401
    """`type=a,b` and `type=a&type=b` say the same."""
    return [part for value in values for part in str(value).split(",")] if isinstance(values, list) else values


ProjectName = Annotated[str, Field(min_length=1, max_length=36)]
FoundTypes = Annotated[list[FoundType], BeforeValidator(_split), Field(max_length=10)]


class SearchParams(PageParams):
    q: SearchText = Field(
        description=f"Words, at most {MAX_WORDS}, all of them wanted. `or` stands between two ways, `-` before what is "
        'not wanted, `"` around words that follow each other; the last word may be unfinished. Or the key of a '
        "task or a project, which then comes first",
        examples=["boiler -stove"],
    )
    type: FoundTypes = Field(
        default_factory=list, description="What to look for, as `task,comment`; everything unless you say"
    )
    project: ProjectName | None = Field(
        None, description="The id or key of a project, and only what is in it", examples=["WEB"]
    )


class FoundField(StrEnum):
    """Where the words stand."""

    TITLE = "title"
    NAME = "name"
    DESCRIPTION = "description"
    BODY = "body"


class Highlight(BaseModel):
    """Where the words stand in one field."""

    field: FoundField = Field(description="Which field", examples=[FoundField.TITLE])
    fragments: list[str] = Field(
        description="The title or name as a whole, of a description or a comment at most three pieces; `…` where one "
        "was cut. Safe as HTML: found words stand in `<mark>` and `</mark>`, and everything else is escaped",
        examples=[["Repair the <mark>boiler</mark> &amp; the stove"]],
    )


class _Found(BaseModel):
    score: float = Field(
        ge=0, le=1, description="How well it fits; the order of the list. 1: it has this key", examples=[0.32]
    )
    highlights: list[Highlight] = Field(description="Fields in which words were found; those without are left out")


class FoundTask(_Found):
    """A task in which the words stand."""

    type: Literal[FoundType.TASK] = Field(description="What was found", examples=[FoundType.TASK])
    task: TaskRead = Field(description="The task")


class FoundProject(_Found):
    """A project in whose name or description the words stand."""

    type: Literal[FoundType.PROJECT] = Field(description="What was found", examples=[FoundType.PROJECT])
    project: ProjectRead = Field(description="The project")


class CommentedTask(BaseModel):
    """The task that a comment is about."""

    key: str = Field(description="The key of its project, and its number", examples=["WEB-1"])
    title: str = Field(description="What is to be done, in one line", examples=["Write the announcement"])


class FoundComment(_Found):
    """A comment in which the words stand."""

    type: Literal[FoundType.COMMENT] = Field(description="What was found", examples=[FoundType.COMMENT])
    comment: CommentRead = Field(description="The comment")
    task: CommentedTask = Field(description="The task that it is about")


Found = Annotated[FoundTask | FoundProject | FoundComment, Field(discriminator="type")]
