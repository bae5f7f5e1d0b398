"""Signing in with what an OpenID provider says: whose word is taken, and which account it opens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from uuid import UUID, uuid5

import pydantic_core
import structlog

from taskapi.auth import queries as accounts
from taskapi.auth.accounts import Device
from taskapi.auth.oidc import events, queries
from taskapi.auth.oidc.attempts import Attempt, Attempts, Ticket, belongs_to
from taskapi.auth.oidc.claims import Person, usernames
from taskapi.auth.oidc.errors import AccountNotProven, EmailNotProven, NoAccount, SignInExpired
from taskapi.auth.oidc.queries import AccountOfAddress, OpenedAccount, UsedIdentity
from taskapi.auth.oidc.schemas import Callback, ProviderList, ProviderRead, SecondStep
from taskapi.auth.second_factor import codes
from taskapi.auth.sessions.service import Pair
from taskapi.auth.sign_in import service as sign_in
from taskapi.auth.sign_in.errors import InvalidCredentials, TotpRequired
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.errors import AppError, NotFound, TransactionConflict
from taskapi.core.ids import new_id
from taskapi.core.mail.sending import send_notice
from taskapi.core.parts import Parts
from taskapi.core.resources.document import Document
from taskapi.core.urls import public_url
from taskapi.models import SystemRole
from taskapi.settings import Registration, Settings

if TYPE_CHECKING:
    from taskapi.auth.oidc.providers import Provider

log = structlog.stdlib.get_logger("taskapi.auth")

PATH: Final = "/api/v1/auth/oidc"
_PURPOSE: Final = "oidc_state"
_PURPOSE_OF_TICKETS: Final = "oidc_ticket"
_TICKETS: Final = UUID("b2f0f1a8-6d0c-4d3f-9d55-0d2a3f7f4c11")
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Oidc:
    """What signing in at providers needs, made once a process."""

    parts: Parts
    providers: Mapping[str, "Provider"]
    attempts: Attempts
    base_url: str


def configure(parts: Parts) -> Oidc:
    settings = parts.settings
    base_url = f"{public_url(settings)}{PATH}"
    providers = _providers(settings, base_url) if settings.oidc.providers else {}
    return Oidc(parts, providers, Attempts(settings.security.secret_key.get_secret_value()), base_url)


def _providers(settings: Settings, base_url: str) -> dict[str, "Provider"]:
    # Imported only where a provider is configured, because the HTTP client alone takes 3 MB; and at the start, so that
    # a missing package stops the start and no sign-in waits for the import.
    from taskapi.auth.oidc.providers import Provider  # noqa: PLC0415
    from taskapi.core.outbound import Outbound  # noqa: PLC0415

    try:
        import taskapi.auth.oidc.id_tokens  # noqa: F401, PLC0415
    except ImportError as error:
        raise RuntimeError("TASKAPI_OIDC_PROVIDERS needs the extra: pip install 'taskapi[oidc]'") from error
    outbound = Outbound(settings.outbound.allowed_networks)
    return {
        name: Provider(name, provider, outbound, f"{base_url}/{name}/callback")
        for name, provider in settings.oidc.providers.items()
    }


def list_providers(oidc: Oidc) -> ProviderList:
    return ProviderList(
        items=[
            ProviderRead(name=name, label=provider.label, start_url=f"{oidc.base_url}/{name}")
            for name, provider in oidc.providers.items()
        ]
    )


async def begin(oidc: Oidc, name: str, page: str | None) -> tuple[str, str]:
    """Where to send the browser, and the cookie it has to come back with."""
    provider = _provider(oidc, name)
    attempt = oidc.attempts.begin(name, page or "")
    return await provider.authorization_url(attempt), attempt.cookie


async def finish(oidc: Oidc, name: str, sent: Callback, cookie: str, device: Device) -> Pair | str:
    """The browser is back: whom the provider vouches for is signed in, by the same door as with a password.

    Where the attempt began with a page, the answer is its address: it gets a ticket, or is told what is wrong.
    """
    provider = _provider(oidc, name)
    attempt = oidc.attempts.resume(name, cookie, sent.state)
    if attempt is None or not await _spend(oidc, _PURPOSE, attempt.id):
        log.warning("auth.oidc.state_refused", provider=name, client=device.address)
        raise SignInExpired("Start the sign-in again, and finish it in the same browser within ten minutes")
    if attempt.page:
        return await _lead_to_page(oidc, provider, sent, attempt)
    known = await _identify(oidc, provider, sent, attempt)
    try:
        return await sign_in.admit(oidc.parts, known["id"], known["updated_at"], device)
    except TotpRequired as error:
        ticket = Ticket(known["identity_id"], attempt.id, for_page=False)
        raise TotpRequired(
            "Send the code that your authenticator app shows, or a recovery code, with this sign_in_token"
            f" to {PATH}/complete",
            sign_in_token=oidc.attempts.write_ticket(ticket),
        ) from error


async def _lead_to_page(oidc: Oidc, provider: "Provider", sent: Callback, attempt: Attempt) -> str:
    """Behind the `#`, which no server and no log gets to see; and a ticket at that, which is no token yet."""
    try:
        known = await _identify(oidc, provider, sent, attempt)
    except AppError as error:
        told = {"error": error.code}
    else:
        async with oidc.parts.database.autocommit() as session:
            needs_code = await codes.is_on(session, known["id"])
        ticket = oidc.attempts.write_ticket(Ticket(known["identity_id"], attempt.id, for_page=True))
        told = {"sign_in_token": ticket, "totp_required": "true" if needs_code else "false"}
    return f"{public_url(oidc.parts.settings)}{attempt.page}#{urlencode(told)}"


async def _identify(oidc: Oidc, provider: "Provider", sent: Callback, attempt: Attempt) -> UsedIdentity:
    await provider.require_sender(sent.iss)
    if sent.error is not None or sent.code is None:
        raise provider.refused("the provider sent no code")
    person = await provider.identify(sent.code, attempt)
    return await _account_of(oidc, provider, person)


async def complete(oidc: Oidc, data: SecondStep, cookie: str, device: Device) -> Pair:
    """The provider has vouched for somebody; here is the rest: the code of their authenticator app, or their page."""
    ticket = oidc.attempts.read_ticket(data.sign_in_token)
    if ticket is None or (ticket.for_page and not belongs_to(cookie, ticket)):
        raise _too_late()
    async with oidc.parts.database.autocommit() as session:
        account = await session.fetch_row(queries.ACCOUNT_OF_IDENTITY, of_identity=ticket.identity_id)
        needs_code = account is not None and await codes.is_on(session, account["id"])
    if account is None:
        raise _too_late()
    if not account["is_active"]:
        raise _refused(account["id"], device.address)
    # A code works once, and so does a ticket that needs none.
    if not needs_code and not await _spend(oidc, _PURPOSE_OF_TICKETS, uuid5(_TICKETS, ticket.attempt_id.hex)):
        raise _too_late()
    return await sign_in.admit(oidc.parts, account["id"], account["updated_at"], device, data.totp_code)


def _provider(oidc: Oidc, name: str) -> "Provider":
    provider = oidc.providers.get(name)
    if provider is None:
        raise NotFound("There is no such sign-in provider")
    return provider


async def _spend(oidc: Oidc, purpose: str, spent_id: UUID) -> bool:
    """Whether a state or a ticket comes for the first time; it is spent whatever becomes of the rest."""
    now = utc_now()
    async with oidc.parts.database.autocommit() as session:
        spent = await session.fetch_value(
            queries.SPEND_STATE,
            id=spent_id,
            purpose=purpose,
            subject_id=spent_id,
            details="{}",
            created_at=now,
            expires_at=now,
            used_at=now,
        )
    return spent is not None


async def _account_of(oidc: Oidc, provider: "Provider", person: Person) -> UsedIdentity:
    """The account that the identity opens; another sign-in of the same person may make it at the same moment."""
    for tried in range(1, _TRIES + 1):
        try:
            async with unit_of_work(oidc.parts.database) as session:
                account = await _find_or_make(session, oidc.parts, provider, person)
        except TransactionConflict:
            if tried == _TRIES:
                raise
            continue
        if not account["is_active"]:
            raise _refused(account["id"], None)
        return account
    raise AssertionError


async def _find_or_make(session: DbSession, parts: Parts, provider: "Provider", person: Person) -> UsedIdentity:
    known = await session.fetch_row(
        queries.USE_IDENTITY,
        of_issuer=provider.issuer,
        of_subject=person.subject,
        now=utc_now(),
        new_email=person.proven_email,
    )
    if known is not None:
        return known
    if person.proven_email is None:
        raise EmailNotProven(f"Verify your e-mail address at {provider.label}, and sign in again")
    account = await session.fetch_row(queries.ACCOUNT_BY_EMAIL, of_email=person.proven_email)
    if account is None:
        return await _register(session, parts, provider, person)
    if not account["is_active"]:
        raise _refused(account["id"], None)
    return await _link_existing(session, provider, person, account)


async def _link_existing(
    session: DbSession, provider: "Provider", person: Person, account: AccountOfAddress
) -> UsedIdentity:
    linked = await _link(session, provider, person, account)
    values: dict[str, object] = {"username": account["username"], "provider": provider.label}
    if not account["email_verified"]:
        raise AccountNotProven("Ask for a link to reset its password: that proves the address, and then this works too")
    await send_notice(session, "identity_linked", account["email"], values)
    return linked


async def _may_register(session: DbSession, parts: Parts, email: str) -> bool:
    """As with a password: an invitation to a project is one to the service. That of a link in a mail waits there."""
    registration = parts.settings.security.registration
    if registration is Registration.INVITE:
        return await session.only_value(accounts.IS_INVITED, of_email=email, now=utc_now())
    return registration is Registration.OPEN


async def _register(session: DbSession, parts: Parts, provider: "Provider", person: Person) -> UsedIdentity:
    assert person.proven_email is not None
    if not await _may_register(session, parts, person.proven_email):
        raise NoAccount("Ask an administrator of this service for an account")
    now = utc_now()
    for username in usernames(person):
        account = await session.fetch_row(
            queries.REGISTER,
            id=new_id(),
            username=username,
            email=person.proven_email,
            full_name=person.full_name,
            email_verified=True,
            created_at=now,
            updated_at=now,
        )
        if account is not None:
            fields = Document(account["body"], 1).fields()
            await publish(session, None, events.user_registered(account["id"], username, fields))
            return await _link(session, provider, person, account)
    # Somebody has just registered the address. That every name was taken is far less likely.
    raise TransactionConflict("Somebody was faster; sign in again")


async def _link(session: DbSession, provider: "Provider", person: Person, account: OpenedAccount) -> UsedIdentity:
    user_id, identity_id, now = account["id"], new_id(), utc_now()
    linked = await session.fetch_value(
        queries.LINK,
        id=identity_id,
        user_id=user_id,
        issuer=provider.issuer,
        subject=person.subject,
        email=person.proven_email,
        created_at=now,
        last_used_at=now,
    )
    if linked is None:
        raise TransactionConflict("Another sign-in of yours was faster; sign in again")
    fact = events.identity_linked(identity_id, pydantic_core.from_json(linked))
    await publish(session, Caller(user_id, SystemRole.USER), fact)
    return UsedIdentity(
        id=user_id, is_active=account["is_active"], updated_at=account["updated_at"], identity_id=identity_id
    )


def _too_late() -> SignInExpired:
    return SignInExpired("Start the sign-in again, and finish it in the same browser within five minutes")


def _refused(user_id: UUID, address: str | None) -> InvalidCredentials:
    """The answer to a wrong password, word for word, so that it does not tell that the account is disabled."""
    log.warning("auth.login.failed", user_id=str(user_id), client=address)
    return InvalidCredentials("Check the username (or e-mail address) and the password")
