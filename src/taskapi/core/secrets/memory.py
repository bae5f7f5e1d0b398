"""glibc's allocator, told that hashing passwords comes in bursts of 19 MiB a thread.

Left alone it either keeps that for ever (40 MB of a process that needs 100) or, asked to give everything back at
once, pays for it anew with every hash (18 ms become 24). So large pieces stay during a burst and go after it.
Elsewhere than on glibc nothing happens.
"""

import ctypes
from collections.abc import Callable
from typing import Final

# Parameters of mallopt(3).
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_MEBIBYTE: Final = 1 << 20


def _function(name: str) -> Callable[..., int] | None:
    """Of the C library, where that has it."""
    try:
        function: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):
        return None
    return function


def keep_during_bursts() -> None:
    if (mallopt := _function("mallopt")) is not None:
        mallopt(_ARENA_MAX, 1)  # only the first arena can be trimmed at its end
        mallopt(_MMAP_THRESHOLD, 32 * _MEBIBYTE)
        mallopt(_TRIM_THRESHOLD, 256 * _MEBIBYTE)


def return_to_system() -> None:
    if (malloc_trim := _function("malloc_trim")) is not None:
        malloc_trim(0)
