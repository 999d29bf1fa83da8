"""Puts the house up: the one module that names concrete classes, and the two applications over the same services."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from argon2 import PasswordHasher
from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig

from server import console, headers, public, static
from server.adapters import SystemClock, system_random
from server.api import device, documentation, handovers, packs, uploads
from server.problems import as_problem
from server.services.access import Access
from server.services.attachments import AttachmentFiles, Bounds
from server.services.campaigns import Campaigns
from server.services.conflicts import Conflicts
from server.services.desk import Desk
from server.services.enrolment import Enrolments, Office
from server.services.handovers import Handovers, public_key_of
from server.services.house import House
from server.services.journal import Journal
from server.services.labels import Labels
from server.services.ledger_log import LedgerLog
from server.services.lots import Lots
from server.services.office_records import OfficeRecords
from server.services.own_keys import own_key, own_opening_key
from server.services.packs import Packs
from server.services.projecting import Rulebooks
from server.services.pull import Puller
from server.services.receive import Receiver
from server.services.registry import Registry
from server.services.stickers import Stickers
from server.settings import Settings
from server.store import access as access_store
from server.store.database import Database
from server.store.files import Folder
from server.words import Words
from shared.clock import Clock
from shared.identity import RandomBytes, mint
from shared.metrology.catalogue import Catalogue
from shared.metrology.prepackages.rules import PrepackageRules
from shared.regions import read_regions


def open_house(
    settings: Settings,
    clock: Clock | None = None,
    random_bytes: RandomBytes = system_random,
    hasher: PasswordHasher | None = None,
) -> tuple[House, Database]:
    """Opens the store, brings its tables up to date, and puts the services together."""
    clock = clock or SystemClock()
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    database.migrate()
    generation = database.write_alone(
        partial(access_store.settled_fact, name="generation", make=partial(mint, clock, random_bytes))
    )
    rules = Rulebooks(
        Catalogue.parse(files_in(settings.assets / "catalogue")),
        PrepackageRules.parse(files_in(settings.assets / "prepackages")),
    )
    places = settings.assets / "regions"
    regions = read_regions((places / "regions.csv").read_bytes(), (places / "townships.csv").read_bytes())
    keys = settings.data / "keys"
    office_key = own_key(keys, "office", random_bytes)
    log = LedgerLog(database, clock, office_key, generation)
    log.catch_up()
    receiver = Receiver(database, rules, clock, generation, log)
    receiver.release_known_kinds()
    office = OfficeRecords(database, receiver, office_key, clock, random_bytes)
    label_key = own_key(keys, "labels", random_bytes)
    labels = Labels(label_key, settings.name, settings.office_origin, office, random_bytes)
    handover_key = own_opening_key(keys, "handover", random_bytes)
    told = told_of(settings, generation, labels, public_key_of(handover_key))
    attachments = AttachmentFiles(
        database,
        Folder(settings.data / "attachments"),
        clock,
        Bounds(settings.device_files_mb * 1_000_000, settings.county_files_mb * 1_000_000),
    )
    attachments.sweep()
    registry = Registry(database)
    house = House(
        clock=clock,
        rules=rules,
        regions=regions,
        generation=generation,
        access=Access(database, clock, random_bytes, hasher or PasswordHasher()),
        enrolments=Enrolments(database, clock, random_bytes, told, log),
        receiver=receiver,
        puller=Puller(database, clock, generation),
        log=log,
        packs=Packs(database, clock, generation, settings.data / "packs", settings.pack_from),
        office=office,
        labels=labels,
        attachments=attachments,
        handovers=Handovers(database, receiver, attachments, handover_key, clock, generation),
        journal=Journal(database, rules, attachments, office.public_key),
        desk=Desk(database),
        registry=registry,
        campaigns=Campaigns(registry, regions),
        conflicts=Conflicts(database, office),
        lots=Lots(registry),
        stickers=Stickers(database, registry, office, clock, random_bytes, generation),
        phone_origin=settings.phone_origin,
        office_origin=settings.office_origin,
        demo=settings.demo,
    )
    return house, database


def told_of(settings: Settings, generation: str, labels: Labels, handover_key: bytes) -> Office:
    """What every phone is told of this office."""
    return Office(
        generation, settings.name, settings.office_origin, labels.keys(), settings.demo, handover_key
    )


def files_in(folder: Path) -> dict[str, bytes]:
    """The rules in a folder, by file name."""
    return {path.name: path.read_bytes() for path in folder.glob("*.toml")}


def phone_app(house: House, settings: Settings) -> Litestar:
    """The phone's origin: the web app and ``/api/``, nothing else."""
    api = Router(
        "/api/v1", route_handlers=[*device.handlers, *packs.handlers, *handovers.handlers, uploads.router]
    )
    return Litestar(
        route_handlers=[api, *static.handlers],
        exception_handlers={Exception: as_problem},
        state=State(
            {"house": house, "words": Words(settings.assets / "locales"), "web": static.WebApp(settings.web)}
        ),
        before_send=[headers.with_headers(headers.PHONE, settings.phone_origin.startswith("https://"))],
        openapi_config=None,
        request_max_body_size=device.MAX_BODY,
    )


def office_app(house: House, settings: Settings) -> Litestar:
    """The office's origin: console, public pages, the API's documentation."""
    words = Words(settings.assets / "locales")
    documented = Router(
        "/api/v1",
        route_handlers=[*device.handlers, *packs.handlers, *handovers.handlers, uploads.router],
        exception_handlers={Exception: as_problem},
    )
    return Litestar(
        route_handlers=[*console.handlers, *public.handlers, *documentation.handlers, documented],
        exception_handlers={Exception: console.as_page},
        before_send=[headers.with_headers(headers.OFFICE, settings.is_secure)],
        state=State(
            {
                "house": house,
                "words": words,
                "secure": settings.is_secure,
                "assets": settings.assets,
                "kept": settings.data,
            }
        ),
        openapi_config=OpenAPIConfig(
            title="Quanheng API",
            version="1",
            description="Between phone and server. Bodies are msgpack, errors are problem documents (RFC 9457) in JSON.",
            path="/docs",
            render_plugins=[documentation.DocumentationPage(), documentation.Description()],
        ),
        compression_config=CompressionConfig(backend="gzip", exclude="^/api/"),
        request_max_body_size=1024 * 1024,
    )
