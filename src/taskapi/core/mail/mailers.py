"""Where mail goes: to an SMTP server, to the terminal of a developer, or nowhere, said aloud."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from taskapi.core.work.jobs import Mailer
from taskapi.settings import Environment, Settings

_SECONDS: Final = 20
_FOR_GOOD: Final = 500  # RFC 5321 §4.2.1: what is below may be tried again


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """To the server of `smtp://user:password@host:port`; `smtps://` from the first byte encrypted.

    Where the server offers STARTTLS it is used; a password is never sent without.
    """

    url: str

    async def send(self, message: EmailMessage) -> None:
        import aiosmtplib  # noqa: PLC0415 - workers alone send

        try:
            await aiosmtplib.send(message, **self._connection(_SECONDS))
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            if all(one.code >= _FOR_GOOD for one in refusal.recipients):
                raise AddressRefused(refusal.recipients[0].message) from refusal
            raise

    async def try_out(self, seconds: float) -> None:
        """Connect, sign in where there is a password, and leave. Raises OSError, or SMTPException with the reason."""
        import aiosmtplib  # noqa: PLC0415 - as above

        async with aiosmtplib.SMTP(**self._connection(seconds)):
            pass

    def _connection(self, seconds: float) -> dict[str, Any]:
        parts = urlsplit(self.url)
        encrypted = parts.scheme == "smtps"
        return {
            "hostname": parts.hostname,
            "port": parts.port or (465 if encrypted else 587),
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": encrypted,
            "start_tls": True if parts.username and not encrypted else None,
            "timeout": seconds,
        }


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


class AddressRefused(Exception):
    """The server knows of no such mailbox, or takes nothing for it: another time it will say the same."""


class MailNotConfigured(Exception):
    """The mail waits, and is put aside for administrators at last, like any job that cannot be done."""


def sends_mail(settings: Settings) -> bool:
    """Whether mails reach anybody but the reader of the terminal: where none does, nobody can prove an address."""
    return settings.mail.smtp_url is not None


def mailer_of(settings: Settings) -> Mailer:
    if url := settings.mail.smtp_url:
        return SmtpMailer(url.get_secret_value())
    return NoMailer() if settings.environment is Environment.PRODUCTION else ConsoleMailer()
