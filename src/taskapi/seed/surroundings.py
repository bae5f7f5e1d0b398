"""What there is beside tasks: files on some, a table that was brought in, a link for a client, a calendar, an inbox."""

from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from typing import Final

from taskapi.core.callers import Caller
from taskapi.core.change_log.readers import read_to_the_end, register
from taskapi.core.db.database import unit_of_work
from taskapi.core.parts import Parts
from taskapi.core.storage.errors import NoRoomForFiles, StorageUnavailable
from taskapi.imports import service as imports
from taskapi.imports.formats import ImportFormat
from taskapi.imports.runs import service as runs
from taskapi.imports.runs.storing import Shelf
from taskapi.imports.schemas import ImportRequest
from taskapi.models import NotificationKind
from taskapi.notifications.preferences import service as preferences
from taskapi.notifications.preferences.schemas import PreferencesUpdate
from taskapi.notifications.reactions import READER as NOTIFYING
from taskapi.projects.share_links import service as share_links
from taskapi.projects.share_links.schemas import ShareLinkCreate
from taskapi.seed.chores import Place
from taskapi.tasks.attachments import service as attachments
from taskapi.tasks.attachments.storing import store
from taskapi.tasks.calendars.kinds import EntryKind
from taskapi.tasks.feeds import service as feeds
from taskapi.tasks.feeds.schemas import FeedCreate

TABLE: Final = """\
Key;Title;Status;Due;Estimate;Labels
SHOP-7;Move the gift cards along;To do;;3;
SHOP-8;Ask the printer for the new logo;Done;;1;
SHOP-9;Answer the twelve open support mails;In progress;some day;2;
SHOP-10;Take the old newsletter form down;Backlog;;a few hours;
"""
"""A day and an estimate in it nobody can read."""
_REDIRECTS: Final = """\
from,to
/shop/item.php?id=12,/products/lamp
/news/2019/05,/blog/2019-05
/kontakt.html,/contact
"""
_NOTES: Final = """\
# Stock of pages

612 pages, 480 without a reader in a year.

- keep: 132
- redirect: 57
- gone: 423
"""


async def listen(parts: Parts) -> None:
    """From now on, so that what the story tells is in people's inboxes, whether or not a worker has run by then."""
    await register(parts.database, parts.tail, [NOTIFYING])


async def send_no_mail(parts: Parts, caller: Caller) -> None:
    """To an address that nobody has."""
    off = PreferencesUpdate.model_validate({"kinds": {kind.value: {"email": "off"} for kind in NotificationKind}})
    async with unit_of_work(parts.database) as session:
        await preferences.update_preferences(session, caller, off, None)


async def furnish(parts: Parts, place: Place) -> int:
    """How many tasks came with the table. Files are left out where they cannot be stored."""
    with suppress(StorageUnavailable, NoRoomForFiles):
        for title, (name, content) in _files().items():
            await _attach(parts, place, title, name, content)
        return await _bring(parts, place)
    return 0


async def share(parts: Parts, place: Place) -> None:
    async with unit_of_work(parts.database) as session:
        await share_links.create_share_link(
            session, parts, place.author, place.key, ShareLinkCreate(label="The agency")
        )
    async with unit_of_work(parts.database) as session:
        await feeds.create_feed(session, place.author, FeedCreate(label="My phone", kind=EntryKind.EVENT))


async def tell(parts: Parts) -> None:
    await read_to_the_end(parts.database, parts.tail, NOTIFYING)


def _files() -> dict[str, tuple[str, bytes]]:
    """By the titles of the tasks that they are on."""
    return {
        "Take stock of every page and who reads it": ("stock-of-pages.md", _NOTES.encode()),
        "Keep the old addresses alive with redirects": ("redirects.csv", _REDIRECTS.encode()),
        "Design the landing page for phones first": ("landing-page.png", _sketch()),
    }


def _sketch() -> bytes:
    """A page as one draws it before there is one."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - who makes an administrator draws nothing

    image = Image.new("RGB", (360, 640), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 360, 56), fill="#1d3557")
    draw.rectangle((24, 88, 336, 280), fill="#a8dadc")
    for line, width in enumerate((312, 288, 300, 180)):
        draw.rectangle((24, 312 + line * 28, 24 + width, 324 + line * 28), fill="#ced4da")
    draw.rounded_rectangle((24, 456, 200, 504), 8, fill="#e63946")
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


async def _attach(parts: Parts, place: Place, title: str, name: str, content: bytes) -> None:
    limits, task = parts.settings.storage, place.tasks[title]
    async with parts.database.autocommit() as session:
        room = await attachments.find_room(session, place.author, task, limits)
    received = await store(parts.storage, name, _whole(content), room)
    async with unit_of_work(parts.database) as session:
        await attachments.attach(session, place.author, task, [received], limits)


async def _bring(parts: Parts, place: Place) -> int:
    """As a worker does, which finds it done when its job comes."""
    content, import_id = TABLE.encode(), imports.new_import_id()
    size = await parts.storage.put(imports.key(import_id), _whole(content))
    received = imports.Received(import_id, ImportRequest(format=ImportFormat.CSV), size, sha256(content).hexdigest())
    async with unit_of_work(parts.database) as session:
        await imports.begin_import(session, place.author, place.key, received)
    await runs.run(parts.database, Shelf(parts.storage, parts.settings.storage), import_id)
    async with unit_of_work(parts.database) as session:
        done = await imports.get_import(session, place.author, import_id)
    created: int = done.fields()["created"]
    return created


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
