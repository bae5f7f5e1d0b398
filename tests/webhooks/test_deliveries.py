"""What was sent can be looked at, sent again, and asked for since an instant."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskapi.core.db.database import unit_of_work
from taskapi.core.ids import first_id_of
from taskapi.webhooks.deliveries import service
from tests.support.receiver import Receiver
from tests.webhooks.conftest import WEBHOOKS, Hooked

LONG_AGO = "2026-01-01T00:00:00Z"


async def replay(hooked: Hooked, webhook: dict[str, Any], since: str) -> Any:
    answer = await hooked.owner.post(f"{WEBHOOKS}/{webhook['id']}/replay", params={"since": since})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def test_a_ping_says_which_webhook_it_is_of(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    delivery = await hooked.ping(webhook)
    assert (delivery["type"], delivery["status"], delivery["attempts"]) == ("webhook.ping", "pending", 0)
    assert (delivery["request"]["headers"], delivery["answer"]) == (None, None)
    await hooked.send()
    assert receiver.ids == [delivery["id"]]
    said = receiver.came[0].verified(webhook["secret"])
    assert (said["type"], said["data"]) == ("webhook.ping", {"webhook_id": webhook["id"]})


async def test_they_are_listed_newest_first_page_by_page_and_by_what_became_of_them(
    hooked: Hooked, receiver: Receiver
) -> None:
    webhook = await hooked.webhook(receiver)
    pings = [(await hooked.ping(webhook))["id"] for _ in range(5)]
    path = f"{WEBHOOKS}/{webhook['id']}/deliveries"
    first = (await hooked.owner.get(path, params={"limit": 3, "include": "total"})).json()
    rest = (await hooked.owner.get(path, params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == pings[::-1]
    assert (first["total"], rest["has_more"]) == (5, False)
    await hooked.send()
    await hooked.tables.execute("UPDATE webhook_deliveries SET status = 'failed' WHERE id = $1", pings[0])
    assert [one["id"] for one in await hooked.deliveries(webhook, status="failed")] == pings[:1]
    assert len(await hooked.deliveries(webhook, status="delivered")) == 4
    assert await hooked.deliveries(webhook, status="pending") == []
    assert (await hooked.owner.get(path, params={"status": "lost"})).status_code == 422


async def test_one_of_another_webhook_is_not_there(hooked: Hooked, receiver: Receiver) -> None:
    one, other = await hooked.webhook(receiver), await hooked.webhook(receiver)
    delivery = await hooked.ping(one)
    path = f"{WEBHOOKS}/{other['id']}/deliveries/{delivery['id']}"
    assert (await hooked.owner.get(path)).status_code == 404
    assert (await hooked.owner.post(f"{path}/redeliver")).status_code == 404
    assert await hooked.tables.fetchval("SELECT count(*) FROM webhook_deliveries") == 1


async def test_one_is_sent_again_under_its_id_from_the_first_attempt_on(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    delivery = await hooked.ping(webhook)
    path = f"{WEBHOOKS}/{webhook['id']}/deliveries/{delivery['id']}"
    receiver.says(500)
    await hooked.send()
    await hooked.tables.execute(
        "UPDATE webhook_deliveries SET status = 'failed', attempts = 10, next_attempt_at = NULL"
    )
    asked = await hooked.owner.post(f"{path}/redeliver")
    assert (asked.status_code, asked.json()["status"], asked.json()["attempts"]) == (202, "pending", 0)
    receiver.says(200)
    await hooked.send()
    assert (await hooked.owner.get(path)).json()["status"] == "delivered"
    assert (await hooked.owner.post(f"{path}/redeliver")).status_code == 202
    await hooked.send()
    assert receiver.ids == [delivery["id"]] * 3


async def test_nothing_is_asked_of_a_disabled_webhook(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    delivery = await hooked.ping(webhook)
    path = f"{WEBHOOKS}/{webhook['id']}"
    await hooked.owner.patch(path, json={"is_active": False})
    for action in ("ping", f"replay?since={LONG_AGO}", f"deliveries/{delivery['id']}/redeliver"):
        answer = await hooked.owner.post(f"{path}/{action}")
        assert (answer.status_code, answer.json()["code"]) == (409, "webhook_disabled")
    await hooked.task()
    await hooked.work()
    assert receiver.came == []
    assert len(await hooked.deliveries(webhook)) == 1


async def test_a_replay_sends_what_was_lost_and_what_is_older_than_the_webhook(
    hooked: Hooked, receiver: Receiver
) -> None:
    await hooked.task("Older")
    await hooked.read()
    webhook = await hooked.webhook(receiver, "task.*")
    await hooked.task("Newer")
    await hooked.work()
    [before] = receiver.ids
    assert await replay(hooked, webhook, LONG_AGO) == {"deliveries": 2, "next_since": None}
    await hooked.send()
    assert len(receiver.ids) == 3
    assert receiver.ids.count(before) == 2  # a receiver that has it can tell
    titles = [one.verified(webhook["secret"])["data"]["changes"]["title"][1] for one in receiver.came]
    assert sorted(titles) == ["Newer", "Newer", "Older"]
    assert (await replay(hooked, webhook, "2999-01-01T00:00:00Z"))["deliveries"] == 0


async def test_a_replay_begins_where_it_is_told(hooked: Hooked, receiver: Receiver) -> None:
    for title in ("One", "Two", "Three"):
        await hooked.task(title)
    times = await hooked.tables.fetch("SELECT at FROM events WHERE kind = 'task.created' ORDER BY seq")
    webhook = await hooked.webhook(receiver, "task.created")
    since = times[1]["at"].isoformat().replace("+00:00", "Z")
    assert (await replay(hooked, webhook, since))["deliveries"] == 2


async def test_a_long_replay_goes_on_behind_the_first_part(
    hooked: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_REPLAYED_AT_ONCE", 2)
    for number in range(5):
        await hooked.task(str(number))
    webhook = await hooked.webhook(receiver, "task.created")
    parts, since = [], LONG_AGO
    while since:
        part = await replay(hooked, webhook, since)
        parts.append(part["deliveries"])
        since = part["next_since"]
    assert parts == [2, 2, 1]
    await hooked.send()
    assert len(set(receiver.ids)) == 5


async def test_since_is_an_instant_or_what_a_replay_said(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    for since, status in (("soon", 400), ("2026-11-22", 400), ("", 422), (None, 422)):
        params = {} if since is None else {"since": since}
        answer = await hooked.owner.post(f"{WEBHOOKS}/{webhook['id']}/replay", params=params)
        assert answer.status_code == status, since


async def test_nobody_piles_up_replays(hooked: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_MOST_WAITING", 2)
    webhook = await hooked.webhook(receiver)
    for _ in range(2):
        await hooked.ping(webhook)
    answer = await hooked.owner.post(f"{WEBHOOKS}/{webhook['id']}/replay", params={"since": LONG_AGO})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_waiting")


async def test_a_change_that_is_replayed_before_it_was_read_is_sent_once(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver, "task.*")
    await hooked.task()
    assert (await replay(hooked, webhook, LONG_AGO))["deliveries"] == 1
    await hooked.work()
    assert len(receiver.came) == 1


async def test_a_change_that_the_log_has_forgotten_is_not_sent(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver, "task.*")
    await hooked.task()
    await hooked.read()
    await hooked.tables.execute("DELETE FROM events WHERE kind = 'task.created'")
    await hooked.send()
    [delivery] = await hooked.deliveries(webhook)
    assert (delivery["error"], delivery["request"]["body"], receiver.came) == ("change_gone", None, [])


async def test_they_are_forgotten_after_30_days_and_with_their_webhook(hooked: Hooked, receiver: Receiver) -> None:
    kept, gone = await hooked.webhook(receiver), await hooked.webhook(receiver)
    recent = await hooked.ping(kept)
    await hooked.ping(gone)
    for days, attempted in ((29, 29), (31, 31), (32, 1)):
        made, tried = (datetime.now(UTC) - timedelta(days=age) for age in (days, attempted))
        await hooked.tables.execute(
            "INSERT INTO webhook_deliveries (id, webhook_id, kind, status, created_at, attempted_at)"
            " VALUES ($1, $2, 'webhook.ping', 'delivered', $3, $4)",
            first_id_of(made),
            kept["id"],
            made,
            tried,
        )
    assert (await hooked.owner.delete(f"{WEBHOOKS}/{gone['id']}")).status_code == 204
    async with unit_of_work(hooked.context.database) as session:
        assert await service.forget_deliveries(session) is False
    found = await hooked.deliveries(kept)
    assert len(found) == 3
    assert found[0]["id"] == recent["id"]
    assert await hooked.tables.fetchval("SELECT count(*) FROM webhook_deliveries") == 3


async def test_two_statements_tell_all_webhooks_of_a_batch(hooked: Hooked, receiver: Receiver) -> None:
    webhooks = [await hooked.webhook(receiver, "task.*") for _ in range(3)]
    for _ in range(4):
        await hooked.task()
    await hooked.read()
    rows = await hooked.tables.fetch("SELECT webhook_id, xmin::text FROM webhook_deliveries")
    assert len(rows) == 12
    assert {str(row["webhook_id"]) for row in rows} == {webhook["id"] for webhook in webhooks}
    assert len({row["xmin"] for row in rows}) == 1


@pytest.mark.slow
async def test_a_worker_that_is_killed_while_it_sends_has_lost_nothing(
    hooked: Hooked, receiver: Receiver, database_url: str
) -> None:
    webhook = await hooked.webhook(receiver)
    release = asyncio.Event()
    receiver.before_answering = release.wait
    await hooked.ping(webhook)
    environment = {
        **os.environ,
        "TASKAPI_DATABASE_URL": database_url.replace("postgresql+asyncpg", "postgresql"),
        "TASKAPI_LOG_LEVEL": "error",
    }
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "taskapi", "worker", env=environment)
    try:
        await asyncio.wait_for(receiver.has(1), 60)
    finally:
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    release.set()
    await hooked.be_due()
    await hooked.send()
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
    assert receiver.came[1].verified(webhook["secret"])["type"] == "webhook.ping"
    [delivery] = await hooked.deliveries(webhook)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 2)
