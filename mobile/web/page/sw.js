// Keeps the whole app on the phone. Answers for the paths it precached and for nothing else; /api/ is never its business. A new version is
// fetched in the background and waits until the app says that nothing is half done.
"use strict";
const VERSION = "__VERSION__";
const CORE = __CORE__;
const VARIANTS = __VARIANTS__;
const CACHE = "quanheng-" + VERSION;
const variant = new URL(location.href).searchParams.get("variant");
const PATHS = new Set(["/", ...CORE, ...(VARIANTS[variant] || VARIANTS.canvaskit)]);

self.addEventListener("install", event => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  await Promise.all([...PATHS].map(async path => {
    const answer = await fetch(path, { cache: "no-cache" });
    if (!answer.ok) throw new Error(path + ": HTTP " + answer.status);
    await cache.put(path, answer);
  }));
})()));

self.addEventListener("activate", event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("quanheng-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("message", event => { if (event.data === "apply") self.skipWaiting(); });

self.addEventListener("fetch", event => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  let path = url.pathname;
  if (event.request.mode === "navigate" && path === "/index.html") path = "/";
  // Flutter asks for a fallback font for every sign that no font has, and again for ever when it gets none.
  if (path.startsWith("/assets/fonts/noto")) path = "/assets/fonts/roboto.woff2";
  if (!PATHS.has(path)) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    return await cache.match(path) || fetch(event.request);
  })());
});
