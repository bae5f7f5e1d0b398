"""`python -m taskapi` is the command line."""

from taskapi.cli import main

if __name__ == "__main__":
    main()
