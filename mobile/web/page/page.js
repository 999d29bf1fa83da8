// The page's main thread before Flutter is there: starts the Python worker at once, tells Flet's client where things are, keeps one tab only,
// and installs the service worker. Flet's Dart side calls jsConnect, jsSend and jsDisconnect.
"use strict";
const quanheng = { };
const flutterEnvironment = (() => {
  const blink = navigator.vendor === "Google Inc." || navigator.userAgent.includes("Edg/");
  const codecs = typeof ImageDecoder !== "undefined" && blink;
  const slim = codecs && typeof Intl.v8BreakIterator !== "undefined" && typeof Intl.Segmenter !== "undefined";
  const collected = WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 95, 1, 120, 0]));
  const canvas = document.createElement("canvas");
  const webgl = canvas.getContext("webgl2") !== null || canvas.getContext("webgl") !== null;
  if (blink && collected && webgl) return { renderer: "skwasm", variant: slim ? "skwasm" : "skwasm_heavy" };
  return { renderer: "canvaskit", variant: slim ? "chromium" : "canvaskit" };
})();
var flet = {
  pyodide: true, multiView: false, noCdn: true, webSocketEndpoint: "/ws", entrypointBaseUrl: "/", assetBase: "/", routeUrlStrategy: "hash",
  canvasKitBaseUrl: "/canvaskit/", webRenderer: flutterEnvironment.renderer, fontFallbackBaseUrl: "fonts/",
  pythonModuleName: "main", micropipIncludePre: false, appPackageUrl: "app.zip",
};
flet.flutterAppLoaded = new Promise(resolve => { flet.flutterAppResolve = resolve; });

// One tab at a time: two would fight over the database. The lock is let go when the tab goes.
quanheng.only = new Promise(resolve => {
  if (!navigator.locks) return resolve(true);
  navigator.locks.request("quanheng", { ifAvailable: true }, lock => {
    resolve(lock !== null);
    return lock && new Promise(() => { });
  });
});
quanheng.only.then(only => {
  if (only) return;
  document.addEventListener("DOMContentLoaded", () => secondTab());
  if (document.readyState !== "loading") secondTab();
});
function secondTab() {
  const box = document.getElementById("loading") || document.body.appendChild(document.createElement("main"));
  box.id = "loading";
  box.innerHTML = "<h1>权衡</h1><p>权衡已在另一个标签页打开。请关闭那一页，再点重试。<br>"
    + "<span lang='en'>Quanheng is open in another tab. Close that one, then try again.</span></p><button>重试 Try again</button>";
  box.querySelector("button").onclick = () => location.reload();
}

quanheng.worker = quanheng.only.then(only => {
  if (!only) return null;
  const worker = new Worker("/worker.mjs", { type: "module" });
  worker.addEventListener("message", event => {
    if (event.data && event.data.quanheng === "failed") console.error("quanheng: " + event.data.error);
  });
  return worker;
});

let dartOnMessage = null;
globalThis.jsConnect = async function (appId, args, onMessage) {
  const worker = await quanheng.worker;
  if (!worker) return new Promise(() => { });  // the page already says why
  dartOnMessage = onMessage;
  await new Promise((resolve, reject) => {
    worker.onmessage = event => {
      if (event.data instanceof Uint8Array) dartOnMessage(event.data);
      else if (event.data === "initialized") resolve();
      else if (typeof event.data === "string") reject(new Error(event.data));
    };
    worker.postMessage({ connect: true, documentUrl: document.URL });
  });
};
globalThis.jsSend = async function (appId, data) { (await quanheng.worker).postMessage(data, [data.buffer]); };
globalThis.jsDisconnect = async function () { };

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js?variant=" + flutterEnvironment.variant, { updateViaCache: "none" })
    .catch(error => console.error("quanheng: the app can't be installed for use without a network: " + error));
}
// The address that opened the app is read once; Flutter rewrites it afterwards.
quanheng.launchHash = location.hash;
