"""Which PostgreSQL will do, and what the older ones that do are given while they are migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, text

from taskapi.core.refused import Refused

OLDEST: Final = 15
_FIRST_WITH_BUILTIN_COLLATION: Final = 17
_HAS_ICU: Final = text("""SELECT to_regcollation('pg_catalog."und-x-icu"') IS NOT NULL""")
_BORROW: Final = text('CREATE COLLATION IF NOT EXISTS pg_c_utf8 FROM pg_catalog."und-x-icu"')
_IS_NAMED: Final = text(
    "SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    " AND prosrc LIKE '%pg_c_utf8%')"
)
_RETURN: Final = text("DROP COLLATION IF EXISTS pg_c_utf8")


def fault_of(major: int) -> str | None:
    """Why a server of this version will not do, or None."""
    return None if major >= OLDEST else f"PostgreSQL {major} is too old: taskapi needs PostgreSQL {OLDEST} or newer"


@contextmanager
def borrowed_collation(connection: Connection) -> Iterator[None]:
    """Inside, there is a `pg_c_utf8`, which migrations up to 0016 name and PostgreSQL has from 17 on.

    ICU's root collation takes its place: nothing is compared by it, and its lower case is the same. From 0017 on no
    function names ours, and it goes again; after a downgrade it stays as long as one does.
    """
    if connection.dialect.server_version_info >= (_FIRST_WITH_BUILTIN_COLLATION,):  # type: ignore[operator]
        yield
        return
    if not connection.scalar(_HAS_ICU):
        raise Refused(
            "PostgreSQL 15 and 16 sort texts with ICU, and this server was built without it: "
            "use one that has it, or PostgreSQL 17 or newer"
        )
    connection.execute(_BORROW)
    connection.commit()
    yield
    if not connection.scalar(_IS_NAMED):
        connection.execute(_RETURN)
    connection.commit()
