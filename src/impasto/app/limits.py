"""How much visitors may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    upload_megabytes: int = 500
    """The largest file that is taken."""
    clip_seconds: int = 300
    """The longest clip that is taken."""
    megapixels: int = 9
    """The largest frame of a clip, and a quarter of the largest picture."""
    waiting: int = 50
    """Jobs that may wait, of all visitors together."""
    waiting_each: int = 5
    """Jobs of one visitor that may wait or run."""
    job_minutes: int = 120
    """A job that takes longer is stopped; so is one that was begun again and again."""
    job_gigabytes: int = 8
    """Memory that a job may hold."""
    disk_gigabytes: int = 20
    """What uploads and results of all visitors may take together."""
    keep_days: int = 7
    """Uploads and finished jobs are removed after that."""

    @property
    def upload_bytes(self) -> int:
        return self.upload_megabytes * 1_000_000

    @property
    def frame_pixels(self) -> int:
        return self.megapixels * 1_000_000

    @property
    def picture_pixels(self) -> int:
        return 4 * self.frame_pixels
