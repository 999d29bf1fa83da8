"""Reading the catalogue, which every start pays for: from TOML here, and compiled in the browser's Pyodide; against decoding the same structs once more.

In the browser the built app's own modules and file are taken, on a page of its origin that starts nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from playwright.sync_api import sync_playwright

from mobile.web.build import build
from shared.metrology.catalogue import Catalogue
from tests.bench.office import ROOT, running
from tests.bench.row import Row, Sizes, Stopwatch, median
from tests.bench.start import CHROMIUM, FLAGS, PATIENCE_MS
from tests.shared.checks import catalogue_files

TURNS = 9
MEASURE = """
import json, time
import msgspec, mobile.app
from shared.metrology.catalogue import Catalogue

def timed(work):
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found

first, catalogue = timed(mobile.app.catalogue)
encoded = msgspec.json.encode(catalogue)
decoding = [timed(lambda: msgspec.json.decode(encoded, type=Catalogue))[0] for _ in range(TURNS)]
texts = {name: text.encode() for name, text in json.loads(TEXTS).items()}
toml = timed(lambda: Catalogue.parse(texts))[0]
again = [timed(lambda: Catalogue.parse(texts))[0] for _ in range(TURNS)]
json.dumps({"first": first, "decoding": decoding, "toml": toml, "again": again})
"""
IN_PAGE = """
async ([measure, texts]) => {
  const bytes = async url => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const worker = await (await fetch("/worker.mjs")).text();
  const build = JSON.parse(worker.match(/const BUILD = (.*);/)[1]);
  const { loadPyodide } = await import("/pyodide/pyodide.mjs");
  const python = await loadPyodide();
  python.FS.writeFile("/home/pyodide/app.zip", await bytes("/app.zip?" + build.app));
  const places = {};
  for (const [url, module, path] of build.extensions) {
    python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, await bytes(url));
    places[module] = path;
  }
  python.globals.set("_extension_places", python.toPy(places));
  python.globals.set("TEXTS", texts);
  const finder = worker.match(/runPython\\(`([^]*?)import flet, /)[1];
  python.runPython(finder);
  return python.runPython(measure);
}
"""


def natively() -> Row:
    """Seconds on this machine."""
    texts, parsing, decoding = catalogue_files(), [], []
    for _ in range(TURNS):
        watch = Stopwatch()
        found = Catalogue.parse(texts)
        parsing.append(watch.seconds())
        encoded = msgspec.json.encode(found)
        watch = Stopwatch()
        msgspec.json.decode(encoded, type=Catalogue)
        decoding.append(watch.seconds())
    notes = {"files": len(texts), "KB": round(sum(map(len, texts.values())) / 1000, 1)}
    return Row(
        name="catalogue from TOML, natively", seconds=median(parsing), floor_s=median(decoding), notes=notes
    )


def in_the_browser(folder: Path) -> Row:
    """Seconds in Chromium; measured is the first time after a start, the one that counts."""
    web = ROOT / "build/web"
    build(web)
    with running(folder / "office", web=web) as office, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(office.origin + "/version.json")
        texts = json.dumps({name: text.decode() for name, text in catalogue_files().items()})
        found = json.loads(page.evaluate(IN_PAGE, [MEASURE.replace("TURNS", str(TURNS)), texts]))
        browser.close()
    return Row(
        name="compiled catalogue, in the browser",
        seconds=found["first"],
        floor_s=median(found["decoding"]),
        notes={
            "from TOML, ms": round(found["toml"] * 1000, 1),
            "from TOML again, ms": round(median(found["again"]) * 1000, 1),
        },
    )


def rows(folder: Path, _sizes: Sizes) -> list[Row]:
    """Both ways."""
    return [natively(), in_the_browser(folder)]
