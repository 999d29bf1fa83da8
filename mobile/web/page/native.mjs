// What the Python worker needs of the browser: a file system that survives, files by name, keys that can't be taken out, and questions to
// the page. Python sees this module as `quanheng_native`.

// ---------------------------------------------------------------- SQLite's files, on OPFS synchronous access handles

// A tiny Emscripten file system over OPFS files, each opened before anybody sees it, and written through: a commit that returned is flushed.
// Says how a further file is opened, and how one is removed.
async function mountOpfs(FS, place, folder, names) {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
  const handleOf = async name => (await directory.getFileHandle(name, { create: true })).createSyncAccessHandle();
  const handles = new Map();
  for (const name of names) handles.set(name, await handleOf(name));
  const fail = number => { throw new FS.ErrnoError(number); };
  const EPERM = 63, ENOENT = 44, EINVAL = 28, EIO = 29, ENOSPC = 51;
  // A full disk must reach Python as an error that it knows; any other exception would end it.
  const told = work => {
    try {
      return work();
    } catch (error) {
      return fail(error && error.name === "QuotaExceededError" ? ENOSPC : EIO);
    }
  };
  const epoch = new Date(0);
  const nodeOps = {
    getattr(node) {
      const size = node.handle ? node.handle.getSize() : 4096;
      return {
        dev: 1, ino: node.id, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size, atime: epoch, mtime: epoch, ctime: epoch,
        blksize: 4096, blocks: Math.ceil(size / 512),
      };
    },
    setattr(node, change) { if (node.handle && typeof change.size === "number") told(() => node.handle.truncate(change.size)); },
    lookup() { fail(ENOENT); },
    mknod() { fail(EPERM); },
    unlink() { fail(EPERM); },
    readdir(node) { return [".", "..", ...node.children.keys()]; },
  };
  const streamOps = {
    open() { },
    close(stream) { if (stream.node.handle) stream.node.handle.flush(); },
    read(stream, buffer, offset, length, position) {
      return stream.node.handle.read(buffer.subarray(offset, offset + length), { at: position });
    },
    write(stream, buffer, offset, length, position) {
      const written = told(() => stream.node.handle.write(buffer.subarray(offset, offset + length), { at: position }));
      return written || !length ? written : fail(ENOSPC);
    },
    llseek(stream, offset, whence) {
      const from = whence === 1 ? stream.position : whence === 2 ? stream.node.handle.getSize() : 0;
      if (from + offset < 0) fail(EINVAL);
      return from + offset;
    },
    fsync(stream) { told(() => stream.node.handle.flush()); return 0; },
  };
  const make = (parent, name, mode, handle) => {
    const node = FS.createNode(parent, name, mode, 0);
    node.node_ops = nodeOps;
    node.stream_ops = streamOps;
    node.handle = handle;
    node.atime = node.mtime = node.ctime = 0;
    return node;
  };
  let root = null;
  FS.mount({
    mount() {
      root = make(null, "/", 0o40777, null);
      root.children = new Map();
      for (const [name, handle] of handles) root.children.set(name, make(root, name, 0o100666, handle));
      return root;
    },
  }, {}, place);
  return {
    async open(name) {
      if (!root.children.has(name)) root.children.set(name, make(root, name, 0o100666, await handleOf(name)));
    },
    async drop(name) {
      const node = root.children.get(name);
      if (node) {
        root.children.delete(name);
        FS.destroyNode(node);
        node.handle.close();
      }
      await directory.removeEntry(name).catch(error => { if (error.name !== "NotFoundError") throw error; });
    },
    async names() {
      const found = [];
      for await (const name of directory.keys()) found.push(name);
      return found;
    },
  };
}

let python = null;
let files = null;
export function attach(pyodide) { python = pyodide; }

// Mounts the store at `place`; says which kind it is. IDBFS rewrites whole files and must be flushed by `flush`.
export async function openFiles(place, names) {
  const FS = python.FS;
  FS.mkdirTree(place);
  if (typeof FileSystemSyncAccessHandle !== "undefined" && navigator.storage && navigator.storage.getDirectory) {
    files = await mountOpfs(FS, place, "store", [...names]);
    return "opfs";
  }
  FS.mount(FS.filesystems.IDBFS, {}, place);
  await synchronise(true);
  return "idbfs";
}

// Further files at the same place, on OPFS alone.
export async function openFile(name) { await files.open(name); }
export async function dropFile(name) { await files.drop(name); }
export async function fileNames() { return await files.names(); }

function synchronise(read) {
  return new Promise((resolve, reject) => python.FS.syncfs(read, error => error ? reject(error) : resolve()));
}
export async function flush() { await synchronise(false); }

// ---------------------------------------------------------------- small values and files in IndexedDB

const database = new Promise((resolve, reject) => {
  const opening = indexedDB.open("quanheng", 1);
  opening.onupgradeneeded = () => { for (const name of ["keys", "blobs"]) opening.result.createObjectStore(name); };
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

async function inStore(name, mode, work) {
  const transaction = (await database).transaction(name, mode, { durability: "strict" });
  const request = work(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    // Always an Error: what else a promise is rejected by, Python can't raise, and then it waits for ever.
    transaction.onabort = () => {
      const reason = transaction.error || request.error;
      reject(new Error(reason ? `${reason.name}: ${reason.message}` : "the browser gave up the transaction"));
    };
  });
}

export async function putBlob(name, bytes) { await inStore("blobs", "readwrite", store => store.put(bytes.slice(), name)); }
export async function getBlob(name) { return await inStore("blobs", "readonly", store => store.get(name)); }
export async function deleteBlob(name) { await inStore("blobs", "readwrite", store => store.delete(name)); }

// ---------------------------------------------------------------- keys

const subtle = crypto.subtle;
const ROUNDS = 600000;
const ED25519 = { name: "Ed25519" };
const remembered = new Map();  // unlocked authors' keys
let software = null;           // the fallback library, where WebCrypto has no Ed25519

const canSign = (async () => {
  try {
    await subtle.generateKey(ED25519, false, ["sign", "verify"]);
    return true;
  } catch {
    software = await import("/vendor/ed25519.mjs");
    return false;
  }
})();

async function makePair(extractable) {
  if (await canSign) {
    const pair = await subtle.generateKey(ED25519, extractable, ["sign", "verify"]);
    return { secret: pair.privateKey, open: new Uint8Array(await subtle.exportKey("raw", pair.publicKey)) };
  }
  const secret = crypto.getRandomValues(new Uint8Array(32));
  return { secret, open: await software.getPublicKeyAsync(secret) };
}

async function signWith(secret, message) {
  if (secret instanceof CryptoKey) return new Uint8Array(await subtle.sign(ED25519, secret, message));
  return await software.signAsync(message, secret);
}

async function aesSeal(key, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, key, bytes));
  const whole = new Uint8Array(12 + sealed.length);
  whole.set(iv);
  whole.set(sealed, 12);
  return whole;
}

async function aesOpen(key, whole) {
  return new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv: whole.subarray(0, 12) }, key, whole.subarray(12)));
}

async function pinKey(pin, salt) {
  const base = await subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  return await subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, base, { name: "AES-GCM", length: 256 },
    false, ["encrypt", "decrypt"]);
}

// The device's own keys: made once, never extractable where the browser can keep them so.
let deviceKeys = null;
async function device() {
  if (deviceKeys) return deviceKeys;
  deviceKeys = await inStore("keys", "readonly", store => store.get("device"));
  if (!deviceKeys) {
    const made = await makePair(false);
    const aes = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    deviceKeys = { secret: made.secret, open: made.open, aes };
    await inStore("keys", "readwrite", store => store.put(deviceKeys, "device"));
  }
  return deviceKeys;
}

export async function createKeys(author, pin) {
  const own = await device();
  const made = await makePair(true);
  const plain = made.secret instanceof CryptoKey ? new Uint8Array(await subtle.exportKey("pkcs8", made.secret)) : made.secret;
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const wrapped = await aesSeal(own.aes, await aesSeal(await pinKey(pin, salt), plain));
  const kept = { wrapped, salt, open: made.open, software: !(await canSign) };
  await inStore("keys", "readwrite", store => store.put(kept, "author:" + author));
  await unlock(author, pin);
  return { device: own.open, author: made.open, software: kept.software };
}

export async function renameKey(author, to) {
  if (author === to) return;
  const kept = await inStore("keys", "readonly", store => store.get("author:" + author));
  await inStore("keys", "readwrite", store => store.put(kept, "author:" + to));
  await inStore("keys", "readwrite", store => store.delete("author:" + author));
  if (remembered.has(author)) remembered.set(to, remembered.get(author));
  remembered.delete(author);
}

export async function unlock(author, pin) {
  const kept = await inStore("keys", "readonly", store => store.get("author:" + author));
  if (!kept) return false;
  let plain;
  try {
    plain = await aesOpen(await pinKey(pin, kept.salt), await aesOpen((await device()).aes, kept.wrapped));
  } catch {
    return false;
  }
  const secret = kept.software ? plain : await subtle.importKey("pkcs8", plain, ED25519, false, ["sign"]);
  remembered.set(author, secret);
  return true;
}

// The same author's key under another PIN.
export async function changePin(author, before, after) {
  const kept = await inStore("keys", "readonly", store => store.get("author:" + author));
  if (!kept) return false;
  const own = await device();
  let plain;
  try {
    plain = await aesOpen(await pinKey(before, kept.salt), await aesOpen(own.aes, kept.wrapped));
  } catch {
    return false;
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const wrapped = await aesSeal(own.aes, await aesSeal(await pinKey(after, salt), plain));
  await inStore("keys", "readwrite", store => store.put({ ...kept, salt, wrapped }, "author:" + author));
  return true;
}

export function lock() { remembered.clear(); }
export function unlocked() { return [...remembered.keys()]; }
export async function signAsDevice(message) { return await signWith((await device()).secret, message); }
export async function signAsAuthor(author, message) {
  return remembered.has(author) ? await signWith(remembered.get(author), message) : null;
}
export async function verify(open, message, signature) {
  try {
    if (!(await canSign)) return await software.verifyAsync(signature, message, open);
    const key = await subtle.importKey("raw", open, ED25519, false, ["verify"]);
    return await subtle.verify(ED25519, key, signature, message);
  } catch {
    return false;
  }
}
export async function seal(bytes) { return await aesSeal((await device()).aes, bytes); }
export async function open(whole) {
  try {
    return await aesOpen((await device()).aes, whole);
  } catch {
    return null;
  }
}

export { sealFor } from "/hpke.mjs";

// ---------------------------------------------------------------- questions to the page

const channel = new BroadcastChannel("quanheng");
const asked = new Map();
const listeners = new Set();
let count = 0;
let online = navigator.onLine;
channel.onmessage = event => {
  const { answer, number, value, error, online: now } = event.data;
  if (now !== undefined) {
    online = now;
    for (const listener of listeners) listener(now);
  }
  if (!answer || !asked.has(number)) return;
  const [resolve, reject] = asked.get(number);
  asked.delete(number);
  error ? reject(new Error(error)) : resolve(value);
};
export function ask(question, values) {
  return new Promise((resolve, reject) => {
    const number = ++count;
    asked.set(number, [resolve, reject]);
    channel.postMessage({ question, number, values });
  });
}
export function isOnline() { return online; }
// Few browsers say which network a phone is on: Chromium does on Android, Safari and Firefox do not.
const connection = navigator.connection;
if (connection) connection.addEventListener("change", () => { for (const listener of listeners) listener(online); });
export function network() {
  if (!connection) return "";
  if (connection.saveData || ["cellular", "bluetooth", "wimax"].includes(connection.type)) return "metered";
  return ["wifi", "ethernet"].includes(connection.type) ? "free" : "";
}
export function onOnline(listener) { listeners.add(listener); return () => listeners.delete(listener); }

// ---------------------------------------------------------------- requests

export async function request(method, path, body, headers, timeout) {
  const answer = await fetch(path, {
    method, headers, body: body && body.length ? body : undefined, cache: "no-store", credentials: "omit", redirect: "error",
    signal: AbortSignal.timeout(timeout),
  });
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: new Uint8Array(await answer.arrayBuffer()) };
}
