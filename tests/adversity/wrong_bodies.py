"""Bodies that must be refused, made from a schema: each is a good body with one thing wrong, or no body of its kind."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from taskapi.core.ids import new_id

Schema = dict[str, Any]

CANARY: Final = "cANarY7f3a"  # in what is sent, and never in an answer
JSON: Final = "application/json"
DEEP: Final = 20_000
_LONG_NUMBER: Final = "9" * 10_000
_SURROGATES: Final = (r'"\ud800"', r'"x\udfffx"', r'"\ud800\ud800"', r'"\udc00\ud800"')

# A value for each field that has to be there, where the schema alone does not say what is good.
_GOOD_STRINGS: Final = {
    "username": "ann",
    "url": "https://example.com/hook",
    "password": "correct horse battery",
    "title": "Title",
    "rule": "FREQ=DAILY",
    "text": "Text",
    "task_id": "WEB-1",
    "into": "WEB-1",
    "name": "Name",
    "body": "Hello",
    "starts_on": "2027-01-04",
    "ends_on": "2027-01-15",
    "key": "AB",
    "color": "#d73a4a",
    "refresh_token": "tapr_x",
    "token": "x",
    "sign_in_token": "x",
    "code": "000000",
    "totp_code": "000000",
    "current_password": "correct horse battery",
    "new_password": "another horse battery",
}
_GOOD_OTHERS: Final[dict[str, Any]] = {
    "operations": [{"op": "complete", "task": "WEB-1"}],
    "patch": {"title": "Title"},
    "project_ids": [],
    "actions": [{"type": "comment", "body": "Hello"}],
}
WRONG_TYPES: Final = (
    *("text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"),
    *("application/xml", "application/json-patch+json", "application/jsonx", "application/octet-stream", "json"),
    *("application/json, text/plain", "*/*", "; charset=utf-8", "", None),
)


# Names of what is not there, good in their form.
_MISSING: Final = {"job_id": "1"}
_MISSING_ID: Final = "00000000-0000-7000-8000-000000000000"


def filled(path: str, **names: str) -> str:
    """The address that a path of the contract stands for, with these names in it, and of nothing else that exists."""
    return re.sub(r"{(\w+)}", lambda place: {**_MISSING, **names}.get(place[1], _MISSING_ID), path)


@dataclass(frozen=True)
class WrongBody:
    name: str
    content: bytes
    content_type: str | None = JSON
    statuses: frozenset[int] = frozenset({400, 422})


class Body:
    """What a route takes, by its schema."""

    def __init__(self, document: dict[str, Any], schema: Schema) -> None:
        self._document = document
        self.schema = self._resolved(schema)
        self.fields: dict[str, Schema] = {n: self._resolved(s) for n, s in self.schema["properties"].items()}
        self.good = {name: self._good(name) for name in self.schema.get("required", [])}

    def wrong(self) -> Iterator[WrongBody]:
        yield from self._not_json()
        yield from self._not_the_object()
        yield from self._extra_fields()
        for name in self.good:
            yield self._written(f"without {name}", {n: v for n, v in self.good.items() if n != name})
        for name, schema in self.fields.items():
            for label, text in _wrong_values(name, self._types(schema), self._rules(schema)):
                yield self._raw(f"{name}: {label}", self._with(name, text))
        content = json.dumps(self.good).encode()
        for content_type in WRONG_TYPES:
            yield WrongBody(f"as {content_type}", content, content_type, frozenset({415}))

    def _not_json(self) -> Iterator[WrongBody]:
        good = json.dumps(self.good)
        for label, text in {
            "nothing": "",
            "blank": " \n",
            "truncated": good[:-1],
            "comma at the end": good[:-1] + ",}",
            "more behind it": good + good,
            "single quotes": "{'a': 1}",
            "comment": good + f"// {CANARY}",
            "form": f"title={CANARY}&name=x",
            "XML": f"<title>{CANARY}</title>",
            "YAML": f"title: {CANARY}",
            "NaN": "NaN",
            "deep arrays": "[" * DEEP + "]" * DEEP,
            "deep objects": '{"a":' * DEEP + "1" + "}" * DEEP,
            "open arrays": "[" * DEEP,
            "deep behind a quote": '"' + r"\"" * DEEP + "[" * DEEP,
        }.items():
            yield self._raw(label, text)
        yield WrongBody("byte order mark", b"\xef\xbb\xbf" + good.encode())
        yield WrongBody("UTF-16", good.encode("utf-16"))
        yield WrongBody("UTF-32", good.encode("utf-32-le"))
        yield WrongBody("not UTF-8", b'{"title": "\xff\xfe"}')
        yield WrongBody("overlong UTF-8", b'{"title": "\xc0\x80"}')
        yield WrongBody("surrogate in UTF-8", b'{"title": "\xed\xa0\x80"}')
        yield WrongBody("NUL bytes", b"\0" * 100)
        yield WrongBody("NUL in JSON", good[:-1].encode() + b"\0}")
        yield WrongBody("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03")

    def _not_the_object(self) -> Iterator[WrongBody]:
        for text in (
            "null",
            "true",
            "1",
            "-0",
            "1.5",
            "1e999",
            _LONG_NUMBER,
            f'"{CANARY}"',
            '""',
            "[]",
            "[[]]",
            "[{}]",
        ):
            yield self._raw(text[:20], text)
        yield self._raw("in an array", f"[{json.dumps(self.good)}]")
        yield self._raw("encoded twice", json.dumps(json.dumps(self.good)))

    def _extra_fields(self) -> Iterator[WrongBody]:
        names = (
            "unheard_of",
            "__proto__",
            "__class__",
            "constructor",
            "",
            " title",
            "TITLE",
            "a.b",
            "a[b]",
            "$ref",
            "é",
        )
        columns = ("number", "version", "created_by", "created_at", "project_id", "password_hash", "search", "user")
        for name in (*names, *columns):
            yield self._raw(f"extra {name!r}", self._with(name, f'"{CANARY}"'))
        yield self._raw("extra with NUL", self._with(r"a\u0000b", "1", escaped=True))
        yield self._raw("extra with half a surrogate pair", self._with(r"\ud800", "1", escaped=True))
        yield self._written("5,000 extras", {**self.good, **{f"a{i}": i for i in range(5000)}})
        for label, text in {
            "deep": "[" * 100 + "]" * 100,
            "long number": _LONG_NUMBER,
            "infinite": "-Infinity",
        }.items():
            yield self._raw(f"extra, {label}", self._with("unheard_of", text))

    def _with(self, name: str, text: str, *, escaped: bool = False) -> str:
        """The good body with this field as this JSON text, which json.dumps might refuse to write."""
        pairs = [f"{json.dumps(n)}: {json.dumps(v)}" for n, v in self.good.items() if n != name]
        return "{" + ", ".join([*pairs, f'"{name}": {text}' if escaped else f"{json.dumps(name)}: {text}"]) + "}"

    def _written(self, name: str, content: Any) -> WrongBody:
        return self._raw(name, json.dumps(content))

    def _raw(self, name: str, text: str) -> WrongBody:
        return WrongBody(name, text.encode())

    def _good(self, name: str) -> Any:
        schema = self.fields[name]
        if "enum" in schema:
            return schema["enum"][0]
        if name in _GOOD_OTHERS:
            return _GOOD_OTHERS[name]
        if schema.get("type") == "array":
            return [self._resolved(schema["items"])["enum"][0]]
        if schema.get("format") == "uuid":
            return str(new_id())
        if schema.get("format") == "date-time":
            return (datetime.now(UTC) + timedelta(days=30)).isoformat()
        good = "ann@example.com" if schema.get("format") == "email" else _GOOD_STRINGS[name]
        # A project's key is of capitals, and a status's of small letters.
        return good if re.search(schema.get("pattern", ""), good) else good.lower()

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _choices(self, schema: Schema) -> list[Schema]:
        return [self._resolved(choice) for choice in schema.get("anyOf", [schema])]

    def _types(self, schema: Schema) -> set[str]:
        return {choice["type"] for choice in self._choices(schema)}

    def _rules(self, schema: Schema) -> Schema:
        """Those of the one choice that is not null."""
        return next(choice for choice in self._choices(schema) if choice["type"] != "null")


def _wrong_values(name: str, types: set[str], rules: Schema) -> Iterator[tuple[str, str]]:
    """JSON texts that break this field's schema, each with a name."""
    examples = {
        "null": ("null",),
        "boolean": ("true", "false"),
        "number": ("0", "1.5", "-1"),
        "string": (f'"{CANARY}"', '"1"', '"true"', '""'),
        "array": ("[]", f'["{CANARY}"]', "[null]"),
        "object": ("{}", f'{{"{name}": "{CANARY}"}}'),
    }
    allowed = types | ({"number"} if "integer" in types else set())
    for kind, texts in examples.items():
        if kind not in allowed:
            yield from ((f"{kind} {text}", text) for text in texts)
    for label, text in {"NaN": "NaN", "infinite": "Infinity", "minus infinite": "-Infinity", "1e400": "1e400"}.items():
        yield label, text
    yield "10,000 digits", _LONG_NUMBER
    for text in _SURROGATES:
        yield f"half a surrogate pair {text}", text
    if "string" in types:
        yield from _wrong_strings(name, rules)
    if {"number", "integer"} & types:
        yield "too small", str(rules["exclusiveMinimum"] if "exclusiveMinimum" in rules else rules["minimum"] - 1)
        yield "too large", str(rules["maximum"] + 1)
    if "array" in types:
        yield "too many", json.dumps([str(uuid4()) for _ in range(rules["maxItems"] + 1)])
        yield "nested", "[[[]]]"


_WRONG_BY_FORMAT: Final = {
    "uuid": ("x", CANARY, "00000000-0000-0000-0000-00000000000g", "1", "../etc"),
    "email": (CANARY, "a@", "@b.example", "a@b@c.example", "a b@c.example", "a@b..c", "a@b.example\nBcc: x@y.example"),
    "date": (CANARY, "2026-02-30", "10000-01-01", "0000-00-00", "2026-1-1", "20260101", "1", "0001-01-01", "-1"),
    "date-time": (CANARY, "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "10000-01-01T00:00:00Z", "0", "1e10", "now"),
}
_WRONG_FOR_MOST: Final = ("\0", f"a\0{CANARY}", f"¿{CANARY} \u202e", f"abc\n{CANARY}", "", " ")


def _wrong_strings(name: str, rules: Schema) -> Iterator[tuple[str, str]]:
    for text in _WRONG_BY_FORMAT.get(rules.get("format", ""), ()):
        yield f"{rules['format']} {text}", json.dumps(text)
    if "enum" in rules:
        yield "not one of them", f'"{CANARY}"'
        yield "one of them in capitals", json.dumps(rules["enum"][0].upper())
    if "maxLength" in rules:
        yield "too long", json.dumps(CANARY + "x" * rules["maxLength"])
        yield "much too long", json.dumps(CANARY + "x" * 500_000)
    if rules.get("minLength"):
        yield "too short", '""'
    if "pattern" in rules:
        broken = [text for text in _WRONG_FOR_MOST if not re.search(rules["pattern"], text)]
        assert broken, rules["pattern"]
        yield from ((f"pattern broken {text!r}", json.dumps(text)) for text in broken)
    elif (
        "password" not in name and name != "project"
    ):  # it may hold anything; a name that cannot be is as absent as any other
        yield "NUL", json.dumps(f"a\0{CANARY}")
