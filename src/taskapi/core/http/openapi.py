"""The OpenAPI document as generators and fuzzers like it: one Problem, stable ids, every 400 declared."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from taskapi.core.access.permissions import InsufficientScope
from taskapi.core.errors import BadRequest, DatabaseUnavailable, Invalid, MalformedBody, UnsupportedMediaType
from taskapi.core.http import openapi_headers, openapi_words
from taskapi.core.http.idempotency import IdempotencyKeyReused, MalformedIdempotencyKey, RequestInProgress
from taskapi.core.http.problems import Problem, problems
from taskapi.core.http.query import Query
from taskapi.core.http.route import Route, checks_scope
from taskapi.core.http.transaction import writes

DESCRIPTION = """Projects, tasks and people over REST.

**Sign in** with `POST /api/v1/auth/login` (or the *Authorize* button) and send `Authorization: Bearer <token>`.
Scripts send a personal API token (`POST /api/v1/auth/tokens`) the same way, and do what its scopes allow.
Wherever a path takes `{project}` or `{task}`, the id and the key (`WEB`, `WEB-12`) both work.
Failures are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problems; `GET /problems` lists them.
Any write takes an `Idempotency-Key`, and `Prefer: validate-only` to try it without effect;
`ETag` and `If-Match` keep two people from overwriting each other.
"""
LICENSE = {"name": "MIT", "identifier": "MIT"}
# As somebody new reads them, signing in first.
TAGS = [
    {"name": "auth", "description": "Sign in and out; prove who you are: passwords, addresses, authenticator apps."},
    {"name": "projects", "description": "Where tasks live; with their statuses."},
    {"name": "tasks", "description": "What is to be done: filter, sort, change, complete, move, trash and restore."},
    {"name": "members", "description": "Who is in a project, with which role, and who is invited."},
    {"name": "share-links", "description": "A project to read for whoever has the link, without an account."},
    {"name": "users", "description": "Your profile; for administrators, everybody's."},
    {"name": "admin", "description": "For administrators: what the service does in the background."},
    {"name": "health", "description": "For load balancers and monitoring."},
]
_OF_EVERY_WRITE = (MalformedIdempotencyKey, RequestInProgress, IdempotencyKeyReused)
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repeat safe: within 24 hours the same key gives the stored answer",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[ -~]+$",
        "examples": ["8f14e45f-ceea-467f-9575-1f0c8a1b5b6e"],
    },
}
_API_TOKEN = "ApiToken"  # noqa: S105 - a name
_API_TOKEN_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "tapi_…",
    "description": "A personal API token, made at `/api/v1/auth/tokens`; where it needs a scope, it is named there",
}
_PREFERENCE = {
    "title": "Preference",
    "description": "How a write shall be treated.",
    "type": "string",
    "enum": ["validate-only"],
}
_PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "`validate-only` runs everything, stores nothing, and answers what would have been",
    "schema": {"$ref": "#/components/schemas/Preference"},
}


def install(app: FastAPI) -> None:
    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": "/"}],
        license_info=LICENSE,
        separate_input_output_schemas=False,
    )
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs"))
    schemas["Preference"] = _PREFERENCE
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for route in app.routes:
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                _add_query_model(route, operation, schemas)
                _complete(route, operation)
                if isinstance(route, Route) and "security" in operation:
                    _open_to_api_tokens(route, operation)
    document["components"]["securitySchemes"][_API_TOKEN] = _API_TOKEN_SCHEME
    openapi_headers.declare(document)
    openapi_words.edit(document)
    return document


def _add_query_model(route: APIRoute, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Query):
            parameters, referred = dependency.call.parameters()
            operation.setdefault("parameters", []).extend(parameters)
            schemas.update(referred)


def _complete(route: APIRoute, operation: dict[str, Any]) -> None:
    """Declare what every operation of its kind may answer, and the headers that every write takes."""
    responses = operation["responses"]
    responses.pop("422", None) if _is_framework_default(responses.get("422")) else None
    takes_input = "parameters" in operation or "requestBody" in operation
    general = problems(
        *((MalformedBody, UnsupportedMediaType) if "requestBody" in operation else (BadRequest,)),
        *((Invalid,) if takes_input else ()),
        *(_OF_EVERY_WRITE if writes(route.dependant) else ()),
        DatabaseUnavailable,
    )
    for status, response in general.items():
        declared = responses.get(str(status))
        description = f"{declared['description']}; {response['description']}" if declared else response["description"]
        responses[str(status)] = {**(declared or response), "description": description}
    operation["responses"] = dict(sorted(responses.items()))
    if writes(route.dependant):
        operation.setdefault("parameters", []).extend([_IDEMPOTENCY_KEY, _PREFER])


def _open_to_api_tokens(route: Route, operation: dict[str, Any]) -> None:
    """Say which scope an API token needs, in words and as the roles of a security requirement."""
    if checks_scope(route.dependant):
        refusal = problems(InsufficientScope)[403]
        known = operation["responses"].setdefault("403", refusal)
        if known is not refusal:
            known["description"] += f"; {refusal['description']}"
        operation["responses"] = dict(sorted(operation["responses"].items()))
    if route.scope is not None:
        operation["security"].append({_API_TOKEN: [route.scope]})
        operation["description"] += f"\n\nAn API token needs the scope `{route.scope}`."


def _is_framework_default(response: dict[str, Any] | None) -> bool:
    return response is not None and "HTTPValidationError" in str(response)
