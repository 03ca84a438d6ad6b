"""The page: Gradio's tabs, sliders and brush, and widgets of ours (static/impasto.js) that speak to the HTTP API.

It gathers what a visitor says into an order and hands it to the desk; nothing is decided here.
"""

import html
import io
import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from fastapi import FastAPI
from PIL import Image

from impasto.app.api import read_order, visitor_in
from impasto.app.desk import Desk
from impasto.app.order import offered_models, seconds_of
from impasto.app.refusals import Refused
from impasto.app.theme import THEME
from impasto.errors import ImpastoError
from impasto.job.wording import duration_text, size_text
from impasto.video.pictures import write_picture

logger = logging.getLogger("impasto.app")
STATIC = Path(__file__).parent / "static"
PAINTED_MEGABYTES = 40
AT_ONCE = 20
"""Events of the page that are worked on at the same time; what is heavy waits for its turn further down."""
SECONDS_KEPT = 86_400
_HEAD = (
    '<link rel="stylesheet" href="/app/impasto.css"><script src="/app/impasto.js"></script>'
    '<script src="/app/player.js"></script><link rel="icon" href="/app/icon.svg">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
)
_TITLE = """<header class="im-head"><h1>Impasto</h1>
<p>Repaint a clip in a style that you choose, show, describe or paint, and keep it steady.</p></header>"""
_LOOKING = "() => '<p class=\"im-note\">Looking at the clip…</p>'"
_NO_CLIP = "There is no clip yet; choose one first."
_FIELDS = (
    "clip",
    "styles",
    "pictures",
    "prompt",
    "painting",
    "use_painting",
    "time",
    "paintings",
    "strength",
    "structure",
    "preserve_color",
    "model",
    "preset",
    "mask",
    "shots",
)
"""What the page gathers, in the order of its inputs."""


def add_page(app: FastAPI, desk: Desk) -> FastAPI:
    """The page at the root of a server."""
    # What Gradio opens itself is a picture that a visitor sent: it opens none that would be huge once unpacked.
    Image.MAX_IMAGE_PIXELS = desk.limits.frame_pixels
    return gr.mount_gradio_app(
        app,
        make_page(desk),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=f"{PAINTED_MEGABYTES}mb",
        ssr_mode=False,
        mcp_server=False,
        theme=THEME,
        head=_HEAD,
    )


def make_page(desk: Desk) -> gr.Blocks:
    models = offered_models()
    with gr.Blocks(title="Impasto", analytics_enabled=False, delete_cache=(3600, SECONDS_KEPT)) as page:
        gr.HTML(_TITLE)
        with gr.Row(elem_classes="im-columns"):
            with gr.Column(scale=6, min_width=320):
                with _step(1, "Your clip"):
                    clip = _widget("clip")
                with _step(2, "The style"):
                    look = _style_tabs()
                with _step(3, "How much of it"):
                    strength = gr.Slider(
                        0, 1, value=1, step=0.05, label="Strength", info="0 is the clip as it is, 1 the full style."
                    )
                    structure = gr.Slider(
                        0, 1, value=0, step=0.05, label="Structure", info="1 keeps the edges and details of the clip."
                    )
                    color = gr.Checkbox(label="Keep the colours of the clip")
                    with gr.Accordion("More: model, quality, mask", open=False, elem_classes="im-more"):
                        with gr.Row():
                            model = gr.Dropdown(list(models), value="swift", label="Model", filterable=False)
                            preset = gr.Dropdown(
                                ["draft", "standard", "high"], value="standard", label="Quality", filterable=False
                            )
                        mask = _widget("mask")
                    shots = _widget("shots")
                with gr.Row(elem_classes="im-actions"):
                    plan = gr.Button("What will it take?", variant="secondary")
                    start = gr.Button("Start", variant="primary")
                told = gr.HTML("", elem_id="told", elem_classes="im-told", js_on_load=None)
            with gr.Column(scale=5, min_width=320, elem_classes="im-runs"):
                gr.HTML('<h2 class="im-step">Your runs</h2>', js_on_load=None)
                _widget("jobs")
        amount = [strength, structure, color, model, preset, mask, shots]
        inputs = [clip, *look.inputs, *amount]
        quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": AT_ONCE}
        brush = [look.painting, look.use_painting]
        look.load.click(_frame(desk), [clip, look.time], [*brush, told], **quiet)
        look.keep.click(
            _kept(desk), [look.painting, look.time, look.paintings], [look.paintings, *brush, told], **quiet
        )
        plan.click(None, None, told, js=_LOOKING, api_visibility="private").then(
            _answered(desk, _plan), inputs, told, **quiet
        )
        start.click(_answered(desk, _start), inputs, told, **quiet).then(
            None, None, None, js="() => impasto.changed()", api_visibility="private"
        )
    return page


class _Look(NamedTuple):
    """What says how it is to look."""

    styles: gr.HTML
    pictures: gr.HTML
    prompt: gr.Textbox
    painting: gr.ImageEditor
    use_painting: gr.Checkbox
    time: gr.Textbox
    paintings: gr.HTML
    load: gr.Button
    keep: gr.Button

    @property
    def inputs(self) -> tuple[Any, ...]:
        return self[:-2]


def _style_tabs() -> _Look:
    with gr.Tabs(elem_classes="im-tabs"):
        with gr.Tab("Paintings"):
            styles = _widget("gallery")
        with gr.Tab("Pictures"):
            pictures = _widget("pictures")
        with gr.Tab("Words"):
            prompt = gr.Textbox(
                label="Describe the look",
                placeholder="calm blue watercolour of a lake in the evening",
                lines=2,
                max_length=500,
            )
        with gr.Tab("Brush"):
            gr.HTML(
                "<p>Paint over the first frame of your clip, or a later one, as it is to look; the rest follows.</p>",
                js_on_load=None,
            )
            with gr.Row(elem_classes="im-moment"):
                time = gr.Textbox("0:00", label="Time of the frame", max_length=20, scale=0, min_width=120)
                load = gr.Button("Bring in the frame", size="sm", scale=0, min_width=180)
            painting = gr.ImageEditor(
                label="Frame",
                type="numpy",
                format="png",  # what is not painted comes back as it was
                image_mode="RGB",
                sources=(),
                transforms=(),
                layers=False,
                brush=gr.Brush(default_size=24, colors=["#1f3b57", "#c8553d", "#e9c46a", "#588157", "#f4f1de"]),
                elem_id="painting",
            )
            use_painting = gr.Checkbox(label="Follow this painting", elem_id="follow")
            keep = gr.Button("Keep it, and paint another frame too", size="sm")
            paintings = _widget("paintings")
    return _Look(styles, pictures, prompt, painting, use_painting, time, paintings, load, keep)


def _step(number: int, title: str) -> gr.Column:
    column = gr.Column(elem_classes="im-card")
    with column:
        gr.HTML(f'<h2 class="im-step"><span aria-hidden="true">{number}</span>{title}</h2>', js_on_load=None)
    return column


def _widget(name: str) -> gr.HTML:
    """A part of the page that static/impasto.js makes; its value is what the visitor chose."""
    return gr.HTML(
        None,
        html_template='<div class="im-widget"></div>',
        js_on_load=f"impasto.{name}(element.querySelector('.im-widget'), props, watch)",
        elem_id=name,
    )


def _answered(desk: Desk, act: Callable[[Desk, str, dict[str, Any]], str]) -> Callable[..., str]:
    """An event of the page: its fields as an order, and what came of it in words."""

    def event(request: gr.Request, *values: Any) -> str:
        visitor = _visitor(request)
        try:
            return act(desk, visitor, _order(desk, visitor, dict(zip(_FIELDS, values, strict=True))))
        except ImpastoError as error:
            logger.warning("refused the page of %s: %s", visitor[:8], error)
            return _note(str(error), "im-error")

    return event


def _visitor(request: gr.Request) -> str:
    assert request.request is not None
    return visitor_in(request.request.scope)


def _order(desk: Desk, visitor: str, said: dict[str, Any]) -> dict[str, Any]:
    if not said["clip"]:
        raise Refused(422, _NO_CLIP)
    painting, follows, time, paintings = (said.pop(name) for name in ("painting", "use_painting", "time", "paintings"))
    told = {name: value for name, value in said.items() if value not in (None, "", [])}
    own = [_painted(desk, visitor, painting, time)] if follows else []
    return {**told, "keyframes": [*own, *_listed(paintings)]}


def _listed(paintings: Any) -> list[Any]:
    """The value of the widget, which a browser may set to anything."""
    return paintings if isinstance(paintings, list) else []


def _painted(desk: Desk, visitor: str, painting: Any, time: str) -> dict[str, str]:
    """What was painted in the page, as an upload, and the time of its frame."""
    if not isinstance(painting, dict) or painting.get("composite") is None:
        raise Refused(422, "There is no painting yet; bring in a frame and paint over it.")
    id, path = desk.begin_upload()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        png = Path(folder) / "painting.png"
        write_picture(png, np.asarray(painting["composite"], np.uint8)[..., :3])
        png.replace(path)
    return {"time": time, "picture": desk.end_upload(visitor, id, "picture", f"painting of {time}").id}


def _frame(desk: Desk) -> Callable[..., Sequence[Any]]:
    """The event that brings a frame under the brush."""

    def event(request: gr.Request, clip: Any, time: str | None) -> Sequence[Any]:
        try:
            if not clip:
                raise Refused(422, _NO_CLIP)
            png = desk.frame(_visitor(request), str(clip), time or "")
        except ImpastoError as error:
            return gr.skip(), gr.skip(), _note(str(error), "im-error")
        with Image.open(io.BytesIO(png), formats=["PNG"]) as frame:
            return {"background": np.asarray(frame), "layers": [], "composite": None}, True, ""

    return event


def _kept(desk: Desk) -> Callable[..., Sequence[Any]]:
    """The event that puts a painting beside those that were kept, and leaves the brush free for another frame."""

    def event(request: gr.Request, painting: Any, time: str | None, paintings: Any) -> Sequence[Any]:
        try:
            time = time or ""
            seconds_of(time)
            kept = _painted(desk, _visitor(request), painting, time)
        except ImpastoError as error:
            return gr.skip(), gr.skip(), gr.skip(), _note(str(error), "im-error")
        return [*_listed(paintings), kept], None, False, _note("Kept; choose another time, and bring in its frame.")

    return event


def _plan(desk: Desk, visitor: str, told: dict[str, Any]) -> str:
    plan = desk.plan(visitor, read_order(told))
    seconds = plan["seconds"]
    time = f"About {duration_text(seconds)}" if seconds else "Not timed on this machine yet"
    facts = [
        ("Time", time),
        ("Memory", size_text(plan["memory_bytes"])),
        ("Disk", size_text(plan["disk_bytes"])),
        ("Frames", f"{plan['frames']} in {plan['shots']} shot{'s' * (plan['shots'] != 1)}"),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{html.escape(value)}</dd></div>" for name, value in facts)
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in plan["lines"])
    return f'<div class="im-plan" role="status"><dl>{rows}</dl><ul>{lines}</ul></div>'


def _start(desk: Desk, visitor: str, told: dict[str, Any]) -> str:
    desk.submit(visitor, read_order(told))
    return _note("It is in the queue, under “Your runs”.")


def _note(sentence: str, kind: str = "") -> str:
    return f'<p class="im-note {kind}" role="status">{html.escape(sentence)}</p>'
