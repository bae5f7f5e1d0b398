"""What a copy of a project takes along, in SQL. The project has been loaded with the caller before."""

from typing import Final

from sqlalchemy import select

from taskapi.core.db.statements import prepare
from taskapi.core.resources.document import Versioned
from taskapi.projects.fields.queries import FIELD
from taskapi.projects.labels.queries import LABEL
from taskapi.projects.queries import STATUS

# In this order, and all of each: every column that is given when one is made has to be a public field.
COPIED: Final = tuple(
    (record, prepare(select(*record.shown).where(record.here).order_by(record.table.c.id), row=Versioned))
    for record in (STATUS, LABEL, FIELD)
)
