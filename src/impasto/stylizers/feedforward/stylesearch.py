"""Named styles by a description: by what is known of the painting, and by how it looks."""

import torch.nn.functional as F

from impasto.errors import InputError
from impasto.perception.text.weights import embedded_text_encoder
from impasto.stylizers.feedforward.prior import embedded_prior, read_prompt
from impasto.stylizers.feedforward.styles import named_code, named_styles


def fitting_styles(description: str) -> list[str]:
    """Names of all named styles, the one that fits best first.

    Raises:
        InputError: there is no description.
        UnsupportedOption: no word of it is known.
    """
    if not description.strip():
        raise InputError("There is nothing to search for; describe a style, such as 'calm blue landscape'.")
    prior, encoder, styles = embedded_prior(), embedded_text_encoder(), named_styles()
    asked = encoder.embed([read_prompt(description)])
    known = encoder.embed([f"{s.title} by {s.artist}, {s.date}, {s.movement}" for s in styles.values()])
    wanted = prior.answer(asked)[0]
    looks = [F.cosine_similarity(prior.place(named_code(name)), wanted, dim=0).item() for name in styles]
    fits = dict(
        zip(styles, [words + look for words, look in zip((known @ asked[0]).tolist(), looks, strict=True)], strict=True)
    )
    return sorted(fits, key=lambda name: -fits[name])
