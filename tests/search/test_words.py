"""Which words find which texts: parts of names and paths, accents, scripts without blanks, and what people type."""

import random
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.search.texts import TEXTS
from tests.support.answers import titles
from tests.support.factory import Factory, MadeProject

FINDS = "SELECT search_document($1, $2) @@ search_query($3)"
MEGABYTE = 1 << 20


async def finds(tables: Any, text: str, query: str) -> bool:
    in_title, in_description = [await tables.fetchval(FINDS, *texts, query) for texts in ((text, None), ("", text))]
    assert in_title == in_description
    return bool(in_title)


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("read config.json first", ("json", "config", "config.json", "first json", '"config json first"')),
        ("call view1.push(x) twice", ("push", "view", "view1", "view1.push(x)", '"call view1"')),
        ("the HttpServer of HTTPProxy2", ("http", "server", "httpserver", "HttpServer", "proxy", "HTTPProxy2")),
        ("a max_open_files in /etc/app/limits.conf", ("open", "max_open_files", "limits", "/etc/app", "conf")),
        ("https://example.org/a/path?deep=1#here", ("example.org", "deep", "here", "https://example.org/a")),
        ("mail jo.doe@example.org", ("jo", "jo.doe@example.org", "example")),
        ("Café Straße Ærø naïve Łódź", ("cafe", "CAFÉ", "strasse", "aero", "naive", "lodz", "Łódź")),
        ("Zürich, İstanbul", ("zurich", "istanbul", "ZÜRICH")),
        ("\uff26\uff35\uff2c\uff2c width \ufb01nal", ("full", "final")),
        ("東京都の天気と大阪", ("東京", "京都", "天気", "東", "都", "大阪", "東京都の天気")),
        ("서버를 고치다 Docker容器", ("서버", "버를", "고치", "docker", "容器", "器")),
        ("メールを送る サーバー", ("メール", "サーバ", "送")),
        ("हिन्दी में लिखा", ("हिन्दी", "लिखा")),
        ("Проверить отчёты", ("проверить", "ПРОВЕРИТЬ", "отчеты", "провер")),
        ("repair the boilers", ("boiler", "repairing", "boil", "the boilers", "boi")),
        ("to be or not to be", ("to be", '"not to be"', "the or to")),
    ],
)
async def test_a_text_is_found_by(text: str, queries: tuple[str, ...], tables: Any) -> None:
    for query in queries:
        assert await finds(tables, text, query), query


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("read config.json first", ("xml", '"json config"', "son", "config.xml", "conf read")),
        ("東京都の天気", ("京東", "東都", "大阪")),
        (
            "repair the boilers",
            ("-boiler", "boiler -repair", '"boilers repair"', "stove", '"boil"', "boil repair", "b"),
        ),
        ("something else", ("the", "-", '"', "...", "& | !", "东")),
    ],
)
async def test_a_text_is_not_found_by(text: str, queries: tuple[str, ...], tables: Any) -> None:
    for query in queries:
        assert not await finds(tables, text, query), query


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("red apple", {"a red apple"}),
        ("apple or pear", {"a red apple", "a green apple", "a green pear"}),
        ("red apple OR green pear", {"a red apple", "a green pear"}),
        ("green -apple", {"a green pear"}),
        ('"red or" or pear', {"a green pear"}),
        ("or pear", {"a green pear"}),
        ("apple or", {"a red apple", "a green apple"}),
        ("-green apple", {"a red apple"}),
        ("“green pear”", {"a green pear"}),
        ("the -apple", set()),
    ],
)
async def test_a_query_is_a_web_search(query: str, found: set[str], tables: Any) -> None:
    texts = ("a red apple", "a green apple", "a green pear")
    assert {text for text in texts if await finds(tables, text, query)} == found


async def test_whatever_is_typed_is_a_query(tables: Any) -> None:
    """Which never finds a text without words; none is an error, and most ask for something."""
    chance = random.Random(5)
    signs = ["a", "or", "the", " ", '"', "-", "'", "\\", ":", "*", "(", ")", "<->", "&", "|", "!", "é", "東", "%", "_"]
    for _ in range(400):
        typed = "".join(chance.choices(signs, k=chance.randint(1, 40)))
        asks_for = await tables.fetchval("SELECT numnode(search_query($1))", typed)
        has_a_word = any(sign.isalnum() for sign in typed)
        assert (asks_for > 0) == has_a_word, typed


def many_words(chance: random.Random, most: int = MEGABYTE) -> str:
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=9)) for _ in range(most // 10))


HOSTILE: dict[str, Callable[[random.Random], str]] = {
    "distinct words": many_words,
    "words of parts": lambda chance: many_words(chance).title().replace(" ", ""),
    "one word": lambda _: "x" * MEGABYTE,
    "signs": lambda chance: "".join(chr(0x4E00 + chance.randrange(0x51FF)) for _ in range(MEGABYTE // 6)),
    "signs of four bytes": lambda chance: "".join(
        chr(0x20000 + chance.randrange(0xA6DF)) for _ in range(MEGABYTE // 8)
    ),
    "letters that unfold": lambda _: "\ufdfa" * (MEGABYTE // 3),
    "case by case": lambda _: "aB" * (MEGABYTE // 2),
    "digits": lambda _: "1a" * (MEGABYTE // 2),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_no_text_is_too_long_for_its_document(kind: str, tables: Any) -> None:
    """PostgreSQL refuses a tsvector of more than a megabyte, and that would fail the write."""
    text = HOSTILE[kind](random.Random(9))
    assert await tables.fetchval("SELECT length(search_document(left($1, 500), $1)) > 0", text)


async def test_words_at_the_end_of_the_longest_description_are_found(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    words = many_words(random.Random(9), 99_000)
    await make.task(web, "Long", description=f"{words} zenith")
    assert titles(await owner.get("/api/v1/tasks?q=zenith")) == ["Long"]


@pytest.mark.parametrize("query", ["web-2", "WEB-2", " Web-2 "])
async def test_a_list_finds_the_task_with_the_key(
    query: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for title in ("first", "second", "as WEB-2 has it", "WEB 3"):
        await make.task(web, title)
    found = titles(await owner.get("/api/v1/tasks", params={"q": query, "sort": "number"}))
    assert found == ["second", "as WEB-2 has it"]


async def test_a_key_of_another_project_finds_nothing(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    other = await make.project(key="OTHER")
    await make.task(other, "theirs")
    assert titles(await owner.get("/api/v1/tasks?q=OTHER-1")) == []


async def test_random_words_and_phrases_of_stories_find_their_story(tables: Any) -> None:
    """The whole measure, over real stories, is `python -m benchmarks.findability`."""
    chance = random.Random(11)
    for _ in range(150):
        text = chance.choice(TEXTS)
        words = re.findall(r"\w+", text)
        at = chance.randrange(len(words) - 1)
        for query in (words[at], f"{words[at]} {words[at + 1]}", f'"{words[at]} {words[at + 1]}"'):
            assert await tables.fetchval(FINDS, "", text, query), (query, text)
