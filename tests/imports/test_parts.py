"""The new tasks of a batch are written in parts, and nothing of that is seen: numbers, parents, facts and failures."""

from typing import Any

import httpx
import pytest

from taskapi.imports.batches import parts
from tests.imports.conftest import Importer
from tests.imports.test_imports import tasks
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold
from tests.support.whole_tasks import require_whole

ROWS = "".join(f"{number},Task {number},{'bug' if number % 3 else ''}\n" for number in range(1, 21))


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_ROWS_OF_A_PART", 3)


async def test_tasks_have_their_numbers_and_facts_in_the_order_of_the_file(
    owner: httpx.AsyncClient, bring: Importer, tables: Any
) -> None:
    done = await bring("id,title,labels\n" + ROWS)
    assert (done["created"], done["problems"]) == (20, []), done
    assert [(task["number"], task["title"]) for task in await tasks(owner)] == [(n, f"Task {n}") for n in range(1, 21)]
    told = await tables.fetch("SELECT subject_key FROM events WHERE kind = 'task.created' ORDER BY xid, seq")
    assert [row["subject_key"] for row in told] == [f"WEB-{number}" for number in range(1, 21)]
    assert await differences(Fold(), tables, await tables.fetchval("SELECT now()"), TOLD) == []
    await require_whole(tables)


async def test_a_task_may_hang_below_one_that_comes_much_later(owner: httpx.AsyncClient, bring: Importer) -> None:
    done = await bring("id,title,parent\n" + "".join(f"{n},Task {n},{20 if n == 1 else ''}\n" for n in range(1, 21)))
    assert (done["created"], done["problems"]) == (20, []), done
    first, *_, last = await tasks(owner)
    assert first["parent_id"] == last["id"]


async def test_what_cannot_be_written_in_a_later_part_takes_nothing_of_the_others_along(
    bring: Importer, tables: Any
) -> None:
    await tables.execute("ALTER TABLE tasks ADD CONSTRAINT no_ten CHECK (title <> 'Task 10')")
    done = await bring("id,title,labels\n" + ROWS)
    assert (done["state"], done["created"], done["failed"]) == ("done", 19, 1), done
    assert [one["code"] for one in done["problems"]] == ["not_writable"]
    assert await tables.fetchval("SELECT count(*) FROM tasks") == 19
    assert await tables.fetchval("SELECT count(*) FROM events WHERE kind = 'task.created'") == 19
    await require_whole(tables)
