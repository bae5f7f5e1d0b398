"""Mails: what is in them, how they reach a mail server, and that none is lost or tells a secret to the log."""

import asyncio
import os
import re
import ssl
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import aiosmtplib
import httpx
import pytest
import structlog.testing

import taskapi
from taskapi import worker
from taskapi.core.db.database import Database
from taskapi.core.mail import mailers
from taskapi.core.mail.composing import compose
from taskapi.core.mail.harmless import harmless
from taskapi.core.mail.mailers import ConsoleMailer, NoMailer, SmtpMailer, mailer_of
from taskapi.core.mail.sending import send_mail
from taskapi.core.refused import Refused
from taskapi.core.secrets.one_time import OneTimeTokens, Purpose
from taskapi.core.secrets.passwords import Passwords
from taskapi.core.startup import load_settings
from taskapi.core.work.jobs import JobContext
from taskapi.main import create_app
from taskapi.settings import Environment, Settings
from tests.conftest import SECRET_KEY
from tests.support.databases import RolledBackDatabase, connect, settings_for
from tests.support.factory import PASSWORD, Factory
from tests.support.mailbox import text_of, token_in
from tests.support.people import verify_address
from tests.support.post_office import PASSWORD as SMTP_PASSWORD
from tests.support.post_office import PostOffice, certificate_in, post_office
from tests.support.workers import workshop

pytestmark = pytest.mark.slow

TEMPLATES = Path(taskapi.__file__).parent / "templates" / "mail"
LINK = "https://tasks.example.org/x?token=abc-_1"
# What those who send them give; `send_mail` adds the link.
VALUES: dict[str, dict[str, Any]] = {
    "account_deleted": {"username": "maria"},
    "api_token_created": {
        "username": "maria",
        "name": "Nightly report",
        "scopes": "tasks:read",
        "expires_on": "2027-06-30",
    },
    "email_change_confirm": {"username": "maria", "new_email": "new@example.com", "link": LINK},
    "email_change_notice": {"username": "maria", "new_email": "new@example.com", "link": LINK},
    "identity_linked": {"username": "maria", "provider": "Example"},
    "invitation": {"sender": "Maria", "project": "Moon", "role": "editor", "link": LINK},
    "notifications": {
        "topic": "WEB-1 Fix it",
        "lines": [{"what": "Ana mentioned you in WEB-1 Fix it", "said": "Well", "link": "http://x.example/WEB-1"}],
        "total": 51,
        "more": 50,
        "ends": {"these": "http://x.example/these", "all": "http://x.example/all"},
    },
    "password_changed": {"username": "maria"},
    "reset_password": {"username": "maria", "link": LINK, "because_proven": True},
    "totp_changed": {"username": "maria", "on": True},
    "verify_email": {"username": "maria", "link": LINK},
    "webhook_disabled": {
        "username": "maria",
        "project": "Moon",
        "url": "https://hooks.example.org",
        "gone": False,
    },
}
LINKED = [name for name, values in VALUES.items() if "link" in values]


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    content: str = body.get_content()
    return content


def payload(template: str, **more: Any) -> bytes:
    given = send_mail.arguments(template=template, to="maria@example.com", values={"username": "maria"}, **more)
    return given.model_dump_json().encode()


def test_every_template_has_both_forms_and_is_known_here() -> None:
    for form in ("txt", "html"):
        assert {file.stem for file in TEMPLATES.glob(f"*.{form}")} - {"layout"} == set(VALUES)


@pytest.mark.parametrize("template", VALUES)
def test_each_has_a_subject_and_says_the_same_as_text_and_as_html(template: str) -> None:
    message = compose(Settings(), template, "maria@example.com", VALUES[template])
    text, html = text_of(message), html_of(message)
    assert message.get_content_type() == "multipart/alternative"
    assert message["Subject"]
    assert not text.startswith(message["Subject"])
    assert f"<title>{message['Subject']}</title>" in html
    for name, value in VALUES[template].items():
        if isinstance(value, str) and name in (TEMPLATES / f"{template}.txt").read_text():
            assert (value if name == "link" else harmless(value)) in text + message["Subject"]
    assert "{{" not in text + html
    assert "<p>" not in text


@pytest.mark.parametrize("template", LINKED)
def test_a_link_with_its_token_is_in_both_parts(template: str) -> None:
    message = compose(Settings(), template, "maria@example.com", VALUES[template])
    assert LINK in text_of(message)
    assert f'href="{LINK}"' in html_of(message)


@pytest.mark.parametrize("template", VALUES)
def test_a_value_that_is_missing_is_a_mistake_and_no_gap(template: str) -> None:
    with pytest.raises(Exception, match="is undefined"):
        compose(Settings(), template, "maria@example.com", {})


def test_whom_it_is_from_and_that_no_machine_shall_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKAPI_MAIL_FROM", "Tasks <tasks@example.org>")
    monkeypatch.setenv("TASKAPI_PUBLIC_URL", "https://tasks.example.org/")
    message, another = (compose(Settings(), "password_changed", "maria@example.com", {"username": "m"}) for _ in "12")
    assert (message["From"], message["To"]) == ("Tasks <tasks@example.org>", "maria@example.com")
    assert message["Subject"] == "Your password was changed"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].endswith("+0000")
    assert re.fullmatch(r"<\S+@tasks\.example\.org>", message["Message-ID"])
    assert message["Message-ID"] != another["Message-ID"]
    assert "https://tasks.example.org)" in text_of(message)


def test_a_name_is_text_and_nothing_else() -> None:
    """In HTML no element, in the subject no second header, in the text no paragraph of its own."""
    given = {**VALUES["invitation"], "project": "<b>&", "sender": "Eve\r\nBcc: all@example.com\n\nYou have won"}
    message = compose(Settings(), "invitation", "maria@example.com", given)
    assert "“&lt;b&gt;&amp;”" in html_of(message)
    assert message["Bcc"] is None
    assert message["Subject"] == "Eve Bcc: all (at) example. com You have won invites you to <b>&"
    assert not any(line.startswith(("Bcc", "You have won")) for line in text_of(message).splitlines())


@pytest.mark.parametrize("address", ["maria@example.com\r\nBcc: all@example.com", "maria@example.com\nX: y"])
def test_an_address_with_a_line_break_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        compose(Settings(), "password_changed", address, {"username": "maria"})


async def test_the_mail_server_gets_both_parts_and_the_link_of_the_token(
    office: PostOffice, shared_database: RolledBackDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKAPI_PUBLIC_URL", "https://tasks.example.org")
    context = JobContext(shared_database, Settings(), SmtpMailer(office.url))
    link = {"link_purpose": Purpose.RESET_PASSWORD, "link_token_id": uuid4()}
    given = payload("reset_password", **link)
    await send_mail.perform(context, given)
    [message] = office.received
    assert office.recipients == [["maria@example.com"]]
    token = token_in(message)
    assert OneTimeTokens(SECRET_KEY).read(Purpose.RESET_PASSWORD, token) == link["link_token_id"]
    assert f"https://tasks.example.org/reset-password?token={token}" in text_of(message)
    assert f'href="https://tasks.example.org/reset-password?token={token}"' in html_of(message)
    assert token.encode() not in given


async def test_a_password_goes_by_starttls_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: PostOffice
) -> None:
    message = compose(Settings(), "password_changed", "maria@example.com", {"username": "maria"})
    certificate = certificate_in(tmp_path)
    account = f"postman:{quote(SMTP_PASSWORD.decode(), safe='')}@"
    async with post_office(certificate=certificate) as closed:
        url = closed.url.replace("//", f"//{account}")
        # Nobody vouches for it. The client may learn that only by the server's silence.
        with monkeypatch.context() as hurry:
            hurry.setattr(mailers, "_SECONDS", 1)
            with pytest.raises((ssl.SSLError, aiosmtplib.SMTPException)):
                await SmtpMailer(url).send(message)
        assert not closed.signed_in
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        await SmtpMailer(url).send(message)
        assert (closed.signed_in, len(closed.received)) == ([b"postman"], 1)
        with pytest.raises(Exception, match="Authentication"):
            await SmtpMailer(url.replace("rain", "sun")).send(message)
    with pytest.raises(Exception, match="STARTTLS"):
        await SmtpMailer(office.url.replace("//", f"//{account}")).send(message)
    assert not office.received


async def test_while_the_mail_server_is_away_mails_wait(live: Factory, database_url: str, office: PostOffice) -> None:
    mailer = SmtpMailer(office.url)
    mails = {"template": "password_changed", "to": "maria@example.com", "values": {"username": "maria"}}
    async with workshop(live, database_url, mailer) as shop:
        office.answers = ["451 Try again later"]
        await shop.enqueue(send_mail, mails)
        await shop.work_off(send_mail)
        row = await shop.row()
        assert (row["status"], row["attempts"]) == ("queued", 1)
        assert row["execute_after"] > row["updated"]
        assert "Try again later" in await shop.error()
        await shop.be_due()
        await shop.work_off(send_mail)
        assert await shop.row() is None
    assert [message["To"] for message in office.received] == ["maria@example.com"]


async def test_no_request_waits_for_the_mail_server(
    office: PostOffice,
    shared_database: RolledBackDatabase,
    tables: Any,
    quick_passwords: Passwords,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TASKAPI_SMTP_URL", office.url)
    app = create_app(Settings(), shared_database, quick_passwords)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        account = {"username": "maria", "email": "maria@example.com", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/register", json=account)).status_code == 201
    assert office.callers == 0
    assert await tables.fetchval("SELECT count(*) FROM jobs.pgqueuer WHERE entrypoint = 'mail.send'") == 1


async def test_a_mail_server_that_says_nothing_holds_no_request(
    live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes connections and is silent: only the job waits for it, and is tried again."""
    callers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: callers.append(writer), "127.0.0.1")
    monkeypatch.setenv("TASKAPI_SMTP_URL", f"smtp://127.0.0.1:{silent.sockets[0].getsockname()[1]}")
    monkeypatch.setattr(mailers, "_SECONDS", 0.5)
    project = await live.project()
    tables = await connect(database_url)
    await verify_address(tables, project.owner.username)
    await tables.close()
    app = create_app(Settings(), live.app.state.parts.database, live.app.state.parts.passwords)
    async with Factory(app).client() as client:
        account = {"username": "maria", "email": "maria@example.com", "password": PASSWORD}
        answers = [
            await client.post("/api/v1/auth/register", json=account),
            await client.post("/api/v1/auth/email/resend", json={"email": account["email"]}),
            await client.post("/api/v1/auth/password/forgot", json={"email": account["email"]}),
        ]
    async with Factory(app).client(project.owner) as client:
        invitation = {"email": "otto@example.com", "role": "viewer"}
        answers.append(await client.post(f"/api/v1/projects/{project.id}/invitations", json=invitation))
    assert [answer.status_code for answer in answers] == [201, 202, 202, 201]
    assert callers == []
    async with workshop(live, database_url, mailer_of(Settings())) as jobs:
        await jobs.work_off(send_mail)
        assert len(callers) >= 2
        assert set(await jobs.states()) == {"queued"}
    for writer in callers:
        writer.close()
    silent.close()


async def test_in_development_the_terminal_shows_the_link(
    shared_database: RolledBackDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    mailer = mailer_of(Settings())
    assert isinstance(mailer, ConsoleMailer)
    given = payload("verify_email", link_purpose=Purpose.VERIFY_EMAIL, link_token_id=uuid4())
    await send_mail.perform(JobContext(shared_database, Settings(), mailer), given)
    shown = capsys.readouterr().out
    assert "mail to maria@example.com: Confirm your e-mail address" in shown
    assert re.search(r"http://127\.0\.0\.1:8000/verify-email\?token=\S{40}", shown)


async def test_in_production_a_mail_that_nobody_sends_does_not_count_as_sent(
    live: Factory, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mailer = mailer_of(Settings(environment=Environment.PRODUCTION))
    assert isinstance(mailer, NoMailer)
    async with workshop(live, database_url, mailer) as shop:
        given = {"template": "password_changed", "to": "maria@example.com", "values": {"username": "maria"}}
        await shop.enqueue(send_mail, given)
        await shop.work_off(send_mail)
        assert (await shop.row())["status"] == "queued"
        assert "TASKAPI_SMTP_URL" in await shop.error()
    assert "maria" not in capsys.readouterr().out


async def test_in_production_the_worker_says_what_is_missing(database_url: str) -> None:
    settings = Settings(environment=Environment.PRODUCTION)
    database = Database(settings_for(database_url))
    with structlog.testing.capture_logs() as lines:
        worker._job_context(settings, database)
    await database.dispose()
    assert [(line["event"], line["log_level"]) for line in lines] == [("mail.not_configured", "error")]
    assert "TASKAPI_SMTP_URL" in lines[0]["remedy"]


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://u:canary/x@host:587", "smtp://host:0"]
)
def test_what_is_no_address_of_a_mail_server_is_refused_without_repeating_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKAPI_SMTP_URL", url)
    with pytest.raises(Refused, match="TASKAPI_SMTP_URL: must look like") as refused:
        load_settings()
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("sender", ["nobody", "a@example.org\nBcc: b@example.org"])
def test_what_is_no_sender_is_refused(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKAPI_MAIL_FROM", sender)
    with pytest.raises(Refused, match="TASKAPI_MAIL_FROM: must look like"):
        load_settings()


WORK_ONCE = """
import asyncio
import taskapi
from taskapi import worker
from taskapi.core.observing import logs
from taskapi.settings import Settings

settings = Settings()
logs.configure(settings)
asyncio.run(worker.work_once(settings, []))
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_no_log_line_tells_a_link_or_the_password(
    live: Factory, database_url: str, office: PostOffice, log_format: str
) -> None:
    """Neither when a mail is taken, nor when it is refused; one attempt each."""
    office.answers = ["554 5.7.1 No"]
    ids: list[UUID] = [uuid4(), uuid4()]
    async with workshop(live, database_url) as shop:
        about = {"template": "reset_password", "to": "maria@example.com", "values": {"username": "maria"}}
        link = {"link_purpose": Purpose.RESET_PASSWORD}
        await shop.enqueue(send_mail, *({**about, **link, "link_token_id": token_id} for token_id in ids))
        working = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WORK_ONCE),
            env={
                **os.environ,
                "TASKAPI_DATABASE_URL": database_url,
                "TASKAPI_SMTP_URL": office.url,
                "TASKAPI_LOG_FORMAT": log_format,
                "TASKAPI_LOG_LEVEL": "debug",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(working.communicate(), 20)
        assert await shop.states() == {"queued": 1}
    assert len(office.received) == 1
    assert b"mail.sent" in output
    for token_id in ids:
        assert OneTimeTokens(SECRET_KEY).write(Purpose.RESET_PASSWORD, token_id).encode() not in output
    assert b"token=" not in output
    assert SECRET_KEY.encode() not in output
