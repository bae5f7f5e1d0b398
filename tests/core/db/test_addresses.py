"""An address of a managed PostgreSQL means what libpq says: TLS in all its modes, several hosts, their time."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from taskapi.core.db import addresses, migrations, reachability
from taskapi.core.db.connections import connect
from taskapi.core.db.database import Database
from taskapi.core.refused import Refused
from taskapi.core.secrets.passwords import Passwords
from taskapi.core.work import engine as job_engine
from taskapi.main import create_app
from taskapi.settings import DatabaseSettings, Settings
from tests.support.certificates import Authority
from tests.support.databases import settings_for
from tests.support.factory import Factory
from tests.support.tcp_server import free_port, tcp_server
from tests.support.workers import workshop

pytestmark = pytest.mark.slow

NOWHERE = "postgresql://taskapi:hunter2@127.0.0.1:1/taskapi"
# `postgres` may come as he likes, with TLS or without; into `template1` nobody without a certificate.
HBA = """
hostssl template1 all 127.0.0.1/32 cert
host all all 127.0.0.1/32 trust
"""
IN_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@dataclass(frozen=True)
class Tls:
    """A server whose certificate is good for `localhost`, and the files of its clients."""

    port: int
    authority: Path
    stranger: Path
    certificate: Path
    key: Path
    locked_key: Path
    locked_certificate: Path

    def url(self, query: str = "", *, host: str = "localhost", database: str = "postgres") -> str:
        return f"postgresql://postgres@{host}:{self.port}/{database}?{query}".rstrip("&")

    def full(self, query: str = "", **where: str) -> str:
        return self.url(f"sslmode=verify-full&sslrootcert={self.authority}&{query}", **where)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    folder = tmp_path_factory.mktemp("certificates")
    authority, stranger = Authority(folder, "authority"), Authority(folder, "stranger")
    server, server_key = authority.sign("server", host="localhost")
    certificate, key = authority.sign("postgres")
    locked, locked_key = authority.sign("postgres", file="locked", password="open sesame")
    files = {"server.crt": server, "server.key": server_key, "root.crt": authority.file}
    with tcp_server({"ssl": "on", "ssl_ca_file": "root.crt"}, HBA, files) as port:
        yield Tls(port, authority.file, stranger.file, certificate, key, locked_key, locked)


async def answer(url: str, statement: str = IN_TLS) -> Any:
    connection = await connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def refusal(url: str, **more: str) -> str:
    """What the start says, in one line and at once: nobody waits for what will not change."""
    settings = DatabaseSettings(DATABASE_URL=url, TASKAPI_DATABASE_WAIT=600, **more)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        await asyncio.wait_for(reachability.wait_for_database(settings), 60)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("query", "is_encrypted"),
    [
        ("", True),
        ("sslmode=disable", False),
        ("sslmode=allow", False),
        ("sslmode=prefer", True),
        ("sslmode=require", True),
        ("sslmode=require&sslrootcert={authority}", True),
        ("sslmode=verify-ca&sslrootcert={authority}", True),
        ("sslmode=verify-full&sslrootcert={authority}", True),
    ],
)
async def test_each_mode_is_kept(query: str, is_encrypted: bool, tls: Tls) -> None:
    assert await answer(tls.url(query.format(authority=tls.authority))) == is_encrypted


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_a_server_of_a_strange_authority_is_refused(mode: str, tls: Tls) -> None:
    told = await refusal(tls.url(f"sslmode={mode}&sslrootcert={tls.stranger}"))
    assert told.startswith(f"no TLS with localhost:{tls.port}/postgres (")
    assert "certificate verify failed" in told
    assert told.endswith("correct the ssl… in TASKAPI_DATABASE_URL")


async def test_the_host_counts_for_verify_full_alone(tls: Tls) -> None:
    assert "certificate is not valid for '127.0.0.1'" in await refusal(tls.full(host="127.0.0.1"))
    assert await answer(tls.url(f"sslmode=verify-ca&sslrootcert={tls.authority}", host="127.0.0.1"))


async def test_the_authorities_of_the_system_are_trusted_where_they_are_named(
    tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "certificate verify failed" in await refusal(tls.url("sslrootcert=system"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
    assert await answer(tls.url("sslrootcert=system"))
    assert "certificate is not valid" in await refusal(tls.url("sslrootcert=system", host="127.0.0.1"))


async def test_a_client_shows_its_certificate(tls: Tls) -> None:
    who = "SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    shown = f"sslcert={tls.certificate}&sslkey={tls.key}"
    locked = f"sslcert={tls.locked_certificate}&sslkey={tls.locked_key}&sslpassword=open%20sesame"
    assert await answer(tls.full(shown, database="template1"), who) == "/CN=postgres"
    assert await answer(tls.full(locked, database="template1"), who) == "/CN=postgres"
    assert "certificate" in await refusal(tls.full(database="template1"))


async def test_what_serves_migrates_and_works_speaks_tls(tls: Tls, quick_passwords: Passwords) -> None:
    await answer(tls.full(), "CREATE DATABASE encrypted")
    settings = settings_for(tls.full(database="encrypted"))
    await migrations.upgrade(await reachability.wait_for_database(settings))
    await reachability.require_database(settings)
    database = Database(settings)
    make = Factory(create_app(Settings(), database, quick_passwords))
    owner = await make.user()
    async with make.client(owner) as client:
        made = await client.post("/api/v1/projects", json={"key": "WEB", "name": "Website"})
        ready = await client.get("/health/ready")
    async with workshop(make, str(settings.url)) as shop:
        await asyncio.wait_for(job_engine.run(shop.context, shop.url, (), asyncio.Event(), drain=True), 60)
    await database.dispose()
    assert (made.status_code, ready.status_code) == (201, 200)


async def test_a_server_without_tls_is_refused_where_tls_is_wanted(server: str) -> None:
    with tcp_server({}, "host all all 127.0.0.1/32 trust\n", {}) as port:
        url = f"postgresql://postgres@localhost:{port}/postgres"
        assert await answer(f"{url}?sslmode=prefer") is False
        told = await refusal(f"{url}?sslmode=require")
    assert told == (f"the database at localhost:{port}/postgres speaks no TLS: correct sslmode in TASKAPI_DATABASE_URL")


async def test_options_and_the_name_of_the_application_reach_the_server(tls: Tls) -> None:
    url = tls.url("application_name=tasks+1&options=-c%20search_path%3Da,b%20-c%20work_mem=1MB")
    assert await answer(url, "SHOW application_name") == "tasks+1"
    assert await answer(url, "SHOW search_path") == "a,b"
    assert await answer(url, "SHOW work_mem") == "1MB"


async def test_a_host_that_is_down_or_silent_costs_its_own_time_alone(tls: Tls) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = f"localhost:{free_port()},127.0.0.1:{silent.getsockname()[1]},localhost:{tls.port}"
        url = f"postgresql://postgres@{hosts}/postgres?connect_timeout=1"
        assert await answer(url, "SELECT 1") == 1
        told = await refusal_after_waiting(url.replace(f",localhost:{tls.port}", ""))
    assert told.startswith("no database at localhost:")


async def refusal_after_waiting(url: str) -> str:
    with pytest.raises(Refused) as refused:
        await reachability.wait_for_database(settings_for(url, TASKAPI_DATABASE_WAIT=0))
    return str(refused.value)


async def test_the_first_host_that_takes_writes_is_chosen(tls: Tls) -> None:
    await answer(tls.url(), "CREATE DATABASE read_only")
    await answer(tls.url(), "ALTER DATABASE read_only SET default_transaction_read_only = on")
    wanted = {"read-only": True, "any": True, "prefer-standby": True, "read-write": False, "standby": False}
    for attributes, is_found in wanted.items():
        url = tls.url(f"target_session_attrs={attributes}", database="read_only")
        if is_found:
            assert await answer(url, "SHOW transaction_read_only") == "on"
        else:
            with pytest.raises(asyncpg.TargetServerAttributeNotMatched):
                await connect(url)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("statement_cache_size=0", "the parameter 'statement_cache_size' is not one of libpq's that taskapi knows"),
        ("pgbouncer=true", "the parameter 'pgbouncer' is not one of libpq's that taskapi knows"),
        ("ssl=require", "the parameter 'ssl' is not one of libpq's that taskapi knows"),
        ("sslmode", "the parameter 'sslmode' has no value"),
        (
            "sslmode=strict",
            "sslmode=strict is not possible: it can be disable, allow, prefer, require, verify-ca, verify-full",
        ),
        ("channel_binding=require", "channel_binding=require is not possible: it can be prefer, disable"),
        ("gssencmode=require", "gssencmode=require is not possible: it can be prefer, disable"),
        ("connect_timeout=soon", "connect_timeout=soon is no number of seconds"),
        (
            "sslrootcert=system&sslmode=require",
            "sslmode=require is too weak for sslrootcert=system: it wants verify-full",
        ),
        ("host=a,b,c&port=1,2", "there are 3 hosts and 2 ports"),
        ("port=99999", "'99999' is no port"),
    ],
)
async def test_what_libpq_does_not_know_or_we_cannot_keep_is_refused_by_its_name(query: str, complaint: str) -> None:
    assert await refusal(f"{NOWHERE}?{query}") == f"TASKAPI_DATABASE_URL cannot be read: {complaint}"


@pytest.mark.parametrize("name", ["READ_URL", "DIRECT_URL"])
async def test_the_other_addresses_are_read_before_anybody_waits(name: str) -> None:
    told = await refusal(NOWHERE, **{f"DATABASE_{name}": f"{NOWHERE}?pgbouncer=true"})
    assert told.startswith(f"TASKAPI_DATABASE_{name} cannot be read: the parameter 'pgbouncer'")


async def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "root.crt"
    assert await refusal(f"{NOWHERE}?sslmode=verify-full&sslrootcert={missing}") == (
        f"TASKAPI_DATABASE_URL: sslrootcert: cannot read {missing}: No such file or directory"
    )


@pytest.mark.parametrize(
    ("url", "places", "shown"),
    [
        ("postgresql://h/db", [("h", 5432)], "h:5432/db"),
        ("postgres://u:p%40ss@h1:1,h2,[::1]:3/db", [("h1", 1), ("h2", 5432), ("::1", 3)], "h1:1,h2:5432,::1:3/db"),
        ("postgresql+asyncpg://u@/db?host=/run/pg&port=6", [("/run/pg", 6)], "/run/pg:6/db"),
        ("postgresql://%2Frun%2Fpg/db", [("/run/pg", 5432)], "/run/pg:5432/db"),
        ("postgresql://u@h1,h2/db?port=7", [("h1", 7), ("h2", 7)], "h1:7,h2:7/db"),
        ("postgresql:///db?service=mine", [None], "localhost:5432/db"),
    ],
)
def test_hosts_and_ports_are_read_as_libpq_reads_them(url: str, places: list[Any], shown: str) -> None:
    address = addresses.read(url)
    assert (list(address.places), address.shown) == (places, shown)


def test_user_password_and_database_may_stand_in_either_place() -> None:
    first = addresses.read("postgresql://ana%40home:p%40s%2Fs@h/the%20db")
    second = addresses.read("postgresql://h?user=ana@home&password=p%40s/s&dbname=the%20db")
    assert (first.user, first.password, first.database) == ("ana@home", "p@s/s", "the db")
    assert (second.user, second.password, second.database) == (first.user, first.password, first.database)
