"""Whether words lead to the style that they describe: captions of paintings that the prior does not know."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from benchmarks.harness import Measurement, main, pictures, say
from impasto.evaluation.judge import Judge, read_picture
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_bytes, to_float
from impasto.perception.text.weights import embedded_text_encoder
from impasto.stylizers.feedforward.prior import embedded_prior
from impasto.stylizers.feedforward.swift import Swift, picture_code
from impasto.stylizers.memoryshot import MemoryShot
from impasto.training.csdpictures import painting_captions
from impasto.training.prior import held_back
from impasto.weights.paths import assets_dir

OTHERS = 60
RIVALS = 3
"""Random styles that the described one is compared with, for each caption."""


def repaint(photo: NDArray[np.uint8], guidance: Guidance) -> NDArray[np.uint8]:
    """As `impasto stylize --preset draft` does it."""
    frame, stylizer = to_float(photo), Swift("draft")
    stylizer.prepare(guidance, MemoryShot([frame]), lambda share: None)
    (painted,) = stylizer.stylize([frame], {})
    return to_bytes(painted)


def top5(captions: list[str], pool: list[Path]) -> float:
    """Share of the captions whose painting, of the same number in the pool, is among the five likest."""
    prior = embedded_prior()
    wanted_BK = prior.answer(embedded_text_encoder().embed(captions))
    there_NK = torch.stack([prior.place(picture_code(path)) for path in pool])
    likeness_BN = F.normalize(wanted_BK, dim=1) @ F.normalize(there_NK, dim=1).T
    found = likeness_BN.topk(5).indices == torch.arange(len(captions))[:, None]
    return found.any(1).float().mean().item()


def better(captions: list[str], pool: list[Path], rng: np.random.Generator) -> dict[str, float]:
    """Share of the cases in which words come nearer to the painting than a random style does."""
    judge, photos = Judge(), pictures("eval/photos")
    won, gaps, others = [], [], []
    for number, caption in enumerate(captions):
        photo = read_picture(photos[number % len(photos)])
        before, target = judge.see(photo), judge.see(read_picture(pool[number]))

        def gap(guidance: Guidance) -> float:
            return judge(judge.see(repaint(photo, guidance)), before, target).gap  # noqa: B023 (called at once)

        gaps.append(gap(Guidance(prompt=caption)))
        rivals = rng.choice(np.delete(np.arange(len(pool)), number), RIVALS, replace=False)
        theirs = [gap(Guidance(styles=(Style(image=pool[rival]),))) for rival in rivals]
        won += [gaps[-1] < other for other in theirs]
        others += theirs
        if number % 8 == 7:
            say(f"{number + 1} of {len(captions)}: {np.mean(won):.2f}")
    return {"better": float(np.mean(won)), "gap": float(np.mean(gaps)), "gap_random": float(np.mean(others))}


def measure(quick: bool = False) -> Measurement:
    known, folder = painting_captions(), assets_dir() / "styles"
    held, rng = held_back(known), np.random.default_rng(1)
    rest = sorted(set(known) - set(held))
    pool = [folder / f"{name}.jpg" for name in [*held, *(rest[i] for i in rng.permutation(len(rest))[:OTHERS])]]
    if quick:
        held, pool = held[:2], pool[:8]
    captions = [known[name]["caption"] for name in held]
    return Measurement(
        {"top5": top5(captions, pool), **better(captions, pool, rng)},
        {
            "captions": f"{len(held)} of styles/captions.jsonl with artist and movement, which the prior does not "
            f"know, in a pool of their paintings and {len(pool) - len(held)} others",
            "top5": "by cosine between what the prior answers and where a painting's code lies, both seen from the "
            "mean style; chance is 0.05",
            "better": f"the caption as prompt against {RIVALS} random styles of the pool, each on one photo of "
            "eval/photos, preset draft: share with the smaller style gap to the captioned painting "
            "(impasto.evaluation.judge); gap and gap_random are the means",
        },
    )


if __name__ == "__main__":
    main("text", measure)
