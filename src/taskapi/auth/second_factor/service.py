"""Enrolling an authenticator app: offered, confirmed by its first code, taken off again."""

import io
from uuid import UUID

import pyotp
import structlog

from taskapi.auth import accounts, limits
from taskapi.auth import queries as account_queries
from taskapi.auth.accounts import Device
from taskapi.auth.queries import AccountDocument, LockedAccount
from taskapi.auth.second_factor import codes, events, queries
from taskapi.auth.second_factor.errors import TotpAlreadyOn, TotpNotOn, WrongTotpCode
from taskapi.auth.second_factor.schemas import NewRecoveryCodes, TotpEnd, TotpOffer, TotpStart
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden
from taskapi.core.mail.sending import send_notice
from taskapi.core.parts import Parts

log = structlog.stdlib.get_logger("taskapi.auth")

_ISSUER = "taskapi"
_RECOVERY_CODES = 10


async def offer(session: DbSession, parts: Parts, caller: Caller, device: Device, data: TotpStart) -> TotpOffer:
    """A secret for the app. Nothing is asked for at sign-in until its first code has come."""
    await accounts.confirm_password(parts, caller, data.password, device)
    secret = codes.new_secret()
    sealed = parts.secrets.seal(caller.id, secret.encode())
    if await session.fetch_value(queries.OFFER, user_id=caller.id, secret=sealed) is None:
        raise _already_on()
    account = await _account(session, caller.id)
    uri = pyotp.TOTP(secret).provisioning_uri(name=account["username"], issuer_name=_ISSUER)
    return TotpOffer(secret=secret, uri=uri, qr_svg=_picture(uri))


async def confirm(session: DbSession, parts: Parts, caller: Caller, code: str) -> NewRecoveryCodes:
    """From the first right code on, sign-ins ask for one. Ten recovery codes, shown this once."""
    async with parts.database.autocommit() as reading:
        state = await reading.fetch_row(queries.STATE, of_user=caller.id)
    if state is None:
        raise TotpNotOn("Ask for a secret first")
    if state["confirmed_at"] is not None:
        raise _already_on()
    await _require_code(parts, caller, code)
    account = await accounts.lock_own(session, caller)
    if await session.fetch_value(queries.CONFIRM, of_user=caller.id, now=utc_now()) is None:
        raise _already_on()
    renewed = await _renew(session, caller.id)
    fact = events.totp_enabled(caller.id, account["username"])
    await _tell(session, caller, fact, account["username"], account["email"], on=True)
    return renewed


async def disable(session: DbSession, parts: Parts, caller: Caller, device: Device, data: TotpEnd) -> None:
    """The password is enough, for the app may be lost and the session still there."""
    await accounts.confirm_password(parts, caller, data.password, device)
    if data.code is not None:
        await _require_code(parts, caller, data.code)
    if await session.fetch_value(queries.REMOVE, of_user=caller.id) is None:
        raise _not_on()
    account = await _account(session, caller.id)
    fact = events.totp_disabled(caller.id, account["username"])
    await _tell(session, caller, fact, account["username"], account["email"], on=False)


async def disable_of(session: DbSession, caller: Caller, user_id: UUID, if_match: str | None = None) -> None:
    """Administrators take off what locks somebody out: an app that is lost, or that a thief has set up."""
    account = await accounts.lock_as_administrator(session, caller, user_id, if_match)
    if user_id == caller.id:
        raise Forbidden("Take your own off at /auth/totp, which asks for your password")
    if not await take_off(session, caller, account):
        raise _not_on()


async def take_off(session: DbSession, caller: Caller, account: LockedAccount) -> bool:
    """Whether an app was set up; the account is locked, and its owner is told."""
    if await session.fetch_value(queries.DROP, of_user=account["id"]) is None:
        return False
    fact = events.totp_disabled(account["id"], account["username"])
    await _tell(session, caller, fact, account["username"], account["email"], on=False)
    return True


async def renew_recovery_codes(session: DbSession, parts: Parts, caller: Caller, code: str) -> NewRecoveryCodes:
    """Ten new ones; the older ones are void."""
    async with parts.database.autocommit() as reading:
        if not await codes.is_on(reading, caller.id):
            raise _not_on()
    await _require_code(parts, caller, code)
    if await session.fetch_value(queries.LOCK, of_user=caller.id) is None:
        raise _not_on()
    renewed = await _renew(session, caller.id)
    account = await _account(session, caller.id)
    await publish(session, caller, events.recovery_codes_renewed(caller.id, account["username"]))
    log.info("auth.totp.recovery_codes_renewed", user_id=str(caller.id))
    return renewed


async def _renew(session: DbSession, user_id: UUID) -> NewRecoveryCodes:
    made = [codes.new_recovery_code() for _ in range(_RECOVERY_CODES)]
    await session.run(queries.FORGET_CODES, of_user=user_id)
    hashes = [{"user_id": user_id, "code_hash": codes.hash_of(code)} for code in made]
    await session.run_many(queries.ADD_CODE, hashes)
    return NewRecoveryCodes(recovery_codes=made)


async def _require_code(parts: Parts, caller: Caller, code: str) -> None:
    assert caller.session_id is not None
    counters = limits.of_confirming_code(parts.settings.security, caller.session_id)
    if not await codes.is_right(parts, caller.id, code, counters):
        log.warning("auth.totp.wrong", user_id=str(caller.id))
        raise WrongTotpCode("Wait for the next code of your authenticator app, and check its clock")


async def _tell(session: DbSession, caller: Caller, fact: Fact, username: str, email: str | None, *, on: bool) -> None:
    await publish(session, caller, fact)
    if email is not None:  # else somebody has just deleted the account
        await send_notice(session, "totp_changed", email, {"username": username, "on": on})
    log.info("auth.totp.enabled" if on else "auth.totp.disabled", user_id=str(fact.subject_id), by=str(caller.id))


async def _account(session: DbSession, user_id: UUID) -> AccountDocument:
    return await session.only_row(account_queries.ACCOUNT, of_user=user_id)


def _already_on() -> TotpAlreadyOn:
    return TotpAlreadyOn("Sign-ins ask for its codes; take it off before you set up another one")


def _not_on() -> TotpNotOn:
    return TotpNotOn("There is nothing to take off, or to renew codes for")


def _picture(uri: str) -> str:
    import segno  # noqa: PLC0415 - few requests draw

    drawn = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(drawn, kind="svg", scale=4, border=4, xmldecl=False, nl=False)
    return drawn.getvalue().decode()
