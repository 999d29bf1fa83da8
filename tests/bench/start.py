"""The app's warm start with no network, in a real browser, against an empty Flet app that was built the same way.

READY is the same for both: from the navigation to the frame after the first of the app's own words stands in the semantics tree.
"""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from mobile.web.build import build
from tests.bench.office import ROOT, running
from tests.bench.row import Row, Sizes, median

PATIENCE_MS = 90_000
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WATCH = """
(() => {
  const words = new RegExp(WORDS);
  let asked = false;
  const look = () => {
    const placeholder = document.querySelector('flt-semantics-placeholder');
    if (placeholder && !asked) { asked = true; placeholder.click(); }
    for (const node of document.querySelectorAll('flt-semantics, flt-semantics *')) {
      if (!words.test(node.getAttribute('aria-label') || '') && !words.test(node.textContent || '')) continue;
      watching.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => { window.readyAfter = performance.now(); }));
      return;
    }
  };
  const watching = new MutationObserver(look);
  watching.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})();
"""


class App:
    """One built app with a browser profile of its own."""

    def __init__(self, playwright: Playwright, web: Path, profile: Path, words: str) -> None:
        self._playwright, self.web, self._profile = playwright, web, profile
        self._script = WATCH.replace("WORDS", json.dumps(words))

    def _browser(self) -> BrowserContext:
        context = self._playwright.chromium.launch_persistent_context(
            self._profile,
            executable_path=CHROMIUM,
            args=FLAGS,
            viewport={"width": 390, "height": 844},
            locale="zh-CN",
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(self._script)
        return context

    def _ready(self, context: BrowserContext, origin: str) -> float:
        page = context.pages[0]
        page.goto(origin + "/", wait_until="commit")
        return float(page.wait_for_function("() => window.readyAfter").json_value()) / 1000

    def install(self, origin: str) -> float:
        """The first visit: seconds until ready; returns when everything is kept for use with no network."""
        context = self._browser()
        seconds = self._ready(context, origin)
        context.pages[0].evaluate("() => navigator.serviceWorker.ready.then(found => Boolean(found.active))")
        context.close()
        return seconds

    def start_offline(self, origin: str) -> float:
        """Seconds until ready in a browser that was just opened, with no network."""
        context = self._browser()
        context.set_offline(True)
        seconds = self._ready(context, origin)
        context.close()
        return seconds


def rows(folder: Path, sizes: Sizes) -> list[Row]:
    """The row of starting."""
    web, empty = ROOT / "build/web", ROOT / "build/bench-empty"
    build(web)
    build(empty, ROOT / "tests/bench/empty_app")
    with sync_playwright() as playwright:
        ours = App(playwright, web, folder / "ours", "扫一扫|注册|Enrol")
        bare = App(playwright, empty, folder / "bare", "Ready")
        origins, cold = [], []
        for number, app in enumerate((ours, bare)):
            with running(folder / f"office-{number}", web=app.web) as office:
                cold.append(app.install(office.origin))
                origins.append(office.origin)
        times: dict[App, list[float]] = {ours: [], bare: []}
        for _ in range(sizes.turns):
            for app, origin in zip((ours, bare), origins, strict=True):
                times[app].append(app.start_offline(origin))
    return [
        Row(
            name="warm start with no network",
            seconds=median(times[ours]),
            floor_s=median(times[bare]),
            notes={
                "first visit, s": round(cold[0], 1),
                "first visit of the empty app, s": round(cold[1], 1),
                "screen": "enrolment (nobody is enrolled)",
            },
        )
    ]
