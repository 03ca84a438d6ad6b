"""Metrics of many pictures together, by what the embedded encoder sees: how near the outputs are to the styles.

Legend: N pictures, D numbers of a feature vector.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.errors import InputError
from impasto.evaluation.metrics.artfid import ARTFID_NANO, artfid
from impasto.evaluation.metrics.framemetrics import check_encoder
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.frechet import FID_NANO, FeatureMoments, frechet_distance
from impasto.evaluation.metrics.kid import KID_NANO, kid
from impasto.evaluation.metrics.lpips import lpips_nano
from impasto.evaluation.metrics.metric import Look, Measured, Reference, SetMetric
from impasto.evaluation.metrics.nano import nano_embedding, nano_features


def distinct_styles(references: Sequence[Reference]) -> list[Frame]:
    """Each style picture once, however many outputs it was given for."""
    pictures = {id(style): style for reference in references for style in reference.styles}.values()
    return list({(style.shape, style.tobytes()): style for style in pictures}.values())


def _embedded_styles(references: Sequence[Reference]) -> Tensor:
    """[N, D]"""
    embedded = [nano_embedding(nano_features(style)) for style in distinct_styles(references)]
    if len(embedded) < 2:
        raise InputError(f"There is {len(embedded)} style picture; measure outputs in at least 2 styles together.")
    return torch.cat(embedded)


class _Fid:
    def __init__(self, references: Sequence[Reference]) -> None:
        self._styles, self._outputs = FeatureMoments(), FeatureMoments()
        self._styles.add(_embedded_styles(references))

    def add(self, look: Look) -> None:
        self._outputs.add(nano_embedding(look.in_output(nano_features)))

    def result(self) -> Measured:
        distance = frechet_distance(self._outputs, self._styles)
        return Measured(value=distance, detail={"outputs": self._outputs.count, "styles": self._styles.count})


class _Kid:
    def __init__(self, references: Sequence[Reference]) -> None:
        self._styles_ND = _embedded_styles(references)
        self._outputs: list[Tensor] = []

    def add(self, look: Look) -> None:
        self._outputs.append(nano_embedding(look.in_output(nano_features)))

    def result(self) -> Measured:
        distance = kid(torch.cat(self._outputs), self._styles_ND)
        detail = {"deviation": distance.deviation, "outputs": len(self._outputs), "styles": len(self._styles_ND)}
        return Measured(value=distance.mean, detail=detail)


class _ArtFid:
    def __init__(self, references: Sequence[Reference]) -> None:
        self._fid = _Fid(references)
        self._distances: list[float] = []

    def add(self, look: Look) -> None:
        self._fid.add(look)
        self._distances.append(look.compared(nano_features, lpips_nano))

    def result(self) -> Measured:
        fid, lpips = self._fid.result(), sum(self._distances) / len(self._distances)
        return Measured(value=artfid(lpips, fid.value), detail={"lpips": lpips, "fid": fid.value, **fid.detail})


METRICS = (
    SetMetric(
        key="fid-nano",
        protocol=FID_NANO,
        needs=frozenset({"style"}),
        check_weights=check_encoder,
        begin=_Fid,
    ),
    SetMetric(
        key="kid-nano",
        protocol=KID_NANO,
        needs=frozenset({"style"}),
        check_weights=check_encoder,
        begin=_Kid,
    ),
    SetMetric(
        key="artfid-nano",
        protocol=ARTFID_NANO,
        needs=frozenset({"source", "style"}),
        check_weights=check_encoder,
        begin=_ArtFid,
    ),
)
