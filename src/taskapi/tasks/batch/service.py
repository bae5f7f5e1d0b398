"""A batch: each operation passes the service that a request of its own would have passed."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from taskapi.core.access import reach
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.errors import AppError, NotFound
from taskapi.core.fields import Input
from taskapi.core.http import references
from taskapi.core.http.references import ById, ByKey, Reference
from taskapi.core.resources.document import Document
from taskapi.tasks import service as tasks
from taskapi.tasks.batch import errors, queries
from taskapi.tasks.batch.references import references_in
from taskapi.tasks.batch.results import Result
from taskapi.tasks.batch.schemas import (
    Batch,
    CompleteOperation,
    CreateOperation,
    DeleteOperation,
    MoveOperation,
    Operation,
    ReopenOperation,
    RestoreOperation,
    UpdateOperation,
)
from taskapi.tasks.flow import service as flow
from taskapi.tasks.mentions import service as mentions
from taskapi.tasks.schemas import TaskCreate, TaskMove, TaskUpdate
from taskapi.tasks.trash import service as trash

_OURS: Final = 500
_T = TypeVar("_T", bound=Input)
Names = Mapping[str, str]
"""What an operation refers to, by field."""


async def perform(session: DbSession, caller: Caller, data: Batch) -> list[Result]:
    """Do the operations in order; with `atomic`, the first failure is that of the whole.

    A failure that is not the operation's own, such as a deadlock, ends any batch: the transaction begins it again.
    """
    _require_earlier_results(data.operations)
    # Long texts are read before anything is locked.
    mentioned = [await mentions.names_in(getattr(operation, "description", None)) for operation in data.operations]
    # First of all what an Idempotency-Key says: it speaks of the whole, never of the operation that happens to ask.
    await session.open()
    await _lock(session, caller, data.operations)
    results: list[Result] = []
    for index, operation in enumerate(data.operations):
        try:
            done = await _perform(session, caller, operation, results, mentioned[index], alone=not data.atomic)
            results.append(done)
        except AppError as error:
            if error.status >= _OURS:
                raise
            failure = errors.of_operation(index, error)
            if data.atomic:
                raise failure from None
            results.append(Result(failure.status, error=failure))
    return results


async def _lock(session: DbSession, caller: Caller, operations: Sequence[Operation]) -> None:
    """All tasks that are named, in one order for all.

    Two batches in opposite order would stop each other again and again: what one of them has given up, it takes anew
    before the other has gone by.
    """
    names = {operation.task for operation in operations if not isinstance(operation, CreateOperation)}
    named = [reference for name in names if (reference := _parsed(name)) is not None]
    if len(named) > 1:
        by_key = [reference for reference in named if isinstance(reference, ByKey)]
        await session.run(
            queries.lock(Reach.of(caller)),
            **reach.values(caller),
            ids=[reference.id for reference in named if isinstance(reference, ById)],
            keys=[reference.key for reference in by_key],
            numbers=[reference.number for reference in by_key],
        )


def _parsed(name: str) -> Reference | None:
    """None for what names no task, which its operation will be told, or refers to a result."""
    try:
        return references.task(name)
    except NotFound:
        return None


async def _perform(
    session: DbSession,
    caller: Caller,
    operation: Operation,
    results: Sequence[Result],
    mentioned: Sequence[str],
    *,
    alone: bool,
) -> Result:
    names = _names(operation, results)
    if not alone:
        return await _do(session, caller, operation, names, mentioned)
    async with session.savepoint():
        return await _do(session, caller, operation, names, mentioned)


async def _do(
    session: DbSession, caller: Caller, operation: Operation, names: Names, mentioned: Sequence[str]
) -> Result:
    """`mentioned` are the names in its description."""
    if isinstance(operation, CreateOperation):
        wanted = _as(TaskCreate, operation, names)
        return Result(201, await tasks.create_task(session, caller, operation.project, wanted, names=mentioned))
    task = names.get("task", operation.task)
    if isinstance(operation, DeleteOperation):
        remove = trash.purge_task if operation.permanent else trash.delete_task
        await remove(session, caller, task, operation.if_match)
        return Result(204)
    if isinstance(operation, UpdateOperation):
        patch = _as(TaskUpdate, operation, names)
        changed = await tasks.update_task(session, caller, task, patch, operation.if_match, names=mentioned)
        return Result(200, changed)
    return Result(200, await _change(session, caller, task, operation, names))


async def _change(
    session: DbSession,
    caller: Caller,
    task: str,
    operation: MoveOperation | CompleteOperation | ReopenOperation | RestoreOperation,
    names: Names,
) -> Document:
    match operation:
        case MoveOperation(if_match=tag):
            return await flow.move_task(session, caller, task, _as(TaskMove, operation, names), tag)
        case CompleteOperation(if_match=tag):
            return await flow.complete_task(session, caller, task, tag)
        case ReopenOperation(if_match=tag):
            return await flow.reopen_task(session, caller, task, tag)
        case RestoreOperation(if_match=tag):
            return await trash.restore_task(session, caller, task, tag)


def _as(model: type[_T], operation: Operation, names: Names) -> _T:
    """The body that a request of its own would have had."""
    given = operation.model_dump(mode="json", include=set(model.model_fields), exclude_unset=True)
    return model.model_validate({**given, **{name: names[name] for name in names if name in model.model_fields}})


def _require_earlier_results(operations: Sequence[Operation]) -> None:
    for index, operation in enumerate(operations):
        for field, number, _ in references_in(operation):
            pointer = f"/operations/{index}/{field}"
            if number >= index:
                raise errors.UnknownResult(pointer, "A reference names an operation that comes earlier, counted from 0")
            if isinstance(operations[number], DeleteOperation):
                raise errors.UnknownResult(pointer, "A deletion answers no task to refer to")


def _names(operation: Operation, results: Sequence[Result]) -> dict[str, str]:
    names: dict[str, str] = {}
    for field, number, of_result in references_in(operation):
        document = results[number].document
        if document is None:
            raise errors.ReferenceFailed(f"Operation {number} failed, to which {field} refers; this one was not tried")
        names[field] = document.fields()[of_result]
    return names
