"""What the service is made of, built once a process: settings, the database, keys and what is made of them."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import HTTPConnection

from taskapi.core.access.known_callers import KnownCallers, RightsChanged
from taskapi.core.cache import Cache
from taskapi.core.change_log.refusals import Refusals
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database
from taskapi.core.deadlines import Deadlines
from taskapi.core.fair_queue import FairQueue
from taskapi.core.lists.paging import Cursors
from taskapi.core.observing.metrics import Metrics
from taskapi.core.secrets.digests import derive_key
from taskapi.core.secrets.grants import Grants
from taskapi.core.secrets.one_time import OneTimeTokens
from taskapi.core.secrets.passwords import Passwords
from taskapi.core.secrets.pseudonyms import Pseudonyms
from taskapi.core.secrets.secrets_at_rest import SecretsAtRest
from taskapi.core.secrets.tokens import Tokens
from taskapi.core.storage.opening import storage_of
from taskapi.core.storage.storage import Storage
from taskapi.settings import Settings

_EXPORTS: Final = 3
_EXPORT_SECONDS: Final = 10.0
_EXPORTING: Final = "Other exports are being written; try again shortly"


@dataclass(frozen=True, slots=True)
class Parts:
    """One for each application; the shell and the worker have theirs without one."""

    settings: Settings
    database: Database
    passwords: Passwords
    tokens: Tokens
    links: OneTimeTokens
    secrets: SecretsAtRest
    pseudonyms: Pseudonyms
    cursors: Cursors
    known_callers: KnownCallers
    metrics: Metrics
    storage: Storage
    cache: Cache
    refusals: Refusals
    deadlines: Deadlines = field(default_factory=Deadlines)
    grants: Grants = field(default_factory=Grants)
    tail: Tail = field(default_factory=Tail)
    exports: FairQueue = field(default_factory=lambda: FairQueue(_EXPORTS, _EXPORT_SECONDS, _EXPORTING))
    """Places for exports that are being written, each of which holds a connection for that long."""
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the process was told to end."""

    @classmethod
    def build(cls, settings: Settings, database: Database | None = None, passwords: Passwords | None = None) -> "Parts":
        """Nothing is connected yet. Tests hand in a database of their own, and passwords that hash quickly."""
        secret = settings.security.secret_key.get_secret_value()
        database, known_callers = database or Database(settings.database), KnownCallers()
        metrics = Metrics()
        redis_url = settings.security.redis_url
        database.listen(RightsChanged, known_callers.forget)
        if database.standby is not None:
            database.standby.on_choice = lambda server: metrics.standby_reads.labels(server).inc()
            database.standby.on_lag = metrics.standby_lag.set
        database.writability.tell = metrics.database_takes_writes.set
        return cls(
            settings=settings,
            database=database,
            passwords=passwords or Passwords(),
            tokens=Tokens(secret, settings.security.access_token_minutes * 60),
            links=OneTimeTokens(secret),
            secrets=SecretsAtRest(secret),
            pseudonyms=Pseudonyms(secret),
            cursors=Cursors(derive_key(secret, "cursors")),
            known_callers=known_callers,
            metrics=metrics,
            storage=storage_of(settings),
            cache=Cache(None if redis_url is None else redis_url.get_secret_value()),
            refusals=Refusals(database),
        )

    async def close(self) -> None:
        self.passwords.close()
        await self.cache.close()
        await self.database.dispose()


def parts(connection: HTTPConnection) -> Parts:
    """Those of the application that a request came to."""
    found: Parts = connection.app.state.parts
    return found
