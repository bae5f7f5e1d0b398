"""The OpenAPI document is what generators of clients like, and the one that is committed."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from taskapi.core.http.openapi import TAGS
from taskapi.main import create_app
from taskapi.settings import Settings

COMMITTED = Path(__file__).resolve().parents[1] / "openapi.json"
WRITES = {"post", "put", "patch", "delete"}
Schema = dict[str, Any]


@pytest.fixture(scope="module")
def app() -> Iterator[FastAPI]:
    """No database is asked; only its address has to have the right shape."""
    made = create_app(
        Settings.model_validate({"database": {"TASKAPI_DATABASE_URL": "postgresql://nobody@localhost/x"}})
    )
    yield made
    made.state.parts.passwords.close()


@pytest.fixture(scope="module")
def document(app: FastAPI) -> Schema:
    found: Schema = json.loads(json.dumps(app.openapi()))
    return found


def routes(app: FastAPI) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute)]


def operations(document: Schema) -> list[tuple[str, str, Schema]]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def inside(node: Any) -> Iterator[Schema]:
    """Every object within a part of the document, itself first."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inside(child)


def body_of(document: Schema, operation: Schema) -> Schema:
    (content,) = operation["requestBody"]["content"].values()
    found: Schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    return found


def test_the_committed_document_is_the_applications(document: Schema) -> None:
    remedy = "run `taskapi openapi -o openapi.json`, and look at what changes for clients"
    assert COMMITTED.exists(), remedy
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == document, remedy


def test_it_is_openapi_3_1_relative_to_where_it_is_served(document: Schema) -> None:
    assert (document["openapi"], document["servers"]) == ("3.1.0", [{"url": "/"}])


def test_every_operation_is_named_after_its_function_and_no_two_alike(app: FastAPI, document: Schema) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert sorted(names) == sorted(route.endpoint.__name__ for route in routes(app))


def test_every_route_is_in_it(app: FastAPI, document: Schema) -> None:
    served = {(method.lower(), route.path_format) for route in routes(app) for method in route.methods or ()}
    assert {(method, path) for method, path, _ in operations(document)} == served


def test_every_operation_has_one_tag_that_is_described(document: Schema) -> None:
    described = {tag["name"] for tag in TAGS if tag["description"]}
    assert {tag["name"] for tag in document["tags"]} == described
    for _, path, operation in operations(document):
        assert len(operation["tags"]) == 1, path
        assert set(operation["tags"]) <= described, path


def test_every_operation_says_what_it_does(app: FastAPI) -> None:
    assert [route.name for route in routes(app) if not inspect.getdoc(route.endpoint)] == []


def test_every_route_declares_what_it_answers(document: Schema) -> None:
    for method, path, operation in operations(document):
        (status,) = [status for status in operation["responses"] if status[0] in "23"]
        if status not in {"202", "204", "302"}:
            (content,) = operation["responses"][status]["content"].values()
            assert content["schema"], (method, path)


def test_every_route_declares_its_errors_as_problems(document: Schema) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for method, path, operation in operations(document):
        refusals = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
        expected = {"400", "503"}
        if "parameters" in operation or "requestBody" in operation:
            expected |= {"422"}
        if "Idempotency-Key" in {parameter["name"] for parameter in operation.get("parameters", [])}:
            expected |= {"409"}
        if "requestBody" in operation:
            expected |= {"415"}
        if operation.get("security"):
            expected |= {"401"}
        assert expected <= refusals.keys(), (method, path)
        for status, refusal in refusals.items():
            if (path, status) != ("/health/ready", "503"):
                assert refusal["content"] == problem, (method, path, status)


def test_what_follows_from_what_a_route_is_made_of_is_declared(document: Schema) -> None:
    """No router lists these: guards, paths, cursors and preconditions bring them along."""
    for method, path, operation in operations(document):
        told = {status: response["description"] for status, response in operation["responses"].items()}
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        expected = {"422": "validation_error"}
        expected |= {"404": "not_found"} if "{" in path else {}
        expected |= {"400": "invalid_cursor"} if "cursor" in names else {}
        expected |= {"412": "precondition_failed"} if "If-Match" in names else {}
        expected |= {"401": "invalid_token"} if operation.get("security") else {}
        expected |= {"415": "unsupported_media_type"} if method != "get" else {}
        for status, code in expected.items():
            assert f"`{code}`" in told[status], (method, path, status)


def test_there_is_one_schema_of_a_problem_and_none_of_the_frameworks(document: Schema) -> None:
    schemas = document["components"]["schemas"]
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= set(
        schemas["Problem"]["required"]
    )
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()
    assert "HTTPValidationError" not in json.dumps(document)


def test_every_reference_leads_somewhere(document: Schema) -> None:
    references = {node["$ref"] for node in inside(document) if "$ref" in node}
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references <= known


def test_every_body_refuses_unknown_fields(document: Schema) -> None:
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            assert body_of(document, operation)["additionalProperties"] is False, (method, path)


@pytest.mark.parametrize(
    ("path", "not_null"),
    [
        ("/api/v1/tasks/{task}", {"title", "status", "priority", "assignee_ids"}),
        ("/api/v1/projects/{project}", {"name", "archived"}),
        ("/api/v1/users/me", {"timezone", "locale", "email", "current_password"}),
        ("/api/v1/users/{user_id}", {"role", "is_active"}),
    ],
)
def test_a_patch_field_that_may_not_be_null_is_not_nullable(path: str, not_null: set[str], document: Schema) -> None:
    fields = body_of(document, document["paths"][path]["patch"])["properties"]
    nullable = {name for name, field in fields.items() if {"type": "null"} in field.get("anyOf", [])}
    assert fields.keys() - nullable == not_null


def test_a_patch_has_no_required_field_and_no_default(document: Schema) -> None:
    for method, path, operation in operations(document):
        if method == "patch":
            body = body_of(document, operation)
            assert "required" not in body, path
            # A generated client would send it, and overwrite what nobody meant to change.
            assert [name for name, field in body["properties"].items() if "default" in field] == [], path


def test_enums_have_a_name_and_strings_for_values(document: Schema) -> None:
    schemas = document["components"]["schemas"]
    for name in ("Priority", "StatusCategory", "ProjectRole", "SystemRole", "Expand", "Include"):
        assert schemas[name]["type"] == "string"
        assert all(isinstance(value, str) for value in schemas[name]["enum"])
    assert schemas["Priority"]["enum"] == ["none", "low", "medium", "high", "urgent"]
    fields = [field for schema in schemas.values() for field in schema.get("properties", {}).values()]
    assert [field for field in fields if "enum" in field] == []


def test_lists_say_what_expand_and_sort_take(document: Schema) -> None:
    parameters = {p["name"]: p["schema"] for p in document["paths"]["/api/v1/tasks"]["get"]["parameters"]}
    assert parameters["expand"]["items"] == {"$ref": "#/components/schemas/Expand"}
    assert "priority" in parameters["sort"]["pattern"]
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    for name in ("status", "priority", "assignee"):
        assert parameters[name]["type"] == "array"


def test_no_parameter_may_be_null(document: Schema) -> None:
    for _, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                assert {"type": "null"} not in parameter["schema"].get("anyOf", []), (path, parameter["name"])


def test_days_and_instants_are_strings(document: Schema) -> None:
    fields = document["components"]["schemas"]["TaskCreate"]["properties"]
    assert fields["due_on"]["anyOf"][0] == {"type": "string", "format": "date"}
    assert fields["due_at"]["anyOf"][0] == {"type": "string", "format": "date-time"}


def test_writes_take_an_idempotency_key_and_a_preference(document: Schema) -> None:
    signing_in = {"login", "token", "refresh", "complete_oidc"}
    for method, path, operation in operations(document):
        headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        is_write = method in WRITES and operation["operationId"] not in signing_in
        assert ("Idempotency-Key" in headers) == is_write, path
        assert ("Prefer" in headers) == (is_write and not path.startswith("/api/v1/auth/")), path


def test_every_patch_delete_and_action_takes_if_match(document: Schema) -> None:
    """An action is a POST below one resource; `/transfer` and `/leave` are about members, and name no version."""
    without = {"disable_totp", "revoke_invitation", "revoke_share_link", "transfer_project", "leave_project"}
    for method, path, operation in operations(document):
        is_action = method == "post" and re.search(r"\}/[a-z-]+$", path) and "201" not in operation["responses"]
        if method in {"patch", "delete"} or is_action:
            takes = "If-Match" in {p["name"] for p in operation.get("parameters", [])}
            assert takes or operation["operationId"] in without, path
            assert not takes or "412" in operation["responses"], path


def test_everything_that_has_an_id_can_be_read_alone(document: Schema) -> None:
    unread = {"/api/v1/projects/{project}/members/{user_id}", "/api/v1/projects/{project}/invitations/{invitation_id}"}
    unread |= {"/api/v1/projects/{project}/share-links/{link_id}"}
    for path, methods in document["paths"].items():
        if path.endswith("}") and path not in unread:
            assert "get" in methods, path


def test_what_needs_a_token_says_so(document: Schema) -> None:
    open_to_all = {
        *("register", "login", "token", "refresh"),
        *("list_oidc_providers", "start_oidc", "finish_oidc", "complete_oidc"),
        *("verify_email", "resend_verification", "confirm_email_change", "undo_email_change"),
        *("forgot_password", "reset_password"),
        *("get_shared_project", "list_shared_tasks"),
        *("live", "ready", "health", "metrics"),
    }
    without = {operation["operationId"] for _, _, operation in operations(document) if not operation.get("security")}
    assert without == open_to_all
