"""Entry point: runs a command and turns whatever goes wrong into one sentence and an exit code."""

import errno
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cyclopts import CycloptsError

from impasto.cli.app import app
from impasto.cli.output import reason_of
from impasto.errors import ImpastoError

WRONG_USE = 2
INTERNAL_ERROR = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code (see `impasto.errors`)."""
    tokens = sys.argv[1:] if arguments is None else list(arguments)
    try:
        with _signals_interrupt():
            code = app(tokens, exit_on_error=False, print_error=False)
            sys.stdout.flush()
            return code if isinstance(code, int) else 0
    except CycloptsError as error:
        error.verbose = False
        return _fail(" ".join(str(error).split()), WRONG_USE)
    except ImpastoError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail("Stopped.", INTERRUPTED)
    except BrokenPipeError:
        # Whoever reads our output (head, less) has seen enough; the interpreter must not try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            return _fail(f"The name {str(error.filename)[:40]!r}... is too long for a file; choose another.", WRONG_USE)
        return _fail(reason_of(error, tokens), INTERNAL_ERROR)


def _fail(sentence: str, code: int) -> int:
    print(f"impasto: {sentence}", file=sys.stderr)
    return code


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """A closed terminal and a polite kill end a run as CTRL-C does: tidily."""

    def interrupt(number: int, frame: object) -> None:
        # A second one while tidying up would leave a mess.
        for each in wanted:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [(each, signal.getsignal(each)) for each in wanted]
    # nohup and shell scripts ignore a signal on purpose.
    wanted = [each for each, handler in before if handler is not signal.SIG_IGN]
    for each in wanted:
        signal.signal(each, interrupt)
    try:
        yield
    finally:
        for each, handler in before:
            signal.signal(each, handler)
