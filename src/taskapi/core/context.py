"""What every part of one request may know without being told: its id, and who is calling."""

import os
from contextvars import ContextVar
from typing import Final

CALLER: Final = "taskapi.caller"
"""Where the ASGI scope keeps the caller's id, once it is known."""
PROJECTS: Final = "taskapi.projects"
"""And the only projects that its credential opens; None where it names none."""
RATE_LIMIT_HEADERS: Final = "taskapi.rate_limit_headers"
"""What the answer will say of the caller's rate limit."""
FORWARDED: Final = "taskapi.forwarded"
"""True where somebody says to speak for somebody else, and nobody has said that they may: it may come from anywhere."""
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def new_request_id() -> str:
    return os.urandom(12).hex()
