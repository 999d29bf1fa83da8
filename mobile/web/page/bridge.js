// What only the page's own thread can do: the camera, the position, the lamp, the lock on the screen. Python asks over a channel.
"use strict";
(() => {
  const channel = new BroadcastChannel("quanheng");
  const tell = () => channel.postMessage({ online: navigator.onLine });
  addEventListener("online", tell);
  addEventListener("offline", tell);

  let detecting = null;
  function detector() {
    detecting = detecting || (async () => {
      if ("BarcodeDetector" in window) {
        try {
          if ((await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
            const own = new BarcodeDetector({ formats: ["qr_code"] });
            return async video => (await own.detect(video)).map(found => found.rawValue).find(text => text);
          }
        } catch { /* the decoder below does it */ }
      }
      if (!window.ZXingWASM) await new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = "/vendor/zxing-reader.js";
        script.onload = resolve;
        script.onerror = () => reject(new Error("decoder missing"));
        document.head.append(script);
      });
      ZXingWASM.prepareZXingModule({ overrides: { locateFile: path => "/vendor/" + path } });
      const canvas = document.createElement("canvas");
      const pen = canvas.getContext("2d", { willReadFrequently: true });
      return async video => {
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        pen.drawImage(video, 0, 0);
        const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
        const found = await ZXingWASM.readBarcodes(picture, { formats: ["QRCode"], tryHarder: true, tryInvert: true });
        return found.map(each => each.text).find(text => text);
      };
    })();
    return detecting;
  }

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  // The camera, full screen. `controls` get a way to end it; the promise resolves with what ended it.
  async function camera(words, build) {
    const video = element("video", { playsInline: true, muted: true });
    const close = element("button", { className: "close", type: "button", textContent: "✕" });
    close.setAttribute("aria-label", words.close);
    const head = element("header", {}, close, element("h1", { textContent: words.title }));
    const box = element("section", { className: "camera" }, video, head);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", words.title);
    document.body.append(box);
    let stream = null, ended = false;
    try {
      return await new Promise(async (resolve, reject) => {
        const end = value => { ended = true; resolve(value); };
        close.onclick = () => end({ end: "closed" });
        box.addEventListener("keydown", event => { if (event.key === "Escape") end({ end: "closed" }); });
        build(box, video, end, () => ended);
        close.focus();
        try {
          stream = await navigator.mediaDevices.getUserMedia({
            audio: false, video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
          });
          if (ended) return;
          video.srcObject = stream;
          await video.play();
        } catch (error) {
          if (!ended) reject(error);
        }
      });
    } finally {
      if (stream) for (const track of stream.getTracks()) track.stop();
      box.remove();
    }
  }

  const scan = words => camera(words, (box, video, end, ended) => {
    const veil = element("div", { className: "veil" }, ...[1, 2, 3, 4].map(() => element("i")));
    const hint = element("p", { className: "hint", textContent: words.hint }, element("small", { textContent: words.note || "" }));
    if (words.offline) box.querySelector("header").append(element("span", { className: "chip", textContent: words.offline }));
    const foot = element("footer");
    const torch = element("button", { type: "button", textContent: words.torch });
    torch.setAttribute("aria-pressed", "false");
    torch.hidden = true;
    const typing = element("button", { type: "button", textContent: words.type_code, onclick: () => end({ end: "type_code" }) });
    const none = element("button", { type: "button", textContent: words.no_label, onclick: () => end({ end: "no_label" }) });
    foot.append(torch, typing, none);
    box.append(veil, hint, foot);
    video.addEventListener("playing", async () => {
      const [track] = video.srcObject.getVideoTracks();
      torch.hidden = !(track.getCapabilities && track.getCapabilities().torch);
      torch.onclick = () => {
        const on = torch.getAttribute("aria-pressed") !== "true";
        torch.setAttribute("aria-pressed", String(on));
        track.applyConstraints({ advanced: [{ torch: on }] });
      };
      let decode;
      try { decode = await detector(); } catch (error) { return end({ end: "failed", reason: String(error.message) }); }
      while (!ended()) {
        const text = await decode(video).catch(() => "");
        if (text) return end({ end: "decoded", payload: text });
        await new Promise(next => setTimeout(next, 80));
      }
    }, { once: true });
  });

  // A series of codes: the camera stays open from one question to the next, and each answer is another code than those before.
  let series = null;
  const say = words => {
    series.hint.firstChild.textContent = words.hint;
    series.hint.lastChild.textContent = words.note || "";
  };
  const nextOfSeries = words => new Promise(resolve => {
    if (series) {
      series.told = resolve;
      say(words);
      if (series.waiting.length) series.tell({ end: "decoded", payload: series.waiting.shift() });
      return;
    }
    const mine = { told: resolve, seen: new Set(), waiting: [] };
    mine.tell = answer => {
      const told = mine.told;
      mine.told = null;
      if (told) told(answer);
      return Boolean(told);
    };
    series = mine;
    mine.done = camera(words, (box, video, end, ended) => {
      mine.end = end;
      mine.hint = element("p", { className: "hint" }, element("span", { textContent: words.hint }), element("small", { textContent: words.note || "" }));
      mine.hint.setAttribute("role", "status");
      mine.hint.style.background = "rgba(0, 0, 0, 0.65)";
      box.append(element("div", { className: "veil" }, ...[1, 2, 3, 4].map(() => element("i"))), mine.hint);
      video.addEventListener("playing", async () => {
        let decode;
        try { decode = await detector(); } catch (error) { return end({ end: "failed", reason: String(error.message) }); }
        while (!ended()) {
          const text = await decode(video).catch(() => "");
          if (text && !mine.seen.has(text)) {
            mine.seen.add(text);
            if (!mine.tell({ end: "decoded", payload: text })) mine.waiting.push(text);
          }
          await new Promise(next => setTimeout(next, 60));
        }
      }, { once: true });
    }).catch(failed).then(answer => { if (series === mine) series = null; mine.tell(answer); });
  });

  // Not every browser says that nothing was chosen: the next question ends the one before.
  let choosing = () => { };
  const pick = () => new Promise(resolve => {
    choosing(null);
    choosing = resolve;
    const chooser = element("input", { type: "file" });
    chooser.addEventListener("cancel", () => resolve(null));
    chooser.addEventListener("change", async () => {
      const [file] = chooser.files;
      resolve(file ? new Uint8Array(await file.arrayBuffer()) : null);
    });
    chooser.click();
  });

  const LARGEST = 1600;
  const photograph = words => camera(words, (box, video, end) => {
    const hint = element("p", { className: "hint", textContent: words.hint || "" });
    hint.style.bottom = "140px";
    const shutter = element("button", { className: "shutter", type: "button" });
    shutter.setAttribute("aria-label", words.shutter);
    shutter.onclick = async () => {
      if (!video.videoWidth) return;
      const scale = Math.min(1, LARGEST / Math.max(video.videoWidth, video.videoHeight));
      const canvas = element("canvas", { width: Math.round(video.videoWidth * scale), height: Math.round(video.videoHeight * scale) });
      canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise(made => canvas.toBlob(made, "image/jpeg", 0.82));
      end({ end: "taken", bytes: new Uint8Array(await blob.arrayBuffer()) });
    };
    box.append(hint, element("footer", {}, shutter));
  });

  const failed = error => ({ end: "failed", reason: error && error.name === "NotAllowedError" ? "camera_not_allowed" : String(error && error.name) });

  let awake = null;
  const questions = {
    scan: words => scan(words).catch(failed),
    photograph: words => photograph(words).catch(failed),
    series: nextOfSeries,
    seriesEnd: async () => {
      if (!series) return;
      const { end, done } = series;
      end({ end: "closed" });
      await done;
    },
    pick,
    position: ({ timeout }) => new Promise(resolve => {
      if (!navigator.geolocation) return resolve(null);
      const told = ({ coords, timestamp }) => resolve({ latitude: coords.latitude.toFixed(6), longitude: coords.longitude.toFixed(6),
        accuracy: coords.accuracy.toFixed(0), read_at: Math.round(timestamp) });
      // Where no satellite is heard, in a basement, the last place that the phone knows is told with its time.
      const last = () => navigator.geolocation.getCurrentPosition(told, () => resolve(null), { timeout: 500, maximumAge: Infinity });
      navigator.geolocation.getCurrentPosition(told, last, { enableHighAccuracy: true, timeout, maximumAge: 60000 });
    }),
    storage: async () => {
      const estimate = navigator.storage && navigator.storage.estimate ? await navigator.storage.estimate() : {};
      const persistent = navigator.storage && navigator.storage.persisted ? await navigator.storage.persisted() : false;
      return { used: estimate.usage || 0, quota: estimate.quota || 0, persistent };
    },
    persist: async () => navigator.storage && navigator.storage.persist ? await navigator.storage.persist() : false,
    vibrate: async ({ pattern }) => { if (navigator.vibrate) navigator.vibrate(pattern); },
    awake: async ({ on }) => {
      if (!navigator.wakeLock) return;
      if (on && !awake) awake = await navigator.wakeLock.request("screen").catch(() => null);
      if (!on && awake) { await awake.release(); awake = null; }
    },
    share: async ({ name, type, bytes }) => {
      const file = new File([bytes], name, { type });
      if (navigator.canShare && navigator.canShare({ files: [file] })) {
        try {
          await navigator.share({ files: [file], title: name });
          return true;
        } catch (error) {
          if (error.name === "AbortError") return false;
        }
      }
      const link = element("a", { href: URL.createObjectURL(file), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      return true;
    },
    update: async () => {
      const registration = "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistration() : null;
      if (registration) registration.update().catch(() => { });
      return Boolean(registration && registration.waiting);
    },
    apply: async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      if (!registration || !registration.waiting) return;
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      registration.waiting.postMessage("apply");
    },
    launch: async () => ({ hash: quanheng.launchHash }),
    scale: async () => {
      const probe = element("span", { textContent: "M" });
      probe.style.cssText = "position:absolute;visibility:hidden;font-size:medium";
      document.body.append(probe);
      const size = parseFloat(getComputedStyle(probe).fontSize);
      probe.remove();
      return (size / 16).toFixed(2);
    },
  };

  channel.onmessage = async event => {
    const { question, number, values } = event.data;
    if (!question) return;
    try {
      channel.postMessage({ answer: true, number, value: await questions[question](values) });
    } catch (error) {
      channel.postMessage({ answer: true, number, error: String(error && error.message || error) });
    }
  };
})();
