"""Files that appear whole or not at all, and one sentence for each way that writing fails."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from av.error import FFmpegError

from impasto.errors import OutputProblem, ResourceError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the errors of writing `path` into `ResourceError` (disk full) or `OutputProblem`."""
    try:
        yield
    except (OSError, FFmpegError) as error:
        number = getattr(error, "errno", None)
        if number in _FULL:
            raise ResourceError(
                f"The disk is full while writing {str(path)!r}; free some space and run the same command again."
            ) from error
        if number == errno.ENOENT or not path.parent.is_dir():
            raise OutputProblem(f"The folder of {str(path)!r} does not exist; create it first.") from error
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise OutputProblem(f"{str(path)!r} may not be written; change the permissions or the place.") from error
        raise OutputProblem(f"{str(path)!r} cannot be written: {error}.") from error


def temporary_beside(path: Path) -> Path:
    """A hidden name in the same folder, with the same ending."""
    return path.with_name(f".{path.name}.{os.getpid()}.part{path.suffix}")


def work_path(output: Path) -> Path:
    """`OUT.impasto`, the folder in which everything lies until the output is complete."""
    if not output.name:
        raise OutputProblem(f"The output {str(output)!r} names no file; give one, such as out.mp4.")
    return output.with_name(output.name + ".impasto")


@contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`, renamed to it on success and removed on any exception."""
    temporary = temporary_beside(path)
    try:
        yield temporary
        with writing(path):
            if path.is_dir() or temporary.is_dir():
                remove(path)
            os.replace(temporary, path)
    except BaseException:
        remove(temporary)
        raise


def sync(path: Path) -> None:
    """Wait until a file, or a folder with its files, is safe on the disk under its name."""
    inside = path.iterdir() if path.is_dir() else []
    for each in [*inside, path, path.parent]:
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; 0 where there is none."""
    if path.is_dir():
        return sum(size_of(each) for each in path.iterdir())
    return path.stat().st_size if path.exists() else 0


def remove(path: Path) -> None:
    """Remove a file or a folder with its content, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
