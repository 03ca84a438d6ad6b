"""Synthesised stereo sound: filtered noise, plucked strings, pads, and where they come from.

Legend: N samples. A voice is float32 [N]; a mix is float32 [N, 2] (left, right) in [-1, 1].
"""

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

RATE = 48000
"""Samples a second."""


def silence(seconds: float) -> np.ndarray:
    """An empty mix [N, 2]."""
    return np.zeros((round(seconds * RATE), 2), np.float32)


def add(mix: np.ndarray, voice: np.ndarray, at: float, gain: float, pan: float | np.ndarray = 0.0) -> None:
    """Put a voice into the mix at a time in seconds; `pan` from -1 (left) to 1 (right), of equal power."""
    start = round(at * RATE)
    room = min(len(voice), len(mix) - start)
    if room <= 0:
        return
    angle = (np.clip(np.broadcast_to(pan, voice.shape)[:room], -1, 1) + 1) * np.pi / 4
    mix[start : start + room] += gain * voice[:room, None] * np.stack([np.cos(angle), np.sin(angle)], 1)


def noise(rng: np.random.Generator, seconds: float, low: float, high: float) -> np.ndarray:
    """Noise between two frequencies in hertz, deviation 1."""
    raw = rng.standard_normal(round(seconds * RATE))
    band = np.asarray(sosfilt(butter(2, (low, high), "bandpass", fs=RATE, output="sos"), raw))
    return (band / band.std()).astype(np.float32)


def pluck(rng: np.random.Generator, hertz: float, seconds: float, damping: float = 0.996) -> np.ndarray:
    """A plucked string (Karplus and Strong 1983): a burst of noise in a loop that softens it."""
    period = max(int(RATE / hertz - 0.5), 2)
    count = round(seconds * RATE)
    turn = np.convolve(rng.uniform(-1, 1, period), np.ones(5) / 5, "same")
    turns = [turn]
    for _ in range(count // period):
        turn = damping / 2 * (turn + np.roll(turn, 1))
        turns.append(turn)
    tone = np.concatenate(turns)[:count]
    return faded(tone / (np.abs(tone).max() + 1e-9), 0.002, 0.3).astype(np.float32)


def pad(hertz: float, seconds: float) -> np.ndarray:
    """A soft sustained tone: a few slightly detuned partials that swell and fade."""
    t = np.arange(round(seconds * RATE)) / RATE
    tone = np.zeros_like(t)
    for partial, gain in ((1, 1.0), (2, 0.35), (3, 0.12), (4, 0.05)):
        for cents in (-4, 3):
            tone += gain * np.sin(2 * np.pi * hertz * partial * 2 ** (cents / 1200) * t + partial + cents)
    return faded(tone / 3, 0.8, 1.2).astype(np.float32)


def bell(hertz: float, seconds: float) -> np.ndarray:
    """A small struck bell: partials that are not harmonic, the high ones soon gone."""
    t = np.arange(round(seconds * RATE)) / RATE
    partials = ((1, 1, 3), (2.76, 0.6, 5), (5.4, 0.35, 9), (8.93, 0.15, 14))
    return sum((g * np.exp(-d * t) * np.sin(2 * np.pi * hertz * k * t) for k, g, d in partials), np.zeros_like(t)) / 2


def cry(rng: np.random.Generator) -> np.ndarray:
    """A gull's call: two or three falling, slightly rough notes."""
    calls = []
    for _ in range(rng.integers(2, 4)):
        t = np.linspace(0, 1, round(rng.uniform(0.22, 0.34) * RATE))
        hertz = rng.uniform(1150, 1350) * (1 + 0.35 * np.sin(np.pi * t**0.6) - 0.25 * t)
        phase = 2 * np.pi * np.cumsum(hertz) / RATE
        voice = np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.25 * np.sin(3 * phase)
        calls += [
            voice * np.sin(np.pi * t) ** 0.7 * (1 + 0.3 * np.sin(2 * np.pi * 38 * t)),
            np.zeros(round(0.08 * RATE)),
        ]
    return (np.concatenate(calls) / 2).astype(np.float32)


def faded(voice: np.ndarray, start: float, end: float) -> np.ndarray:
    """Ramps of `start` and `end` seconds at the two ends."""
    n = len(voice)
    i = np.arange(n)
    rise = np.clip(i / max(start * RATE, 1), 0, 1)
    fall = np.clip((n - 1 - i) / max(end * RATE, 1), 0, 1)
    ramp = np.sin(np.pi / 2 * rise) * np.sin(np.pi / 2 * fall)
    return voice * (ramp if voice.ndim == 1 else ramp[:, None])


def reverberated(rng: np.random.Generator, mix: np.ndarray, seconds: float = 1.6, wet: float = 0.25) -> np.ndarray:
    """The mix in a large soft room: convolution with decaying noise, another for each ear."""
    t = np.arange(round(seconds * RATE)) / RATE
    room = rng.standard_normal((len(t), 2)) * np.exp(-4.5 * t / seconds)[:, None]
    room /= np.sqrt((room**2).sum(0))
    echo = np.stack([fftconvolve(mix[:, i], room[:, i])[: len(mix)] for i in range(2)], 1)
    return (mix + wet * echo).astype(np.float32)
