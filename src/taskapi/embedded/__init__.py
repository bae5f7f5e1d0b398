"""The embedded PostgreSQL: start, stop, where its data lives.

A data directory holds
- `cluster/`: PostgreSQL's own files, and its Unix socket (there is no TCP port);
- `lock`: locked for as long as any process of the server lives; names the program that started it;
- `socket`: where a short link to the socket is, if its own path is too long for the kernel;
- `server.log` and `server.log.1`: what this server and the one before it had to say.
"""

from taskapi.embedded.errors import (
    AlreadyRunning,
    EmbeddedError,
    NoAccount,
    ProgramsNotFound,
    StartFailed,
    WrongMajorVersion,
)
from taskapi.embedded.programs import client_programs, find_binaries
from taskapi.embedded.server import (
    DURABLE,
    THROWAWAY,
    EmbeddedServer,
    Profile,
    database_url,
    ensure_database,
    start,
    start_again,
)

__all__ = [
    "DURABLE",
    "THROWAWAY",
    "AlreadyRunning",
    "EmbeddedError",
    "EmbeddedServer",
    "NoAccount",
    "Profile",
    "ProgramsNotFound",
    "StartFailed",
    "WrongMajorVersion",
    "client_programs",
    "database_url",
    "ensure_database",
    "find_binaries",
    "start",
    "start_again",
]
