"""Batches of operations as clients write them, and their results as they read them."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field, PlainValidator, WithJsonSchema

from taskapi.core.fields import Input, example
from taskapi.core.http.problems import Problem
from taskapi.tasks.batch.references import OF_AN_ID, reference_or_id, require_well_formed
from taskapi.tasks.schemas import TaskCreate, TaskMove, TaskRead, TaskUpdate

MAX_OPERATIONS: Final = 100


def _tag(value: object) -> object:
    """A version alone is a tag, too: in a body nobody would think of the quotes that a header needs."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f'"{value}"'
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return f'"{value}"'
    return value


_Project = Annotated[str, Field(max_length=40, description="The id or key of the project")]
_Task = Annotated[
    str,
    BeforeValidator(require_well_formed),
    Field(max_length=40, description="The id or key of the task, or `$n.id`: that of the result of operation n"),
]
_Neighbour = Annotated[str, BeforeValidator(require_well_formed), Field(max_length=40)]
_Parent = Annotated[
    str,
    PlainValidator(reference_or_id),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "uuid"}, {"pattern": OF_AN_ID.pattern}]}),
]
_IfMatch = Annotated[
    str,
    BeforeValidator(_tag),
    Field(max_length=1000),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 1000}]}),
]
_PARENT: Final = "The id of the task it is a part of, of the same project, or `$n.id`"
_IF_MATCH: Final = "The version or `ETag` you read; when it is stale, the operation is a 412"


class CreateOperation(TaskCreate):
    """A new task, as by `POST /projects/{project}/tasks`."""

    model_config = example(op="create", project="WEB", title="Write the announcement", priority="high")

    op: Literal["create"] = Field(description="What to do")
    project: _Project
    parent_id: _Parent | None = Field(None, description=_PARENT)  # type: ignore[assignment] # or a reference


class UpdateOperation(TaskUpdate):
    """A change of a task, as by `PATCH /tasks/{task}`."""

    model_config = example(op="update", task="WEB-1", priority="urgent")

    op: Literal["update"] = Field(description="What to do")
    task: _Task
    if_match: _IfMatch | None = Field(None, description=_IF_MATCH)
    parent_id: _Parent | None = Field(None, description=_PARENT)  # type: ignore[assignment] # or a reference


class MoveOperation(TaskMove):
    """A step into another status, place or project, as by `POST /tasks/{task}/move`."""

    model_config = example(op="move", task="WEB-1", status="in_progress")

    op: Literal["move"] = Field(description="What to do")
    task: _Task
    if_match: _IfMatch | None = Field(None, description=_IF_MATCH)
    before: _Neighbour | None = Field(None, description="The id or key of the task it shall precede, or `$n.id`")
    after: _Neighbour | None = Field(None, description="The id or key of the task it shall follow, or `$n.id`")


class _OfTask(Input):
    task: _Task
    if_match: _IfMatch | None = Field(None, description=_IF_MATCH)


class DeleteOperation(_OfTask):
    """Into the trash, as by `DELETE /tasks/{task}`; its result has no body."""

    model_config = example(op="delete", task="WEB-1")

    op: Literal["delete"] = Field(description="What to do")
    permanent: bool = Field(False, strict=True, description="Past the trash, for good; needs project admin")


class CompleteOperation(_OfTask):
    """As by `POST /tasks/{task}/complete`."""

    model_config = example(op="complete", task="WEB-1")

    op: Literal["complete"] = Field(description="What to do")


class ReopenOperation(_OfTask):
    """As by `POST /tasks/{task}/reopen`."""

    model_config = example(op="reopen", task="WEB-1")

    op: Literal["reopen"] = Field(description="What to do")


class RestoreOperation(_OfTask):
    """Out of the trash, as by `POST /tasks/{task}/restore`."""

    model_config = example(op="restore", task="WEB-1")

    op: Literal["restore"] = Field(description="What to do")


Operation = (
    CreateOperation
    | UpdateOperation
    | MoveOperation
    | DeleteOperation
    | CompleteOperation
    | ReopenOperation
    | RestoreOperation
)


class Batch(Input):
    """Operations on tasks, done in the order given."""

    model_config = example(
        atomic=True,
        operations=[
            {"op": "create", "project": "WEB", "title": "Release 2.0"},
            {"op": "create", "project": "WEB", "title": "Write the announcement", "parent_id": "$0.id"},
            {"op": "complete", "task": "$1.id"},
        ],
    )

    atomic: bool = Field(
        True,
        strict=True,
        description="All or nothing, which is also so when it is left out; false: each operation by itself",
    )
    operations: list[Annotated[Operation, Field(discriminator="op")]] = Field(
        description="What to do, in order; a field that names a task takes `$n.id` or `$n.key` of an earlier result",
        min_length=1,
        max_length=MAX_OPERATIONS,
    )


class OperationResult(BaseModel):
    """What one operation would have been answered, had it been a request."""

    status: int = Field(description="201 for what was made, 204 for what was deleted, else 200; or a failure's")
    body: TaskRead | Problem | None = Field(description="The task, or the problem; null where it was deleted")


class BatchResults(BaseModel):
    """What became of the operations of a batch."""

    results: list[OperationResult] = Field(description="One for each operation, in their order")
