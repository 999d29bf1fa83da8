"""The office's pages: server-rendered, usable by keyboard, printable."""

from __future__ import annotations

from server.console.conflicts import handlers as _conflicts
from server.console.files import handlers as _files
from server.console.frame import as_page
from server.console.handovers import handlers as _handovers
from server.console.office import handlers as _office
from server.console.phones import handlers as _phones
from server.console.signing_in import handlers as _signing_in

handlers = [*_signing_in, *_office, *_conflicts, *_phones, *_handovers, *_files]

__all__ = ["as_page", "handlers"]
