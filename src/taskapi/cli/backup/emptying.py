"""What is in the database that a backup shall come into: looked at, refused, or taken away."""

from dataclasses import dataclass
from typing import Final

import asyncpg

from taskapi.core.refused import Refused
from taskapi.models import Base

# Of neither an extension nor a system; what belongs to a table goes with it.
_OWN: Final = "NOT EXISTS (SELECT FROM pg_depend WHERE objid = %s.oid AND deptype IN ('e', 'i'))"
_RELATIONS: Final = f"""
    SELECT relname, relkind::text FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND {_OWN % "pg_class"} AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'a')
    ORDER BY relname
"""  # noqa: S608 - of texts of ours
_ROUTINES: Final = f"""
    SELECT format('%s %s', CASE prokind WHEN 'a' THEN 'AGGREGATE' ELSE 'ROUTINE' END, oid::regprocedure)
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND {_OWN % "pg_proc"}
"""  # noqa: S608
_TYPES: Final = f"""
    SELECT format('TYPE %I.%I', current_schema(), typname) FROM pg_type
    WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd') AND {_OWN % "pg_type"}
"""  # noqa: S608
_OTHERS: Final = """
    SELECT DISTINCT coalesce(nullif(application_name, ''), 'a client without a name') FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY 1
"""
_GRANTS: Final = """
    SELECT kind, name, privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS grantee
    FROM (
        SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            format('%I.%I', nspname, relname) AS name, relowner AS owner, relacl AS rights
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname IN (current_schema(), 'jobs') AND relkind IN ('r', 'p', 'S')
        UNION ALL
        SELECT 'SCHEMA', quote_ident(nspname), nspowner, nspacl FROM pg_namespace WHERE nspname = 'jobs'
    ) AS things, aclexplode(rights)
    WHERE grantee <> owner
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands where the backup shall come to."""

    relations: dict[str, str]
    """Kinds of tables, views and sequences, by name."""
    has_jobs: bool
    has_people: bool

    @property
    def is_empty(self) -> bool:
        return not self.relations and not self.has_jobs

    @property
    def foreign(self) -> list[str]:
        """Nothing of ours, or of a program that is newer than this one."""
        ours = {*Base.metadata.tables, "alembic_version"}
        return [name for name in self.relations if name not in ours]


async def look(connection: asyncpg.Connection) -> Found:
    relations = {row["relname"]: row["relkind"] for row in await connection.fetch(_RELATIONS)}
    has_people = "users" in relations and await connection.fetchval("SELECT EXISTS (SELECT FROM users)")
    has_jobs = await connection.fetchval("SELECT to_regnamespace('jobs') IS NOT NULL")
    return Found(relations, has_jobs, has_people)


async def others_of(connection: asyncpg.Connection) -> list[str]:
    """What else is connected to the database, by the names they give themselves."""
    return [row[0] for row in await connection.fetch(_OTHERS)]


def require_replaceable(found: Found, *, replace: bool) -> None:
    """A schema that nobody has an account in holds nothing that could be lost."""
    if found.foreign:
        raise Refused(
            f"the database holds what is not of this taskapi ({', '.join(found.foreign[:3])}): "
            "restore into a database of its own",
            exit_code=1,
        )
    if found.has_people and not replace:
        raise Refused(
            "the database is not empty: restore into an empty one, or say --replace to lose what is in this one",
            exit_code=1,
        )


async def take_away(connection: asyncpg.Connection, found: Found) -> None:
    """In the transaction that puts something in its place."""
    kinds = {"r": "TABLE", "p": "TABLE", "S": "SEQUENCE"}
    for name, kind in found.relations.items():
        await connection.execute(f'DROP {kinds[kind]} IF EXISTS "{name}" CASCADE')
    await connection.execute("DROP SCHEMA IF EXISTS jobs CASCADE")
    for statement in (_ROUTINES, _TYPES):
        for row in await connection.fetch(statement):
            await connection.execute(f"DROP {row[0]} CASCADE")


async def grants(connection: asyncpg.Connection) -> list[tuple[str, str, str]]:
    """Who may do what with the tables, apart from their owner: kind, name and the end of a GRANT."""
    return [
        (row["kind"], row["name"], f"GRANT {row['privilege_type']} ON {row['kind']} {row['name']} TO {row['grantee']}")
        for row in await connection.fetch(_GRANTS)
    ]


async def grant_again(connection: asyncpg.Connection, granted: list[tuple[str, str, str]]) -> None:
    """What is there again; a role that serves and does not own the tables can go on."""
    for kind, name, statement in granted:
        finder = "to_regnamespace" if kind == "SCHEMA" else "to_regclass"
        if await connection.fetchval(f"SELECT {finder}($1) IS NOT NULL", name):
            await connection.execute(statement)
