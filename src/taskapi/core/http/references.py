"""`{project}` and `{task}` in a path: an id or a human key, both everywhere."""

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final
from uuid import UUID

from fastapi import Path

from taskapi.core.errors import NotFound

_PROJECT_KEY: Final = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_TASK_KEY: Final = re.compile(r"([A-Z][A-Z0-9]{1,9})-([1-9][0-9]{0,8})")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

ProjectPath = Annotated[str, Path(description="The project's id or key", examples=["WEB"])]
TaskPath = Annotated[str, Path(description="The task's id or key", examples=["WEB-1"])]


@dataclass(frozen=True, slots=True)
class ById:
    id: UUID
    by: ClassVar[str] = "id"


@dataclass(frozen=True, slots=True)
class ByKey:
    key: str
    number: int = 0
    by: ClassVar[str] = "key"


Reference = ById | ByKey


def project(text: str) -> Reference:
    """What cannot be a project's name is as absent as one that does not exist."""
    if _UUID.fullmatch(text):
        return ById(UUID(text))
    if _PROJECT_KEY.fullmatch(text):
        return ByKey(text)
    raise no_project()


def task(text: str) -> Reference:
    if _UUID.fullmatch(text):
        return ById(UUID(text))
    if found := _TASK_KEY.fullmatch(text):
        return ByKey(found[1], int(found[2]))
    raise no_task()


def key_of_task(text: str) -> ByKey | None:
    """For who searches: the key, in whatever case it was typed."""
    found = _TASK_KEY.fullmatch(text.strip().upper())
    return ByKey(found[1], int(found[2])) if found else None


def no_project() -> NotFound:
    return NotFound("There is no such project, or you are not in it")


def no_task() -> NotFound:
    return NotFound("There is no such task, or you are not in its project")
