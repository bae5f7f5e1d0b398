"""`taskapi`, and `python -m taskapi`."""

import sys


def main() -> None:
    # Asked every few seconds: it does without what the other commands are made of.
    if sys.argv[1:2] == ["healthcheck"] and {*sys.argv[2:]} <= {"--worker", "--any"}:
        from taskapi import healthcheck  # noqa: PLC0415

        healthcheck.main()
    else:
        from taskapi import cli  # noqa: PLC0415

        cli.main()


if __name__ == "__main__":
    main()
