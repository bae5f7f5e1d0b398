"""Accounts in SQL, as all about signing in needs them: who a token belongs to, how often and where one was tried."""

from datetime import datetime
from typing import Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from taskapi.core.db.statements import Expression, One, as_json, prepare
from taskapi.core.resources.document import Versioned
from taskapi.core.secrets.one_time import Purpose
from taskapi.models import ApiToken, Invitation, KnownPlace, OneTimeToken, Session, SignInLimit, User


class FoundAccount(TypedDict):
    """What a sign-in needs to know of the account it names."""

    id: UUID
    password_hash: str | None
    is_active: bool
    updated_at: datetime


class AccountDocument(Versioned):
    """An account as clients see it, and whom to write to about it."""

    username: str
    email: str | None
    full_name: str | None


class LockedAccount(TypedDict):
    """An account that is not deleted, and so has an address."""

    id: UUID
    username: str
    email: str
    is_active: bool
    email_verified: bool
    role: str
    created_at: datetime


class SessionCaller(TypedDict):
    role: str
    timezone: str


class TokenCaller(SessionCaller):
    """An API token that is good, and whose it is."""

    id: UUID
    user_id: UUID
    scopes: list[str]
    project_ids: list[UUID] | None
    expires_at: datetime
    last_used_at: datetime | None
    is_noted: NotRequired[bool]
    """Whether this statement wrote down that it was used."""


class StandingSession(SessionCaller):
    """A session that has not ended, and whose it is."""

    id: UUID
    user_id: UUID


class Failures(TypedDict):
    """Since when they are counted, and how many there are."""

    started_at: datetime
    failures: int


USER_FIELDS: Final[dict[str, Expression]] = {
    "id": User.id,
    "username": User.username,
    "email": User.email,
    "full_name": User.full_name,
    "role": User.role,
    "is_active": User.is_active,
    "email_verified": User.email_verified,
    "timezone": User.timezone,
    "locale": User.locale,
    "created_at": User.created_at,
    "version": User.version,
}
USER: Final = as_json(USER_FIELDS).label("body")

_this_user = User.id == bindparam("of_user")
ACCOUNT_BY_LOGIN = prepare(
    select(User.id, User.password_hash, User.is_active, User.updated_at).where(
        or_(func.lower(User.username) == func.lower(bindparam("login")), User.email == bindparam("of_email"))
    ),
    row=FoundAccount,
)
ACCOUNT_BY_EMAIL = prepare(select(User.id).where(User.email == bindparam("of_email")), row=One[UUID])
IS_INVITED = prepare(
    select(
        exists().where(
            Invitation.email == bindparam("of_email"),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > bindparam("now"),
        )
    ),
    row=One[bool],
)
ACCOUNT = prepare(
    select(USER, User.version, User.username, User.email, User.full_name).where(_this_user), row=AccountDocument
)
PASSWORD_OF = prepare(select(User.password_hash).where(_this_user, User.is_active), row=One[str | None])
# Every transaction that writes to an account takes this lock before any other: so no two wait for each other.
LOCK_ACCOUNT = prepare(
    select(User.id, User.username, User.email, User.is_active, User.email_verified, User.role, User.created_at)
    .where(_this_user, User.deleted_at.is_(None))
    .with_for_update(key_share=True),
    row=LockedAccount,
)
# The mailbox that was there first has the last word, so that no thief rids himself of its link by another change. Ids
# grow with time: what is void are the links above the first that went to the mailbox of today.
_undo, _first = OneTimeToken, OneTimeToken.__table__.alias("first")
_present_email = select(User.email).where(_this_user).scalar_subquery()
_first_to_present = (
    select(_first.c.id)
    .where(
        _first.c.subject_id == bindparam("of_user"),
        _first.c.purpose == Purpose.UNDO_EMAIL_CHANGE,
        _first.c.details["email"].astext == _present_email,
    )
    .order_by(_first.c.id)
    .limit(1)
    .scalar_subquery()
)
VOID_LATER_UNDOS = prepare(
    update(_undo)
    .where(
        _undo.subject_id == bindparam("of_user"),
        _undo.purpose == Purpose.UNDO_EMAIL_CHANGE,
        _undo.used_at.is_(None),
        _undo.id > _first_to_present,
    )
    .values(used_at=bindparam("now"))
)
SET_PASSWORD_HASH = prepare(update(User).where(_this_user), "password_hash")

# For whoever gives an account another way in: it waits for those who take the account back, and then sees it.
_held = select(User.id).where(_this_user, User.is_active)
HOLD = prepare(_held.with_for_update(read=True), row=One[UUID])
HOLD_UNCHANGED = prepare(
    _held.where(User.updated_at == bindparam("seen")).with_for_update(read=True),
    row=One[UUID],
)
TOUCH = prepare(update(User).where(_this_user), "updated_at")
SESSION_STANDS = prepare(
    select(Session.id).where(Session.id == bindparam("of_session"), Session.revoked_at.is_(None)), row=One[UUID]
)
API_TOKEN_STANDS = prepare(
    select(ApiToken.id).where(ApiToken.id == bindparam("of_token"), ApiToken.revoked_at.is_(None)), row=One[UUID]
)
ALIVE = and_(Session.revoked_at.is_(None), Session.expires_at > bindparam("now"), User.is_active)
CALLER_OF_SESSION = prepare(
    select(User.role, User.timezone)
    .join(Session, Session.user_id == User.id)
    .where(Session.id == bindparam("of_session"), _this_user, ALIVE),
    row=SessionCaller,
)
STANDING_SESSIONS = prepare(
    select(Session.id, Session.user_id, User.role, User.timezone)
    .join(User, User.id == Session.user_id)
    .where(Session.id == any_(bindparam("ids", type_=ARRAY(Uuid))), ALIVE),
    row=StandingSession,
)
# The statement that looks a token up also notes its use, once a minute. It skips a row that another transaction has
# locked, for a second note in that minute or for a revocation: no request waits for a statistic.
_good_token = and_(
    ApiToken.secret_hash == bindparam("of_secret"),
    ApiToken.revoked_at.is_(None),
    ApiToken.expires_at > bindparam("now"),
)
_to_note = (
    select(ApiToken.id)
    .where(_good_token, or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < bindparam("noted_before")))
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_noted = (
    update(ApiToken)
    .where(ApiToken.id == _to_note)
    .values(last_used_at=bindparam("now"), last_used_address=bindparam("address"))
    .returning(ApiToken.id)
    .cte("noted")
)
_callers_of_api_tokens = (
    select(
        ApiToken.id,
        ApiToken.user_id,
        ApiToken.scopes,
        ApiToken.project_ids,
        ApiToken.expires_at,
        ApiToken.last_used_at,
        User.role,
        User.timezone,
    )
    .join(User, User.id == ApiToken.user_id)
    .where(User.is_active)
)
_caller_of_api_token = _callers_of_api_tokens.where(_good_token)
STANDING_API_TOKENS = prepare(
    _callers_of_api_tokens.where(
        ApiToken.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now"),
    ),
    row=TokenCaller,
)
# Of several that are the first at once, one notes it.
CALLER_OF_API_TOKEN = prepare(
    _caller_of_api_token.add_columns(exists(select(_noted.c.id)).label("is_noted")), row=TokenCaller
)
CALLER_OF_API_TOKEN_UNNOTED = prepare(_caller_of_api_token, row=TokenCaller)

_this_bucket = SignInLimit.bucket == bindparam("of_bucket")
_is_over = SignInLimit.started_at <= bindparam("window_start")
# Answers a row where there was room for one more try: after the window's end, or with fewer failures than the limit
# even if every try under way fails.
RESERVE_TRY = prepare(
    insert(SignInLimit)
    .values(bucket=bindparam("of_bucket"), started_at=bindparam("now"), pending=1)
    .on_conflict_do_update(
        index_elements=[SignInLimit.bucket],
        set_={
            "failures": case((_is_over, 0), else_=SignInLimit.failures),
            "pending": case((_is_over, 1), else_=SignInLimit.pending + 1),
            "started_at": case((_is_over, bindparam("now")), else_=SignInLimit.started_at),
        },
        where=or_(_is_over, SignInLimit.failures + SignInLimit.pending < bindparam("limit")),
    )
    .returning(literal(1).label("reserved")),
    row=One[int],
)
FAILURES = prepare(select(SignInLimit.started_at, SignInLimit.failures).where(_this_bucket), row=Failures)
SETTLE_TRY = prepare(
    update(SignInLimit)
    .where(_this_bucket)
    .values(
        pending=func.greatest(SignInLimit.pending - 1, 0),
        failures=case((bindparam("forgive", type_=Boolean), 0), else_=SignInLimit.failures + bindparam("failed")),
    )
)
FORGET_FAILURES = prepare(delete(SignInLimit).where(SignInLimit.started_at < bindparam("before")))

_in_this_place = and_(KnownPlace.user_id == bindparam("of_user"), KnownPlace.place == bindparam("place"))
KNOWN_PLACE = prepare(
    select(literal(1).label("known")).where(_in_this_place, KnownPlace.last_used_at > bindparam("since")), row=One[int]
)
_remembered = KnownPlace.__table__.alias("remembered")
_surplus = (
    select(_remembered.c.place)
    .where(_remembered.c.user_id == bindparam("user_id"), _remembered.c.place != bindparam("place"))
    .order_by(_remembered.c.last_used_at.desc())
    .offset(bindparam("others"))
)
_forgotten = (
    delete(KnownPlace)
    .where(KnownPlace.user_id == bindparam("user_id"), KnownPlace.place.in_(_surplus))
    .returning(KnownPlace.place)
    .cte("forgotten")
)
REMEMBER_PLACE = prepare(
    insert(KnownPlace)
    .values(user_id=bindparam("user_id"), place=bindparam("place"), last_used_at=bindparam("last_used_at"))
    .on_conflict_do_update(
        index_elements=[KnownPlace.user_id, KnownPlace.place], set_={"last_used_at": bindparam("last_used_at")}
    )
    .add_cte(_forgotten)
)
FORGET_PLACES = prepare(delete(KnownPlace).where(KnownPlace.last_used_at < bindparam("before")))
