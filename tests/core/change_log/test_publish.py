"""publish() writes nothing that the catalogue of kinds does not know."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.publish import Fact, publish
from taskapi.core.db.database import unit_of_work
from tests.support.change_log import kinds


@pytest.mark.parametrize(
    ("kind", "subject", "error"),
    [("task.closed", "task", ValueError), ("task.created", "project", AssertionError)],
)
async def test_a_fact_that_is_not_in_the_catalogue_is_refused_with_all_that_was_done(
    kind: str, subject: str, error: type[Exception], app: FastAPI, tables: Any
) -> None:
    facts = [Fact("project.created", "project", uuid4(), {}), Fact(kind, subject, uuid4(), {})]

    async def write() -> None:
        async with unit_of_work(app.state.parts.database) as session:
            for fact in facts:
                await publish(session, None, fact)

    with pytest.raises(error):
        await write()
    assert await kinds(tables) == []


def test_every_kind_is_named_after_itself_and_says_what_happened() -> None:
    for kind in ChangeKind:
        assert kind.name.lower() == kind.value.replace(".", "_")
        assert len(kind.description) > len("is gone")
    assert len({kind.description for kind in ChangeKind}) == len(ChangeKind)
