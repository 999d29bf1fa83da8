"""The office's words in the reader's language: Chinese unless English is asked for."""

from __future__ import annotations

import gettext
from pathlib import Path

LANGUAGES = {"zh": "zh_CN", "en": "en"}
DOMAINS = ("server", "shared")


class Words:
    """The message catalogues of both languages."""

    def __init__(self, locales: Path) -> None:
        self._catalogues: dict[str, gettext.GNUTranslations] = {}
        for language, folder in LANGUAGES.items():
            catalogue: gettext.GNUTranslations | None = None
            for domain in DOMAINS:
                found = gettext.translation(domain, locales, [folder])
                if catalogue is None:
                    catalogue = found
                else:
                    catalogue.add_fallback(found)
            assert catalogue is not None  # noqa: S101  there is a domain
            self._catalogues[language] = catalogue

    def catalogue(self, language: str) -> gettext.GNUTranslations:
        """The catalogue of ``zh`` or ``en``; anything else is Chinese."""
        return self._catalogues.get(language, self._catalogues["zh"])


def language_of(header: str) -> str:
    """``en`` where an Accept-Language header prefers English over Chinese, else ``zh``."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in header.split(","):
        tag, _, quality = part.strip().partition(";q=")
        language = tag[:2].lower()
        if language in weights:
            try:
                weights[language] = max(weights[language], float(quality or 1))
            except ValueError:
                continue
    return "en" if weights["en"] > weights["zh"] else "zh"
