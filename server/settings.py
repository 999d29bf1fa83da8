"""What the server is told from outside: command-line options win over the environment (``QUANHENG_…``)."""

from __future__ import annotations

from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[1]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server listens, keeps its data and says it can be reached."""

    data: Path = ROOT / "var"
    host: str = "127.0.0.1"
    phone_port: int = 8770
    office_port: int = 8771
    phone_url: str = ""
    """Public address of the phone's app; empty means this machine's own."""
    office_url: str = ""
    """Public address of the console and the labels' pages."""
    database_url: str = ""
    """PostgreSQL's address; empty means SQLite in the data folder."""
    web: Path = ROOT / "build/web"
    assets: Path = ROOT / "assets"
    name: str = "辽宁省计量监督（演示）"
    pack_from: int = 2000
    """Changes from which a county gets a pack: what one page or two bring is sooner pulled."""
    demo: bool = False
    """Confirms enrolments by itself and shows the demo's accounts; never in the field."""

    device_files_mb: int = 1_000
    """Megabytes of photos that one phone may send in a day."""
    county_files_mb: int = 200_000
    """Megabytes of photos that are kept of one county."""

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'quanheng.db'}"

    @property
    def phone_origin(self) -> str:
        return (self.phone_url or f"http://localhost:{self.phone_port}").rstrip("/")

    @property
    def office_origin(self) -> str:
        return (self.office_url or f"http://localhost:{self.office_port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether people reach the office by https, so that its cookies may say so."""
        return self.office_origin.startswith("https://")


def from_environment(environment: dict[str, str]) -> Settings:
    """Settings from ``QUANHENG_DATA``, ``QUANHENG_PHONE_PORT`` and so on; ``DATABASE_URL`` names PostgreSQL."""
    given: dict[str, str] = {}
    for field in msgspec.structs.fields(Settings):
        value = environment.get(f"QUANHENG_{field.name.upper()}", "")
        if value:
            given[field.name] = value
    if environment.get("DATABASE_URL"):
        given["database_url"] = environment["DATABASE_URL"]
    return msgspec.convert(given, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
