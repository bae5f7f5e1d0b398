"""The chain in SQL."""

from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from taskapi.core.change_log.tail import AFTER
from taskapi.core.db.statements import One, prepare_text


class SealRow(TypedDict):
    number: int
    first_xid: str
    first_seq: int
    last_xid: str
    last_seq: int
    sealed_at: datetime
    entries: bytes
    previous: bytes
    hash: bytes


class HeadRow(TypedDict):
    number: int
    last_xid: str
    last_seq: int
    hash: bytes
    sealed_at: datetime


class NameRow(TypedDict):
    event_id: UUID
    salt: bytes | None
    digest: bytes


class ContentRow(TypedDict):
    id: UUID
    subject_key: str | None
    changes: str


class PlaceRow(TypedDict):
    xid: str
    seq: int


HEAD: Final = prepare_text(
    """
    SELECT number, last_xid::text AS last_xid, last_seq, hash, sealed_at FROM seals ORDER BY number DESC LIMIT 1
    """,
    row=HeadRow,
)
ADD: Final = prepare_text(
    """
    INSERT INTO seals (number, first_xid, first_seq, last_xid, last_seq, sealed_at, entries, previous, hash)
    VALUES ($number::bigint, $first_xid::text::xid8, $first_seq::bigint, $last_xid::text::xid8, $last_seq::bigint,
        $sealed_at::timestamptz, $entries::bytea, $previous::bytea, $hash::bytea)
    """,
    row=One[None],
)
CONTENTS: Final = prepare_text(
    "SELECT id, subject_key, changes::text AS changes FROM events WHERE id = ANY ($ids::uuid[])", row=ContentRow
)
ADD_NAMES: Final = prepare_text(
    """
    INSERT INTO sealed_names (event_id, salt, digest)
    SELECT * FROM unnest($ids::uuid[], $salts::bytea[], $digests::bytea[])
    """,
    row=One[None],
)
NEXT: Final = prepare_text(
    """
    SELECT number, first_xid::text AS first_xid, first_seq, last_xid::text AS last_xid, last_seq, sealed_at, entries,
        previous, hash
    FROM seals WHERE number >= $from_number::bigint ORDER BY number LIMIT $most::integer
    """,
    row=SealRow,
)
FIRST_SINCE: Final = prepare_text(
    "SELECT min(number) FROM seals WHERE sealed_at >= $since::timestamptz", row=One[int | None]
)
NAMES: Final = prepare_text(
    "SELECT event_id, salt, digest FROM sealed_names WHERE event_id = ANY ($ids::uuid[])", row=NameRow
)
# Whose names are missing although the account is there, so that no deletion has taken them out.
NOT_DELETED: Final = prepare_text(
    """
    SELECT forgotten.id FROM events AS forgotten
    WHERE forgotten.id = ANY ($ids::uuid[]) AND EXISTS (
        SELECT FROM users WHERE deleted_at IS NULL AND (
            users.id = forgotten.subject_id
            OR users.id IN (
                SELECT actor_id FROM events AS made
                WHERE made.subject_id = forgotten.subject_id AND made.kind IN ('session.started', 'api_token.created')
            )
        )
    )
    """,
    row=One[UUID],
)
READER: Final = prepare_text("SELECT xid::text AS xid, seq FROM consumers WHERE name = $name::text", row=PlaceRow)
UNSEALED: Final = prepare_text(f"SELECT count(*) FROM events WHERE {AFTER}", row=One[int])  # noqa: S608 - ours
# Where old changes are deleted, this says up to where.
HAS_FLOOR: Final = prepare_text("SELECT to_regclass('log_floor') IS NOT NULL", row=One[bool])
FLOOR: Final = prepare_text("SELECT xid::text AS xid, seq FROM log_floor", row=PlaceRow)
FORGET_NAMES: Final = prepare_text(
    """
    DELETE FROM sealed_names WHERE NOT EXISTS (SELECT FROM events WHERE events.id = sealed_names.event_id)
    """,
    row=One[None],
)
FORGET_SEALS: Final = prepare_text(
    "DELETE FROM seals WHERE (last_xid, last_seq) <= ($xid::text::xid8, $seq::bigint)", row=One[None]
)
