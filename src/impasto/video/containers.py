"""Opening media files without letting a file open anything else."""

from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError

from impasto.errors import UnreadableInput

# Neither playlists nor concat lists nor network protocols: a file may never make the program open another one.
_DEMUXERS = "mov,matroska,webm,avi,gif,mpegts,mpeg,mpegvideo,flv,ogg,mxf,asf,nut,h264,hevc,ivf,obu,yuv4mpegpipe,dv"
_SAFE = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "file"}


def file_url(path: Path) -> str:
    """Address that FFmpeg takes literally, whatever the name holds (`concat:`, a leading dash, `%d`)."""
    return f"file:{path.absolute()}"


def open_container(path: Path) -> InputContainer:
    """Open a media file for reading; raises `UnreadableInput` with the reason."""
    if not path.exists():
        raise UnreadableInput(f"No such file: {str(path)!r}; check the path.")
    if path.is_file() and path.stat().st_size == 0:
        raise UnreadableInput(f"{str(path)!r} is empty (0 bytes); give a video, a picture or a folder of pictures.")
    try:
        return av.open(file_url(path), metadata_errors="replace", container_options=_SAFE)
    except PermissionError as error:
        raise UnreadableInput(f"{str(path)!r} may not be read; change its permissions.") from error
    except (FFmpegError, OSError, ValueError) as error:
        raise UnreadableInput(
            f"{str(path)!r} is not a video that can be read (broken, cut short or of an unknown kind); "
            "check that it plays, or convert it to mp4."
        ) from error
