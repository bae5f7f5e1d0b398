"""Lists: the paging parameters, signed cursors bound to their list, and pages rendered from ready rows."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, Self, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Integer, Select, bindparam, literal_column
from starlette.requests import Request
from starlette.responses import Response

from taskapi.core.answers import JSON_TYPE
from taskapi.core.db import DbSession, Row
from taskapi.core.errors import InvalidCursor
from taskapi.core.sorting import Keyset
from taskapi.core.statements import Statement, prepare

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
MAX_PAGED_ROWS: Final = 10_000
_PAGING: Final = frozenset({"cursor", "page", "limit"})
# What they change is not which rows come, nor in which order.
_SHOWING: Final = frozenset({"include", "expand"})
_MAC_BYTES: Final = 16
T = TypeVar("T")


class Include(StrEnum):
    TOTAL = "total"


class PageParams(BaseModel):
    """What every list takes. A list's own model inherits it: a misspelt filter is then a 422, not "everything"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many items at most")
    cursor: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="`next_cursor` of the page before; all other parameters as they were"
    )
    page: Annotated[int, Field(ge=1, le=MAX_PAGED_ROWS)] | None = Field(
        None, description=f"The number of the page, from 1; at most {MAX_PAGED_ROWS} rows deep"
    )
    include: list[Include] = Field(default_factory=list, description="`total` counts the whole list", max_length=1)

    @model_validator(mode="after")
    def _one_way_to_walk(self) -> Self:
        if self.page is not None:
            if self.cursor is not None:
                raise ValueError("give cursor or page, not both")
            if self.page * self.limit > MAX_PAGED_ROWS:
                raise ValueError(f"page reaches {MAX_PAGED_ROWS} rows deep at most; walk by cursor from here")
        return self

    @property
    def offset(self) -> int:
        return 0 if self.page is None else (self.page - 1) * self.limit

    @property
    def wants_total(self) -> bool:
        return self.page is not None or Include.TOTAL in self.include


class Page(BaseModel, Generic[T]):
    items: list[T]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page")
    has_more: bool
    total: int | None = Field(
        None, description="Only with `include=total` or `page`", json_schema_extra={"type": "integer"}
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one page, rendered (`body`), with their place in the order (`position_0…`)."""

    rows: Sequence[Row]
    has_more: bool
    total: int | None = None

    @property
    def end(self) -> dict[str, str]:
        """What `fetch` takes as `after`, to go on from here; for who walks without a cursor."""
        return _after(_position(self.rows[-1]))


async def fetch(
    session: DbSession,
    params: PageParams,
    after: dict[str, str] | None,
    *,
    page: Statement,
    count: Statement,
    **values: Any,  # noqa: ANN401
) -> Slice:
    """One page, counted only where that was asked for."""
    rows = await session.fetch_rows(page, offset=params.offset, **(after or {}), **values)
    total = await session.fetch_value(count, **values) if params.wants_total else None
    return Slice(rows[: params.limit], len(rows) > params.limit, total)


def page_statement(statement: Select[Any], keyset: Keyset, limit: int, *, continues: bool) -> Statement:
    """A list in its order, from a cursor or an offset on, with one row more than asked: it tells that there is more."""
    statement = statement.add_columns(*keyset.position).order_by(*keyset.order)
    if continues:
        statement = statement.where(keyset.after())
    return prepare(statement.limit(literal_column(str(limit + 1))).offset(bindparam("offset", type_=Integer)))


class Cursors:
    """Opaque and signed; bound to the list, its filter and its sort, so that no cursor opens another list."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def encode(self, binding: str, position: Sequence[str]) -> str:
        payload = json.dumps(position, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(binding, payload) + payload).decode().rstrip("=")

    def decode(self, binding: str, cursor: str) -> list[str]:
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(binding, payload)):
            raise InvalidCursor("Use next_cursor of this list with the same filter and sort, or start without a cursor")
        position: list[str] = json.loads(payload)
        return position

    def _mac(self, binding: str, payload: bytes) -> bytes:
        return hmac.digest(self._key, binding.encode() + b"\0" + payload, hashlib.sha256)[:_MAC_BYTES]


def after(request: Request, params: PageParams) -> dict[str, str] | None:
    """The `after_0…` values of the cursor, or None on a first page."""
    if params.cursor is None:
        return None
    cursors: Cursors = request.app.state.cursors
    return _after(cursors.decode(_binding(request), params.cursor))


def respond(request: Request, params: PageParams, found: Slice) -> Response:
    next_cursor = "null"
    headers = {}
    if found.has_more:
        cursors: Cursors = request.app.state.cursors
        cursor = cursors.encode(_binding(request), _position(found.rows[-1]))
        next_cursor = f'"{cursor}"'
        # Behind the deepest page the way goes on by cursor.
        by_page = params.page is not None and (params.page + 1) * params.limit <= MAX_PAGED_ROWS
        step = ("page", str((params.page or 0) + 1)) if by_page else ("cursor", cursor)
        query = urlencode([*_chosen(request, but=_PAGING), ("limit", str(params.limit)), step])
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    items = ",".join([row["body"] for row in found.rows])
    total = "" if found.total is None else f',"total":{found.total}'
    more = "true" if found.has_more else "false"
    return Response(
        f'{{"items":[{items}],"next_cursor":{next_cursor},"has_more":{more}{total}}}', 200, headers, JSON_TYPE
    )


def _binding(request: Request) -> str:
    """The address of the list with its filter and sort in one order: what a cursor belongs to."""
    return f"{request.url.path}?{urlencode(_chosen(request, but=_PAGING | _SHOWING))}"


def _chosen(request: Request, but: frozenset[str]) -> list[tuple[str, str]]:
    return sorted(pair for pair in request.query_params.multi_items() if pair[0] not in but)


def _after(position: Sequence[str]) -> dict[str, str]:
    return {f"after_{i}": value for i, value in enumerate(position)}


def _position(row: Row) -> list[str]:
    return [value for name, value in row.items() if name.startswith("position_")]
