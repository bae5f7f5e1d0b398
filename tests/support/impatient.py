"""A program: the command `taskapi` with less patience or fewer files; its first argument says which."""

import json
import resource
import sys

from taskapi.core.http import protocol

given = json.loads(sys.argv.pop(1))
if "files" in given:
    resource.setrlimit(resource.RLIMIT_NOFILE, given["files"])
# Before the server is imported, which has taken a copy by then.
protocol.PATIENCE = protocol.Patience(**given.get("patience", {}))

from taskapi.cli import main  # noqa: E402 - see above

main()
