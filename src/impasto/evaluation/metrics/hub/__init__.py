"""Metrics by published networks: their weights come from the hub or from a folder, and are never fetched from here."""

from impasto.evaluation.metrics.hub import aesthetic, clip, csd, dino, vgg, videotext
from impasto.evaluation.metrics.metric import Metric

HUB_METRICS: tuple[Metric, ...] = (
    *csd.METRICS,
    *clip.METRICS,
    *videotext.METRICS,
    *dino.METRICS,
    *vgg.METRICS,
    *aesthetic.METRICS,
)

BY_OTHER_PROGRAMS = {
    "CLIP-T (ViCLIP)": "ViCLIP is no class of transformers; DreamStyle's CLIP-T, VBench's overall consistency",
    "UMTScore": "UMT ViT-L/14 (FETV-EVAL), 12 frames, the raw logit of a match, is no class of transformers",
    "imaging quality": "MUSIQ trained on SPAQ (VBench) is no class of transformers; long side 512, over 100",
    "dynamic degree": "VBench's own is by RAFT, which only torchvision has",
    "motion smoothness": "VBench's own is by AMT-S, which is no class of transformers",
    "DOVER": "technical and aesthetic video quality (EvalCrafter), no class of transformers",
    "VideoScore": "a language model that gives marks from 1 to 4; may be what StyleMaster calls visual quality",
    "EditVerseBench, OpenVE-Bench": "marks by a language model behind a service, whose versions drift",
}
"""What `impasto evaluate run --external` takes from official programs, and why Impasto does not measure it itself."""
