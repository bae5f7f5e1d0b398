"""A mail from its templates: text and HTML, the first line of the text its subject."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from taskapi.core.mail.harmless import harmless
from taskapi.core.urls import public_url
from taskapi.settings import Settings

if TYPE_CHECKING:
    import jinja2


def compose(settings: Settings, template: str, to: str, values: dict[str, object]) -> EmailMessage:
    """The first line of the text template is the subject.

    Whatever is a text in `values` was written by somebody, and is made harmless; but `link` is ours.
    """
    shown = {"service": "taskapi", "service_url": public_url(settings), **_made_harmless(values)}
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


def _made_harmless(values: dict[str, object]) -> dict[str, object]:
    return {
        name: harmless(value) if isinstance(value, str) and name != "link" else value for name, value in values.items()
    }


@cache
def _templates() -> "jinja2.Environment":
    import jinja2  # noqa: PLC0415 - workers alone render

    return jinja2.Environment(
        loader=jinja2.PackageLoader("taskapi", "templates/mail"),
        autoescape=jinja2.select_autoescape(("html",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
