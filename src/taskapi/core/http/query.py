"""Query parameters as one model, validated as one.

FastAPI takes a query model apart field by field in Python: 150 µs for a filter of twenty. pydantic needs 5 for the
whole of it, so the model is a dependency of ours, and the OpenAPI document gets its parameters from the same model.
"""

import re
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from taskapi.core.errors import AppError, BadRequest, InvalidCursor
from taskapi.core.lists.paging import PageParams, Walk
from taskapi.core.parts import parts

Json: TypeAlias = dict[str, Any]
"""An object of a JSON schema or of the OpenAPI document."""
Model = TypeVar("Model", bound=BaseModel)
Pairs = Sequence[tuple[str, str]]

_REFERENCE: Final = "#/components/schemas/{model}"
# pydantic alone would take "yes", "1" and "on" for true, and " 5", "5.0" and "1_000" for numbers.
_BOOLEANS: Final = {"true": True, "false": False}
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_UNKNOWN: Final = "Extra inputs are not permitted"
_UNREADABLE: Final = "?"  # what pydantic refuses as any of these


@dataclass(frozen=True, slots=True)
class Gathers:
    """The metadata of a field `dict[str, list[str]]`: it takes every parameter whose name is the prefix and a name.

    With the prefix `field.`, `field.cost=1&field.cost=2` is `{"cost": ["1", "2"]}`.
    """

    prefix: str
    name: str
    """The pattern of the names."""

    def takes(self, parameter: str) -> bool:
        name = parameter.removeprefix(self.prefix)
        return name != parameter and re.fullmatch(self.name, name) is not None


def pairs(request: Request) -> Pairs:
    """The query string in its parts; BadRequest where it is not UTF-8."""
    try:
        return parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("The query is not UTF-8; percent-encode the bytes of its UTF-8 form") from None


class Query(Generic[Model]):
    """A dependency that reads the whole query string into a model; put it behind the user: who asks comes first."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.errors: tuple[type[AppError], ...] = (InvalidCursor,) if issubclass(model, PageParams) else ()
        needs_something = any(field.is_required() for field in model.model_fields.values())
        self._nothing_asked = None if needs_something else model()
        kinds = {field.alias or name: _kinds(field.annotation) for name, field in model.model_fields.items()}
        self._names = frozenset(kinds)
        self._repeatable = frozenset(name for name, found in kinds.items() if list in found)
        self._booleans = frozenset(name for name, found in kinds.items() if bool in found)
        self._integers = frozenset(name for name, found in kinds.items() if int in found)
        self._gathering = {
            name: gathers
            for name, field in model.model_fields.items()
            for gathers in field.metadata
            if isinstance(gathers, Gathers)
        }

    async def __call__(self, request: Request) -> Model:
        if not request.scope["query_string"] and self._nothing_asked is not None:
            return _at_its_place(self._nothing_asked, request, ())
        given = pairs(request)
        try:
            return _at_its_place(self.model.model_validate(self._values(given)), request, given)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            raise RequestValidationError([{**fault, "loc": self._place(fault["loc"])} for fault in faults]) from None

    def _values(self, given: Pairs) -> dict[str, Any]:
        values: dict[str, Any] = {}
        repeated = []
        for name, text in given:
            if into := self._gathered(name):
                values.setdefault(into, {}).setdefault(name.removeprefix(self._gathering[into].prefix), []).append(text)
            elif name in self._gathering:
                raise RequestValidationError([{"loc": ("query", name), "type": "extra_forbidden", "msg": _UNKNOWN}])
            elif name in self._repeatable:
                values.setdefault(name, []).append(self._read(name, text))
            elif name in values and name in self._names:
                repeated.append(name)
            else:
                values[name] = self._read(name, text)
        if repeated:
            message = "may be given once only: which of the two is meant?"
            faults = [{"loc": ("query", name), "type": "repeated", "msg": message} for name in dict.fromkeys(repeated)]
            raise RequestValidationError(faults)
        return values

    def _gathered(self, name: str) -> str | None:
        """The field that takes this parameter among others."""
        return next((into for into, gathers in self._gathering.items() if gathers.takes(name)), None)

    def _place(self, loc: Sequence[int | str]) -> tuple[int | str, ...]:
        if loc and (gathers := self._gathering.get(str(loc[0]))) and len(loc) > 1:
            return ("query", f"{gathers.prefix}{loc[1]}", *loc[2:])
        return ("query", *loc)

    def _read(self, name: str, text: str) -> object:
        if name in self._booleans:
            return _BOOLEANS.get(text, _UNREADABLE)
        if name in self._integers:
            return int(text) if _INTEGER.fullmatch(text) else _UNREADABLE
        return text

    def parameters(self) -> tuple[list[Json], Json]:
        """For the OpenAPI document: the parameters, and the schemas that they refer to."""
        schema = self.model.model_json_schema(ref_template=_REFERENCE)
        parameters, needed = [], schema.get("required", ())
        for name, field in schema["properties"].items():
            shown = {key: value for key, value in field.items() if key not in {"title", "description"}}
            parameters.append({"name": name, "in": "query", "required": name in needed, "schema": _without_null(shown)})
            if "description" in field:
                parameters[-1]["description"] = field["description"]
            if gathers := self._gathering.get(name):
                parameters[-1] |= {"style": "form", "explode": True, "schema": _free_names(gathers, shown)}
        return parameters, schema.get("$defs", {})


def _at_its_place(params: Model, request: Request, given: Pairs) -> Model:
    """A list's parameters know where they were read: its cursor is checked here, and the next page found by it."""
    if not isinstance(params, PageParams):
        return params
    return params.walking(Walk(request.url.path, given, parts(request).cursors))


def _kinds(annotation: Any) -> set[type]:  # noqa: ANN401
    """The plain types that an annotation is made of, `list` among them where it is one."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType, list}:
        outer = {list} if get_origin(annotation) is list else set()
        return outer.union(*(_kinds(argument) for argument in get_args(annotation)))
    return {annotation} if isinstance(annotation, type) else set()


def _free_names(gathers: Gathers, shown: Json) -> Json:
    """An object of which each property is a parameter by its name; its own name is in no query."""
    names = {"pattern": f"^{re.escape(gathers.prefix)}{gathers.name}$"}
    schema = {"type": "object", "propertyNames": names, "additionalProperties": {"type": "string"}}
    return {**schema, **{name: shown[name] for name in ("examples", "maxProperties") if name in shown}}


def _without_null(schema: Json) -> Json:
    """A query string has no null: a parameter is there or absent."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1 and len(schema.get("anyOf", [])) > 1:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        schema = {**rest, **choices[0]}
    if schema.get("default", ...) is None:
        schema = {key: value for key, value in schema.items() if key != "default"}
    return schema


def query(model: type[Model]) -> Any:  # noqa: ANN401 - what Annotated takes
    return Depends(Query(model))
