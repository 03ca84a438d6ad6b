"""Frames per second of the whole job, over those of a Johnson network alone (eager torch, float32) in the same run."""

import tempfile
from pathlib import Path

from benchmarks.harness import Measurement, main, say
from benchmarks.johnson import Baseline
from benchmarks.onejob import JobTimes, run_job
from impasto.evaluation.assets import asset
from impasto.stylizers.base import Preset

CLIP = "eval/videos/bbb_cutbunny_audio.mp4"
SIZE = (640, 360)
STYLE = "eval/styles/classic-gordic_mosaic.jpg"
JOBS: dict[str, Preset] = {"ratio": "draft", "ratio_default": "standard"}


def measure(quick: bool = False) -> Measurement:
    clip, style = asset(CLIP), asset(STYLE)
    baseline = Baseline(*SIZE)
    each = 1 if quick else 5
    jobs: dict[str, JobTimes] = {}
    with tempfile.TemporaryDirectory() as folder:
        # Before, between and after the jobs: a machine that slows down meanwhile slows both sides of the ratio.
        for key, preset in JOBS.items():
            baseline.run(each)
            say(f"baseline {1 / baseline.seconds:.2f} fps; job with preset {preset} ...")
            jobs[key] = run_job(clip, style, Path(folder) / "out.mp4", preset)
        baseline.run(each)
    return Measurement(
        {key: job.frames / job.work * baseline.seconds for key, job in jobs.items()},
        {
            "clip": f"{clip.name}, {SIZE[0]}x{SIZE[1]}",
            "style": style.name,
            "job": "find shots + decode + stylize + encode + join, to H.264; start-up apart",
            "baseline": "Johnson 2016 (32/64/128), eager float32 torch, network alone, "
            f"median of {len(baseline.times)} frames taken before, between and after the jobs",
            "baseline_fps": round(1 / baseline.seconds, 3),
            **{
                f"preset {JOBS[key]}": {
                    "frames": job.frames,
                    "fps": round(job.frames / job.work, 2),
                    "startup_seconds": round(job.startup, 2),
                    "fps_with_startup": round(job.frames / (job.work + job.startup), 2),
                }
                for key, job in jobs.items()
            },
            "startup": "imports, model, and for each shot statistics, adapting and compiling",
        },
    )


if __name__ == "__main__":
    main("speed", measure)
