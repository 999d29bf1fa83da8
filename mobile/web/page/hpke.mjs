// HPKE (RFC 9180) in base mode, to seal one message: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Every browser's WebCrypto has these.

const subtle = globalThis.crypto.subtle;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const text = words => new TextEncoder().encode(words);
const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
};
const VERSION = text("HPKE-v1");
const KEM = join(text("KEM"), [0x00, 0x10]);
const SUITE = join(text("HPKE"), [0x00, 0x10, 0x00, 0x01, 0x00, 0x02]);
const NOTHING = new Uint8Array(0);
const ZEROS = new Uint8Array(32);  // the salt that an empty one stands for (RFC 5869, 2.2)

async function hmac(secret, message) {
  const key = await subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", key, message));
}
const extract = (suite, salt, label, secret) => hmac(salt, join(VERSION, suite, text(label), secret));
// No more than the 32 bytes of one round are ever asked for.
const expand = async (suite, secret, label, info, size) =>
  (await hmac(secret, join([0, size], VERSION, suite, text(label), info, [1]))).slice(0, size);

// The encapsulated key and the ciphertext, or null where `open` is no key.
export async function sealFor(open, content, info) {
  let theirs;
  try {
    theirs = await subtle.importKey("raw", open, CURVE, true, []);
  } catch {
    return null;
  }
  const ours = await subtle.generateKey(CURVE, true, ["deriveBits"]);
  const encapsulated = new Uint8Array(await subtle.exportKey("raw", ours.publicKey));
  const agreed = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256));
  const shared = await expand(KEM, await extract(KEM, ZEROS, "eae_prk", agreed), "shared_secret", join(encapsulated, open), 32);
  const context = join(
    [0], await extract(SUITE, ZEROS, "psk_id_hash", NOTHING), await extract(SUITE, ZEROS, "info_hash", info));
  const secret = await extract(SUITE, shared, "secret", NOTHING);
  const key = await subtle.importKey("raw", await expand(SUITE, secret, "key", context, 32), "AES-GCM", false, ["encrypt"]);
  const iv = await expand(SUITE, secret, "base_nonce", context, 12);
  return join(encapsulated, new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, key, content)));
}
