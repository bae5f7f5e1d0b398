"""Whom PostgreSQL runs as, whose its files are, and who may connect: nobody but that user and root."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from taskapi.embedded.errors import NoAccount

log = structlog.stdlib.get_logger("taskapi.embedded")

OWN_USER: Final = "taskapi"
_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.1
_SBIN: Final = "/usr/sbin:/sbin:/usr/bin:/bin"
_USERADD: Final = ("--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
_MAP: Final = "taskapi"
_REMEDY: Final = (
    f"make a user of its own for it (useradd --system {OWN_USER}), run as an ordinary user, or set TASKAPI_DATABASE_URL"
)
# The kernel says who is at the other end of a socket, so there is no password to keep; no other line lets anybody in.
_HBA: Final = f"# Written at each start of taskapi.\nlocal all all peer map={_MAP}\n"


class Account(NamedTuple):
    """Who runs the programs, in the words of `subprocess`; all None: whoever we are."""

    user: int | None = None
    group: int | None = None
    extra_groups: tuple[int, ...] | None = None


def account_for(data_dir: Path) -> Account:
    """PostgreSQL refuses to run as root, and initdb as somebody without a name.

    For root it is the owner of the data, or a user of its own where that is root; never `nobody`, which other services
    run as too, and each of them could read and write everything.
    """
    uid = os.geteuid()
    try:
        if uid != 0:
            pwd.getpwuid(uid)
            return Account()
        owner = data_dir.stat().st_uid
        entry = _own_user() if owner == 0 or owner == _nobody() else pwd.getpwuid(owner)
    except KeyError as error:
        raise NoAccount(
            f"PostgreSQL needs a user with a name ({error.args[0]}): add one, or set TASKAPI_DATABASE_URL"
        ) from error
    return Account(entry.pw_uid, entry.pw_gid, ())


def take_over(cluster: Path, account: Account) -> None:
    """Give the files of earlier versions, which ran the server as `nobody`, to its own user. No server may be running.

    Whoever else is `nobody` may have put something there: no link is followed, and only what was theirs changes hands.
    The directory itself comes last, so that a start that is interrupted is gone on with by the next.
    """
    nobody = _nobody()
    if account.user in {None, nobody} or cluster.stat().st_uid != nobody:
        return
    assert account.user is not None
    assert account.group is not None
    for _, directories, files, descriptor in os.fwalk(cluster, topdown=False, follow_symlinks=False):
        for name in (*files, *directories):
            found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if found.st_uid == nobody and (stat.S_ISDIR(found.st_mode) or found.st_nlink == 1):
                os.chown(name, account.user, account.group, dir_fd=descriptor, follow_symlinks=False)
    os.chown(cluster, account.user, account.group, follow_symlinks=False)
    log.info("embedded.taken_over", cluster=str(cluster), user=pwd.getpwuid(account.user).pw_name)


def admit(cluster: Path, account: Account, superuser: str) -> None:
    """Let the server's user and ourselves in, and nobody else: also where an earlier version let everybody in."""
    uids = {os.geteuid(), os.geteuid() if account.user is None else account.user}
    names = sorted(pwd.getpwuid(uid).pw_name for uid in uids)
    ident = "".join(f'{_MAP} "{name}" "{superuser}"\n' for name in names)
    descriptor = os.open(cluster, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for file, content in (("pg_hba.conf", _HBA), ("pg_ident.conf", f"# As above.\n{ident}")):
            _write(descriptor, file, content, account)
    finally:
        os.close(descriptor)


def _write(directory: int, file: str, content: str, account: Account) -> None:
    """In the place of what is there, whatever that is: root must not write through somebody's link."""
    unfinished = f"{file}.taskapi"
    with suppress(FileNotFoundError):
        os.unlink(unfinished, dir_fd=directory)
    made = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=directory)
    with os.fdopen(made, "w") as stream:
        stream.write(content)
        if account.user is not None and account.group is not None:
            os.fchown(made, account.user, account.group)
        stream.flush()
        os.fsync(made)
    os.rename(unfinished, file, src_dir_fd=directory, dst_dir_fd=directory)


def _nobody() -> int | None:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return None


def _own_user() -> pwd.struct_passwd:
    try:
        entry = pwd.getpwnam(OWN_USER)
    except KeyError:
        entry = _make_own_user()
    if entry.pw_uid in {0, _nobody()}:
        raise NoAccount(f"the user {OWN_USER} is root or nobody, and PostgreSQL must be neither: {_REMEDY}")
    return entry


def _make_own_user() -> pwd.struct_passwd:
    """Several programs may start at once: one makes it, and the others find it or the password file locked."""
    program = shutil.which("useradd", path=_SBIN)
    if program is None:
        raise NoAccount(f"PostgreSQL refuses to run as root, and there is no useradd to make a user for it: {_REMEDY}")
    said = ""
    for _ in range(_TRIES):
        made = subprocess.run(  # noqa: S603 - no word of it is anybody's but ours
            [program, *_USERADD, *_group(), OWN_USER],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": _SBIN, "LC_ALL": "C"},
        )
        try:
            entry = pwd.getpwnam(OWN_USER)
        except KeyError:
            said = made.stderr.strip().rpartition("\n")[2]
            time.sleep(_PAUSE_SECONDS)
            continue
        if made.returncode == 0:
            log.info("embedded.user_made", user=OWN_USER, uid=entry.pw_uid)
        return entry
    raise NoAccount(f"PostgreSQL refuses to run as root, and a user for it could not be made ({said}): {_REMEDY}")


def _group() -> tuple[str, ...]:
    """One of its own, which may be there already."""
    try:
        grp.getgrnam(OWN_USER)
    except KeyError:
        return ("--user-group",)
    return ("--gid", OWN_USER)
