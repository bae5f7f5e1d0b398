"""taskapi: tasks and projects over an API that can be trusted."""

from importlib.metadata import version

__version__ = version("taskapi")
