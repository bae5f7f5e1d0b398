"""Passwords: Argon2id through passlib, in a pool of its own so that hashing never holds up the event loop.

Parameters of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane; about 16 ms.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar

from passlib.context import CryptContext
from passlib.exc import PasswordSizeError, UnknownHashError

from taskapi.core.fair_queue import FairQueue
from taskapi.core.secrets import memory

_T = TypeVar("_T")
MAX_LENGTH: Final = 128
# One text, a word a line: a set of its words would take ten times the memory, to save 0.1 ms beside a hash of 16.
_COMMON: Final = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8")
_MEMORY_KIB: Final = 19_456
_PASSES: Final = 2
_LANES: Final = 1
_QUEUE_SECONDS: Final = 2.0
_IDLE_SECONDS: Final = 1.0
_THREADS: Final = max(2, min(4, os.cpu_count() or 2))


class Passwords:
    """A hash takes 19 MiB: the number of threads bounds what a flood of sign-ins can cost."""

    def __init__(self, memory_kib: int = _MEMORY_KIB, passes: int = _PASSES) -> None:
        memory.keep_during_bursts()
        self._context = CryptContext(
            schemes=["argon2"],
            argon2__type="ID",
            argon2__memory_cost=memory_kib,
            argon2__time_cost=passes,
            argon2__parallelism=_LANES,
        )
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")
        self._queue = FairQueue(_THREADS, _QUEUE_SECONDS, "Too many people are signing in; try again shortly")
        self._nobodys_hash: str = self._context.hash("nobody has this password")
        self._trim: asyncio.TimerHandle | None = None

    async def hash(self, password: str) -> str:
        return await self._in_pool(self._context.hash, password)

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether it is right, and a new hash where the stored one has yesterday's parameters.

        `stored` is None for an account that does not exist: that takes as long as a wrong password.
        """
        return await self._in_pool(self._verify, password, stored)

    async def _in_pool(self, work: Callable[..., _T], *arguments: object) -> _T:
        loop = asyncio.get_running_loop()
        async with self._queue.place():
            result = await loop.run_in_executor(self._pool, work, *arguments)
        if self._trim is not None:
            self._trim.cancel()
        self._trim = loop.call_later(_IDLE_SECONDS, self._pool.submit, memory.return_to_system)
        return result

    def close(self) -> None:
        if self._trim is not None:
            self._trim.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        try:
            right, new_hash = self._context.verify_and_update(password, stored or self._nobodys_hash)
        except (UnknownHashError, PasswordSizeError, ValueError):
            return False, None
        return right and stored is not None, new_hash


def _is_common(plain: str) -> bool:
    return f"\n{plain}\n" in _COMMON


def weakness(password: str, *, min_length: int, about: tuple[str | None, ...]) -> str | None:
    """Why this password is refused (NIST SP 800-63B: length and a block list, no rules of composition), or None.

    `about` are words an attacker tries first: the user's own name and address.
    """
    if len(password) < min_length:
        return f"A password needs at least {min_length} characters; a few words make a good one"
    if len(password) > MAX_LENGTH:
        return f"A password has at most {MAX_LENGTH} characters"
    plain = password.casefold()
    own = {word.casefold() for words in about if words for word in (words, words.partition("@")[0], *words.split())}
    if plain in own or _is_padded(plain, own):
        return "The password is your own name or address with little added; choose another"
    if _is_common(plain) or _is_padded(plain, {"password", "taskapi"}) or _is_repetition(plain):
        return "This password is among the first that attackers try; choose another"
    return None


def _is_padded(plain: str, words: set[str]) -> bool:
    """Whether a word of some length makes up the password but for digits and signs around it."""
    core = plain.strip("0123456789!?.,;:-_+*#$%&/()= ")
    return len(core) >= 4 and core in words  # noqa: PLR2004 - shorter names hide in honest passwords


def _is_repetition(plain: str) -> bool:
    """`aaaaaaaaaaaa`, `abcabcabcabc`, `123456789012`: a short pattern, or a run, to the end."""
    steps = {ord(b) - ord(a) for a, b in pairwise(plain)}
    return plain in (plain * 2)[1:-1] or steps <= {1, -9} or steps <= {-1, 9}
