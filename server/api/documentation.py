"""The API's documentation as a page: Swagger UI from our own origin, so that it needs no other host and no inline script."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.enums import OpenAPIMediaType
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.params import FromPath
from litestar.routes import HTTPRoute

from server.problems import ProblemDocument
from sync.codec import MEDIA_TYPE

PROBLEM = "application/problem+json"
FILES = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}
SCRIPT = """"use strict";
addEventListener("DOMContentLoaded", () => SwaggerUIBundle({
  url: "/docs/openapi.json", dom_id: "#documentation", deepLinking: true, validatorUrl: null,
}));
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quanheng API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
<script src="/docs/files/swagger-ui-bundle.js" defer></script>
<script src="/docs/files/start.js" defer></script>
</head>
<body><div id="documentation"></div></body>
</html>
"""


def folder() -> Path:
    """Where the package that carries Swagger UI keeps it; the package itself is not imported."""
    found = find_spec("fastapi_offline")
    assert found is not None  # noqa: S101  the server's dependencies name it
    assert found.submodule_search_locations  # noqa: S101  it is a package
    return Path(found.submodule_search_locations[0]) / "static"


class DocumentationPage(OpenAPIRenderPlugin):
    """The page at ``/docs``; it reads ``/docs/openapi.json``."""

    def __init__(self) -> None:
        super().__init__(path="/swagger")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return PAGE.encode()


class Description(OpenAPIRenderPlugin):
    """The description itself, ``/docs/openapi.json``, with the messages that each handler says it takes and gives."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return msgspec.json.encode(described(request.app.routes, openapi_schema))


def described(routes: Sequence[Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The framework's description, which knows paths and parameters, with bodies and errors."""
    found = [
        (route.path_format, method.lower(), handler.opt)
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if route.path_format in schema["paths"]
    ]
    messages = {opt[name] for _path, _method, opt in found for name in ("takes", "gives") if name in opt}
    types = sorted(messages | {ProblemDocument}, key=lambda each: each.__name__)
    references, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    of = dict(zip(types, references, strict=True))
    paths = deepcopy(schema["paths"])
    problem = {"description": "A problem document", "content": {PROBLEM: {"schema": of[ProblemDocument]}}}
    for path, method, opt in found:
        operation = paths[path].get(method)
        if operation is None:
            continue
        if "takes" in opt:
            operation["requestBody"] = {
                "required": True,
                "content": {MEDIA_TYPE: {"schema": of[opt["takes"]]}},
            }
        if "gives" in opt:
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    answer["content"] = {MEDIA_TYPE: {"schema": of[opt["gives"]]}}
        operation["responses"] = {
            **{status: answer for status, answer in operation["responses"].items() if status.startswith("2")},
            "default": problem,
        }
    return {**schema, "paths": paths, "components": {"schemas": components}}


@get("/docs/files/{name:str}", include_in_schema=False, sync_to_thread=True)
def documentation_file(name: FromPath[str]) -> Response[bytes]:
    """Swagger UI's style and script, and the line that starts it."""
    kept = {"Cache-Control": "max-age=86400"}
    if name == "start.js":
        return Response(SCRIPT.encode(), media_type=FILES["swagger-ui-bundle.js"], headers=kept)
    if name not in FILES:
        raise NotFoundException
    return Response((folder() / name).read_bytes(), media_type=FILES[name], headers=kept)


handlers: list[HTTPRouteHandler] = [documentation_file]
