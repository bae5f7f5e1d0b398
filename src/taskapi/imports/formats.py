"""Which formats can be brought in, and who reads each."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from taskapi.imports.csv import reading as csv
from taskapi.imports.ndjson import reading as ndjson
from taskapi.imports.records import Reader


class ImportFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    NDJSON = "ndjson"


FORMATS: Final[Mapping[ImportFormat, Reader]] = {
    ImportFormat.CSV: csv.read,
    ImportFormat.NDJSON: ndjson.read,
}
