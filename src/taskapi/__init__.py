"""taskapi: tasks and projects over an API that can be trusted."""

__version__: str


def __getattr__(name: str) -> str:
    """The version, looked up when it is asked for: finding it takes longer than a health check may."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # noqa: PLC0415

    return version("taskapi")
