"""The HTTP API (docs/serve.md). Pydantic reads what comes in, and is known nowhere else."""

import logging
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.exceptions import HTTPException

from impasto.app.desk import Desk
from impasto.app.guard import log_refusal, refusal_response
from impasto.app.order import Order, Painted, ShotStyle, offered_models
from impasto.app.refusals import Refused
from impasto.app.store import Kind, Upload
from impasto.errors import ImpastoError
from impasto.job.catalog import style_facts
from impasto.job.plain import plain

logger = logging.getLogger("impasto.app")
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$")]
Words = Annotated[str, Field(max_length=500)]
_PRIVATE = {"cache-control": "private, no-cache"}
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class ShotIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    start: Annotated[int, Field(ge=0)]
    stop: Annotated[int, Field(gt=0)]
    style: Name | None = None
    prompt: Words | None = None


class PaintedIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    time: Annotated[str, Field(max_length=20)]
    picture: Id


class OrderIn(BaseModel):
    """What a job is to do: the options of `impasto stylize`, with ids of uploads in place of files."""

    model_config = ConfigDict(extra="forbid")
    clip: Id
    styles: Annotated[list[Name], Field(max_length=8)] = []
    pictures: Annotated[list[Id], Field(max_length=8)] = []
    prompt: Words | None = None
    first_frame: Id | None = None
    keyframes: Annotated[list[PaintedIn], Field(max_length=50)] = []
    mask: Id | None = None
    strength: Share = 1.0
    structure: Share = 0.0
    preserve_color: bool = False
    model: Name = "swift"
    preset: Literal["draft", "standard", "high"] = "standard"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    shots: Annotated[list[ShotIn], Field(max_length=1000)] = []

    @model_validator(mode="after")
    def _says_something(self) -> "OrderIn":
        painted = self.first_frame or self.keyframes
        every_shot = self.shots and all(shot.style or shot.prompt for shot in self.shots)
        if not (self.styles or self.pictures or (self.prompt or "").strip() or painted or every_shot):
            raise ValueError("choose a style, add a picture, write a description or paint a frame")
        return self

    def order(self) -> Order:
        told = self.model_dump()
        told |= {name: tuple(told[name]) for name in ("styles", "pictures")}
        told["keyframes"] = tuple(Painted(**each) for each in told["keyframes"])
        told["shots"] = tuple(ShotStyle(**shot) for shot in told["shots"])
        return Order(**told)


def read_order(told: dict[str, Any]) -> Order:
    """An order from plain data; raises `Refused` that says what is wrong."""
    try:
        return OrderIn.model_validate(told).order()
    except ValidationError as error:
        raise _invalid(error.errors()) from error


def add_routes(app: FastAPI, desk: Desk) -> None:
    """The API on a server, and its answers to what goes wrong."""

    @app.exception_handler(Refused)
    async def refuse(request: Request, refusal: Refused) -> Response:
        log_refusal(request.scope, refusal)
        return refusal_response(refusal)

    @app.exception_handler(ImpastoError)
    async def tell(request: Request, error: ImpastoError) -> Response:
        return await refuse(request, Refused(422, str(error)))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return await refuse(request, _invalid(error.errors()))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return await refuse(request, Refused(error.status_code, f"{str(error.detail).rstrip('.')}."))

    @app.get("/api/limits")
    def limits() -> dict[str, Any]:
        """How much is taken here."""
        return plain(desk.limits)

    @app.get("/api/models")
    def models() -> dict[str, tuple[str, ...]]:
        """The models of this server, each with the kinds of guidance that it takes."""
        return offered_models()

    @app.get("/api/styles")
    def styles() -> list[dict[str, str]]:
        """The named styles."""
        told = [plain(style) for style in style_facts()]
        return [{**style, "preview": f"/api/styles/{style['name']}.jpg"} for style in told]

    @app.get("/api/styles/{name}.jpg")
    def style_picture(name: Name) -> Response:
        found = next((style for style in style_facts() if style.name == name), None)
        if found is None:
            raise Refused(404, f"There is no style {name!r}.")
        return FileResponse(found.preview, headers={"cache-control": "max-age=86400"})

    @app.post("/api/uploads", status_code=201)
    async def upload(request: Request, kind: Kind, name: str = "") -> dict[str, Any]:
        """Take a file, which is the body as it is, and look at it."""
        id, path = await run_in_threadpool(desk.begin_upload)
        try:
            with path.open("wb") as file:
                async for piece in request.stream():
                    file.write(piece)
        except BaseException:
            desk.drop_upload(id)
            raise
        return _shown(await run_in_threadpool(desk.end_upload, _visitor(request), id, kind, name))

    @app.get("/api/uploads/{id}")
    def upload_facts(request: Request, id: Id) -> dict[str, Any]:
        return _shown(desk.upload(_visitor(request), id))

    @app.delete("/api/uploads/{id}", status_code=204)
    def forget_upload(request: Request, id: Id) -> None:
        desk.forget_upload(_visitor(request), id)

    @app.get("/api/uploads/{id}/poster")
    def poster(request: Request, id: Id) -> Response:
        return _own_file(desk.upload_file(_visitor(request), id, "poster"), "image/jpeg")

    @app.get("/api/uploads/{id}/first")
    def first(request: Request, id: Id) -> Response:
        return _own_file(desk.upload_file(_visitor(request), id, "first"), "image/png")

    @app.post("/api/plan")
    def plan(request: Request, order: OrderIn) -> dict[str, Any]:
        """What a job would take: time, memory, disk."""
        return desk.plan(_visitor(request), order.order())

    @app.post("/api/jobs", status_code=201)
    def submit(request: Request, order: OrderIn) -> dict[str, Any]:
        """Put a job into the queue."""
        return desk.describe(desk.submit(_visitor(request), order.order()))

    @app.get("/api/jobs")
    def jobs(request: Request) -> list[dict[str, Any]]:
        """Your jobs, the latest first."""
        return [desk.describe(job) for job in desk.jobs(_visitor(request))]

    @app.get("/api/jobs/{id}")
    def job(request: Request, id: Id) -> dict[str, Any]:
        return desk.describe(desk.job(_visitor(request), id))

    @app.post("/api/jobs/{id}/cancel")
    def cancel(request: Request, id: Id) -> dict[str, Any]:
        return desk.describe(desk.cancel(_visitor(request), id))

    @app.delete("/api/jobs/{id}", status_code=204)
    def forget_job(request: Request, id: Id) -> None:
        desk.forget_job(_visitor(request), id)

    @app.get("/api/jobs/{id}/result")
    def result(request: Request, id: Id, download: bool = False) -> Response:
        path, title = desk.job_file(_visitor(request), id, "result"), desk.job(_visitor(request), id).title
        name = f"{FilePath(title).stem}-impasto.mp4" if download else None
        return _own_file(path, "video/mp4", name)

    @app.get("/api/jobs/{id}/before")
    def before(request: Request, id: Id) -> Response:
        path = desk.job_file(_visitor(request), id, "before")
        return _own_file(path, "video/webm" if _is_webm(path) else "video/mp4")

    @app.get("/api/jobs/{id}/record")
    def record(request: Request, id: Id) -> Response:
        return _own_file(desk.job_file(_visitor(request), id, "record"), "application/json")

    @app.get("/api/jobs/{id}/preview")
    def preview(request: Request, id: Id) -> Response:
        # It is replaced all the time: a file that is measured before it is opened may be another by then.
        picture = desk.job_file(_visitor(request), id, "preview").read_bytes()
        return Response(picture, media_type="image/jpeg", headers=_PRIVATE)


def visitor_in(scope: Any) -> str:
    """The visitor that the guard found."""
    return scope["impasto.visitor"]


def _visitor(request: Request) -> str:
    return visitor_in(request.scope)


def _shown(upload: Upload) -> dict[str, Any]:
    return {"id": upload.id, "kind": upload.kind, "title": upload.title, "bytes": upload.bytes, **upload.facts}


def _own_file(path: FilePath, kind: str, name: str | None = None) -> Response:
    return FileResponse(path, media_type=kind, filename=name, headers=_PRIVATE)


def _is_webm(path: FilePath) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x1a\x45\xdf\xa3"


def _invalid(errors: Any) -> Refused:
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    said = str(first["msg"]).removeprefix("Value error, ")
    return Refused(422, f"{where}: {said}." if where else f"{said[:1].upper()}{said[1:]}.")
