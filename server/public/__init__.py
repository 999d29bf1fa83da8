"""What the public sees: the page behind a label, and the check of a receipt. No sign-in, no script, no personal data."""

from __future__ import annotations

from server.public.pages import handlers

__all__ = ["handlers"]
