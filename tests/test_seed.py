"""The demo shows what teams do with the service, and is planted once."""

from typing import Any

import pytest

from taskapi.core.clock import utc_now
from taskapi.notifications.reactions import READER as NOTIFYING
from taskapi.seed import demo
from taskapi.seed.demo import Added
from taskapi.seed.people import PEOPLE
from taskapi.seed.stories import STORIES
from taskapi.seed.surroundings import TABLE
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold
from tests.support.databases import connect
from tests.support.factory import Factory
from tests.support.readers import read_all
from tests.support.whole_tasks import require_whole

pytestmark = pytest.mark.slow

# What there has to be some of, in SQL.
_SHOWN = {
    "comments that mention somebody": "SELECT count(*) FROM comments WHERE mentions <> '{}'",
    "checklists, of which something is done": "SELECT count(DISTINCT task_id) FROM checklist_items WHERE done",
    "subtasks": "SELECT count(*) FROM tasks WHERE parent_id IS NOT NULL",
    "what blocks something": "SELECT count(*) FROM task_links WHERE type = 'blocks'",
    "what relates to something": "SELECT count(*) FROM task_links WHERE type = 'relates_to'",
    "what comes again": "SELECT count(*) FROM tasks WHERE recurrence IS NOT NULL",
    "tasks that take days": "SELECT count(*) FROM tasks WHERE start_on < due_on",
    "hours worked": "SELECT sum(extract(epoch FROM ended_at - started_at)) / 3600 FROM time_entries",
    "tasks with labels": "SELECT count(DISTINCT task_id) FROM task_labels",
    "tasks of the milestone of this month": """
        SELECT count(*) FROM tasks JOIN milestones m ON m.id = milestone_id WHERE m.due_on > CURRENT_DATE
    """,
    "tasks of the cycle of today": """
        SELECT count(*) FROM tasks JOIN cycles c ON c.id = cycle_id WHERE CURRENT_DATE BETWEEN starts_on AND ends_on
    """,
    "tasks with custom fields": "SELECT count(*) FROM tasks WHERE fields <> '{}'",
    "files": "SELECT count(DISTINCT media_type) FROM attachments",
    "problems of an import": "SELECT problems_total FROM imports WHERE state = 'done'",
    "ways in from outside": "SELECT (SELECT count(*) FROM share_links) + (SELECT count(*) FROM feeds)",
    "people who get no mail": "SELECT count(*) FROM notification_preferences",
}


async def test_the_demo_has_some_of_everything_and_is_planted_once(make: Factory, tables: Any) -> None:
    parts = make.app.state.parts
    planted = await demo.plant(parts, demo.PASSWORD)
    brought = len(TABLE.splitlines()) - 1
    assert planted == Added(len(PEOPLE), len(STORIES), sum(len(story.chores) for story in STORIES) + brought)
    shown = {what: await tables.fetchval(sql) or 0 for what, sql in _SHOWN.items()}
    assert min(shown.values()) >= 2, shown
    await require_whole(tables)
    assert await differences(Fold(), tables, utc_now(), TOLD) == []
    assert await demo.plant(parts, demo.PASSWORD) == Added()


async def test_who_looks_around_finds_something_in_the_inbox_and_no_mail_waits(
    live: Factory, direct_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions
    await demo.plant(live.app.state.parts, demo.PASSWORD)
    await read_all(live.app.state.parts.database, live.app.state.parts.tail, NOTIFYING)
    tables = await connect(direct_url)
    kinds = await tables.fetch("SELECT kind, count(*), count(mail_at) AS mails FROM notifications GROUP BY kind")
    await tables.close()
    assert {row["kind"] for row in kinds} >= {"assigned", "mentioned", "commented"}
    assert sum(row["mails"] for row in kinds) == 0
