"""A primary and a streaming standby of its own, which can lag, freeze, die and be promoted."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from taskapi import embedded
from taskapi.embedded import THROWAWAY, EmbeddedServer
from taskapi.embedded.sockets import PORT
from tests.support.databases import admit_every_role

_STREAMING = replace(
    THROWAWAY, settings={**THROWAWAY.settings, "wal_level": "replica", "max_wal_senders": "4", "wal_keep_size": "1GB"}
)


@dataclass
class Pair:
    folder: Path
    primary: EmbeddedServer
    standby: EmbeddedServer | None = None

    def url(self, database: str) -> str:
        return self.primary.url(database)

    def read_url(self, database: str) -> str:
        return embedded.database_url(self.folder / "standby", database)

    def start_standby(self) -> EmbeddedServer:
        self.standby = embedded.start(self.folder / "standby", _STREAMING)
        return self.standby


@contextmanager
def pair(folder: Path, delay: str = "0") -> Iterator[Pair]:
    """`delay` is how long the standby waits before it replays a commit, as PostgreSQL writes it: `300ms`."""
    for name in ("primary", "standby"):
        (folder / name).mkdir()
        (folder / name).chmod(0o755)  # the standby comes through it to the primary's socket, maybe as another user
    embedded.start(folder / "primary", _STREAMING).stop()
    made, copied = folder / "primary" / "cluster", folder / "standby" / "cluster"
    shutil.copytree(made, copied, ignore=shutil.ignore_patterns("postmaster.*", ".s.PGSQL.*"))
    for path in (copied, *copied.rglob("*")):
        shutil.chown(path, made.stat().st_uid, made.stat().st_gid)
    copied.chmod(0o700)
    (copied / "standby.signal").touch()
    with (copied / "postgresql.auto.conf").open("a") as configuration:
        configuration.write(f"primary_conninfo = 'host={made} port={PORT} user=postgres'\n")
        configuration.write(f"recovery_min_apply_delay = '{delay}'\n")
    with embedded.start(folder / "primary", _STREAMING) as primary:
        admit_every_role(primary)
        both = Pair(folder, primary)
        try:
            both.start_standby()
            yield both
        finally:
            if both.standby is not None:
                both.standby.stop()
