"""Render the demo clip: `python -m impasto.scenes.demo OUT.mp4 [--width 640] [--seconds 6]`."""

import argparse
from fractions import Fraction
from pathlib import Path

from impasto.scenes.demo import demo_scene
from impasto.scenes.demo.soundtrack import soundtrack
from impasto.scenes.movie import write_movie
from impasto.scenes.scene import picture


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m impasto.scenes.demo", description="Render the demo clip.")
    parser.add_argument("out", type=Path, help="video file to write, such as demo.mp4")
    parser.add_argument("--width", type=int, default=640, help="pixels, a multiple of 32 (default 640; 16:9)")
    parser.add_argument("--seconds", type=Fraction, default=Fraction(6), help="length (default 6)")
    args = parser.parse_args()
    if args.width < 64 or args.width % 32:
        parser.error(f"--width {args.width} is not a multiple of 32, which even 16:9 frames need; try 640")
    scene = demo_scene(args.width, args.seconds)
    if not scene.times:
        parser.error(f"--seconds {args.seconds} is shorter than one frame")
    sound = soundtrack(float(len(scene.times) / scene.fps))
    write_movie(args.out, (picture(scene, t) for t in scene.times), scene.fps, sound)


if __name__ == "__main__":
    main()
