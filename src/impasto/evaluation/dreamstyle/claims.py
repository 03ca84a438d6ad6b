"""What DreamStyle's ablation says, of the task by style picture, and whether it shows at nano scale."""

from impasto.evaluation.ablation.claims import Claim

CLAIMS = (
    Claim(
        claim="An up matrix for each kind of tokens comes nearer to the style than one LoRA for all (CSD .515, .413).",
        holds_where="CSD-nano of `method` is above `plain`'s",
        test=lambda m: [m.above("csd", "method", "plain")],
    ),
    Claim(
        claim="It keeps the structure a little better as well (DINO .526, .518).",
        holds_where="structure-nano of `method` is above `plain`'s",
        test=lambda m: [m.above("structure", "method", "plain")],
    ),
    Claim(
        claim="CT alone is nearer to the style (CSD .535) and loses structure (DINO .483).",
        holds_where="CSD-nano of `ct-only` is above `method`'s, and its structure-nano below",
        test=lambda m: [m.above("csd", "ct-only", "method"), m.above("structure", "method", "ct-only")],
    ),
    Claim(
        claim="SFT alone keeps structure (DINO .547) and is further from the style (CSD .459).",
        holds_where="structure-nano of `sft-only` is above `method`'s, and its CSD-nano below",
        test=lambda m: [m.above("structure", "sft-only", "method"), m.above("csd", "method", "sft-only")],
    ),
    Claim(
        claim="Without the picture branch the style is further away (CSD .484).",
        holds_where="CSD-nano of `method` is above `no-pictures`'",
        test=lambda m: [m.above("csd", "method", "no-pictures")],
    ),
    Claim(
        claim="Pairs that are animated under depth and pose control teach best.",
        holds_where="no pair here is animated by a network",
    ),
)
