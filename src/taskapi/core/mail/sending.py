"""Mail is sent by a job, never in a request.

A job carries what the mail is about, never a secret: the link's token is computed here, when the mail is written.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import structlog

from taskapi.core.db.session import DbSession
from taskapi.core.mail import limits
from taskapi.core.mail.composing import compose
from taskapi.core.secrets.one_time import OneTimeTokens, Purpose
from taskapi.core.urls import public_url
from taskapi.core.work.jobs import JobContext, JobPriority, job
from taskapi.settings import Settings

log = structlog.stdlib.get_logger("taskapi.mail")


@dataclass(frozen=True, slots=True)
class Link:
    """The mail that carries a link, and the page that the link opens."""

    template: str
    path: str


LINKS: Final = {
    Purpose.VERIFY_EMAIL: Link("verify_email", "/verify-email"),
    Purpose.RESET_PASSWORD: Link("reset_password", "/reset-password"),
    Purpose.CHANGE_EMAIL: Link("email_change_confirm", "/confirm-email"),
    Purpose.UNDO_EMAIL_CHANGE: Link("email_change_notice", "/undo-email-change"),
    Purpose.INVITATION: Link("invitation", "/invitations/accept"),
}


@job("mail.send", priority=JobPriority.URGENT, attempts=12)
async def send_mail(
    context: JobContext,
    *,
    template: str,
    to: str,
    values: dict[str, object],
    link_purpose: Purpose | None = None,
    link_token_id: UUID | None = None,
) -> None:
    """Render `<template>.txt` and `.html` with `values`, and `link` where the mail has one."""
    if link_purpose is not None and link_token_id is not None:
        values = {**values, "link": link_to(context.settings, link_purpose, link_token_id)}
    await context.mailer.send(compose(context.settings, template, to, values))
    log.info("mail.sent", template=template)


async def send_link(session: DbSession, purpose: Purpose, to: str, token_id: UUID, values: dict[str, object]) -> None:
    """A mail whose link opens `token_id`, once this transaction is committed."""
    await send_mail.enqueue(
        session,
        template=LINKS[purpose].template,
        to=to,
        values=values,
        link_purpose=purpose,
        link_token_id=token_id,
    )


async def send_notice(session: DbSession, template: str, to: str, values: dict[str, object]) -> None:
    """What was done with an account, told to its address; not without end, for the address need not be its owner's."""
    if await limits.has_room_at(session, "notice", to, limits.NOTICES):
        await send_mail.enqueue(session, template=template, to=to, values=values)


def link_to(settings: Settings, purpose: Purpose, token_id: UUID) -> str:
    token = OneTimeTokens(settings.security.secret_key.get_secret_value()).write(purpose, token_id)
    return f"{public_url(settings)}{LINKS[purpose].path}?{urlencode({'token': token})}"
