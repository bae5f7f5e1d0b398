"""What mypy cannot see: that rows have the types that their statements are said to have."""

import asyncio
import sys
from datetime import datetime
from typing import NotRequired, TypedDict
from uuid import UUID

import pytest
from sqlalchemy import func, select

from taskapi.core.db.statements import One, prepare
from taskapi.models import ApiToken, User
from tests.support.row_types import misfits

pytestmark = pytest.mark.slow


class Good(TypedDict):
    id: UUID
    email: str | None
    created_at: datetime
    is_active: NotRequired[bool]


class Counted(TypedDict):
    project_ids: list[UUID] | None
    tokens: int


class Wrong(TypedDict):
    id: str
    email: str
    created_at: datetime | None


class Unknown(TypedDict):
    id: UUID
    emial: str


def test_a_row_of_the_columns_types_fits() -> None:
    statement = select(User.id, User.email, User.created_at, User.is_active)
    assert list(misfits(statement.exported_columns, Good)) == []
    counted = select(ApiToken.project_ids, func.count().label("tokens"))
    assert list(misfits(counted.exported_columns, Counted)) == []


def test_other_types_and_forgotten_nulls_are_found() -> None:
    found = list(misfits(select(User.id, User.email, User.created_at).exported_columns, Wrong))
    assert [misfit.partition(" ")[0] for misfit in found] == ["Wrong.id", "Wrong.email"]
    assert found[1].endswith("and may be null")
    (wrong,) = misfits(select(User.email.label("address")).exported_columns, One[str])
    assert wrong.endswith("and may be null")
    assert list(misfits(select(User.email).exported_columns, One[str | None])) == []


@pytest.mark.parametrize("row", [Unknown, One[str]])
def test_a_statement_is_not_prepared_with_other_columns(row: type) -> None:
    with pytest.raises(TypeError, match="does not describe the columns"):
        prepare(select(User.id, User.email), row=row)


async def test_every_row_of_the_service_fits_its_statement() -> None:
    looking = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.row_types", stdout=asyncio.subprocess.PIPE
    )
    said, _ = await looking.communicate()
    *found, count = said.decode().splitlines()
    assert found == []
    assert int(count.split()[0]) > 20
