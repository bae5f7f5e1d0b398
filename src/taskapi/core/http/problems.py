"""Failures on their way out: RFC 9457 problem details, and what routes declare of them."""

from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.responses import Response

from taskapi.core.errors import AppError
from taskapi.core.http import secret_paths

Responses: TypeAlias = dict[int | str, dict[str, object]]
PROBLEM_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One mistake in a request."""

    pointer: str = Field(
        description="Where in the body, as a JSON pointer; elsewhere `/query/…`, `/path/…` or `/header/…`",
        examples=["/title"],
    )
    code: str = Field(description="Which rule it breaks, for programs", examples=["missing"])
    detail: str = Field(description="The same in words, for people", examples=["Field required"])
    column: int | None = Field(
        None, description="Only in a filter: the character at which it goes wrong, from 1", examples=[8]
    )


class Problem(BaseModel):
    """An RFC 9457 problem; `GET /problems` lists every `code`."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Where this kind of problem is explained", examples=["/problems/not_found"])
    title: str = Field(description="What kind of problem it is", examples=["There is nothing here"])
    status: int = Field(description="The status of the answer, once more", examples=[404])
    detail: str = Field(
        description="What happened here, and what to do about it", examples=["There is no such task, or …"]
    )
    instance: str = Field(
        description="The path that was asked for; a secret in it is left out", examples=["/api/v1/tasks/WEB-99"]
    )
    code: str = Field(description="The kind of problem, for programs", examples=["not_found"])
    request_id: str = Field(
        description="The `X-Request-ID` of the answer; name it when you ask for help", examples=["01990f0e7b1c7e4a"]
    )
    errors: list[Fault] | None = Field(None, description="Only with a 422: what is wrong, twenty faults at most")


def problem(error: AppError, *, instance: str, request_id: str) -> dict[str, object]:
    return {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": secret_paths.shown(instance),
        "code": error.code,
        "request_id": request_id,
        **error.members,
    }


def problems(*errors: type[AppError]) -> Responses:
    """What a route declares in `responses=`: the statuses of these errors, each with its codes."""
    by_status: dict[int | str, list[type[AppError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return {
        status: {
            "description": "; ".join(f"`{e.code}`: {e.title}" for e in found),
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, found in sorted(by_status.items(), key=lambda item: int(item[0]))
    }


def render(error: AppError, *, instance: str, request_id: str) -> Response:
    content = problem(error, instance=instance, request_id=request_id)
    return Response(to_json(content), error.status, error.headers, PROBLEM_TYPE)
