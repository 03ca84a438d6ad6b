"""The recipe of clip-nano at toy size: its words, its losses, its material, and that a stopped run loses nothing."""

import json
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import normalize

from impasto.errors import InputError
from impasto.perception.clipmatch import FRAMES, MatchConfig
from impasto.perception.clipnano import ClipConfig, ClipNano, load_clip_nano
from impasto.perception.text.encoder import TextEncoder
from impasto.perception.text.tokenizer import learn_pieces
from impasto.perception.text.weights import TEXT, embedded_text_encoder, save_text_encoder
from impasto.scenes.world.captions import caption
from impasto.scenes.world.chance import describe
from impasto.training import clip, clipmaterial
from impasto.training.clip import ClipRun, ClipTraining, Progress, train
from impasto.training.clipbatches import BatchSizes, Pool, caption_pair
from impasto.training.cliplosses import match_loss, phrase_accuracy, phrase_loss, sigmoid_contrastive
from impasto.training.clipmaterial import (
    NOTHING,
    WIDE,
    Footage,
    Grid,
    Material,
    MaterialConfig,
    SceneClip,
    Still,
    cropped,
    patch_objects,
    rendered,
    world_of,
)
from impasto.training.cliptexts import drawn_texts, footage_captions, painting_texts, photo_texts
from impasto.training.schedule import warmed_cosine
from impasto.weights.paths import assets_dir, cache_dir
from tests.clips import make_clip
from tests.perception.text.toy import CONFIG

NET = ClipConfig(
    kept=2,
    width=16,
    depth=1,
    heads=2,
    hidden=24,
    text_hidden=16,
    size=8,
    text=CONFIG,
    match=MatchConfig(width=8, depth=1, heads=2, hidden=8, compared=4),
)
RUN = ClipRun(
    net=NET,
    sizes=BatchSizes(paintings=4, photos=3, frames=1, scenes=4, patches=72, clips=2, footage=1),
    steps=8,
    rate=1e-2,
    warmup=2,
    report_every=4,
    save_every=4,
)
MONET = {
    "title": "Water Lilies",
    "artist": "Claude Monet (French, 1840-1926)",
    "movement": "Impressionism",
    "medium": "Oil on canvas",
    "caption": "Water Lilies by Claude Monet (French, 1840-1926), 1906; Impressionism; oil on canvas",
}


# The words


def test_a_painting_is_told_in_parts_and_as_a_whole():
    texts = painting_texts(MONET)
    wanted = {"Water Lilies", MONET["caption"], "impressionism", "oil on canvas", "a painting by Claude Monet"}
    assert wanted | {"Water Lilies, 1906; Impressionism; oil on canvas"} <= set(texts)
    assert len(set(texts)) == len(texts)
    unknown = {"title": "in1", "artist": None, "movement": "", "medium": None, "caption": "in1"}
    assert painting_texts(unknown) == ()


def test_photos_are_told_by_their_class_and_their_hand():
    assert photo_texts("electric ray")[0] == "a photo of an electric ray"
    assert "ink wash of a hen" in drawn_texts("ink-wash", "hen")


def test_every_clip_of_the_data_folder_has_a_caption_and_none_for_measuring_has():
    folder = assets_dir() / "videos"
    if not folder.is_dir():
        pytest.skip(f"no clips in {assets_dir()}; see docs/data.md")
    assert {path.stem for path in folder.glob("*.mp4")} == set(footage_captions())
    assert not {path.stem for path in (assets_dir() / "eval/videos").glob("*")} & set(footage_captions())


def test_captions_of_a_pair_differ_and_both_speak_of_the_part():
    for seed in range(20):
        description = describe(np.random.default_rng(seed))
        right, wrong, part = caption_pair(description, np.random.default_rng(seed))
        assert right != wrong
        if part == "camera":
            for text in (right, wrong):
                assert re.search("camera|shot|tilt", text)


# The losses


def test_sigmoid_loss_is_the_one_of_siglip():
    cosines = torch.tensor([[0.9, -0.2], [0.1, 0.4], [0.0, 0.3]]).double()
    true = torch.tensor([[True, False], [False, True], [True, True]])
    expected = 0.0
    for i, j in np.ndindex(3, 2):
        sign = 1 if true[i, j] else -1
        expected += np.log1p(np.exp(-sign * (5 * float(cosines[i, j]) - 2))) / 3
    loss = sigmoid_contrastive(cosines, true, torch.tensor(5.0), torch.tensor(-2.0))
    assert loss.item() == pytest.approx(expected)


def test_large_and_small_objects_count_alike_and_unknown_patches_do_not():
    generator = torch.Generator().manual_seed(0)
    patches, phrases = torch.randn(1, 6, 4, generator=generator), normalize(torch.randn(3, 4, generator=generator))
    wanted = torch.tensor([[0, 0, 0, 0, 2, NOTHING]])
    surprise = -(3 * normalize(patches[0], dim=1) @ phrases.T).log_softmax(1)
    expected = (surprise[:4, 0].mean() + surprise[4, 2]) / 2
    torch.testing.assert_close(phrase_loss(patches, phrases, wanted, torch.tensor(3.0)), expected)
    assert phrase_loss(patches, phrases, torch.full((1, 6), NOTHING), torch.tensor(3.0)) == 0
    ours = torch.stack([phrases[0], phrases[1], 2 * phrases[2]])[None]
    assert phrase_accuracy(ours, phrases, torch.tensor([[0, 2, 2]])).tolist() == [True, False, True]


def test_right_and_wrong_captions_count_alike():
    right, wrong = torch.tensor([2.0]), torch.tensor([-1.0, 3.0])
    expected = (np.log1p(np.exp(-2)) + (np.log1p(np.exp(-1)) + np.log1p(np.exp(3))) / 2) / 2
    assert match_loss(right, wrong).item() == pytest.approx(expected)
    assert match_loss(torch.zeros(1), torch.zeros(2)).item() == pytest.approx(np.log(2))


def test_the_rate_rises_and_falls():
    rates = [warmed_cosine(step, 0.1, 10, 100) for step in range(101)]
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == rates[10] == pytest.approx(0.1)
    assert rates[55] == pytest.approx(0.0505)
    assert rates[100] == pytest.approx(0.001)


# The material


def test_a_patch_belongs_to_what_covers_half_of_it():
    objects = np.zeros((32, 48), np.int32)
    objects[:16, 6:16] = 100
    objects[:16, 16:32] = 101
    objects[16:, :6], objects[16:, 6:11] = 102, 103
    assert patch_objects(objects).tolist() == [100, 101, 0, NOTHING, 0, 0]


def test_crops_fill_their_grid_and_keep_proportions():
    picture = np.zeros((90, 200, 3), np.uint8)
    picture[30:60, 85:115] = 255  # a square in the middle
    crop = cropped(picture, WIDE)
    assert crop.shape == (144, 256, 3)
    ys, xs = np.nonzero(crop[..., 0] > 127)
    assert np.ptp(ys) == pytest.approx(np.ptp(xs), abs=1)
    assert (ys.mean(), xs.mean()) == pytest.approx((71.5, 127.5), abs=1)
    corner = cropped(picture, (12, 12), zoom=1.2, at=(0, 1))
    assert corner.shape == (192, 192, 3)


def test_a_scene_shows_its_objects_where_its_phrases_say():
    world = world_of(3)
    pictures, objects = rendered(world)
    assert (len(pictures), objects.shape) == (FRAMES, (FRAMES, 144))
    assert set(np.unique(objects)) <= {NOTHING, *world.phrases}
    assert {100, 0} <= set(np.unique(objects))
    assert world.description == world_of(3).description != world_of(4).description


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two paintings, a photo with a label and one without, two clips, small."""
    rng = np.random.default_rng(0)
    for name in ("painting0", "painting1", "photo0", "photo1"):
        folder = tmp_path / ("styles" if name.startswith("painting") else "photos")
        folder.mkdir(exist_ok=True)
        coarse = rng.integers(0, 255, (5, 6, 3), np.uint8)
        Image.fromarray(coarse).resize((48, 40)).save(folder / f"{name}.jpg")
    rows = [{"file": "styles/painting0.jpg", **MONET}, {"file": "styles/painting1.jpg", "title": "1", "caption": "1"}]
    (tmp_path / "styles" / "captions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    labels = [{"file": "photos/photo0.jpg", "label": "hen"}, {"file": "photos/photo1.jpg"}]
    (tmp_path / "photos" / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)))
    (tmp_path / "videos").mkdir()
    for name in ("davis_dog", "davis_goat"):
        make_clip(tmp_path / "videos" / f"{name}.mp4", frames=9)
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("data_folder")
def test_material_is_looked_at_once_and_remembers_what_it_shows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clipmaterial, "FITTED_TO", 1)
    config = MaterialConfig(scenes=1, drawn=0, views=2)
    material = Material(config, NET)
    assert [still.name for still in (*material.paintings, *material.photos)] == ["painting-painting0", "photo-photo0"]
    assert [progress.name for progress in islice(material.make(), 1)] == ["painting-painting0"]
    rest = [progress.name for progress in Material(config, NET).make()]
    assert rest == ["photo-photo0", "clip-davis_dog", "clip-davis_goat", "scene-00000"]
    assert list(material.make()) == []
    still, net = material.paintings[0], material.network()
    views, grid = still.views(2)
    tokens, kept_grid = material.view(still, 1)
    assert kept_grid == grid == (12, 12)
    seen = clipmaterial.look(net, views)[1]
    torch.testing.assert_close(tokens, seen, atol=0.02, rtol=0.01)  # kept in half precision
    assert material.clip(material.footage[1]).shape == (FRAMES, 144, NET.sight)
    scene, world = material.scene(0), world_of(0)
    assert (scene.description, scene.phrases) == (world.description, world.phrases)
    np.testing.assert_array_equal(scene.objects, rendered(world)[1])
    np.testing.assert_array_equal(material.scene(0, slice(2, 3)).tokens[0], scene.tokens[2])


def test_drawn_photos_are_planned_in_every_style(data_folder: Path):
    labels = [{"file": f"photos/photo{number}.jpg", "label": "hen"} for number in range(2)]
    (data_folder / "photos" / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)))
    drawn = [still for still in Material(MaterialConfig(drawn=1), NET).photos if still.drawn]
    assert [still.name for still in drawn] == ["cartoon-photo0", "charcoal-photo1"]
    assert drawn[0].texts == drawn_texts("cartoon", "hen")


def test_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_folder: Path):
    (data_folder / "photos" / "labels.jsonl").unlink()
    with pytest.raises(InputError, match=r"labels.jsonl; set IMPASTO_ASSETS"):
        next(train(RUN))
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="nowhere"):
        next(train(RUN))


# The training


class ToyMaterial(Material):
    """A few things, in which one can read what they are."""

    def __init__(self) -> None:
        self.config, self.key = MaterialConfig(views=2), "toy"
        stills = [Still(f"{number}", Path(), (f"{word} thing", word)) for number, word in enumerate("pqrstuvwxyz")]
        self.paintings, self.photos = stills[:6], stills[6:]
        self.footage = [Footage(name, Path(), f"{name} clip") for name in "abc"]
        self.scenes = range(6)

    def view(self, still: Still, number: int) -> tuple[torch.Tensor, Grid]:
        return self._tokens(int(still.name), 1, number)[0], (12, 12)

    def clip(self, footage: Footage, frames: slice = clipmaterial.ALL) -> torch.Tensor:
        return self._tokens(50 + ord(footage.name), FRAMES)[frames]

    def scene(self, seed: int, frames: slice = clipmaterial.ALL) -> SceneClip:
        objects = torch.zeros(FRAMES, 144, dtype=torch.int32)
        objects[:, 60:90] = 100
        tokens = self._tokens(20 + seed, FRAMES) + 0
        tokens[:, 60:90] *= -1
        phrases = {0: f"ground {seed}", 100: f"thing {seed}"}
        return SceneClip(tokens[frames], objects[frames], describe(np.random.default_rng(seed)), phrases)

    def make(self):
        return iter(())

    def network(self) -> ClipNano:
        torch.manual_seed(1)
        return ClipNano(NET)

    def _tokens(self, thing: int, frames: int, number: int = 0) -> torch.Tensor:
        of_thing = torch.randn(NET.sight, generator=torch.Generator().manual_seed(thing))
        noise = torch.randn(frames, 144, NET.sight, generator=torch.Generator().manual_seed(1000 * thing + number))
        return of_thing + 0.3 * noise


@pytest.fixture
def toy_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A random text encoder that has words for the captions."""
    captions = [caption(describe(rng), rng) for rng in map(np.random.default_rng, range(300))]
    torch.manual_seed(0)
    encoder = TextEncoder(learn_pieces(captions, 700), CONFIG)
    for parameter in encoder.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    save_text_encoder(encoder, tmp_path / TEXT)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    embedded_text_encoder.cache_clear()
    yield
    embedded_text_encoder.cache_clear()


def toy_training(run: ClipRun = RUN) -> ClipTraining:
    material = ToyMaterial()
    return ClipTraining(run, material.network(), material)


def test_batches_hang_on_chance_alone_and_say_what_is_true():
    pool, held = Pool.split(ToyMaterial())
    assert [still.name for still in held.paintings] == ["0"]
    assert not {still.name for still in pool.paintings} & {"0"}
    batch, again = (pool.pictures(np.random.default_rng(4), RUN.sizes) for _ in range(2))
    assert batch.texts == again.texts
    assert torch.equal(batch.tokens, again.tokens)
    assert batch.tokens.shape == (12, 72, NET.sight)
    assert batch.true.diagonal().all()
    assert batch.true.sum() == 12
    assert (batch.wanted[:8] == NOTHING).all()
    for row in range(8, 12):
        named = {batch.phrases[number] for number in batch.wanted[row].tolist()}
        assert len({phrase.split()[1] for phrase in named}) == 1  # of one scene
        assert {phrase.split()[0] for phrase in named} == {"ground", "thing"}


def test_places_and_objects_stay_with_their_patches():
    pool, _ = Pool.split(ToyMaterial())
    batch = pool.pictures(np.random.default_rng(0), replace(RUN.sizes, patches=144))
    scene = int(batch.phrases[int(batch.wanted[-1, 0])].split()[1])
    tokens = pool.material.scene(scene).tokens
    frame = (tokens.sum((1, 2)) - batch.tokens[-1].sum()).abs().argmin()
    whole = dict(zip(map(tuple, clip.places(*WIDE).tolist()), tokens[frame], strict=True))
    for place, token in zip(batch.places[-1].tolist(), batch.tokens[-1], strict=True):
        assert torch.equal(whole[tuple(place)], token)


@pytest.mark.usefixtures("toy_texts")
def test_training_lowers_every_loss_and_leaves_what_is_fixed():
    training = toy_training(replace(RUN, steps=40))
    fixed = {name: value.clone() for name, value in training.net.named_buffers()}
    first = training.advance()
    while training.trained.step < 40:
        last = training.advance()
    assert last[0] < 0.6 * first[0]
    assert last[1] < 0.8 * first[1]
    assert last[2] < first[2]
    for name, value in training.net.named_buffers():
        assert torch.equal(value, fixed[name])
    assert all(np.isfinite(training.held_figures()))


@pytest.mark.usefixtures("toy_texts")
def test_the_matching_head_teaches_the_patches_nothing():
    training = toy_training()
    batch = training.pool.clips(np.random.default_rng(0), RUN.sizes)
    match_loss(*training._logits(batch)).backward()
    taught = {name for name, value in training.net.named_parameters() if value.grad is not None}
    assert taught
    assert all(name.startswith("match_head.") for name in taught)


@pytest.mark.usefixtures("toy_texts")
def test_a_resumed_training_equals_an_unbroken_one():
    whole, begun, resumed = toy_training(), toy_training(), toy_training()
    for training, steps in ((whole, 4), (begun, 2)):
        for _ in range(steps):
            training.advance()
    resumed.trained.resume(begun.trained.state())
    while resumed.trained.step < 4:
        resumed.advance()
    for name, value in whole.trained.parameters.items():
        assert torch.equal(resumed.trained.parameters[name], value), name


@pytest.mark.usefixtures("toy_texts")
def test_the_recipe_reports_saves_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    output, unbroken = tmp_path / "clip.safetensors", tmp_path / "unbroken.safetensors"
    monkeypatch.setattr(clip, "Material", lambda config, net: ToyMaterial())
    stopped = train(RUN, output)
    assert [next(stopped).step, output.exists()] == [4, False]
    assert next(stopped).step == 8
    stopped.close()
    assert [progress.step for progress in train(RUN, output) if isinstance(progress, Progress)] == [8]
    rows = (cache_dir() / "training" / "clip-nano.jsonl").read_text().splitlines()
    assert [json.loads(row)["step"] for row in rows] == [4, 8, 8]
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "elsewhere"))
    assert [progress.step for progress in train(RUN, unbroken) if isinstance(progress, Progress)] == [4, 8]
    assert output.read_bytes() == unbroken.read_bytes()
    assert load_clip_nano(output).config == NET
