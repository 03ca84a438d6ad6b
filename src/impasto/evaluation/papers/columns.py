"""Which tables there are, and what stands in their columns."""

from dataclasses import dataclass

from impasto.evaluation.metrics.hub import BY_OTHER_PROGRAMS


@dataclass(frozen=True, kw_only=True)
class Column:
    title: str
    """As the paper prints it; with `-nano` for what stands in for it offline."""
    metric: str = ""
    """Key of our metric; empty where there is none."""
    absent: str = ""
    """Why there is none."""


@dataclass(frozen=True, kw_only=True)
class PaperTable:
    name: str
    title: str
    columns: tuple[Column, ...]
    first_frame_as_style: bool = False
    """The painted first frame is what the style is compared with."""


_INCEPTION = "Inception-v3 is no class of transformers"
_UNDEFINED = f"the paper does not say what it is; perhaps VideoScore, {BY_OTHER_PROGRAMS['VideoScore']}"

CSD = Column(title="CSD", metric="csd")
CSD_NANO = Column(title="CSD-nano", metric="csd-nano")
CLIP_TEXT = Column(title="CLIP-text", metric="clip-text")
CLIP_TEXT_NANO = Column(title="CLIP-text-nano", metric="clip-text-nano")
UMT = Column(title="UMT", absent=BY_OTHER_PROGRAMS["UMTScore"])
UMT_NANO = Column(title="UMT-nano", metric="match-nano")
DREAMSTYLE = (
    Column(title="DINO", metric="dino-structure"),
    Column(title="Dynamic", absent=BY_OTHER_PROGRAMS["dynamic degree"]),
    Column(title="Aesthetic", metric="aesthetic"),
    Column(title="Imaging", absent=BY_OTHER_PROGRAMS["imaging quality"]),
    Column(title="Subject", metric="subject-consistency"),
    Column(title="Background", metric="background-consistency"),
)
DREAMSTYLE_NANO = (
    Column(title="DINO-nano", metric="structure-nano"),
    Column(title="Dynamic-nano", metric="dynamic-degree-nano"),
    Column(title="Consistency-nano", metric="consistency-nano"),
)

TABLES = {
    table.name: table
    for table in (
        PaperTable(
            name="stylemaster-image",
            title="Image style transfer, as StyleMaster's table 1",
            columns=(
                CSD,
                Column(title="ArtFID", absent=f"{_INCEPTION}, nor is that which art-fid trained on artworks"),
                Column(title="FID", absent=_INCEPTION),
                Column(title="LPIPS", absent="AlexNet with its heads is no class of transformers"),
                Column(title="CFSD", metric="cfsd"),
                CSD_NANO,
                Column(title="ArtFID-nano", metric="artfid-nano"),
                Column(title="FID-nano", metric="fid-nano"),
                Column(title="LPIPS-nano", metric="lpips-nano"),
                Column(title="CFSD-nano", metric="cfsd-nano"),
            ),
        ),
        PaperTable(
            name="stylemaster-t2v",
            title="Stylized text-to-video, as StyleMaster's table 2",
            columns=(
                CLIP_TEXT,
                UMT,
                CSD,
                Column(title="VisualQ", absent=_UNDEFINED),
                Column(title="DynQ", absent=_UNDEFINED),
                Column(title="MotionSmooth", absent=BY_OTHER_PROGRAMS["motion smoothness"]),
                CLIP_TEXT_NANO,
                UMT_NANO,
                CSD_NANO,
                Column(title="MotionSmooth-nano", metric="smoothness-nano"),
            ),
        ),
        PaperTable(
            name="stylemaster-v2v",
            title="Video style transfer, as StyleMaster's table 8",
            columns=(
                CSD,
                CLIP_TEXT,
                UMT,
                Column(title="VisQ", absent=_UNDEFINED),
                Column(title="Dyn", absent=BY_OTHER_PROGRAMS["dynamic degree"]),
                Column(title="MS", absent=BY_OTHER_PROGRAMS["motion smoothness"]),
                CSD_NANO,
                CLIP_TEXT_NANO,
                UMT_NANO,
                Column(title="Dyn-nano", metric="dynamic-degree-nano"),
                Column(title="MS-nano", metric="smoothness-nano"),
            ),
        ),
        PaperTable(
            name="dreamstyle-text",
            title="Stylization by text, as DreamStyle compares it",
            columns=(
                Column(title="CLIP-T", absent=BY_OTHER_PROGRAMS["CLIP-T (ViCLIP)"]),
                *DREAMSTYLE,
                Column(title="CLIP-T by X-CLIP", metric="clip-t-xclip"),
                CLIP_TEXT_NANO,
                *DREAMSTYLE_NANO,
            ),
        ),
        PaperTable(
            name="dreamstyle-style-image",
            title="Stylization by a style picture, as DreamStyle compares it",
            columns=(CSD, *DREAMSTYLE, CSD_NANO, *DREAMSTYLE_NANO),
        ),
        PaperTable(
            name="dreamstyle-first-frame",
            title="Stylization by the first frame, as DreamStyle compares it",
            columns=(CSD, *DREAMSTYLE, CSD_NANO, *DREAMSTYLE_NANO),
            first_frame_as_style=True,
        ),
    )
}
"""By name, as `impasto evaluate table` takes it."""
