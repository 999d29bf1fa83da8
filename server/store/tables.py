"""The server's tables. Those that grow have the county in their key, so that PostgreSQL can partition by it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
    text,
)

metadata = MetaData()
BY_COUNTY = "HASH (county)"
"""How PostgreSQL parts the tables that grow with every record; the migrations make the parts."""

about = Table(
    "about", metadata, Column("name", String(32), primary_key=True), Column("value", Text, nullable=False)
)
"""Facts on this store: its generation, the server's own chain."""

county_counter = Table(
    "county_counter",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("ledger_seq", Integer, nullable=False),
    Column("state_seq", Integer, nullable=False),
)
"""The last numbers given in each county; taken last before a commit, in ascending county."""

ledger = Table(
    "ledger",
    metadata,
    Column("county", String(6), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("record_id", String(36), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("schema", Integer, nullable=False),
    Column("author", String(36), nullable=False),
    Column("author_key", String(16), nullable=False),
    Column("device", String(36), nullable=False),
    Column("chain", String(36), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("chain_note", String(8), nullable=False),
    Column("clock_doubtful", Boolean, nullable=False),
    Column("observed_at", String(32), nullable=False),
    Column("received_at", String(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("cosignatures", LargeBinary, nullable=False),
    PrimaryKeyConstraint("county", "seq"),
    Index("ledger_received", "county", "received_at"),
    Index("ledger_chain", "chain", "sequence"),
    postgresql_partition_by=BY_COUNTY,
)
"""Every applied record, for ever, in the order of its county."""

ledger_subject = Table(
    "ledger_subject",
    metadata,
    Column("subject", String(36), nullable=False),
    Column("county", String(6), nullable=False),
    Column("seq", Integer, nullable=False),
    PrimaryKeyConstraint("subject", "county", "seq"),
    postgresql_partition_by=BY_COUNTY,
)
"""Which records name a subject."""

record_identity = Table(
    "record_identity",
    metadata,
    Column("record_id", String(36), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("county", String(6), nullable=False),
    Column("seq", Integer, nullable=False),
)
"""Identity over all counties, written in the intake's transaction."""

intake = Table(
    "intake",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("record_id", String(36), nullable=False),
    Column("county", String(6), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("status", String(12), nullable=False),
    Column("code", String(64), nullable=False),
    Column("problem", LargeBinary, nullable=False),
    Column("waiting_for", String(80), nullable=False),
    Column("device", String(36), nullable=False),
    Column("received_at", String(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("cosignatures", LargeBinary, nullable=False),
    Index("intake_waiting", "waiting_for"),
    Index("intake_record", "record_id"),
)
"""The bytes of what is held or refused."""

later_ruling = Table(
    "later_ruling",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("device", String(36), nullable=False),
    Column("record_id", String(36), nullable=False),
    Column("ruling", LargeBinary, nullable=False),
    Index("later_ruling_device", "device", "number"),
    Index("later_ruling_record", "record_id"),
    sqlite_autoincrement=True,
)
"""Rulings that changed after the push; the author's phone pulls them."""

chain_head = Table(
    "chain_head",
    metadata,
    Column("chain", String(36), primary_key=True),
    Column("device", String(36), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("digest", String(64)),
    Column("count", Integer, nullable=False),
    Column("forked", Boolean, nullable=False),
)

ledger_tree = Table(
    "ledger_tree",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
)
"""The right edge of the Merkle tree over each county's ledger: the roots of its complete subtrees."""

ledger_node = Table(
    "ledger_node",
    metadata,
    Column("county", String(6), nullable=False),
    Column("height", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("county", "height", "number"),
)
"""The roots of the complete subtrees of 256, 256², … leaves (height 1, 2, …); what is below is worked out from the ledger when asked."""

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("county", String(6), nullable=False),
    Column("generation", String(36), nullable=False),
    Column("size", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    Column("server_time", String(32), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("county", "generation", "size"),
    Index("ledger_head_newest", "county", "size"),
)
"""Every head that the office has signed; written in the transaction that appended, and handed out after its commit."""

state = Table(
    "state",
    metadata,
    Column("county", String(6), nullable=False),
    Column("subject", String(36), nullable=False),
    Column("subject_type", String(16), nullable=False),
    Column("state_seq", Integer, nullable=False),
    Column("state", LargeBinary),
    Column("disputed", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("county", "subject"),
    Index("state_by_seq", "county", "state_seq"),
    Index("state_subject", "subject"),
    Index("state_disputed", "county", sqlite_where=text("disputed"), postgresql_where=text("disputed")),
    postgresql_partition_by=BY_COUNTY,
)
"""The projections: each subject's state as JSON, None for a tombstone. Phones pull these. ``disputed``: a person in the office must decide."""

instrument_index = Table(
    "instrument_index",
    metadata,
    Column("instrument_id", String(36), primary_key=True),
    Column("county", String(6), nullable=False),
    Column("kind", String(48), nullable=False),
    Column("serial_key", String(64), nullable=False),
    Column("label", String(8), nullable=False),
    Column("premises_id", String(36), nullable=False),
    Column("twin_key", String(192), nullable=False, server_default=""),
    Index("instrument_label", "label"),
    Index("instrument_serial", "serial_key"),
    Index("instrument_premises", "premises_id"),
    Index("instrument_twin", "twin_key"),
)
"""By what an instrument is looked up, over all counties; two with one ``twin_key`` or one ``label`` are a conflict."""

alias_index = Table(
    "alias_index",
    metadata,
    Column("key", String(128), nullable=False),
    Column("instrument_id", String(36), nullable=False),
    Column("county", String(6), nullable=False),
    PrimaryKeyConstraint("key", "instrument_id"),
)
"""Which instruments a code of others stands for, over all counties; more than one is a conflict that a person must settle."""

inspection_index = Table(
    "inspection_index",
    metadata,
    Column("record_id", String(36), primary_key=True),
    Column("county", String(6), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("instrument_id", String(36), nullable=False),
    Column("observed_at", String(32), nullable=False),
    Column("headline", String(24), nullable=False),
    Column("stated", String(24), nullable=False),
    Index("inspection_instrument", "instrument_id"),
    Index("inspection_day", "county", "observed_at"),
)
"""Each inspection's headline as worked out here, and as the phone stated it."""

person = Table(
    "person",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("login", String(64), unique=True, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(24), nullable=False),
    Column("body", Text, nullable=False),
    Column("certificate_no", String(64), nullable=False),
    Column("counties", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("failed_sign_ins", Integer, nullable=False),
    Column("locked_until", String(32), nullable=False),
)

device = Table(
    "device",
    metadata,
    Column("device_id", String(36), primary_key=True),
    Column("person_id", String(36), ForeignKey("person.person_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("author_public_key", LargeBinary, nullable=False),
    Column("software_key", Boolean, nullable=False),
    Column("fingerprint", String(32), nullable=False),
    Column("state", String(12), nullable=False),
    Column("access", String(12), nullable=False),
    Column("confirmed_by_itself", Boolean, nullable=False),
    Column("token_hash", String(64), unique=True, nullable=False),
    Column("counties", Text, nullable=False),
    Column("scope_version", Integer, nullable=False),
    Column("enrolled_at", String(32), nullable=False),
    Column("last_seen", String(32), nullable=False),
    Column("app_version", String(32), nullable=False),
    Column("clock_offset_ms", BigInteger),
)

author_key = Table(
    "author_key",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("person_id", String(36), ForeignKey("person.person_id"), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("software", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("created_at", String(32), nullable=False),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("person_id", String(36), ForeignKey("person.person_id"), nullable=False),
    Column("counties", Text, nullable=False),
    Column("created_by", String(36), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("device_id", String(36), nullable=False),
)
"""Single-use codes; ``device_id`` is empty until one is used."""

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", String(36), ForeignKey("person.person_id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_at", String(32), nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("record_id", String(36), nullable=False),
    Column("device", String(36), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("county", String(6), nullable=False, server_default=""),
    Column("said", Text, nullable=False, server_default=""),
    Index("attachment_county", "county", "size"),
    Index("attachment_device", "device", "created_at", "size"),
)
"""Files that are whole: the content's hash is the digest. ``said`` is the upload's metadata as the phone put it."""

upload = Table(
    "upload",
    metadata,
    Column("device", String(36), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("arrived", Integer, nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("record_id", String(36), nullable=False),
    Column("county", String(6), nullable=False),
    Column("said", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    PrimaryKeyConstraint("device", "digest"),
)
"""Uploads under way, each device's own; ``arrived`` bytes are on the disk for certain."""

handover = Table(
    "handover",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("device", String(36), nullable=False),
    Column("brought_by", String(36), nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("received_at", String(32), nullable=False),
    Column("rulings", LargeBinary, nullable=False),
    Index("handover_received", "received_at"),
)
"""Bundles that were taken in, each once: whose records, the phone or the person that brought them, and the rulings of that moment."""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("action", String(48), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("details", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""Every change of access and every reading of personal data."""

PROJECTIONS = [state, instrument_index, alias_index, inspection_index, ledger_tree, ledger_node]
"""Tables that can be made anew from the ledger."""
