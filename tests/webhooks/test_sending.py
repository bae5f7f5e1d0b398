"""What happens reaches the receiver, signed, at least once and under one id, whatever receivers and workers do."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskapi import background
from taskapi.core import outbound
from taskapi.core.work import errands
from taskapi.webhooks import addresses
from taskapi.webhooks.sending import schedule
from taskapi.webhooks.sending import service as sending
from tests.support.mailbox import text_of
from tests.support.receiver import Receiver, receiving
from tests.webhooks.conftest import WEBHOOKS, Hooked


async def test_a_change_arrives_signed_and_says_what_changed(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver, "task.*")
    task = await hooked.task("First")
    await hooked.owner.patch(f"/api/v1/tasks/{task['id']}", json={"title": "Second"})
    await hooked.work()
    # Two are sent at once, and come in any order.
    came = sorted(receiver.came, key=lambda received: str(received.verified(webhook["secret"])["timestamp"]))
    said = [received.verified(webhook["secret"]) for received in came]
    assert [message["type"] for message in said] == ["task.created", "task.updated"]
    change = said[1]["data"]
    assert change["changes"] == {"title": ["First", "Second"]}
    assert (change["subject_id"], change["subject_key"]) == (task["id"], "WEB-1")
    assert (change["actor_id"], change["project_id"]) == (str(hooked.project.owner.id), str(hooked.project.id))
    assert {"id", "at", "kind", "batch_id", "subject_type"} <= set(change)
    assert said[1]["timestamp"] == change["at"]
    assert came[0].headers["content-type"] == "application/json"
    [second, first] = await hooked.deliveries(webhook)
    assert [first["id"], second["id"]] == [received.id for received in came]
    assert (second["status"], second["attempts"], second["error"]) == ("delivered", 1, None)
    assert second["request"]["body"].encode() == came[1].body
    assert second["request"]["headers"]["webhook-signature"] == came[1].headers["webhook-signature"]
    assert (second["answer"]["status"], second["answer"]["body"]) == (200, "ok")


async def test_only_what_was_chosen_of_this_project_is_sent(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.webhook(receiver, "comment.created", "label.*")
    other = await hooked.make.project(hooked.project.owner, key="OPS")
    await hooked.make.task(other)
    await hooked.task()
    await hooked.owner.post("/api/v1/tasks/WEB-1/reminders", json={"minutes_before": 5})
    await hooked.owner.post("/api/v1/projects/WEB/labels", json={"name": "bug", "color": "#d73a4a"})
    await hooked.owner.post("/api/v1/tasks/WEB-1/comments", json={"body": "Done"})
    await hooked.work()
    assert len(receiver.came) == 2
    kinds = await hooked.tables.fetch("SELECT kind FROM webhook_deliveries ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["comment.created", "label.created"]


async def test_a_task_that_comes_from_another_project_tells_nothing_of_what_it_was_there(
    hooked: Hooked, receiver: Receiver
) -> None:
    webhook = await hooked.webhook(receiver, "task.*")
    other = await hooked.make.project(hooked.project.owner, key="OPS")
    label = (await hooked.owner.post("/api/v1/projects/OPS/labels", json={"name": "secret", "color": "#d73a4a"})).json()
    task = await hooked.make.task(other, "Moves", label_ids=[label["id"]])
    await hooked.owner.post(f"/api/v1/tasks/{task['id']}/move", json={"project": "WEB"})
    await hooked.work()
    [message] = [received.verified(webhook["secret"]) for received in receiver.came]
    changes = message["data"]["changes"]
    assert changes["project_id"] == [None, str(hooked.project.id)]
    assert {before for before, _ in changes.values()} == {None}
    assert label["id"] not in receiver.came[0].body.decode()


async def test_everything_is_what_every_member_may_read(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.webhook(receiver, "*")
    await hooked.task()
    await hooked.owner.post("/api/v1/tasks/WEB-1/reminders", json={"minutes_before": 5})
    await hooked.owner.post("/api/v1/projects/WEB/share-links", json={})
    await hooked.owner.patch("/api/v1/projects/WEB", json={"name": "New"})
    await hooked.read()
    kinds = await hooked.tables.fetch("SELECT kind FROM webhook_deliveries")
    assert {row["kind"] for row in kinds} == {"task.created", "project.updated"}


async def test_a_replaced_secret_still_opens_what_is_sent_for_a_day(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    rotated = (await hooked.owner.post(f"{WEBHOOKS}/{webhook['id']}/rotate-secret")).json()
    await hooked.ping(webhook)
    await hooked.send()
    for secret in (webhook["secret"], rotated["secret"]):
        assert receiver.came[0].verified(secret)["type"] == "webhook.ping"
    await hooked.tables.execute("UPDATE webhooks SET old_secret_until = now() - interval '1 s'")
    await hooked.ping(webhook)
    await hooked.send()
    assert receiver.came[1].headers["webhook-signature"].count("v1,") == 1
    assert receiver.came[1].verified(rotated["secret"])


async def test_a_failure_is_tried_again_under_the_same_id_until_the_schedule_ends(
    hooked: Hooked, receiver: Receiver
) -> None:
    webhook = await hooked.webhook(receiver)
    receiver.says(500, body=b"broken")
    await hooked.ping(webhook)
    pauses = []
    for attempt in range(1, 11):
        await hooked.be_due()
        await hooked.send()
        row = await hooked.tables.fetchrow("SELECT * FROM webhook_deliveries")
        assert (row["attempts"], row["answer_status"], row["answer_body"]) == (attempt, 500, "broken")
        if row["next_attempt_at"] is not None:
            pauses.append((row["next_attempt_at"] - row["attempted_at"]).total_seconds())
    assert row["status"] == "failed"
    wanted = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert len(pauses) == len(wanted)
    # What lies between the attempt and its note is the machine's.
    assert all(0.9 * want <= pause <= 1.1 * want + 15 for pause, want in zip(pauses, wanted, strict=True))
    assert len(set(receiver.ids)) == 1
    assert len(receiver.came) == 10
    await hooked.be_due()
    await hooked.send()
    assert len(receiver.came) == 10
    assert (await hooked.get(webhook))["failing_since"] is not None


async def test_a_success_ends_the_failing(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    receiver.says(503)
    await hooked.ping(webhook)
    await hooked.send()
    receiver.says(204)
    await hooked.be_due()
    await hooked.send()
    assert (await hooked.get(webhook))["failing_since"] is None
    [delivery] = await hooked.deliveries(webhook)
    assert (delivery["status"], delivery["attempts"], delivery["next_attempt_at"]) == ("delivered", 2, None)


async def test_a_redirect_is_a_failure_and_not_followed(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    async with receiving() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            receiver.says(status, f"location: {elsewhere.url}")
            await hooked.ping(webhook)
            await hooked.send()
            [delivery, *_] = await hooked.deliveries(webhook)
            assert (delivery["status"], delivery["answer"]["status"]) == ("pending", status)
        assert elsewhere.came == []


async def test_gone_disables_the_webhook_and_its_owners_are_told(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    receiver.says(410)
    await hooked.ping(webhook)
    await hooked.send()
    found = await hooked.get(webhook)
    assert (found["is_active"], found["disabled_reason"]) == (False, "gone")
    fact = await hooked.tables.fetchrow("SELECT * FROM events WHERE kind = 'webhook.disabled'")
    assert (fact["actor_id"], fact["actor_kind"], fact["project_id"]) == (None, "system", hooked.project.id)
    [mail] = await hooked.mailbox.collect()
    assert mail["To"] == hooked.project.owner.email
    assert "410" in text_of(mail)
    # What waits is kept, and sent once an admin has enabled it again.
    await hooked.be_due()
    await hooked.task()
    await hooked.work()
    assert len(receiver.came) == 1
    receiver.says(200)
    enabled = await hooked.owner.patch(f"{WEBHOOKS}/{webhook['id']}", json={"is_active": True})
    assert (enabled.json()["disabled_reason"], enabled.json()["failing_since"]) == (None, None)
    await hooked.send()
    assert receiver.ids == [receiver.ids[0]] * 2


async def test_five_days_of_failures_disable_it_and_its_owners_are_told(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    receiver.says(500)
    await hooked.ping(webhook)
    await hooked.send()
    await hooked.tables.execute("UPDATE webhooks SET failing_since = now() - interval '4 days 23 hours'")
    await hooked.be_due()
    await hooked.send()
    assert (await hooked.get(webhook))["is_active"] is True
    assert await hooked.mailbox.collect() == []
    await hooked.tables.execute("UPDATE webhooks SET failing_since = now() - interval '5 days 1 hour'")
    await hooked.be_due()
    await hooked.send()
    assert (await hooked.get(webhook))["disabled_reason"] == "failing"
    [mail] = await hooked.mailbox.collect()
    assert "five days" in text_of(mail)


@pytest.mark.parametrize("status", [429, 503])
async def test_who_wants_rest_gets_it_for_all_that_waits(status: int, hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    receiver.says(status, "retry-after: 3600")
    await hooked.ping(webhook)
    await hooked.send()
    await hooked.ping(webhook)
    await hooked.send()
    assert len(receiver.came) == 1
    minutes = await hooked.tables.fetchval(
        "SELECT extract(epoch FROM next_attempt_at - now()) / 60 FROM webhook_deliveries WHERE attempts = 1"
    )
    assert 55 < minutes <= 60
    receiver.says(200)
    await hooked.tables.execute("UPDATE webhooks SET resting_until = now() - interval '1 s'")
    await hooked.be_due()
    await hooked.send()
    assert {delivery["status"] for delivery in await hooked.deliveries(webhook)} == {"delivered"}


def test_what_is_asked_for_is_read_in_both_forms_and_bounded() -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert schedule.rest_wanted("120", now) == timedelta(minutes=2)
    assert schedule.rest_wanted("Sun, 22 Nov 2026 09:10:00 GMT", now) == timedelta(minutes=10)
    assert schedule.rest_wanted("9" * 400, now) == timedelta(hours=24)
    for nonsense in (
        None,
        "",
        "-5",
        "0",
        "soon",
        "²",
        "Sun, 22 Nov 2026 08:00:00 GMT",
        "Sun, 99 Nov 2026 08:00:00 GMT",
    ):
        assert schedule.rest_wanted(nonsense, now) is None


async def test_who_does_not_answer_in_time_has_failed(
    hooked: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses.way_out, "__defaults__", (0.2,))
    release = asyncio.Event()
    receiver.before_answering = release.wait
    webhook = await hooked.webhook(receiver)
    await hooked.ping(webhook)
    await hooked.send()
    release.set()
    [delivery] = await hooked.deliveries(webhook)
    assert (delivery["status"], delivery["error"], delivery["answer"]) == ("pending", "too_slow", None)


async def test_half_an_answer_is_none(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    for answer in (b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"):
        receiver.answer = answer
        await hooked.ping(webhook)
        await hooked.send()
        [delivery, *_] = await hooked.deliveries(webhook)
        assert (delivery["status"], delivery["error"]) == ("pending", "unreachable")


async def test_of_a_long_answer_no_more_than_the_beginning_is_read(hooked: Hooked, receiver: Receiver) -> None:
    receiver.says(200, "x-long: " + "v" * 5000, body=b"\0\xff" + b"x" * 10_000_000)
    webhook = await hooked.webhook(receiver)
    delivery = await hooked.ping(webhook)
    await hooked.send()
    answer = (await hooked.owner.get(f"{WEBHOOKS}/{webhook['id']}/deliveries/{delivery['id']}")).json()["answer"]
    assert (answer["status"], answer["truncated"], len(answer["body"])) == (200, True, 65_536)
    assert answer["body"].startswith("\ufffd\ufffdx")
    assert len(answer["headers"]["x-long"]) == 1000
    [listed] = await hooked.deliveries(webhook)
    assert (len(listed["answer"]["body"]), listed["answer"]["truncated"]) == (4096, True)


async def test_a_name_that_changes_its_mind_reaches_nobody(
    hooked: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was public when the webhook was made is asked for again with each request."""
    leads_to = ["8.8.8.8"]

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return leads_to

    monkeypatch.setattr(outbound, "resolve_by_system", resolve)
    wanted = {"url": f"https://hook.example:{receiver.port}/", "events": ["*"]}
    webhook = (await hooked.owner.post(WEBHOOKS, json=wanted)).json()
    leads_to[:] = ["169.254.169.254"]
    await hooked.ping(webhook)
    await hooked.send()
    [delivery] = await hooked.deliveries(webhook)
    assert (delivery["status"], delivery["error"]) == ("pending", "url_not_allowed")
    [told] = await hooked.tables.fetch("SELECT * FROM events WHERE kind = 'webhook.address_refused'")
    assert (str(told["subject_id"]), told["project_id"]) == (webhook["id"], hooked.project.id)
    assert "169.254" not in str(delivery)
    assert receiver.came == []


async def test_one_that_hangs_keeps_nobody_else_waiting(hooked: Hooked, receiver: Receiver) -> None:
    """A hundred wait for it, and it gets no more than four of them at once; others get theirs meanwhile."""
    release = asyncio.Event()
    async with receiving() as hanging:
        hanging.before_answering = release.wait
        bad = await hooked.webhook(hanging, "label.*")
        await hooked.tables.execute(
            "INSERT INTO webhook_deliveries (id, webhook_id, kind, created_at, next_attempt_at)"
            " SELECT gen_random_uuid(), $1, 'webhook.ping', now(), now() FROM generate_series(1, 100)",
            bad["id"],
        )
        async with hooked.worker(), hooked.worker():
            await hanging.has(4)
            good = await hooked.webhook(receiver, "label.*")
            for _ in range(20):
                await hooked.ping(good)
            await receiver.has(20)
            assert hanging.now == hanging.most == 4
            release.set()
            await hanging.has(100)
    assert hanging.most == 4
    assert len(set(hanging.ids)) == len(hanging.ids) == 100
    assert len(set(receiver.ids)) == len(receiver.ids) == 20


async def test_those_that_fail_are_asked_one_by_one_in_places_of_their_own(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    for _ in range(8):
        await hooked.ping(webhook)
    await hooked.tables.execute("UPDATE webhooks SET failing_since = now()")
    healthy, failing = background.ERRANDS
    assert await healthy.take(hooked.context, 100) == []
    assert len(await failing.take(hooked.context, 100)) == 1
    assert await failing.take(hooked.context, 100) == []


async def test_where_places_are_few_each_webhook_gets_one_first(hooked: Hooked, receiver: Receiver) -> None:
    webhooks = [await hooked.webhook(receiver) for _ in range(3)]
    for webhook in webhooks:
        for _ in range(5):
            await hooked.ping(webhook)
    taken = await sending.take(hooked.context, 3, failing=False)
    assert {str(row["webhook_id"]) for row in taken} == {webhook["id"] for webhook in webhooks}


async def test_two_workers_send_each_once(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver, "label.*")
    async with hooked.worker(), hooked.worker():
        for _ in range(40):
            await hooked.ping(webhook)
        await receiver.has(40)
    assert len(set(receiver.ids)) == len(receiver.ids) == 40


async def test_what_a_worker_took_that_died_is_sent_by_another(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    delivery = await hooked.ping(webhook)
    [taken] = await sending.take(hooked.context, 10, failing=False)
    await hooked.send()
    assert receiver.came == []  # it could still be at work
    await hooked.tables.execute("UPDATE webhook_deliveries SET next_attempt_at = now(), taken_until = now()")
    await hooked.send()
    assert receiver.ids == [delivery["id"]]
    # The one that was taken for dead comes back, and what it has to say counts no more.
    receiver.says(500)
    await sending.deliver(hooked.context, taken)
    [found] = await hooked.deliveries(webhook)
    assert (found["status"], found["attempts"]) == ("delivered", 2)
    assert (await hooked.get(webhook))["failing_since"] is None


async def test_without_the_key_of_its_secret_nothing_is_sent(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    await hooked.ping(webhook)
    await hooked.tables.execute("UPDATE webhooks SET secret = $1", b"sealed with another key than ours")
    await hooked.send()
    [delivery] = await hooked.deliveries(webhook)
    assert (delivery["error"], receiver.came) == ("secret_unreadable", [])


async def test_what_is_deleted_meanwhile_is_noted_nowhere(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    await hooked.ping(webhook)

    async def delete() -> Any:
        await hooked.owner.delete(f"{WEBHOOKS}/{webhook['id']}")

    receiver.before_answering = delete
    receiver.says(410)
    await hooked.send()
    assert await hooked.tables.fetchval("SELECT count(*) FROM webhooks") == 0
    await hooked.be_due()
    await hooked.send()
    assert len(receiver.came) == 1


async def test_a_worker_that_is_told_to_stop_ends_what_it_has_begun(hooked: Hooked, receiver: Receiver) -> None:
    webhook = await hooked.webhook(receiver)
    stop, release = asyncio.Event(), asyncio.Event()
    receiver.before_answering = release.wait
    await hooked.ping(webhook)
    working = asyncio.create_task(errands.run(hooked.context, background.ERRANDS[0], stop))
    await receiver.has(1)
    stop.set()
    release.set()
    await asyncio.wait_for(working, 20)
    [delivery] = await hooked.deliveries(webhook)
    assert delivery["status"] == "delivered"
