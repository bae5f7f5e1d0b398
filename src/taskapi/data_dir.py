"""Where data lies unless TASKAPI_DATA_DIR says so; for whoever must not import the settings to know it."""

import os
import sys


def default() -> str:
    """Where this user's programs keep data (XDG base directories; the platform's own place elsewhere)."""
    home = os.path.expanduser("~")  # noqa: PTH111 - pathlib is slow to import
    if sys.platform == "darwin":
        return f"{home}/Library/Application Support/taskapi"
    return f"{os.environ.get('XDG_DATA_HOME') or f'{home}/.local/share'}/taskapi"
