"""The command line: parse, show progress, print; what is done lives in `job` and below."""

from impasto.cli.entry import main

__all__ = ["main"]
