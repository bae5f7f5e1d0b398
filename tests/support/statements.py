"""Counts what is sent to PostgreSQL: every call of the driver is one round trip."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

Counting = Callable[[], AbstractAsyncContextManager[list[str]]]


def counting(driver: Any) -> Counting:
    @asynccontextmanager
    async def count() -> AsyncIterator[list[str]]:
        """The statements of what happens inside, complete once it has ended."""
        seen: list[str] = []

        def note(record: Any) -> None:
            seen.append(record.query)

        driver.add_query_logger(note)
        try:
            yield seen
            await asyncio.sleep(0)  # the driver tells its loggers on the loop's next turn
        finally:
            driver.remove_query_logger(note)

    return count
