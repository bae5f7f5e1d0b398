"""The document as people read it: its order, its summaries, and the words for what every resource has.

What only one resource has, its schemas say.
"""

from collections.abc import Iterator
from typing import Final

from taskapi.core.http.openapi_headers import METHODS, operations
from taskapi.core.http.query import Json

_SCHEMAS: Final = "#/components/schemas/"
_ID: Final = "01990f0e-7b1c-7e4a-9d3e-2f6b8c1a5d70"
_INSTANT: Final = "2026-11-21T09:30:00.000000Z"

# The description and an example of the fields that mean the same wherever they are.
_FIELDS: Final[dict[str, tuple[str, object]]] = {
    "id": ("Its id, for ever: a UUIDv7", _ID),
    "project_id": ("The id of its project", _ID),
    "user_id": ("The id of the user", _ID),
    "created_by": ("The id of the user who made it", _ID),
    "created_at": ("When it was made", _INSTANT),
    "updated_at": ("When it last changed", _INSTANT),
    "deleted_at": ("When it went to the trash; null while it is not there", None),
    "expires_at": ("Until when it is good", "2027-02-19T09:30:00.000000Z"),
    "version": ("Goes up by one with every change; `ETag` and `If-Match` speak of it", 3),
    "items": ("What is on this page, in the order of the list", []),
    "has_more": ("Whether anything comes after this page", False),
}
_PATH_PARAMETERS: Final = {"provider": "The name of the provider, from the list of them"}
_PARAMETERS: Final[dict[str, object]] = {
    "If-Match": '"3"',
    "assignee": ["none"],
    "creator": [_ID],
    "cycle": ["current"],
    "date": "2026-12-24",
    "due_after": "2026-12-01",
    "due_before": "2026-12-24",
    "label": ["none"],
    "milestone": ["none"],
    "move_to": "todo",
    "parent": "none",
    "q": "announcement",
    "sort": "-created_at",
    "status": ["todo"],
    "tz": "Europe/Vienna",
    "updated_since": "2026-11-21T00:00:00Z",
}
_ANSWERS: Final = {
    "200": "As it is now",
    "201": "Made; `Location` says where to read it",
    "202": "Accepted: the answer is the same whether there is anything to do or not",
    "204": "Done; there is nothing to say",
}
_PAGE: Final = "Page_"
_READ: Final = ("Read", "Created", "Expanded", "Brief")
_FRAMEWORKS_WORDS: Final = "Successful Response"


def edit(document: Json) -> None:
    _in_reading_order(document)
    for method, _, operation in operations(document):
        _summarise(operation)
        operation.setdefault("security", [])
        for parameter in operation.get("parameters", []):
            _describe_parameter(parameter)
        for status, response in operation["responses"].items():
            if response.get("description") == _FRAMEWORKS_WORDS:
                response["description"] = _outcome(method, status, response)
        if "requestBody" in operation:
            _without_defaults(document, operation["requestBody"])
    for name, schema in document["components"]["schemas"].items():
        _describe_fields(name, schema)


def _in_reading_order(document: Json) -> None:
    """By tag, then by collection as the routers come, then by path: whatever order routes are matched in."""
    paths: Json = document["paths"]
    tags = [tag["name"] for tag in document["tags"]]
    places = {path: place for place, path in enumerate(paths)}

    def tag_of(path: str) -> str:
        operation: Json = next(iter(paths[path].values()))
        return str(operation["tags"][0])

    def collection_of(path: str) -> str:
        """The shortest address of the same tag above it: `/projects` of `/projects/{project}/restore`."""
        above = [other for other in paths if f"{path}/".startswith(f"{other}/") and tag_of(other) == tag_of(path)]
        return min(above, key=len)

    def place_of(path: str) -> tuple[int, int, str]:
        return tags.index(tag_of(path)), places[collection_of(path)], path

    document["paths"] = {
        path: {method: paths[path][method] for method in METHODS if method in paths[path]}
        for path in sorted(paths, key=place_of)
    }


def _summarise(operation: Json) -> None:
    """The first sentence of the description stands in lists, as plain text; the rest stands below it."""
    first, stop, rest = operation.pop("description").partition(". ")
    paragraph, gap, below = first.partition("\n\n")
    operation["summary"] = " ".join(paragraph.split()).removesuffix(".").replace("`", "")
    if remaining := (below + stop + rest if gap else rest):
        operation["description"] = remaining


def _outcome(method: str, status: str, response: Json) -> str:
    answers = [content["schema"].get("$ref", "") for content in response.get("content", {}).values()]
    if any(answer.startswith(_SCHEMAS + _PAGE) for answer in answers):
        return "A page of the list"
    if status == "200" and "ETag" not in response["headers"]:
        return "What you asked for" if method == "get" else "Done"
    return _ANSWERS[status]


def _describe_parameter(parameter: Json) -> None:
    name, schema = parameter["name"], parameter["schema"]
    schema.pop("title", None)
    if parameter["in"] == "path":
        thing = name.removesuffix("_id").replace("_", " ")
        parameter.setdefault("description", _PATH_PARAMETERS.get(name, f"The id of the {thing}"))
        # /docs fills in the example of a parameter, and leaves that of its schema alone: only a path needs one.
        examples = schema.pop("examples", [_ID] if schema.get("format") == "uuid" else [])
        if examples:
            parameter["example"] = examples[0]
    elif name in _PARAMETERS:
        schema.setdefault("examples", [_PARAMETERS[name]])


def _without_defaults(document: Json, body: Json) -> None:
    """Generators take a field with a default for one that is always there; the description says the default."""
    for content in body["content"].values():
        for schema in _schemas_in(document, content["schema"]):
            for field in schema.get("properties", {}).values():
                field.pop("default", None)


def _schemas_in(document: Json, node: Json) -> Iterator[Json]:
    """A schema, and those that its fields refer to."""
    waiting: list[object] = [node]
    known: set[str] = set()
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += found
        elif isinstance(found, dict):
            waiting += found.values()
            name = found.get("$ref")
            if isinstance(name, str) and name not in known:
                known.add(name)
                schema = document["components"]["schemas"][name.removeprefix(_SCHEMAS)]
                waiting.append(schema)
                yield schema


def _describe_fields(name: str, schema: Json) -> None:
    fields: Json = schema.get("properties", {})
    if name.startswith(_PAGE):
        schema["description"] = "One page of a list, and how to get the next."
    if fields and "examples" in schema:
        # The framework puts them in order of the alphabet; a reader wants the title first.
        schema["examples"] = [{f: example[f] for f in fields if f in example} for example in schema["examples"]]
    for field_name, field in fields.items():
        description, example = _FIELDS.get(field_name, (None, None))
        if description is not None:
            field.setdefault("description", description)
            if example is not None and name.endswith(_READ):
                field.setdefault("examples", [example])
