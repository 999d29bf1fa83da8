"""The phone's web app as static files: packed variants where they are accepted, tags by content, and a strict content policy."""

from __future__ import annotations

import mimetypes
from hashlib import sha256
from pathlib import Path

from anyio.to_thread import run_sync
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; "
    "font-src 'self' data:; media-src 'self' blob:; worker-src 'self'; connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'self'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    # The service worker keeps the app; the network is asked only for a newer version, and then honestly.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


class WebApp:
    """The files of a build, found once at the start: a path that is not among them does not exist."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, Path] = {}
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.is_file() and not path.name.startswith(".") and path.suffix not in {".br", ".gz"}:
                self._files["/" + path.relative_to(folder).as_posix()] = path
        self._tags: dict[Path, str] = {}

    def tag(self, path: Path) -> str:
        """A tag of the file's content."""
        if path not in self._tags:
            self._tags[path] = f'"{sha256(path.read_bytes()).hexdigest()[:20]}"'
        return self._tags[path]

    def answer(self, name: str, accepted: str, known_tag: str) -> Response[bytes]:
        """The file, packed as the browser accepts it, or that it has not changed. Raises NotFoundException."""
        path = self._files.get("/index.html" if name == "/" else name)
        if path is None:
            raise NotFoundException
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        tag = self.tag(path)
        headers = {**HEADERS, "ETag": tag}
        if known_tag == tag:
            return Response(b"", status_code=304, headers=headers)
        for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
            packed = path.with_name(path.name + ending)
            if encoding in accepted and packed.exists():
                headers["Content-Encoding"] = encoding
                return Response(packed.read_bytes(), headers=headers, media_type=kind)
        return Response(path.read_bytes(), headers=headers, media_type=kind)


@get(["/", "/{path:path}"], include_in_schema=False)
async def web_file(request: Request[None, None, State]) -> Response[bytes]:
    """A file of the phone's web app."""
    web: WebApp = request.app.state["web"]
    headers = request.headers
    accepted, known = headers.get("accept-encoding", ""), headers.get("if-none-match", "")
    return await run_sync(web.answer, request.url.path, accepted, known)


handlers: list[HTTPRouteHandler] = [web_file]
