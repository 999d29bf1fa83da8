"""The office's pages: server-rendered, usable by keyboard, printable."""

from __future__ import annotations

from server.console.files import handlers as _files
from server.console.office import handlers as _office
from server.console.signing_in import handlers as _signing_in

handlers = [*_signing_in, *_office, *_files]

__all__ = ["handlers"]
