"""What became of each operation of a batch, and how that is told."""

from collections.abc import Iterable
from dataclasses import dataclass

import pydantic_core

from taskapi.core import context
from taskapi.core.errors import AppError
from taskapi.core.http.problems import problem
from taskapi.core.resources.document import Document


@dataclass(frozen=True, slots=True)
class Result:
    """A task, a failure, or neither where the task is gone."""

    status: int
    document: Document | None = None
    error: AppError | None = None


def as_json(results: Iterable[Result], instance: str) -> str:
    """Tasks go in as the texts they came from the database as. `instance` is the path that was asked for."""
    parts = (f'{{"status":{result.status},"body":{_body(result, instance)}}}' for result in results)
    return f'{{"results":[{",".join(parts)}]}}'


def _body(result: Result, instance: str) -> str:
    if result.error is not None:
        told = problem(result.error, instance=instance, request_id=context.request_id.get() or "")
        return pydantic_core.to_json(told).decode()
    return "null" if result.document is None else result.document.json
