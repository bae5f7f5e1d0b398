"""Lists, as far as SQL knows them: the paging parameters, cursors bound to their list, and pages of rows."""

import base64
import copy
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, Literal, Protocol, Self, TypedDict, TypeVar, cast
from urllib.parse import urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy import Boolean, Integer, Select, bindparam, func, literal_column, select

from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, Statement, as_text, prepare, prepare_text
from taskapi.core.errors import InvalidCursor
from taskapi.core.lists.sorting import Keyset

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
MAX_PAGED_ROWS: Final = 10_000
MAX_COUNTED: Final = 10_000
# A limit is part of a statement's text, for the planner weighs it: with four of them nobody makes the service
# compile, nor PostgreSQL plan, a statement of their own by each `limit` there is.
_READ: Final = (20, 50, 100, MAX_LIMIT)
_MAX_CURSOR: Final = 4000  # a title of 500 characters, four bytes each, encrypted and in base64
_PAGING: Final = frozenset({"cursor", "page", "limit"})
# These change what is shown of the rows, not which rows come, nor in which order.
_SHOWING: Final = frozenset({"include", "expand"})
_NONCE_BYTES: Final = 12
_MARK: Final = re.compile(r"\{(?:position|after|order|rows)\}")
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
    cursor: Annotated[str, Field(max_length=_MAX_CURSOR)] | None = Field(
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
        params = self.standing(walk)
        params._after = _after(walk.read(self.cursor)) if self.cursor is not None else {}  # noqa: SLF001
        return params

    def standing(self, walk: "Walk") -> Self:
        """The same, of a list that is known by its address, with the cursor not read."""
        params = copy.copy(self)
        params._walk = walk  # noqa: SLF001 - a copy of this one
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
    def rows(self) -> int:
        """How many rows a statement reads for this limit; `fetch` leaves the rest out."""
        return next(rows for rows in _READ if rows >= self.limit)

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
    total: Annotated[int, Field(ge=0, le=MAX_COUNTED)] | SkipJsonSchema[None] = Field(
        None,
        description=f"How many there are in all, exact up to {MAX_COUNTED}; only with `include=total` or `page`",
        examples=[751],
    )
    total_is_lower_bound: Literal[True] | SkipJsonSchema[None] = Field(
        None, description=f"There where the list is longer than {MAX_COUNTED}, which is then its `total`"
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one page, with their place in the order, and how many there are in all where that was asked for."""

    rows: Sequence[PageRow]
    has_more: bool
    counted: int | None = None
    """One more than MAX_COUNTED stands for "more than that"."""

    @property
    def end(self) -> list[str]:
        """The position of the last row."""
        return [str(value) for name, value in self.rows[-1].items() if name.startswith("position_")]

    def showing(self, bodies: Sequence[str]) -> "Slice":
        """The same rows, rendered otherwise."""
        rows = [cast("PageRow", {**row, "body": body}) for row, body in zip(self.rows, bodies, strict=True)]
        return Slice(rows, self.has_more, self.counted)


async def fetch(
    session: DbSession, params: PageParams, *, page: Statement[PageRow], count: Statement[One[int]], **values: object
) -> Slice:
    """One page, counted only where that was asked for; the count takes those of the values that it knows."""
    rows = await session.fetch_rows(page, **page.taken_from({"offset": params.offset}), **params.after, **values)
    counted = None
    if params.wants_total:
        counted = await session.only_value(count, **count.taken_from(values))
    return Slice(rows[: params.limit], len(rows) > params.limit, counted)


class PagesOfOneOrder(Protocol):
    """Makes a page's statement, for a list that has but one order."""

    def __call__(self, rows: int, /, *, continues: bool) -> Statement[PageRow]: ...


async def fetch_in_order(
    session: DbSession, params: PageParams, pages: PagesOfOneOrder, count: Statement[One[int]], **values: object
) -> Slice:
    page = pages(params.rows, continues=params.continues)
    return await fetch(session, params, page=page, count=count, **values)


def list_text(statement: Select[Any]) -> str:
    """A list without its order and place, compiled: `page_of` fills in what is marked."""
    marked = statement.add_columns(literal_column("{position}")).where(literal_column("{after}", Boolean))
    placed = marked.order_by(literal_column("{order}")).limit(literal_column("{rows}"))
    return as_text(placed.offset(bindparam("offset", type_=Integer)))


def page_of(listed: str, keyset: Keyset, rows: int, *, continues: bool) -> Statement[PageRow]:
    """A list in its order, from a cursor or an offset on, with one row more than asked: it tells that there is more."""
    parts = {
        "{position}": keyset.position,
        "{after}": keyset.after if continues else "true",
        "{order}": keyset.order,
        "{rows}": str(rows + 1),
    }
    return prepare_text(_MARK.sub(lambda found: parts[found[0]], listed), row=PageRow)


def page_statement(statement: Select[Any], keyset: Keyset, rows: int, *, continues: bool) -> Statement[PageRow]:
    """For a list with few shapes, each kept by who asks; one with many keeps its `list_text`."""
    return page_of(list_text(statement), keyset, rows, continues=continues)


def count_statement(statement: Select[Any]) -> Statement[One[int]]:
    """How many rows a list has, counted no further than it is told: a long list costs no more than a page."""
    counted = statement.limit(literal_column(str(MAX_COUNTED + 1))).subquery("counted")
    return prepare(select(func.count()).select_from(counted), row=One[int])


class Cursors:
    """Encrypted and bound to the list, its filter and its sort, so that no cursor opens another list.

    A position holds what the list is sorted by, such as a title, and cursors stand in addresses, which proxies log.
    AES-GCM's nonce is random (NIST SP 800-38D §8.3); a cursor takes 3 µs to write and 3 to read.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encode(self, binding: str, position: Sequence[str]) -> str:
        payload = json.dumps(position, ensure_ascii=False, separators=(",", ":")).encode()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, payload, binding.encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def decode(self, binding: str, cursor: str) -> list[str]:
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            payload = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], binding.encode())
        except (ValueError, InvalidTag):
            detail = "Use next_cursor of this list with the same filter and sort, or start without a cursor"
            raise InvalidCursor(detail) from None
        position: list[str] = json.loads(payload)
        return position


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a list is read: its address and query, and what signs its cursors."""

    path: str
    query: Sequence[tuple[str, str]]
    cursors: Cursors
    state: str = ""
    """What else decides which rows come, and in which order: of a saved view, which one it was, and its version."""

    def read(self, cursor: str) -> list[str]:
        return self.cursors.decode(self._binding(), cursor)

    def write(self, position: Sequence[str]) -> str:
        return self.cursors.encode(self._binding(), position)

    def group(self, grouped_by: str, key: str) -> "Walk":
        """The list of one group: with the group's own parameter instead of all groups."""
        rest = [pair for pair in self.query if pair[0] not in {"group_by", grouped_by}]
        return replace(self, query=[*rest, (grouped_by, key)])

    def address(self, *steps: tuple[str, str]) -> str:
        """This list with the same filter and sort, at another place."""
        return f"{self.path}?{urlencode([*self._chosen(but=_PAGING), *steps])}"

    def _binding(self) -> str:
        """The address of the list with its filter and sort in one order: what a cursor belongs to."""
        return f"{self.path}?{urlencode(self._chosen(but=_PAGING | _SHOWING))}{self.state}"

    def _chosen(self, but: frozenset[str]) -> list[tuple[str, str]]:
        return sorted(pair for pair in self.query if pair[0] not in but)


def _after(position: Sequence[str]) -> dict[str, str]:
    return {f"after_{i}": value for i, value in enumerate(position)}
