"""What DreamStyle has to say of guidance before it paints by it: legal, and perhaps not what was meant."""

import re
from collections.abc import Iterator
from pathlib import Path

from impasto.guidance import Guidance
from impasto.scenes.styles import STYLE_KINDS

WORDS = {
    "abstract", "anime", "art", "baroque", "brush", "brushstrokes", "cartoon", "chalk", "charcoal", "collage",
    "comic", "cubism", "cubist", "drawing", "drawn", "embroidered", "engraved", "etching", "expressionism",
    "expressionist", "fresco", "futurism", "gouache", "graphite", "illustration", "impasto",
    "impressionism", "impressionist", "ink", "linocut", "lithograph", "manga", "monochrome", "painted",
    "painterly", "painting", "palette", "pastel", "pencil", "pixel", "pixelated", "pointillist", "print",
    "realism", "renaissance", "rococo", "sepia", "sketch", "sketched", "stencil", "stitched", "strokes",
    "style", "styled", "stylized", "sumi", "surrealism", "surrealist", "tapestry", "textile", "texture",
    "ukiyo", "watercolor", "woodblock", "woven",
}  # fmt: skip
"""That say how something is painted, beside those of the styles that are made by code."""
PHOTO, PAINTED = (
    ("a photo", "a photo of a thing", "a real photo, unedited"),
    ("a painting", "an oil painting", "a drawing", "a print", "a sketch", "an illustration", "watercolour", "mosaic"),
)
LIKE_A_PHOTO = -0.07
"""By how much more a picture is like the words of a photo, on average, than like the best of the others: half of the
photos of `eval/photos` are above it, and none of the 20 pictures of `eval/styles`."""
SIDE = 256


def remarks(guidance: Guidance) -> Iterator[str]:
    """Sentences for the user.

    Raises:
        UnreadableInput: a style picture cannot be read.
        ModelError: `clip-nano` is missing.
    """
    shown = bool(guidance.styles or guidance.painted_frames)
    if guidance.prompt and not shown and not names_style(guidance.prompt):
        yield (
            f"The prompt {guidance.prompt!r} names no style, and there is no picture to go by: the video may stay as "
            "it is; say how it is painted, such as 'a watercolour of ...'."
        )
    for style in guidance.styles:
        if style.image is not None and looks_like_photo(style.image):
            yield f"The style picture {str(style.image)!r} looks like a photo; its colours and light are its style."


def names_style(prompt: str) -> bool:
    """Whether a prompt has a word on how something is painted."""
    kinds = {word for kind in STYLE_KINDS for word in kind.split("-") if word not in ("and", "e")}
    return not (WORDS | kinds).isdisjoint(re.findall(r"[a-z]+", prompt.lower()))


def looks_like_photo(path: Path) -> bool:
    """Whether a picture is nearer to the words of a photo than to those of anything painted, by `clip-nano`."""
    from impasto.perception.clipnano import embedded_clip_nano
    from impasto.stylizers.stylepicture import style_picture

    clip = embedded_clip_nano()
    pooled = clip.picture(style_picture(path, SIDE)).pooled
    photo, painted = (pooled @ clip.text(words).T for words in (PHOTO, PAINTED))
    return bool(photo.mean() - painted.max() > LIKE_A_PHOTO)
