"""Holds every answer that a test gets against the OpenAPI document: its status declared, its body of that shape."""

import json
import re
from functools import cached_property
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from jsonschema_rs import Draft202012Validator

_FORMATS = {"email": lambda text: "@" in text}  # letters beyond ASCII are allowed, as in RFC 6531
# What the service may answer anywhere, and what needs no declaration on each route.
_ANYWHERE = {405, 413, 414, 429, 431, 500}


class Contract:
    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(json.dumps(self._app.openapi()))
        return document

    @cached_property
    def _operations(self) -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
        return [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), method.upper(), operation)
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
        ]

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        # A path without parameters (`/users/me`) is meant before one with them (`/users/{user_id}`).
        found = [o for pattern, verb, o in self._operations if verb == method and pattern.fullmatch(path)]
        return min(found, key=lambda o: len(o.get("parameters", [])), default=None)

    def check(self, response: httpx.Response) -> None:
        request = response.request
        operation = self.operation(request.method, request.url.path)
        if operation is None or response.status_code in _ANYWHERE | {304}:
            return
        where = f"{request.method} {request.url.path} → {response.status_code}"
        declared = operation["responses"].get(str(response.status_code))
        assert declared is not None, f"{where} is not declared: {response.text[:500]}"
        declared = resolved(self.document, declared)
        if not response.content:
            return
        media_type = response.headers["content-type"].partition(";")[0]
        if "*/*" in declared["content"]:  # a file that somebody has sent
            return
        assert media_type in declared["content"], f"{where} came as {media_type}"
        if media_type.endswith(("/json", "+json")):
            self._check_body(declared["content"][media_type]["schema"], response.json(), where)

    def _check_body(self, schema: dict[str, Any], body: Any, where: str) -> None:
        name = json.dumps(schema, sort_keys=True)
        if name not in self._validators:
            strict = {**schema, "components": _closed(self.document["components"])}
            self._validators[name] = Draft202012Validator(strict, validate_formats=True, formats=_FORMATS)
        faults = [f"{fault.instance_path}: {fault.message}" for fault in self._validators[name].iter_errors(body)]
        assert not faults, f"{where} breaks its schema: {faults[:5]}"


_contracts: dict[tuple[int, ...], Contract] = {}


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to; all else as it is."""
    found = document
    for step in node["$ref"].removeprefix("#/").split("/") if "$ref" in node else ():
        found = found[step]
    return found if "$ref" in node else node


def contract_of(app: FastAPI) -> Contract:
    """Read once for all applications with the same routes: reading takes as long as ten tests."""
    # A contract holds its application, so no other endpoint can come to have the same id.
    routes = tuple(id(route.endpoint) for route in app.routes if isinstance(route, APIRoute))
    return _contracts.setdefault(routes, Contract(app))


def _closed(components: dict[str, Any]) -> dict[str, Any]:
    """A field that no schema knows is a leak or an undocumented promise."""
    schemas = {
        name: {**schema, "additionalProperties": schema.get("additionalProperties", False)}
        if schema.get("type") == "object"
        else schema
        for name, schema in components["schemas"].items()
    }
    return {**components, "schemas": schemas}
