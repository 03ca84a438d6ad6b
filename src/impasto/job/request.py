"""What one run is asked to do."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from impasto.guidance import Guidance
from impasto.job.shotlist import ShotList
from impasto.stylizers.base import Preset
from impasto.stylizers.registry import DEFAULT_MODEL
from impasto.video.blank import Canvas


@dataclass(frozen=True, kw_only=True)
class Request:
    source: Path | Canvas
    """A video, a picture, a folder of frames or a numbered pattern; or what is to be made from nothing."""
    output: Path
    """Its extension chooses the format; none means a folder of PNG frames."""
    guidance: Guidance
    model: str = DEFAULT_MODEL
    preset: Preset = "standard"
    fps: Fraction | None = None
    """Frames per second of a folder of frames, which knows none itself."""
    codec: str | None = None
    crf: int | None = None
    overwrite: bool = False
    """Begin anew where a stopped run could be gone on with, and replace an output that exists."""
    shots: ShotList | None = None
    """Cuts, and what shots go by, as a person edited them; None: they are looked for."""
    command: tuple[str, ...] = ()
    """The command line as typed, for the run record."""

    @property
    def record_file(self) -> Path:
        """`x.run.json` for `x.mp4`, and for a folder `x`."""
        return self.output.with_suffix(".run.json")

    @property
    def guidances(self) -> list[Guidance]:
        """The guidance of the run, or those of the shots of the list, each once."""
        if self.shots is None:
            return [self.guidance]
        return list(dict.fromkeys(shot.of(self.guidance) for shot in self.shots.shots))

    @property
    def pictures(self) -> list[tuple[Path, str]]:
        """Every file of the guidance, each with what it is."""
        guidance = self.guidance
        # Those of the run too where no shot goes by them: the record names all that was asked for.
        files = [(style.image, "style picture") for each in (guidance, *self.guidances) for style in each.styles]
        if self.shots is not None:
            files.append((self.shots.path, "shot list"))
        files += [(keyframe.image, "keyframe") for keyframe in guidance.keyframes]
        files += [(guidance.first_frame, "first frame"), (guidance.mask, "mask"), (guidance.guide, "guide")]
        return [(path, what) for path, what in dict.fromkeys(files) if path is not None]
