"""What every :class:`mobile.workflow.ports.Keys` keeps to: the stand-in of the tests and the native adapter alike."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mobile.device.native import NativeKeys
from mobile.workflow.ports import Keys
from shared.errors import AccessError, InputError
from tests.contracts.fakes import SoftwareKeys, seeded

MODULE = Path(__file__).parents[2] / "mobile/web/page/hpke.mjs"
SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


@pytest.fixture(params=["stand-in", "native"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Keys:
    """Each implementation, empty."""
    if request.param == "native":
        return NativeKeys(tmp_path, seeded("native"), rounds=1000)
    return SoftwareKeys(seeded("stand-in"))


def test_a_made_key_signs_and_the_public_half_verifies(keys: Keys) -> None:
    """Author's and device's signatures are Ed25519 of 64 bytes, each by its own key, over exactly the message."""

    async def flow() -> None:
        made = await keys.create("li", "246810")
        for public, other, signature in (
            (made.author_public_key, made.device_public_key, await keys.sign_as_author("li", b"m")),
            (made.device_public_key, made.author_public_key, await keys.sign_as_device(b"m")),
        ):
            assert len(signature) == 64
            assert await keys.verify(public, b"m", signature)
            assert not await keys.verify(public, b"n", signature)
            assert not await keys.verify(other, b"m", signature)

    asyncio.run(flow())


def test_the_devices_key_is_made_once(keys: Keys) -> None:
    """A second author gets a key of their own and the same device's key."""

    async def flow() -> None:
        first, second = await keys.create("li", "246810"), await keys.create("zhao", "135790")
        assert first.device_public_key == second.device_public_key
        assert first.author_public_key != second.author_public_key
        assert sorted(await keys.unlocked()) == ["li", "zhao"]

    asyncio.run(flow())


def test_a_locked_key_does_not_sign(keys: Keys) -> None:
    """After the lock only the right PIN opens the key again; a wrong one and a stranger are False, not an error."""

    async def flow() -> None:
        await keys.create("li", "246810")
        await keys.lock()
        assert await keys.unlocked() == []
        with pytest.raises(AccessError, match="key_locked"):
            await keys.sign_as_author("li", b"m")
        assert not await keys.unlock("li", "000000")
        assert not await keys.unlock("nobody", "246810")
        assert await keys.unlock("li", "246810")
        assert await keys.sign_as_author("li", b"m")

    asyncio.run(flow())


def test_a_renamed_key_is_the_same_key(keys: Keys) -> None:
    """The name changes, the key and its PIN do not."""

    async def flow() -> None:
        made = await keys.create("new", "246810")
        await keys.rename("new", "li")
        await keys.lock()
        assert await keys.unlock("li", "246810")
        assert await keys.verify(made.author_public_key, b"m", await keys.sign_as_author("li", b"m"))
        assert not await keys.unlock("new", "246810")

    asyncio.run(flow())


def test_sealed_content_opens_and_a_changed_byte_is_seen(keys: Keys) -> None:
    """What was sealed comes back; it never reads the same twice; damage is InputError sealed_content_damaged."""

    async def flow() -> None:
        await keys.create("li", "246810")
        sealed = await keys.seal("草稿".encode())
        assert await keys.open(sealed) == "草稿".encode()
        assert sealed != await keys.seal("草稿".encode())
        with pytest.raises(InputError, match="sealed_content_damaged"):
            await keys.open(sealed[:-1] + bytes([sealed[-1] ^ 1]))

    asyncio.run(flow())


@pytest.mark.parametrize("maker", ["given", "browser"])
def test_what_is_sealed_for_a_key_is_opened_by_its_holder_alone(keys: Keys, maker: str) -> None:
    """HPKE as the server's library has it: opened by that key and with those bound bytes, by no other; the browser's module does the same."""

    async def flow() -> None:
        await keys.create("li", "246810")
        holder, other = (ec.derive_private_key(number, ec.SECP256R1()) for number in (5, 7))
        public = holder.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        for content in (b"", b"records" * 1000):
            sealed = (
                in_browser(public, content, b"header")
                if maker == "browser"
                else await keys.seal_for(public, content, b"header")
            )
            assert SUITE.decrypt(sealed, holder, b"header") == content
            assert len(sealed) == len(content) + 65 + 16
            for key, bound in ((other, b"header"), (holder, b"another")):
                with pytest.raises(InvalidTag):
                    SUITE.decrypt(sealed, key, bound)
        with pytest.raises(InputError, match="handover_key_unusable"):
            await keys.seal_for(bytes(65), b"", b"")

    asyncio.run(flow())


def in_browser(public: bytes, content: bytes, bound: bytes) -> bytes:
    """What the browser's own module seals, under Node's WebCrypto."""
    script = (
        f"import {{ sealFor }} from {json.dumps(MODULE.as_uri())};"
        "let text = ''; for await (const part of process.stdin) text += part;"
        "const bytes = JSON.parse(text).map(each => new Uint8Array(Buffer.from(each, 'base64')));"
        "process.stdout.write(Buffer.from(await sealFor(...bytes)).toString('base64'));"
    )
    given = json.dumps([base64.b64encode(each).decode() for each in (public, content, bound)])
    ran = subprocess.run(
        ["node", "--input-type=module", "--eval", script], input=given, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return base64.b64decode(ran.stdout)
