"""How many files a process may have open, sockets among them."""

import resource
from contextlib import suppress
from typing import Final

# Where no limit is named there is one all the same, which differs from system to system.
_MANY: Final = 65_536


def raise_limit() -> None:
    """To the hard limit: the usual soft one, 1,024, is there for select(), which nothing here calls."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # we live with what we have
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
