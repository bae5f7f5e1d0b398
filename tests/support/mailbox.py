"""What the service would mail: runs the jobs that a test's requests enqueued, and keeps what they send."""

import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI

from taskapi import background
from taskapi.core.work.jobs import JobContext

_WAITING = "SELECT id, entrypoint, payload FROM jobs.pgqueuer ORDER BY priority DESC, id"


@dataclass
class Mailbox:
    """`await mailbox.collect()` works off the jobs in the test's transaction, without a worker."""

    app: FastAPI
    tables: Any
    sent: list[EmailMessage] = field(default_factory=list)

    async def send(self, message: EmailMessage) -> None:
        self.sent.append(message)

    async def collect(self) -> list[EmailMessage]:
        """The mails that came since the last time."""
        before = len(self.sent)
        known = {job.name: job for job in background.JOBS}
        while rows := await self.tables.fetch(_WAITING):  # some jobs leave others behind
            for row in rows:
                context = JobContext(self.app.state.parts.database, self.app.state.parts.settings, self, row["id"])
                await known[row["entrypoint"]].perform(context, row["payload"])
                await self.tables.execute("DELETE FROM jobs.pgqueuer WHERE id = $1", row["id"])
        return self.sent[before:]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    content: str = body.get_content()
    return content


def token_in(message: EmailMessage) -> str:
    """The token of the link in a mail."""
    links = [link for link in re.findall(r"https?://\S+", text_of(message)) if "token=" in link]
    assert links, text_of(message)
    token: str = parse_qs(urlsplit(links[0]).query)["token"][0]
    return token
