"""Failures on their way out: RFC 9457 problem details, and what routes declare of them."""

from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.responses import Response

from taskapi.core.errors import AppError

Responses: TypeAlias = dict[int | str, dict[str, object]]
PROBLEM_TYPE = "application/problem+json"


class Fault(BaseModel):
    pointer: str = Field(examples=["/title"])
    """Where in the body (or `/query/…`, `/path/…`, `/header/…`)."""
    code: str
    detail: str


class Problem(BaseModel):
    """An RFC 9457 problem; `GET /problems` lists every `code`."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/not_found"])
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[Fault] | None = None


def problem(error: AppError, *, instance: str, request_id: str) -> dict[str, object]:
    return {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
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
