"""One reader of the log for all listeners of this process, and only while there are some.

It asks the database twenty times a second, in one statement, and holds no connection between. To be notified would cost
every writer more than this costs: PostgreSQL commits transactions that notify one after the other.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import structlog

from taskapi.auth import callers
from taskapi.changes.streams import queries
from taskapi.changes.streams.errors import TooManyStreams
from taskapi.changes.streams.items import Ending, Item, item
from taskapi.changes.streams.queries import OF_ACCESS, NewsRow
from taskapi.changes.streams.subscriptions import Subscription
from taskapi.changes.sync.cursors import Place
from taskapi.changes.sync.service import Told, Wanted
from taskapi.core.access.reach import Reach
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Unavailable
from taskapi.core.parts import Parts

log = structlog.stdlib.get_logger("taskapi.streams")

_POLL: Final = 0.05
_LONGEST_PAUSE: Final = 5.0
# With a poll and the statement itself it is within the five seconds in which a revocation holds everywhere.
_CHECK: Final = 3.0
_OF_CREDENTIALS: Final = frozenset({"session.ended", "api_token.revoked", "user.updated", "user.deleted"})
# Of more projects than these a statement would have to be told too much, twenty times a second.
_MOST_HEARD: Final = 1_000
# Between so many changes those who send them get their turn, or a large transaction would fill every queue at once.
_SLICE: Final = 64
_REST_SECONDS: Final = 1.0
_UNCLAIMED_SECONDS: Final = 60.0


class Hub:
    """Listeners by the projects that they see and by who they are, so that a change meets those whom it concerns."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.place = Place(0, 0)
        """All before it has been handed out."""
        self._subscriptions: set[Subscription] = set()
        self._joining: set[Subscription] = set()
        self._by_project: defaultdict[UUID, set[Subscription]] = defaultdict(set)
        self._by_person: defaultdict[UUID, set[Subscription]] = defaultdict(set)
        self._counts: Counter[UUID] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._resting = asyncio.Event()
        self._starting = asyncio.Lock()
        self._checked_at = 0.0

    def enter(self, of: Wanted) -> Subscription:
        """A place for a listener, who leaves it again. Raises TooManyStreams."""
        settings = self.parts.settings.changes
        if self._counts[of.caller.id] >= settings.streams_per_person:
            raise TooManyStreams(f"At most {settings.streams_per_person} at a time", headers={"Retry-After": "5"})
        # Not all at once: after a restart everybody came within seconds.
        seconds = settings.stream_seconds * random.uniform(0.9, 1)  # noqa: S311 - only spreads load
        subscription = Subscription(of, seconds)
        self._subscriptions.add(subscription)
        self._counts[of.caller.id] += 1
        self.parts.metrics.streams.set(len(self._subscriptions))
        if self.parts.leaving.is_set():
            subscription.end(Ending.LEAVING)
        return subscription

    async def leave(self, subscription: Subscription) -> None:
        """With the last listener the hub rests: once this has returned, it asks the database no more."""
        self._forget(subscription)
        if not self._subscriptions:
            await self._rest()

    def _forget(self, subscription: Subscription) -> None:
        if subscription not in self._subscriptions:
            return
        self._subscriptions.discard(subscription)
        self._joining.discard(subscription)
        person = subscription.of.caller.id
        self._counts[person] -= 1
        if not self._counts[person]:
            del self._counts[person]
        _discard(self._by_person, person, subscription)
        for project_id in subscription.rights.roles:
            _discard(self._by_project, project_id, subscription)
        self.parts.metrics.streams.set(len(self._subscriptions))

    async def begin(self, subscription: Subscription) -> None:
        """From here on whatever is read of the log is held back for it, until it goes live."""
        async with self._starting:
            if self._task is None or self._task.done() or self._resting.is_set():
                if self._task is not None:
                    await asyncio.wait({self._task})
                async with self.parts.database.autocommit() as session:
                    self.place = Place(*await self.parts.tail.settle(session))
                self._resting = asyncio.Event()
                self._task = asyncio.create_task(self._follow(self._resting))
            if subscription in self._subscriptions:
                self._joining.add(subscription)
                self._checked_at = 0.0

    def go_live(self, subscription: Subscription, roles: Sequence[queries.RoleRow], place: Place) -> None:
        """It has its rights, and all up to `place`: what was held back brings both up to date."""
        if subscription not in self._joining:
            return
        self._joining.discard(subscription)
        subscription.place, subscription.seen = place, place.position
        subscription.rights.load(roles)
        self._by_person[subscription.of.caller.id].add(subscription)
        for project_id in subscription.rights.roles:
            self._by_project[project_id].add(subscription)
        backlog, subscription.backlog = subscription.backlog, []
        for row in backlog:
            told = self._told(subscription, row)
            subscription.seen = max(subscription.seen, _position(row))
            later = [one for one in told if one.place.position > place.position]
            subscription.put([item(self.parts.cursors, one.body, one.place) for one in later])

    async def _rest(self) -> None:
        async with self._starting:
            if self._task is None or self._subscriptions:
                return
            self._resting.set()
            await asyncio.wait({self._task}, timeout=_REST_SECONDS)
            self._task.cancel()

    def close(self) -> None:
        """For who ends without having been told to before."""
        self._end_all()
        if self._task is not None:
            self._task.cancel()

    def _end_all(self) -> None:
        for subscription in list(self._subscriptions):
            subscription.end(Ending.LEAVING)

    async def _await_leaving(self) -> None:
        await self.parts.leaving.wait()
        self._end_all()

    async def _follow(self, resting: asyncio.Event) -> None:
        leaving = asyncio.create_task(self._await_leaving())
        pause = _POLL
        try:
            while self._subscriptions:
                try:
                    found = await self._read()
                    await self._check_credentials()
                    pause = 0.0 if found == queries.AT_ONCE else _POLL
                except Unavailable as unavailable:
                    log.warning("streams.postponed", reason=unavailable.detail)
                    pause = min(max(pause, _POLL) * 2, _LONGEST_PAUSE)
                except Exception:
                    log.exception("streams.failed")
                    pause = min(max(pause, _POLL) * 2, _LONGEST_PAUSE)
                with suppress(TimeoutError):
                    await asyncio.wait_for(resting.wait(), pause)
                    return
        finally:
            leaving.cancel()

    async def _read(self) -> int:
        """How many changes were handed out."""
        rows = await self._news()
        edge, found = rows[0], len(rows) if rows[0]["xid"] is not None else 0
        if found:
            for subscription in self._joining:
                subscription.hold_back(rows)
            for start in range(0, found, _SLICE):
                for row in rows[start : start + _SLICE]:
                    self._hand_out(row)
                await asyncio.sleep(0)
            self.place = Place(int(rows[-1]["xid"] or 0), rows[-1]["seq"])
        if found < queries.AT_ONCE:  # then nobody here is concerned by what else is settled
            self.place = max(self.place, Place(int(edge["settled"]), 0))
        return found

    async def _news(self) -> list[NewsRow]:
        """What may concern somebody here; all there is where that is not certain."""
        async with self.parts.database.autocommit() as session:
            heard = None if self._joining or len(self._by_project) > _MOST_HEARD else set(self._by_project)
            rows = await self._after_place(session, heard)
            if heard is not None and not self._are_enough(rows, heard):
                rows = await self._after_place(session, None)
            if rows[0]["xid"] is None:
                await self.parts.tail.notice(session, rows[0]["settled"], rows[0]["following"])
            return rows

    def _are_enough(self, rows: Sequence[NewsRow], heard: set[UUID]) -> bool:
        """Not where somebody came meanwhile, or one of these changes lets somebody see another project."""
        came = self._joining or self._by_project.keys() - heard
        return not came and not any(row["kind"] in OF_ACCESS for row in rows)

    async def _after_place(self, session: DbSession, heard: set[UUID] | None) -> list[NewsRow]:
        told = None if heard is None else list(heard)
        return await session.fetch_rows(
            queries.NEWS, **self.place.values(), foreign=self.parts.tail.foreign, heard=told
        )

    def _hand_out(self, row: NewsRow) -> None:
        if row["kind"] in _OF_CREDENTIALS:
            self._checked_at = 0.0
        project_id = row["project_id"]
        if project_id is None:
            return
        concerned = set(self._by_project.get(project_id, ()))
        if row["subject_type"] == "member":
            concerned |= self._by_person.get(row["subject_id"], set())
        rendered: dict[tuple[str, Place], Item] = {}
        for subscription in concerned:
            if _position(row) <= subscription.seen:  # it went live in the middle of this, with all of it
                continue
            items = []
            for told in self._told(subscription, row):
                key = (told.body, told.place)
                if key not in rendered:
                    rendered[key] = item(self.parts.cursors, told.body, told.place)
                items.append(rendered[key])
            if items:
                subscription.put(items)

    def _told(self, subscription: Subscription, row: NewsRow) -> Sequence[Told]:
        """To a listener who is live; where their projects become others, they are found by these."""
        told = subscription.rights.told(row)
        project_id = row["project_id"]
        if row["kind"] in OF_ACCESS and project_id is not None:
            if subscription.rights.follows(project_id):
                self._by_project[project_id].add(subscription)
            else:
                _discard(self._by_project, project_id, subscription)
            if subscription.of.project_id == project_id and not self._still_sees(subscription, project_id):
                # After this turn, in which the last of it is put.
                asyncio.get_running_loop().call_soon(_lose, subscription)
        return told

    def _still_sees(self, subscription: Subscription, project_id: UUID) -> bool:
        rights = subscription.rights
        return rights.follows(project_id) and project_id not in rights.trashed

    async def _check_credentials(self) -> None:
        """Also where the log is held up, and tells of no revocation."""
        now = time.monotonic()
        if now - self._checked_at < _CHECK:
            return
        self._checked_at = now
        listeners = list(self._subscriptions)
        ids = {one.of.caller.credential_id for one in listeners} - {None}
        standing = await callers.standing(self.parts.database, [found for found in ids if found is not None])
        for one in listeners:
            found = standing.get(one.of.caller.credential_id) if one.of.caller.credential_id else None
            if found is None:
                one.end(Ending.SIGNED_OUT)
            elif one.of.reach is Reach.ADMINISTRATOR and not found.is_admin:
                one.end(Ending.PROJECT_LOST)
            if not one.is_claimed and now - one.made_at > _UNCLAIMED_SECONDS:
                self._forget(one)  # whoever asked was gone before the answer began


def _position(row: NewsRow) -> tuple[int, int]:
    return int(row["xid"] or 0), row["seq"]


def _lose(subscription: Subscription) -> None:
    subscription.end(Ending.PROJECT_LOST, after_all=True)


def _discard(by: defaultdict[UUID, set[Subscription]], key: UUID, subscription: Subscription) -> None:
    if key in by:
        by[key].discard(subscription)
        if not by[key]:
            del by[key]
