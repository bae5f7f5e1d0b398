"""A throwaway server of the oldest PostgreSQL that will do."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from taskapi import embedded
from tests.support.optional import need

OLDEST_BIN: Final = Path("/usr/lib/postgresql/15/bin")


@contextmanager
def oldest_server(folder: Path) -> Iterator[str]:
    """Its maintenance database."""
    need((OLDEST_BIN / "initdb").exists(), "no PostgreSQL 15 in /usr/lib/postgresql: apt-get install postgresql-15")
    with ExitStack() as stack:
        # To start it: who works on it may have other programs.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PG_BINDIR", str(OLDEST_BIN))
            server = stack.enter_context(embedded.start(folder / "postgres", embedded.THROWAWAY))
        yield server.url("postgres")
