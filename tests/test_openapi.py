"""The OpenAPI document is what generators of clients like, and the one that is committed."""

import json
import re
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator, FormatChecker

from taskapi import main
from taskapi.core.http.openapi import TAGS
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.support.contract import resolved

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = ROOT / "openapi.json"
PROBLEM = {"$ref": "#/components/schemas/Problem"}
RATE_LIMITS = {"RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
OF_EVERY_REQUEST = {"If-None-Match", "X-Request-ID"}  # whatever they say
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
    # A merge patch says the same of itself as plain JSON.
    (reference,) = {content["schema"]["$ref"] for content in operation["requestBody"]["content"].values()}
    return resolved(document, {"$ref": reference})


def sent(document: Schema, operation: Schema) -> list[Schema]:
    """The schema of a body, and those of what is in it."""
    found = [body_of(document, operation)]
    for schema in found:
        inner = [resolved(document, node) for node in inside(schema) if "$ref" in node]
        found += [other for other in inner if not any(other is known for known in found)]
    return found


def responses(document: Schema) -> Iterator[tuple[str, str, str, Schema]]:
    """Each answer that is declared, with its method, path and status."""
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            yield method, path, status, resolved(document, response)


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


def test_tags_are_names_that_generators_can_make_files_of(document: Schema) -> None:
    assert [tag["name"] for tag in document["tags"] if not re.fullmatch(r"[a-z]+(-[a-z]+)*", tag["name"])] == []


def test_it_is_read_from_signing_in_on_each_tag_in_one_piece(document: Schema) -> None:
    tags = [operation["tags"][0] for _, _, operation in operations(document)]
    assert [tag for tag, _ in groupby(tags)] == [tag["name"] for tag in TAGS]
    assert next(iter(document["paths"])) == "/api/v1/auth/login"


def test_a_collection_stands_before_what_is_in_it(document: Schema) -> None:
    paths = list(document["paths"])
    for path in paths:
        tag = next(iter(document["paths"][path].values()))["tags"]
        above = path.rpartition("/")[0]
        if above in paths and next(iter(document["paths"][above].values()))["tags"] == tag:
            assert paths.index(above) < paths.index(path)


def test_every_operation_says_what_it_does_in_a_sentence(document: Schema) -> None:
    for _, path, operation in operations(document):
        summary = operation["summary"]
        assert summary[0].isupper(), path
        assert summary.lower() != operation["operationId"].replace("_", " "), path
        # A line of a list: plain text, and short enough to stand beside its path.
        assert len(summary) <= 110, path
        assert not re.search(r"[`*\n]|\.$|\. ", summary), summary


def test_every_route_declares_what_it_answers(document: Schema) -> None:
    for method, path, operation in operations(document):
        succeeding = [status for status in operation["responses"] if status[0] in "23" and status != "304"]
        if operation["operationId"] == "finish_oidc":  # or leads on to a page
            succeeding.remove("303")
        if "206" in succeeding:  # or a part of it, or leads on to where it is
            succeeding.remove("206")
            succeeding.remove("302")
        if "{task}" in path:  # or to another address of the task
            succeeding.remove("308")
        (status,) = succeeding
        if status not in {"202", "204", "302"}:
            contents = operation["responses"][status]["content"].values()
            # Unsubscribing is a page, too, for browsers; a report a table and a chart; an export is of four kinds.
            several = 3 if "analytics" in path else 4 if path.endswith("}/export") else 1
            assert len(contents) == several or "unsubscribe" in path, (method, path)
            assert all(content["schema"] for content in contents), (method, path)


def test_every_answer_says_what_it_means(document: Schema) -> None:
    for method, path, status, response in responses(document):
        assert response["description"] not in {"", "Successful Response"}, (method, path, status)


def refusals_of(method: str, path: str, operation: Schema) -> set[str]:
    """What any operation of its kind may refuse."""
    taken = {parameter["name"] for parameter in operation.get("parameters", [])}
    promised = {
        "400": True,
        "401": operation["security"],
        "409": "Idempotency-Key" in taken,
        "412": "If-Match" in taken,
        "413": method != "get",
        "414": True,
        "415": "requestBody" in operation,
        "422": "requestBody" in operation or taken - OF_EVERY_REQUEST,
        "429": path.startswith("/api/"),
        "431": True,
        "503": True,
        "507": method != "get",
    }
    return {status for status, holds in promised.items() if holds}


def test_every_route_declares_its_errors_as_problems(document: Schema) -> None:
    for method, path, operation in operations(document):
        refusals = {s: resolved(document, r) for s, r in operation["responses"].items() if int(s) >= 400}
        assert refusals_of(method, path, operation) <= refusals.keys(), (method, path)
        for status, refusal in refusals.items():
            if (path, status) != ("/health/ready", "503"):
                assert list(refusal["content"]) == ["application/problem+json"], (method, path, status)
                assert problem_in(document, refusal), (method, path, status)


def header_names(operation: Schema) -> set[str]:
    return {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}


def problem_in(document: Schema, refusal: Schema) -> bool:
    """A Problem, or one with more in it."""
    schema = refusal["content"]["application/problem+json"]["schema"]
    return PROBLEM in (schema, *resolved(document, schema).get("allOf", []))


def test_a_stale_if_match_is_told_the_resource_as_it_is_now(document: Schema) -> None:
    currents = set()
    for method, path, operation in operations(document):
        if "412" in operation["responses"]:
            refusal = resolved(document, operation["responses"]["412"])
            schema = resolved(document, refusal["content"]["application/problem+json"]["schema"])
            # Members have no version that a client can read, so far.
            if "allOf" in schema:
                current = schema["allOf"][1]["properties"]["current"]["$ref"].rpartition("/")[2]
                assert "version" in document["components"]["schemas"][current]["properties"], (method, path)
                currents.add(current)
    assert {"TaskRead", "ProjectRead", "UserRead"} <= currents


def test_what_has_a_version_has_a_tag_and_can_be_asked_for_again(document: Schema) -> None:
    seen = 0
    for method, path, status, response in responses(document):
        schema = resolved(document, response.get("content", {}).get("application/json", {}).get("schema", {}))
        if status in {"200", "201"} and "version" in schema.get("properties", {}) and not path.startswith("/health"):
            assert "ETag" in response["headers"], (method, path)
            if method == "get":
                assert "304" in document["paths"][path]["get"]["responses"], path
                assert "If-None-Match" in header_names(document["paths"][path]["get"]), path
            seen += 1
    assert seen >= 12


def headers_of(method: str, path: str, operation: Schema, status: str, response: Schema) -> set[str]:
    """What the contract promises of this answer, but for its ETag."""
    succeeds, taken = status[0] == "2", {p["name"] for p in operation.get("parameters", [])}
    promised = {
        "X-Request-ID": True,
        "Retry-After": status in {"429", "503", "507"} or "request_in_progress" in response["description"],
        "WWW-Authenticate": status == "401",
        "Accept-Patch": status == "415" and method == "patch",
        "Location": status in {"201", "302"},
        "Link": succeeds and "cursor" in taken,
        "Idempotency-Replayed": succeeds and "Idempotency-Key" in taken,
        "Preference-Applied": succeeds and "Prefer" in taken,
        **dict.fromkeys(RATE_LIMITS, path.startswith("/api/") and (status[0] in "23" or status == "429")),
    }
    return {name for name, holds in promised.items() if holds}


def test_every_answer_declares_its_headers(document: Schema) -> None:
    for method, path, status, response in responses(document):
        expected = headers_of(method, path, document["paths"][path][method], status, response)
        assert set(response["headers"]) - {"ETag"} == expected, (method, path, status)
    for name, header in document["components"]["headers"].items():
        assert header["description"], name
        assert header["schema"]["examples"], name


def test_every_header_that_pages_of_others_may_read_is_declared(document: Schema) -> None:
    undeclared = {"Content-Disposition", "Deprecation", "Sunset"}
    assert set(main._MAY_READ) - undeclared == set(document["components"]["headers"])


def test_every_parameter_and_field_is_described(document: Schema) -> None:
    bare = [
        (path, parameter["name"])
        for _, path, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]
    assert bare == []
    schemas = document["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    fields = [(name, f, field) for name, s in schemas.items() for f, field in s.get("properties", {}).items()]
    assert [(name, field_name) for name, field_name, field in fields if not field.get("description")] == []


def test_every_parameter_that_is_not_opaque_shows_what_it_takes(document: Schema) -> None:
    opaque = {"cursor", "ticket", "state", "code", "error", "iss", "X-Share-Password"}
    for _, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            schema = resolved(document, parameter["schema"])
            items = resolved(document, schema.get("items", {}))
            shown = (schema.get("examples"), parameter.get("example"), schema.get("enum"), items.get("enum"))
            plain = schema.get("type") in {"boolean", "integer"} or parameter["name"] in opaque
            assert any(shown) or plain, (path, parameter["name"])
            if parameter["in"] == "path":
                # Where somebody tries a route out, /docs fills this in.
                assert "example" in parameter, (path, parameter["name"])


def test_every_body_shows_an_example(document: Schema) -> None:
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            assert body_of(document, operation)["examples"], (method, path)


def test_every_text_of_an_answer_shows_an_example(document: Schema) -> None:
    bodies = {id(schema) for _, _, o in operations(document) if "requestBody" in o for schema in sent(document, o)}
    for name, schema in document["components"]["schemas"].items():
        for field_name, field in schema.get("properties", {}).items() if id(schema) not in bodies else ():
            plain_text = field.get("type") == "string" and not {"format", "const"} & field.keys()
            assert not plain_text or field.get("examples"), (name, field_name)


def test_every_example_is_what_its_schema_asks_for(document: Schema) -> None:
    places = [node for node in inside(document) if isinstance(node.get("examples"), list)]
    assert len(places) > 200
    for schema in places:
        validator = Draft202012Validator(
            {**schema, "components": document["components"]}, format_checker=FormatChecker()
        )
        for example in schema["examples"]:
            assert list(validator.iter_errors(example)) == [], schema


def test_what_follows_from_what_a_route_is_made_of_is_declared(document: Schema) -> None:
    """No router lists these: guards, paths, cursors and preconditions bring them along."""
    for method, path, operation in operations(document):
        told = {s: resolved(document, response)["description"] for s, response in operation["responses"].items()}
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
    assert references
    for reference in references:
        assert resolved(document, {"$ref": reference}), reference


def test_every_body_refuses_unknown_fields(document: Schema) -> None:
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            assert body_of(document, operation)["additionalProperties"] is False, (method, path)


@pytest.mark.parametrize(
    ("path", "not_null"),
    [
        ("/api/v1/tasks/{task}", {"title", "status", "priority", "assignee_ids", "label_ids", "fields"}),
        ("/api/v1/projects/{project}", {"name", "archived", "estimate_unit", "is_template"}),
        ("/api/v1/users/me", {"timezone", "locale", "email", "current_password"}),
        ("/api/v1/users/{user_id}", {"role", "is_active"}),
    ],
)
def test_a_patch_field_that_may_not_be_null_is_not_nullable(path: str, not_null: set[str], document: Schema) -> None:
    fields = body_of(document, document["paths"][path]["patch"])["properties"]
    nullable = {name for name, field in fields.items() if {"type": "null"} in field.get("anyOf", [])}
    assert fields.keys() - nullable == not_null


def test_a_patch_has_no_required_field(document: Schema) -> None:
    for method, path, operation in operations(document):
        if method == "patch":
            assert "required" not in body_of(document, operation), path


def test_no_field_of_a_body_has_a_default(document: Schema) -> None:
    """Generators would make it required, or send it and overwrite what nobody meant to change."""
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            fields = [field for s in sent(document, operation) for field in s.get("properties", {}).items()]
            assert [name for name, field in fields if "default" in field] == [], (method, path)


def test_a_patch_is_plain_json_or_a_merge_patch_and_all_else_has_one_type(document: Schema) -> None:
    patch = ["application/json", "application/merge-patch+json"]
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            types = list(operation["requestBody"]["content"])
            assert types == (patch if method == "patch" else types[:1]), (method, path)


def test_no_field_is_named_like_its_class(document: Schema) -> None:
    """A generated class and the variable of its field would have one name."""
    for name, schema in document["components"]["schemas"].items():
        as_variable = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        assert as_variable not in schema.get("properties", {}), name


def test_the_total_of_a_page_is_a_number_and_nothing_else(document: Schema) -> None:
    pages = [schema for name, schema in document["components"]["schemas"].items() if name.startswith("Page_")]
    assert pages
    for page in pages:
        assert page["properties"]["total"]["type"] == "integer"
        assert "anyOf" not in page["properties"]["total"]
        assert "total" not in page["required"]


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
        headers = header_names(operation)
        is_write = method in WRITES and operation["operationId"] not in signing_in
        assert ("Idempotency-Key" in headers) == is_write, path
        assert ("Prefer" in headers) == (is_write and not path.startswith("/api/v1/auth/")), path


def test_every_patch_delete_and_action_takes_if_match(document: Schema) -> None:
    """An action is a POST below one resource; `/transfer`, `/leave`, `/favourite` are about members, not versions."""
    without = {"disable_totp", "revoke_invitation", "revoke_share_link", "transfer_project", "leave_project"}
    # One's own emoji, and one's own choice to watch: there or not, and never changed.
    without |= {"remove_reaction", "unwatch_task"}
    without |= {"remove_favourite"}
    # A change happened as it did: whether things are still as it left them is what the route asks itself.
    without |= {"revert_change", "revert_batch"}
    # It adds to the project, and answers with what is to be read elsewhere.
    without |= {"begin_import"}
    for method, path, operation in operations(document):
        is_action = method == "post" and re.search(r"\}/[a-z-]+$", path) and "201" not in operation["responses"]
        if method in {"patch", "delete"} or is_action:
            takes = "If-Match" in header_names(operation)
            assert takes or operation["operationId"] in without, path
            assert not takes or "412" in operation["responses"], path


def test_everything_that_has_an_id_can_be_read_alone(document: Schema) -> None:
    unread = {"/api/v1/projects/{project}/members/{user_id}", "/api/v1/projects/{project}/invitations/{invitation_id}"}
    unread |= {"/api/v1/projects/{project}/share-links/{link_id}"}
    unread |= {"/api/v1/tasks/{task}/comments/{comment_id}/reactions/{emoji}"}
    for path, methods in document["paths"].items():
        if path.endswith("}") and path not in unread:
            assert "get" in methods, path


def test_headers_are_spelt_as_they_are_written_and_never_null(document: Schema) -> None:
    spelt = {"Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID"}
    spelt |= {"Prefer", "X-Request-ID", "X-Requested-By", "X-Share-Password"}
    used = set()
    for _, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "header":
                used.add(parameter["name"])
                assert resolved(document, parameter["schema"])["type"] == "string", (path, parameter["name"])
    assert used == spelt
    assert document["components"]["schemas"]["Preference"]["enum"] == ["validate-only"]


def test_what_needs_a_token_says_so(document: Schema) -> None:
    open_to_all = {
        *("register", "login", "token", "refresh"),
        *("list_oidc_providers", "start_oidc", "finish_oidc", "complete_oidc"),
        *("verify_email", "resend_verification", "confirm_email_change", "undo_email_change"),
        *("forgot_password", "reset_password"),
        *("get_shared_project", "list_shared_tasks", "get_shared_chart", "read_feed"),
        *("list_shared_attachments", "get_shared_content", "get_shared_preview"),
        *("live", "ready", "health", "metrics"),
        *("look_at_unsubscribe_link", "unsubscribe"),
    }
    without = {operation["operationId"] for _, _, operation in operations(document) if not operation["security"]}
    assert without == open_to_all


def test_it_says_under_which_licence_it_is(document: Schema) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert document["info"]["license"] == {"name": project["license"], "identifier": project["license"]}


def test_it_is_valid_openapi(document: Schema) -> None:
    openapi_spec_validator.validate(document)
