"""Where clients find the server's socket: in the cluster, or by a short link where the kernel finds that path too long.

The link is in a directory that is made for it, with a name by chance and closed to others; `socket` in the data
directory, which is closed to others too, says where. A name that could be computed could be taken by somebody else,
and clients would talk to them.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from taskapi.embedded.errors import EmbeddedError

PORT: Final = 5432  # names the socket's file; stated on both sides, or PGPORT in the environment would change one
_LONGEST: Final = 100  # bytes; kernels end at 103 (macOS) and 107 (Linux)
_FILE: Final = f".s.PGSQL.{PORT}"
_PREFIX: Final = "taskapi-"
_CHANCE: Final = "x" * 8  # as long as what mkdtemp adds
_LINK: Final = "s"
# What only root could make: a server that is not running is not there.
_NOWHERE: Final = Path("/nonexistent")


def socket_dir(home: Path) -> Path:
    """The directory of the socket, by a path that is short enough; one that is not there where no server runs."""
    cluster = home / "cluster"
    if _fits(cluster):
        return cluster
    link = _recorded(home)
    return link if link is not None and _is_ours(link, cluster) else _NOWHERE


def make_link(home: Path) -> None:
    """For a long path, before the server starts.

    One that is there and ours stays: programs that go on while the server is started again know its name.
    """
    cluster = home / "cluster"
    if _fits(cluster) or socket_dir(home) != _NOWHERE:
        return
    base = _base()
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    link = folder / _LINK
    link.symlink_to(cluster)
    (home / "socket").write_text(f"{link}\n")


def remove_link(home: Path) -> None:
    link = _recorded(home)
    if link is not None and _is_ours(link, home / "cluster"):
        _remove(link)
    with suppress(OSError):
        (home / "socket").unlink()


def _fits(directory: Path) -> bool:
    return len(os.fsencode(directory / _FILE)) <= _LONGEST


def _base() -> Path:
    """The user's own run-time directory, or else the machine's for temporary files."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    places = [Path(given)] if given and _is_closed(Path(given)) else []
    for place in (*places, Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - a directory is made in it
        if place.is_dir() and _fits(place / f"{_PREFIX}{_CHANCE}" / _LINK):
            return place
    raise EmbeddedError("no directory has a path short enough for a socket: set TASKAPI_DATA_DIR to a shorter one")


def _recorded(home: Path) -> Path | None:
    try:
        written = (home / "socket").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return Path(written) if written else None


def _is_ours(link: Path, cluster: Path) -> bool:
    """Whether it is the link that was made, in a directory that nobody else can change."""
    try:
        return _is_closed(link.parent) and link.is_symlink() and link.readlink() == cluster
    except OSError:
        return False


def _is_closed(folder: Path) -> bool:
    """A directory, no link to one, of this user, and open to no other."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _sweep(base: Path) -> None:
    """Links never pile up: those whose data directory is gone go with the next start."""
    for folder in base.glob(f"{_PREFIX}{'?' * len(_CHANCE)}"):
        link = folder / _LINK
        with suppress(OSError):
            if _is_closed(folder) and link.is_symlink() and not link.exists():
                _remove(link)


def _remove(link: Path) -> None:
    with suppress(OSError):
        link.unlink()
        link.parent.rmdir()
