"""Mail: rendered from templates in text and HTML, always sent by a job, never in a request.

A job carries what the mail is about, never a secret: the link's token is computed here, when the mail is written.
"""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import cache
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlencode, urlsplit
from uuid import UUID

import structlog

from taskapi.core.addresses import url_of
from taskapi.core.db import DbSession
from taskapi.core.jobs import JobContext, JobPriority, job
from taskapi.core.one_time import OneTimeTokens, Purpose
from taskapi.settings import Environment, Settings

log = structlog.stdlib.get_logger("taskapi.mail")

_SECONDS: Final = 20


class Mailer(Protocol):
    async def send(self, message: EmailMessage, /) -> None: ...


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """To the server of `smtp://user:password@host:port`; `smtps://` from the first byte encrypted.

    Where the server offers STARTTLS it is used; a password is never sent without.
    """

    url: str

    async def send(self, message: EmailMessage) -> None:
        import aiosmtplib  # noqa: PLC0415 - workers alone send

        parts = urlsplit(self.url)
        encrypted = parts.scheme == "smtps"
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port or (465 if encrypted else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=encrypted,
            start_tls=True if parts.username and not encrypted else None,
            timeout=_SECONDS,
        )


class ConsoleMailer:
    """Without SMTP_URL, in development: the reader of the terminal is the reader of the mail."""

    async def send(self, message: EmailMessage) -> None:
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        print(f"--- mail to {message['To']}: {message['Subject']}\n{text.strip()}\n---", flush=True)  # noqa: T201


class NoMailer:
    """Without SMTP_URL in production: a mail that nobody sends must not count as sent, nor its link be printed."""

    async def send(self, _: EmailMessage) -> None:
        raise MailNotConfigured("Set TASKAPI_SMTP_URL and start the worker again")


class MailNotConfigured(Exception):
    """The mail waits, and is put aside for administrators at last, like any job that cannot be done."""


def mailer_of(settings: Settings) -> Mailer:
    if url := settings.mail.smtp_url:
        return SmtpMailer(url.get_secret_value())
    return NoMailer() if settings.environment is Environment.PRODUCTION else ConsoleMailer()


@job("mail.send", priority=JobPriority.URGENT, attempts=12)
async def send_mail(
    context: JobContext,
    *,
    template: str,
    to: str,
    values: dict[str, Any],
    link_purpose: Purpose | None = None,
    link_token_id: UUID | None = None,
    link_path: str = "",
) -> None:
    """Render `<template>.txt` and `.html` with `values`; `link` in them leads to `link_path?token=…`."""
    if link_purpose is not None and link_token_id is not None:
        values = {**values, "link": link_to(context.settings, link_path, link_purpose, link_token_id)}
    await context.mailer.send(compose(context.settings, template, to, values))
    log.info("mail.sent", template=template)


async def enqueue_link(
    session: DbSession,
    template: str,
    to: str,
    values: dict[str, Any],
    *,
    purpose: Purpose,
    token_id: UUID,
    path: str,
) -> None:
    """A mail whose link opens `token_id`, once this transaction is committed."""
    await send_mail.enqueue(
        session,
        template=template,
        to=to,
        values=values,
        link_purpose=purpose,
        link_token_id=token_id,
        link_path=path,
    )


def compose(settings: Settings, template: str, to: str, values: dict[str, Any]) -> EmailMessage:
    """The first line of the text template is the subject."""
    shown = {"service": "taskapi", "service_url": public_url(settings), **values}
    subject, _, text = _templates().get_template(f"{template}.txt").render(shown).partition("\n")
    message = EmailMessage()
    message["From"] = settings.mail.sender
    message["To"] = to
    message["Subject"] = subject.strip()
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=urlsplit(public_url(settings)).hostname)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.strip() + "\n")
    html = _templates().get_template(f"{template}.html").render({**shown, "subject": subject.strip()})
    message.add_alternative(html, subtype="html")
    return message


def link_to(settings: Settings, path: str, purpose: Purpose, token_id: UUID) -> str:
    token = OneTimeTokens(settings.security.secret_key.get_secret_value()).write(purpose, token_id)
    return f"{public_url(settings)}{path}?{urlencode({'token': token})}"


def public_url(settings: Settings) -> str:
    """Links follow the settings alone: a Host header is what a stranger says."""
    return (settings.server.public_url or url_of(settings.server.host, settings.server.port)).rstrip("/")


@cache
def _templates() -> Any:  # noqa: ANN401 - jinja2 is imported late
    import jinja2  # noqa: PLC0415 - workers alone render

    return jinja2.Environment(
        loader=jinja2.PackageLoader("taskapi", "templates/mail"),
        autoescape=jinja2.select_autoescape(("html",)),
        undefined=jinja2.StrictUndefined,
        finalize=_on_one_line,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _on_one_line(value: object) -> str:
    """A name with line breaks in it must neither end the subject nor begin a paragraph of its own."""
    return " ".join(str(value).split())
