"""Lists, as far as SQL knows them: the paging parameters, signed cursors bound to their list, and pages of rows."""

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, Self, TypedDict, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy import Integer, Select, bindparam, literal_column

from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, Statement, prepare
from taskapi.core.errors import InvalidCursor
from taskapi.core.lists.sorting import Keyset

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
MAX_PAGED_ROWS: Final = 10_000
_PAGING: Final = frozenset({"cursor", "page", "limit"})
# These change what is shown of the rows, not which rows come, nor in which order.
_SHOWING: Final = frozenset({"include", "expand"})
_MAC_BYTES: Final = 16
T = TypeVar("T")


class PageRow(TypedDict):
    """A row of a list, rendered; beside it stand its values in the list's order, as texts named `position_0…`."""

    body: str


class Include(StrEnum):
    """What a list can tell beside its items."""

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

    _walk: "Walk | None" = PrivateAttr(None)
    _after: dict[str, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _one_way_to_walk(self) -> Self:
        if self.page is not None:
            if self.cursor is not None:
                raise ValueError("give cursor or page, not both")
            if self.page * self.limit > MAX_PAGED_ROWS:
                raise ValueError(f"page reaches {MAX_PAGED_ROWS} rows deep at most; walk by cursor from here")
        return self

    def walking(self, walk: "Walk") -> Self:
        """The same, at a place: its cursor read, and able to say where the next page is."""
        params = copy.copy(self)
        params._walk = walk  # noqa: SLF001 - a copy of this one
        params._after = _after(walk.read(self.cursor)) if self.cursor is not None else {}  # noqa: SLF001
        return params

    def going_on(self, rows: "Slice") -> Self:
        """The same, behind these rows; for who walks without cursors."""
        params = copy.copy(self)
        params._after = _after(rows.end)  # noqa: SLF001 - a copy of this one
        return params

    @property
    def walk(self) -> "Walk":
        assert self._walk is not None, "read by core.http.query from a request"
        return self._walk

    @property
    def after(self) -> Mapping[str, str]:
        """The values of `Keyset.after`; empty on a first page."""
        return self._after

    @property
    def continues(self) -> bool:
        return bool(self._after)

    @property
    def offset(self) -> int:
        return 0 if self.page is None else (self.page - 1) * self.limit

    @property
    def wants_total(self) -> bool:
        return self.page is not None or Include.TOTAL in self.include


class Page(BaseModel, Generic[T]):
    items: list[T]
    next_cursor: str | None = Field(
        description="Give it as `cursor` for the next page; null on the last", examples=["…"]
    )
    has_more: bool
    total: int | SkipJsonSchema[None] = Field(
        None, description="How many there are in all; only with `include=total` or `page`", examples=[751]
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one page, with their place in the order, and the whole list's length where that was asked for."""

    rows: Sequence[PageRow]
    has_more: bool
    total: int | None = None

    @property
    def end(self) -> list[str]:
        """The position of the last row."""
        return [str(value) for name, value in self.rows[-1].items() if name.startswith("position_")]


async def fetch(
    session: DbSession, params: PageParams, *, page: Statement[PageRow], count: Statement[One[int]], **values: object
) -> Slice:
    """One page, counted only where that was asked for; the count takes those of the values that it knows."""
    rows = await session.fetch_rows(page, **page.taken_from({"offset": params.offset}), **params.after, **values)
    total = None
    if params.wants_total:
        total = await session.only_value(count, **count.taken_from(values))
    return Slice(rows[: params.limit], len(rows) > params.limit, total)


def page_statement(statement: Select[Any], keyset: Keyset, limit: int, *, continues: bool) -> Statement[PageRow]:
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


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a list is read: its address and query, and what signs its cursors."""

    path: str
    query: Sequence[tuple[str, str]]
    cursors: Cursors

    def read(self, cursor: str) -> list[str]:
        return self.cursors.decode(self._binding(), cursor)

    def write(self, position: Sequence[str]) -> str:
        return self.cursors.encode(self._binding(), position)

    def address(self, *steps: tuple[str, str]) -> str:
        """This list with the same filter and sort, at another place."""
        return f"{self.path}?{urlencode([*self._chosen(but=_PAGING), *steps])}"

    def _binding(self) -> str:
        """The address of the list with its filter and sort in one order: what a cursor belongs to."""
        return f"{self.path}?{urlencode(self._chosen(but=_PAGING | _SHOWING))}"

    def _chosen(self, but: frozenset[str]) -> list[tuple[str, str]]:
        return sorted(pair for pair in self.query if pair[0] not in but)


def _after(position: Sequence[str]) -> dict[str, str]:
    return {f"after_{i}": value for i, value in enumerate(position)}
