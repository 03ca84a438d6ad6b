"""People of jointed limbs, who walk or wave, and the exact places of their joints."""

from collections.abc import Callable

import numpy as np

from impasto.scenes.palettes import rgb
from impasto.scenes.world.colours import DARK
from impasto.scenes.world.plane import Affine, affine, after, fixed
from impasto.scenes.world.sheet import Colour, Part, Sheet, Sitter, rounded

JOINTS = (
    "head", "neck",
    "right shoulder", "right elbow", "right wrist", "left shoulder", "left elbow", "left wrist",
    "right hip", "right knee", "right ankle", "left hip", "left knee", "left ankle",
)  # fmt: skip
"""Names of the joints of a figure, in order; right and left are the figure's own."""
_THIGH, _SHIN, _UPPER, _FOREARM, _TRUNK, _ANKLE = 0.24, 0.2, 0.155, 0.15, 0.29, 0.05
_SKINS = tuple(rgb(c) for c in ("f2c9a5", "e0a47a", "b97a50", "7d4f33"))
_HAIRS = tuple(rgb(c) for c in ("2f2623", "5b3a25", "c99a4b", "a5552c", "8b8b8f"))
_TROUSERS = tuple(rgb(c) for c in ("3d4a6b", "4b4a50", "6b5540", "8d8468"))
Frame = Callable[[float], Affine]
Angle = Callable[[float], float]


def man(it: Sitter) -> list[Part]:
    return _Figure(it, 1.0, 0.1).parts()


def woman(it: Sitter) -> list[Part]:
    return _Figure(it, 1.0, 0.1, dress=True).parts()


def child(it: Sitter) -> list[Part]:
    return _Figure(it, 0.86, 0.14).parts()


class _Figure:
    """Somebody seen from the side while walking, else from the front; `limb` scales all but the head."""

    def __init__(self, it: Sitter, limb: float, head: float, dress: bool = False) -> None:
        self._it, self._limb, self._head, self._dress = it, limb, head, dress
        self._walks = it.motion in ("left", "right")
        self._skin, self._hair, self._trousers = (
            p[it.rng.integers(len(p))] for p in (_SKINS, _HAIRS if limb == 1 else _HAIRS[:-1], _TROUSERS)
        )
        self._hip = -(_ANKLE + (_THIGH + _SHIN) * limb)
        self._shoulder = self._hip - _TRUNK * limb
        self._face = self._shoulder - 0.025 - head

    def parts(self) -> list[Part]:
        """From back to front; the figure's right is the nearer side of a walker and the left one of the picture."""
        if self._walks:
            sides = (("left", 0.02, 0.0, 0.72), ("right", -0.02, np.pi, 1.0))
        else:
            sides = (("left", 1.0, 0.0, 1.0), ("right", -1.0, np.pi, 1.0))
        legs = [self._leg(*side) for side in sides]
        arms = [self._arm(*side) for side in sides]
        if self._walks:
            return [*arms[0], *legs[0], *legs[1], self._body(), *arms[1]]
        return [*legs[0], *legs[1], self._body(), *arms[0], *arms[1]]

    def _leg(self, side: str, x: float, delay: float, shade: float) -> list[Part]:
        it, limb = self._it, self._limb
        cloth = shade * (self._skin if self._dress else self._trousers)
        thigh = self._limb_sheet(_THIGH * limb, 0.05, 0.04, cloth)
        shin = self._limb_sheet(_SHIN * limb, 0.04, 0.028, cloth)
        shoe = it.sheet(-0.06, -0.06, 0.13, 0.08)
        ahead = 0.09 if self._walks else 0.035 * x + 0.02
        shoe.shape(
            rounded([(-0.04, -0.03), (0.03, -0.03), (ahead, 0.02), (ahead, 0.05), (-0.04, 0.05)], 2), shade * DARK * 1.5
        )
        swing = it.stride(0.8, 0.45, delay)
        back = it.stride(0.8, 0.4, delay + 1.9)
        hip = _joint(fixed, x * (1.0 if self._walks else 0.05), self._hip, lambda t: -swing(t))
        knee = _joint(hip, 0, _THIGH * limb, lambda t: 0.4 * self._walks + back(t))
        ankle = _joint(knee, 0, _SHIN * limb, lambda t: 0.0)
        return [
            Part(shoe, ankle),
            Part(shin, knee, {f"{side} knee": (0, 0), f"{side} ankle": (0, _SHIN * limb)}),
            Part(thigh, hip, {f"{side} hip": (0, 0)}),
        ]

    def _arm(self, side: str, x: float, delay: float, shade: float) -> list[Part]:
        it, limb = self._it, self._limb
        upper = self._limb_sheet(_UPPER * limb, 0.037, 0.03, shade * 0.93 * it.colour)
        fore = self._limb_sheet(_FOREARM * limb, 0.027, 0.02, shade * self._skin, hand=0.03)
        if self._walks:
            swing = it.stride(0.8, 0.5, delay)
            angle, bend = swing, lambda t: -0.35
        elif side == "right" and it.motion == "wave":
            wave = it.swing(1.7, 0.5)
            angle, bend = (lambda t: 2.1), (lambda t: 0.75 + wave(t))
        else:
            angle, bend = (lambda t: -0.28 * x), (lambda t: -0.1 * x)
        at = 0.0 if self._walks else 0.105 * x * limb
        shoulder = _joint(fixed, at, self._shoulder + 0.03, angle)
        elbow = _joint(shoulder, 0, _UPPER * limb, bend)
        return [
            Part(fore, elbow, {f"{side} elbow": (0, 0), f"{side} wrist": (0, _FOREARM * limb)}),
            Part(upper, shoulder, {f"{side} shoulder": (0, 0)}),
        ]

    def _body(self) -> Part:
        """Trunk and head in one."""
        it, r = self._it, self._head
        sheet = it.sheet(-0.3, -1.03, 0.3, -0.15)
        half, top = (0.07 if self._walks else 0.11) * self._limb, self._shoulder
        waist = 0.85 * half
        if self._dress:
            hem = self._hip + 0.2
            shift, fall = (-0.035, top + 0.1) if self._walks else (0.0, top + 0.06)
            long = [
                (x + shift, y) for x, y in ((-0.13, fall), (-0.1, self._face - r), (0.1, self._face - r), (0.13, fall))
            ]
            sheet.shape(rounded(long, 2), self._hair)
            skirt = [(-waist, self._hip - 0.08), (-waist - 0.12, hem), (waist + 0.12, hem), (waist, self._hip - 0.08)]
            sheet.shape(skirt, it.colour)
        sheet.box(-0.03, top - 0.05, 0.03, top + 0.02, 0.9 * self._skin)
        trunk = [
            (-half, top),
            (-0.03, top - 0.02),
            (0.03, top - 0.02),
            (half, top),
            (waist, self._hip),
            (-waist, self._hip),
        ]
        sheet.shape(trunk, it.colour)
        if self._dress:
            sheet.line([(-waist, self._hip - 0.07), (waist, self._hip - 0.07)], 0.03, 0.6 * it.colour)
        else:
            sheet.box(-waist, self._hip - 0.035, waist, self._hip + 0.03, self._trousers, 0.5)
            sheet.line([(0, top + 0.03), (0, self._hip - 0.05)], 0.012, 0.7 * it.colour)
        self._draw_head(sheet, self._face, r)
        return Part(sheet, joints={"head": (0, self._face), "neck": (0, top)})

    def _draw_head(self, sheet: Sheet, y: float, r: float) -> None:
        sheet.oval(0, y, 0.86 * r, r, self._skin)
        cap = np.linspace(-np.pi, 0, 24)
        low = 0.1 if self._walks else 0.25
        hair = np.stack([0.92 * r * np.cos(cap), y - low * r + 0.85 * r * np.sin(cap)], 1)
        if self._walks:  # the back of the head, too
            nape = [(0.3 * r, y - 0.4 * r), (-0.2 * r, y + 0.5 * r), (-0.8 * r, y + 0.5 * r)]
            sheet.shape(rounded([*hair[::4], *nape], 2), self._hair, 0.6)
            sheet.ellipse(0.55 * r, y - 0.02 * r, 0.1 * r, 0.13 * r, DARK)
            sheet.oval(0.88 * r, y + 0.2 * r, 0.12 * r, 0.1 * r, self._skin, edge=0.4)
            sheet.line([(0.45 * r, y + 0.5 * r), (0.72 * r, y + 0.48 * r)], 0.1 * r, rgb("a8504a"))
            return
        sheet.shape(hair, self._hair, 0.6)
        for x in (-0.36, 0.36):
            sheet.ellipse(x * r, y, 0.11 * r, 0.13 * r, DARK)
            sheet.ellipse(1.4 * x * r, y + 0.35 * r, 0.16 * r, 0.12 * r, rgb("f08a80"), 0.5)
        smile = np.linspace(0.5, np.pi - 0.5, 8)
        sheet.line(
            np.stack([0.35 * r * np.cos(smile), y + 0.25 * r + 0.28 * r * np.sin(smile)], 1), 0.1 * r, rgb("a8504a")
        )

    def _limb_sheet(self, length: float, thick: float, thin: float, colour: Colour, hand: float = 0.0) -> Sheet:
        """A tapering limb that hangs from (0, 0)."""
        sheet = self._it.sheet(-0.08, -0.07, 0.08, length + 0.08)
        if hand:
            sheet.oval(0, length + 0.015, hand, hand, colour)
        angle = np.linspace(0, np.pi, 10)
        foot = np.stack([thin * np.cos(angle), length + thin * np.sin(angle)], 1)
        head = np.stack([-thick * np.cos(angle), -thick * np.sin(angle)], 1)
        sheet.shape(np.vstack([foot, head]), colour)
        return sheet


def _joint(parent: Frame, x: float, y: float, angle: Angle) -> Frame:
    """The frame of a limb that hangs at a place of its parent."""
    return lambda t: after(parent(t), affine(x, y, angle(t)))
