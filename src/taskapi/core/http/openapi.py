"""The OpenAPI document as generators and fuzzers like it: one Problem, stable ids, every 400 declared."""

from copy import deepcopy

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from taskapi.core.errors import (
    AppError,
    BadRequest,
    DatabaseReadOnly,
    DatabaseUnavailable,
    Forbidden,
    Invalid,
    MalformedBody,
    NotFound,
    PreconditionFailed,
    StorageFull,
    UnsupportedMediaType,
)
from taskapi.core.http import openapi_headers, openapi_words, preconditions
from taskapi.core.http.bodies import TooComplex
from taskapi.core.http.idempotency import IdempotencyKeyReused, MalformedIdempotencyKey, RequestInProgress
from taskapi.core.http.problems import Problem, problems
from taskapi.core.http.query import Json
from taskapi.core.http.route import Route
from taskapi.core.http.surplus import NotADryRun

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
    {"name": "projects", "description": "Where tasks live; with their statuses, labels, milestones and cycles."},
    {"name": "tasks", "description": "What is to be done: filter, sort, change, complete, move, trash and restore."},
    {"name": "comments", "description": "What is said about a task, in Markdown, and what others think of it."},
    {"name": "members", "description": "Who is in a project, with which role, and who is invited."},
    {"name": "changes", "description": "What happened: one log of every change, and the list of what it can tell."},
    {"name": "share-links", "description": "A project to read for whoever has the link, without an account."},
    {"name": "webhooks", "description": "Requests of ours that tell another service what happened in a project."},
    {"name": "imports", "description": "Files of other services and of spreadsheets, brought into a project as tasks."},
    {"name": "search", "description": "Finding things again by what is written in them."},
    {
        "name": "notifications",
        "description": "What you are told: your inbox, and what of it is mailed to you, and when.",
    },
    {"name": "users", "description": "Your profile; for administrators, everybody's."},
    {"name": "admin", "description": "For administrators: what the service does in the background."},
    {"name": "rules", "description": "What happens by itself in a project, when something else has happened."},
    {"name": "audit", "description": "For administrators: security events."},
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


_MOVED = {
    "description": "The task moved to another project and has another key: the same address under that key",
    "headers": {
        "Location": {
            "description": "Where to send the same request",
            "schema": {"type": "string", "examples": ["/api/v1/tasks/WEB-12"]},
        }
    },
}


def install(app: FastAPI) -> None:
    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> Json:
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
        if isinstance(route, Route):
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                _add_query_model(route, operation, schemas)
                _name_form(route, operation, schemas)
                _declare_errors(route, operation)
                _add_headers_of_writes(route, operation)
                if "security" in operation:
                    _open_to_api_tokens(route, operation)
    document["components"]["securitySchemes"][_API_TOKEN] = _API_TOKEN_SCHEME
    openapi_headers.declare(document)
    openapi_words.edit(document)
    return document


def _add_query_model(route: Route, operation: Json, schemas: Json) -> None:
    for query in route.queries:
        parameters, referred = query.parameters()
        operation.setdefault("parameters", []).extend(parameters)
        schemas.update(referred)


def _name_form(route: Route, operation: Json, schemas: Json) -> None:
    """The body of a route that takes files is described where the route is; generators want a name for it."""
    if route.receiver is None:
        return
    [content] = operation["requestBody"]["content"].values()
    name = "".join(word.title() for word in route.name.split("_")) + "Form"
    schemas[name] = {"title": name, "description": "What is sent, in parts.", **content["schema"]}
    content["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _errors_of(route: Route) -> list[type[AppError]]:
    """What a route may refuse by what it is made of; its router lists only what its service refuses besides."""
    errors = [BadRequest, Invalid, *route.errors(), DatabaseUnavailable]
    if route.is_write:
        errors += [MalformedBody, TooComplex, UnsupportedMediaType, DatabaseReadOnly, StorageFull]
    if "{" in route.path:
        errors.append(NotFound)
    if preconditions.are_taken_by(route.dependant):
        errors.append(PreconditionFailed)
    if route.is_transacted:
        errors += _OF_EVERY_WRITE
        if route.scope is not None:
            errors.append(Forbidden)  # a replay of what an API token may not see
    if route.is_write and not route.can_be_tried:
        errors.append(NotADryRun)
    return errors


def _declare_errors(route: Route, operation: Json) -> None:
    responses = operation["responses"]
    if _is_framework_default(responses.get("422")):
        del responses["422"]
    for status, response in problems(*_errors_of(route)).items():
        declared = responses.setdefault(str(status), response)
        known = [*str(declared["description"]).split("; "), *str(response["description"]).split("; ")]
        responses[str(status)] = {**declared, "description": "; ".join(dict.fromkeys(known))}
    if "{task}" in route.path:
        responses["308"] = deepcopy(_MOVED)
    operation["responses"] = dict(sorted(responses.items()))


def _add_headers_of_writes(route: Route, operation: Json) -> None:
    parameters = operation.setdefault("parameters", [])
    parameters += [_IDEMPOTENCY_KEY] if route.is_transacted else []
    parameters += [_PREFER] if route.can_be_tried else []
    if not parameters:
        del operation["parameters"]


def _open_to_api_tokens(route: Route, operation: Json) -> None:
    """Say which scope an API token needs, in words and as the roles of a security requirement."""
    if route.scope is not None:
        operation["security"].append({_API_TOKEN: [route.scope]})
        operation["description"] += f"\n\nAn API token needs the scope `{route.scope}`."


def _is_framework_default(response: Json | None) -> bool:
    return response is not None and "HTTPValidationError" in str(response)
