"""Repaint a video, show how far it is, and stop when you press CTRL-C: the same command then goes on.

python examples/repaint.py holiday.mp4 painting.jpg out.mp4
"""

import sys

import impasto
from impasto.errors import ImpastoError
from impasto.job.events import Event, FrameDone, Planned, Resuming


def show(event: Event) -> None:
    if isinstance(event, Planned):
        print("\n".join(event.plan.lines()))
    elif isinstance(event, Resuming):
        print(f"Going on: {event.segments} of {event.total} segments are there.")
    elif isinstance(event, FrameDone):
        print(f"\r{event.done} of {event.total} frames", end="", flush=True)


def main(source: str, style: str, output: str) -> None:
    try:
        record = impasto.stylize(source, style=style, output=output, preset="draft", on_event=show)
    except ImpastoError as error:
        # Every mistake is one sentence that says what to do; the exit code tells the kinds apart.
        print(f"\n{error}", file=sys.stderr)
        sys.exit(error.exit_code)
    print(f"\n{record.output['path']}: {record.frames_per_second} frames a second")


if __name__ == "__main__":
    main(*sys.argv[1:])
