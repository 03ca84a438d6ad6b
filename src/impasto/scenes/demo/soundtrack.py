"""What one hears at the harbour: lapping water, wind, gulls, a bicycle bell, a quiet guitar."""

import numpy as np

from impasto.scenes import sound

_CHORDS = ((146.83, 220.0, 293.66, 369.99), (123.47, 185.0, 246.94, 369.99), (98.0, 196.0, 246.94, 392.0),
           (110.0, 164.81, 277.18, 329.63))  # fmt: skip
"""D, B minor, G, A: hertz of the notes, the lowest first."""
_TUNE = (739.99, 659.26, 587.33, 440.0, 493.88, 587.33, 659.26, 587.33)
_BEAT = 0.375
"""Seconds between two notes; a chord lasts four."""


def soundtrack(seconds: float, seed: int = 7) -> np.ndarray:
    """Stereo sound of exactly `seconds`, float32 [N, 2] in [-1, 1] at `sound.RATE`."""
    rng = np.random.default_rng(seed)
    music, world = sound.silence(seconds), sound.silence(seconds)
    t = np.arange(len(world)) / sound.RATE
    for beat in range(int(seconds / _BEAT) + 1):
        at = beat * _BEAT
        chord = _CHORDS[beat // 4 % len(_CHORDS)]
        if beat % 4 == 0:
            for i, hertz in enumerate(chord):
                sound.add(music, sound.pad(hertz, 4 * _BEAT + 1.2), at, 0.035, (-0.6, 0.6, -0.3, 0.3)[i])
        picked = chord[(0, 2, 1, 3)[beat % 4]]
        sound.add(music, sound.pluck(rng, picked, 2.0), at + rng.normal(0, 0.006) * (beat > 0), 0.20, -0.25)
        if beat % 2 == 0:
            sound.add(music, sound.pluck(rng, _TUNE[beat // 2 % len(_TUNE)], 1.8, 0.993), at + 0.01, 0.16, 0.3)
    for side, low in ((-0.7, 260.0), (0.7, 310.0)):  # waves lap on either side, never together
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * t / rng.uniform(2.6, 3.6) + rng.uniform(0, 6)) ** 3
        sound.add(world, sound.noise(rng, seconds, low, 1500)[: len(t)] * swell.astype(np.float32), 0, 0.022, side)
    gust = 0.6 + 0.4 * np.sin(2 * np.pi * t / 4.7 + 1)
    sound.add(world, sound.noise(rng, seconds, 90, 420)[: len(t)] * gust.astype(np.float32), 0, 0.02)
    for at, pan in ((0.7, -0.5), (3.4, 0.5), (5.1, -0.1)):
        sound.add(world, sound.cry(rng), at, 0.035, pan)
    for at in (1.55, 1.78):  # the cyclist rings on the way in
        sound.add(world, sound.bell(2350.0, 1.2), at, 0.05, -0.45)
    mixed = sound.reverberated(rng, music, wet=0.3) + sound.reverberated(rng, world, wet=0.15)
    mixed = sound.faded(np.tanh(1.4 * mixed), 0.05, 0.6)
    return np.clip(mixed / max(float(np.abs(mixed).max()), 1e-6) * 0.8, -1, 1).astype(np.float32)
