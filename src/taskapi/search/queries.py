"""The best of the newest matches, one statement for each type; what the caller cannot see is no match.

A common word stands in every fourth task, and to rank a million of them would take a second. PostgreSQL cannot tell
common words from rare ones before it plans, so the statement finds out for itself: who has few tasks has all of them
looked at; else the newest tasks are, which have enough of a common word; and only what is rare asks the index.
"""

from functools import lru_cache
from typing import Final, NamedTuple, TypedDict

from taskapi.core.access.reach import Reach
from taskapi.core.db.statements import One, Statement, as_json, as_text, prepare_text
from taskapi.core.lists.sources import Origin
from taskapi.models import Project, Task
from taskapi.projects import queries as projects
from taskapi.search.schemas import NEWEST, FoundType
from taskapi.tasks.comments import queries as comments
from taskapi.tasks.queries import task_fields


class FoundRow(TypedDict):
    """What was found, with what its highlights are made of, and its place in the order."""

    body: str
    headline: str | None
    text: str | None
    of_task: str | None
    """The task that a comment is about, as JSON."""
    words: list[str] | None
    """As they stand in the document beside the matches: lower case, without accents, and their stems."""
    position_0: str
    """The score."""
    position_1: str
    """The id."""


# Words that are there whole count more than beginnings; long texts do not count more for being long (1), and the score
# stays below one (32), which is for the one with this key.
_SCORE: Final = """
    round((0.75 * ts_rank_cd(newest.document, asked.whole, 33)
        + 0.25 * ts_rank_cd(newest.document, asked.query, 33))::numeric, 6)::float8
"""
_FEW: Final = 3_000
_FEW_SAID: Final = 10_000
_LOOKED_AT: Final = 20_000
_ENOUGH: Final = 100
# Those in the trash are left out after that, for it takes a look at each task.
_WITH_TRASH: Final = 2 * NEWEST
_MINE: Final = """
mine AS MATERIALIZED (SELECT {home} AS project_id FROM {start} WHERE {condition}),
counted AS MATERIALIZED (
    SELECT coalesce(sum(last_number), 0) > {few} AS are_many FROM project_counters JOIN mine USING (project_id)
),
"""
_TASKS: Final = """
{mine}
few AS MATERIALIZED (
    SELECT id
    FROM (
        SELECT own.id, task_search.document
        FROM (
            SELECT own.id FROM mine CROSS JOIN LATERAL (
                SELECT id FROM tasks WHERE tasks.project_id = mine.project_id AND deleted_at IS NULL LIMIT {few}
            ) AS own
            LIMIT {few}
        ) AS own
        JOIN task_search ON task_search.task_id = own.id
        OFFSET 0
    ) AS found
    WHERE NOT (SELECT are_many FROM counted) AND document @@ (SELECT query FROM asked)
),
recent AS MATERIALIZED (
    SELECT task_id AS id
    FROM (SELECT * FROM task_search ORDER BY task_id DESC LIMIT {looked_at}) AS recent
    WHERE (SELECT are_many FROM counted) AND document @@ (SELECT query FROM asked)
        AND (project_id IN (SELECT project_id FROM mine)) IS TRUE
    LIMIT {with_trash}
),
rare AS MATERIALIZED (
    SELECT task_id AS id
    FROM task_search
    WHERE (SELECT are_many FROM counted) AND (SELECT count(*) FROM recent) < {enough}
        AND document @@ (SELECT query FROM asked) AND (project_id IN (SELECT project_id FROM mine)) IS TRUE
),
newest AS MATERIALIZED (
    SELECT found.id, task_search.document, false AS is_named
    FROM (
        SELECT id FROM (TABLE few UNION TABLE recent UNION TABLE rare) AS found ORDER BY id DESC LIMIT {with_trash}
    ) AS found
    JOIN tasks ON tasks.id = found.id AND tasks.deleted_at IS NULL
    JOIN task_search ON task_search.task_id = found.id
    ORDER BY found.id DESC
    LIMIT {newest}
)
"""
_TASK_NAMED: Final = """
    UNION ALL
    SELECT tasks.id, task_search.document, true
    FROM {start} JOIN tasks ON tasks.project_id = {home} JOIN task_search ON task_search.task_id = tasks.id
    WHERE {condition} AND tasks.deleted_at IS NULL
        AND projects.key = $named_key::text AND tasks.number = $named_number::integer
"""
# The same for comments, which know their task and not its project. Nobody has counted those of a project, so those of
# few tasks are counted until they are many. Each match costs a look at its task, so of a word that is everywhere but in
# the newest comments, or in those of others, the newest matches are looked at.
_COMMENTS: Final = """
{mine}
own AS MATERIALIZED (
    SELECT said.id
    FROM mine
    CROSS JOIN LATERAL (
        SELECT id FROM tasks WHERE tasks.project_id = mine.project_id AND deleted_at IS NULL LIMIT {few}
    ) AS task
    CROSS JOIN LATERAL (SELECT id FROM comments WHERE comments.task_id = task.id LIMIT {few_said} + 1) AS said
    WHERE NOT (SELECT are_many FROM counted)
    LIMIT {few_said} + 1
),
sized AS MATERIALIZED (SELECT are_many OR (SELECT count(*) FROM own) > {few_said} AS are_many FROM counted),
few AS MATERIALIZED (
    SELECT own.id
    FROM own
    CROSS JOIN LATERAL (SELECT document FROM comment_search WHERE comment_search.comment_id = own.id OFFSET 0) AS found
    WHERE NOT (SELECT are_many FROM sized) AND found.document @@ (SELECT query FROM asked)
),
recent AS MATERIALIZED (
    SELECT found.comment_id AS id
    FROM (
        SELECT comment_id, task_id
        FROM (SELECT * FROM comment_search ORDER BY comment_id DESC LIMIT {looked_at}) AS recent
        WHERE (SELECT are_many FROM sized) AND document @@ (SELECT query FROM asked)
        OFFSET 0
    ) AS found
    {of_mine}
    ORDER BY found.comment_id DESC
    LIMIT {newest}
),
rare AS MATERIALIZED (
    SELECT found.comment_id AS id
    FROM (
        SELECT comment_id, task_id
        FROM comment_search
        WHERE (SELECT are_many FROM sized) AND (SELECT count(*) FROM recent) < {enough}
            AND document @@ (SELECT query FROM asked)
        ORDER BY comment_id DESC
        LIMIT {looked_at}
    ) AS found
    {of_mine}
),
newest AS MATERIALIZED (
    SELECT found.id, comment_search.document, false AS is_named
    FROM (
        SELECT id FROM (TABLE few UNION TABLE recent UNION TABLE rare) AS found ORDER BY id DESC LIMIT {newest}
    ) AS found
    JOIN comment_search ON comment_search.comment_id = found.id
)
"""
_OF_MINE: Final = """
    CROSS JOIN LATERAL (
        SELECT project_id FROM tasks WHERE tasks.id = found.task_id AND tasks.deleted_at IS NULL OFFSET 0
    ) AS task
    WHERE (task.project_id IN (SELECT project_id FROM mine)) IS TRUE
"""
_PROJECTS: Final = """
newest AS MATERIALIZED (
    SELECT projects.id, project_search.document, projects.key = upper($q::text) AS is_named
    FROM {start} JOIN project_search ON project_search.project_id = {home}
    WHERE {condition} AND project_search.document @@ (SELECT query FROM asked)
    ORDER BY projects.id DESC
    LIMIT {newest}
)
"""
_RANKED: Final = """
WITH asked AS MATERIALIZED (SELECT search_query($q::text) AS query, search_query($q::text, false) AS whole),
{newest},
ranked AS MATERIALIZED (
    SELECT newest.id, newest.document, CASE WHEN newest.is_named THEN 1 ELSE {score} END AS score
    FROM (SELECT DISTINCT ON (id) * FROM (TABLE newest {named}) AS newest ORDER BY id, is_named DESC) AS newest
    CROSS JOIN asked
)
"""
_PAGE: Final = """
{ranked},
terms AS MATERIALIZED (
    SELECT array_agg(term[1]) FILTER (WHERE term[2] IS NULL) AS whole,
        array_agg(term[1]) FILTER (WHERE term[2] IS NOT NULL) AS beginnings
    FROM asked, regexp_matches(asked.query::text, '''([^'']+)''(:\\*)?', 'g') AS term
)
SELECT {body} AS body, {headline} AS headline, {text} AS text, {of_task} AS of_task,
    (
        SELECT array_agg(near.lexeme) FROM unnest(shown.document) AS near
        WHERE near.positions && (
            SELECT array_agg(place) FROM unnest(shown.document) AS hit, unnest(hit.positions) AS place
            WHERE hit.lexeme = ANY (terms.whole) OR hit.lexeme ^@ ANY (terms.beginnings)
        )
    ) AS words,
    CAST(shown.score AS TEXT) AS position_0, CAST(shown.id AS TEXT) AS position_1
FROM (
    SELECT id, document, score FROM ranked {after} ORDER BY score DESC, id DESC LIMIT $rows::integer
) AS shown
CROSS JOIN terms
{joined}
ORDER BY shown.score DESC, shown.id DESC
"""
_AFTER: Final = "WHERE (score, id) < (CAST($after_0::text AS float8), CAST($after_1::text AS uuid))"
_MEMBER: Final = "JOIN members ON members.project_id = projects.id AND members.user_id = $caller_id::uuid"


class _Shown(NamedTuple):
    """Of one type, SQL for what a row shows, and what is joined for it."""

    body: str
    headline: str
    text: str
    joined: str
    of_task: str = "NULL"


@lru_cache(64)
def page(of_type: FoundType, origin: Origin, seen_as: Reach, *, is_named: bool, continues: bool) -> Statement[FoundRow]:
    """`is_named`: whether the query reads as the key of a task."""
    ranked = _ranked(of_type, origin, is_named=is_named)
    after = _AFTER if continues else ""
    return prepare_text(_PAGE.format(ranked=ranked, after=after, **_shown(of_type, seen_as)._asdict()), row=FoundRow)


def _shown(of_type: FoundType, seen_as: Reach) -> _Shown:
    fields = task_fields(Task, Project.key)
    if of_type is FoundType.TASK:
        joined = "JOIN tasks ON tasks.id = shown.id JOIN projects ON projects.id = tasks.project_id"
        return _Shown(as_text(as_json(fields)), "tasks.title", "tasks.description", joined)
    if of_type is FoundType.COMMENT:
        joined = f"""
            CROSS JOIN LATERAL ({comments.shown_text("shown.id")}) AS comment
            JOIN tasks ON tasks.id = comment.task_id JOIN projects ON projects.id = tasks.project_id
        """
        of_task = as_text(as_json({name: fields[name] for name in ("key", "title")}))
        return _Shown("comment.body", "NULL", "comment.said", joined, of_task)
    joined = "JOIN projects ON projects.id = shown.id"
    if seen_as is not Reach.ADMINISTRATOR:
        joined = f"{joined} {_MEMBER}"
    return _Shown(projects.body_text(seen_as), "projects.name", "projects.description", joined)


@lru_cache(64)
def count(of_type: FoundType, origin: Origin, *, is_named: bool) -> Statement[One[int]]:
    """How many are ranked, and so can be walked to."""
    ranked = _ranked(of_type, origin, is_named=is_named)
    return prepare_text(f"{ranked} SELECT count(*) FROM ranked", row=One[int])  # noqa: S608 - of texts of ours


def _ranked(of_type: FoundType, origin: Origin, *, is_named: bool) -> str:
    place = {"start": origin.start, "home": origin.home, "condition": origin.condition}
    sizes = {"few": _FEW, "looked_at": _LOOKED_AT, "enough": _ENOUGH, "with_trash": _WITH_TRASH, "newest": NEWEST}
    mine = _MINE.format(**place, few=_FEW)
    named = ""
    if of_type is FoundType.TASK:
        newest = _TASKS.format(mine=mine, **sizes)
        named = _TASK_NAMED.format(**place) if is_named else ""
    elif of_type is FoundType.COMMENT:
        newest = _COMMENTS.format(mine=mine, of_mine=_OF_MINE, few_said=_FEW_SAID, **sizes)
    else:
        newest = _PROJECTS.format(**place, newest=NEWEST)
    return _RANKED.format(newest=newest, named=named, score=_SCORE)
