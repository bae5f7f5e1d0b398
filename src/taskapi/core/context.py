"""What every part of one request may know without being told: its id, and who is calling."""

import os
from contextvars import ContextVar
from typing import Final

CALLER: Final = "taskapi.caller"
"""Where the ASGI scope keeps the caller's id, once it is known."""
PROJECTS: Final = "taskapi.projects"
"""And the only projects that its credential opens; None where it names none."""
MEMBER: Final = "taskapi.member"
"""And whose memberships decide what is theirs to see; None for administrators, who see all."""
IDENTITY: Final = "taskapi.identity"
"""And all that the credential says of them."""
RATE_LIMIT_HEADERS: Final = "taskapi.rate_limit_headers"
"""What the answer will say of the caller's rate limit."""
TOO_SLOW: Final = "taskapi.too_slow"
"""Set by the server while the body of a request comes so slowly that nobody shall wait for it."""
HEAD_ALONE: Final = "taskapi.head_alone"
"""True where a HEAD is answered as the GET that it stands for: nobody reads the body."""
FORWARDED: Final = "taskapi.forwarded"
"""True where somebody says to speak for somebody else, and nobody has said that they may: it may come from anywhere."""
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def new_request_id() -> str:
    return os.urandom(12).hex()
