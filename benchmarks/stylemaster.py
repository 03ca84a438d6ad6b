"""Share of the style gap that `stylemaster-nano` leaves on unseen pairs, against colours alone, and minutes a clip."""

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.harness import Measurement, main, pictures, say
from benchmarks.paintedclip import minutes_of
from benchmarks.quality import STANDARD_PAIRS, repaint
from impasto.evaluation.dreamstyle.mainpainting import in_colours_of
from impasto.evaluation.judge import Judge, read_picture
from impasto.evaluation.metrics.nano import nano_features
from impasto.job.pixels import to_float
from impasto.perception.csdnano import embedded_csd_nano
from impasto.stylizers.registry import MODELS

MODEL = "stylemaster-nano"


@torch.no_grad()
def likeness(rgb: NDArray[np.uint8], style: NDArray[np.uint8]) -> float:
    """csd-nano: cosine of the style vectors."""
    net = embedded_csd_nano()
    one, other = (net.style(nano_features(to_float(picture)))[0] for picture in (rgb, style))
    return float(one @ other)


def measure(quick: bool = False) -> Measurement:
    judge, stylizer = Judge(), MODELS[MODEL].load("standard")
    photos, styles = pictures("eval/photos"), pictures("eval/styles")
    rows = []
    for i, j in STANDARD_PAIRS[: 1 if quick else None]:
        photo, style = read_picture(photos[i]), read_picture(styles[j])
        seen, row = (judge.see(photo), judge.see(style)), []
        for result in (repaint(photo, styles[j], stylizer), *in_colours_of([photo], style)):
            verdict = judge(judge.see(result), *seen)
            row += [verdict.gap, verdict.content, likeness(result, style)]
        say(f"{photos[i].stem} in {styles[j].stem}: " + " ".join(f"{value:.3f}" for value in row))
        rows.append(row)
    gap, content, csd, *colours = np.mean(rows, axis=0).tolist()
    minutes, timed = minutes_of(MODEL, quick)
    transport_figures = dict(zip(("gap_transport", "content_transport", "csd_transport"), colours, strict=True))
    return Measurement(
        {"gap": gap, "content": content, "csd": csd, **transport_figures, "minutes": minutes},
        {
            "pairs": f"{len(rows)} pairs: photo 2i of eval/photos with style 7i mod 20 of eval/styles, files sorted by "
            "name, i from 0; no prompt, preset standard",
            "gap, content": "of pictures seen at 256x256 (impasto.evaluation.judge)",
            "csd": "csd-nano, cosine of the style vectors of result and style picture",
            "transport": "the photo with mean and covariance of the style's colours (impasto.color.transport)",
            "minutes": timed,
        },
    )


if __name__ == "__main__":
    main("stylemaster", measure)
