"""Builds the phone's web app: ``python -m mobile.web.build --out build/web``.

From the flet-web wheel (Flutter's engine, Flet's client and Pyodide, all local), the locked browser packages and our own page it makes a folder
of static files that runs with no network after its first visit. Nothing is done when nothing changed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import brotli
from flet_web import get_package_web_dir

from mobile.web import packages
from shared.metrology.catalogue import Catalogue
from shared.metrology.catalogue_file import compiled

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PAGE = HERE / "page"

OURS = ["shared", "sync", "mobile"]
"""Packages of the house that the phone carries; ``mobile/web`` itself stays behind."""
DATA = ["assets/prepackages/*.toml", "assets/regions/*.csv", "assets/locales/*/LC_MESSAGES/*.mo"]
"""Files that the app reads, inside its zip under the same names."""
CATALOGUE, COMPILED = "assets/catalogue/*.toml", "assets/catalogue.json"
"""The catalogue goes into the zip read and checked, as one file: its TOML would cost every start three times as much."""
PRELOAD = ["msgspec", "sqlite3", "sqlite_utils", "msgpack", "mobile.app"]
"""Imported in the worker while Flutter still loads."""

FROM_FLET = [
    "assets/AssetManifest.bin",
    "assets/AssetManifest.bin.json",
    "assets/fonts/roboto.woff2",
    "assets/fonts/MaterialIcons-Regular.otf",
    "assets/packages/cupertino_icons/assets/CupertinoIcons.ttf",
    "assets/shaders",
    "canvaskit/canvaskit.js",
    "canvaskit/canvaskit.wasm",
    "canvaskit/chromium/canvaskit.js",
    "canvaskit/chromium/canvaskit.wasm",
    "canvaskit/skwasm.js",
    "canvaskit/skwasm.wasm",
    "canvaskit/skwasm_heavy.js",
    "canvaskit/skwasm_heavy.wasm",
    "main.dart.js",
    "main.dart.mjs",
    "main.dart.wasm",
    "version.json",
    "pyodide/pyodide.asm.mjs",
    "pyodide/pyodide.asm.wasm",
    "pyodide/pyodide.mjs",
]
"""What a page without a CDN asks for; the rest of the wheel (debug symbols, other renderers, KaTeX) stays away."""

VARIANTS = {
    "skwasm": ["main.dart.mjs", "main.dart.wasm", "canvaskit/skwasm.js", "canvaskit/skwasm.wasm"],
    "skwasm_heavy": [
        "main.dart.mjs",
        "main.dart.wasm",
        "canvaskit/skwasm_heavy.js",
        "canvaskit/skwasm_heavy.wasm",
    ],
    "chromium": ["main.dart.js", "canvaskit/chromium/canvaskit.js", "canvaskit/chromium/canvaskit.wasm"],
    "canvaskit": ["main.dart.js", "canvaskit/canvaskit.js", "canvaskit/canvaskit.wasm"],
}
"""What each kind of browser needs of the renderers; the page finds out which it is."""

FONTS = {"SC": "NotoSansSC-Regular.woff2", "SCB": "NotoSansSC-Bold.woff2"}
PRINT_FONT = "NotoSansSC-Print.bin"
"""What papers are printed with: the worker keeps it from the first visit on, and the app reads it with the first paper."""
COMPRESSED = {
    ".js",
    ".mjs",
    ".wasm",
    ".json",
    ".html",
    ".css",
    ".otf",
    ".ttf",
    ".zip",
    ".so",
    ".bin",
    ".frag",
}


def patched(text: str, pattern: str, replacement: str, what: str) -> str:
    """``text`` with exactly one match of ``pattern`` replaced; a new Flet that reads otherwise fails here and says where."""
    result, count = re.subn(pattern, lambda _: replacement, text, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(
            f"flet-web has changed: {what} was found {count} times, not once. Look at mobile/web/build.py."
        )
    return result


def inputs_digest(app: Path) -> str:
    """A digest of everything that the build reads."""
    seen = sha256(sys.version.encode())
    files = [
        HERE / "packages.lock",
        HERE / "package-lock.json",
        ROOT / "main.py",
        *HERE.glob("*.py"),
        HERE / "compile.mjs",
    ]
    files += [
        *PAGE.rglob("*"),
        *(ROOT / "assets/fonts").glob("*.woff2"),
        ROOT / "assets/fonts" / PRINT_FONT,
        *(ROOT / "assets/icons").glob("*.png"),
    ]
    files += [path for pattern in [*DATA, CATALOGUE] for path in ROOT.glob(pattern)]
    files += [path for room in OURS for path in (ROOT / room).rglob("*.py")] + [*app.rglob("*.py")]
    for path in sorted({path for path in files if path.is_file() and "node_modules" not in path.parts}):
        seen.update(
            str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name).encode()
            + path.read_bytes()
        )
    return seen.hexdigest()


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def copy_engine(out: Path) -> None:
    """Flutter's engine, Flet's client and Pyodide, with the one file that must be changed."""
    source = Path(get_package_web_dir())
    for name in FROM_FLET:
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target)
        else:
            shutil.copy(source / name, target)
    lock = json.loads((source / "pyodide/pyodide-lock.json").read_text())
    (out / "pyodide/pyodide-lock.json").write_text(json.dumps({**lock, "packages": {}}))
    bootstrap = (source / "flutter_bootstrap.js").read_text()
    # Flutter's own worker removes itself and whatever stands in its place.
    bootstrap = patched(
        bootstrap, r"serviceWorkerSettings:\s*\{.*?\},\n", "", "serviceWorkerSettings in flutter_bootstrap.js"
    )
    bootstrap = patched(bootstrap, r"//# sourceMappingURL=flutter\.js\.map", "", "the source map's name")
    (out / "flutter_bootstrap.js").write_text(bootstrap)
    manifest = [
        {"family": "MaterialIcons", "fonts": [{"asset": "fonts/MaterialIcons-Regular.otf"}]},
        {"family": "Roboto", "fonts": [{"asset": "fonts/roboto.woff2"}]},
    ]
    for family, file in FONTS.items():
        shutil.copy(ROOT / "assets/fonts" / file, out / "assets/fonts" / file)
        manifest.append({"family": family, "fonts": [{"asset": f"fonts/{file}"}]})
    shutil.copy(ROOT / "assets/fonts" / PRINT_FONT, out / "assets/fonts" / PRINT_FONT)
    (out / "assets/FontManifest.json").write_text(json.dumps(manifest))


def stage(work: Path, app: Path) -> None:
    """Lays the phone's Python out in ``work``: packages, our rooms, the launcher and the data, all compiled."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    packages.install(work)
    shutil.copy(app / "main.py", work / "main.py")
    if app == ROOT:
        for room in OURS:
            shutil.copytree(ROOT / room, work / room, ignore=shutil.ignore_patterns("__pycache__", "web"))
        for pattern in DATA:
            for path in ROOT.glob(pattern):
                target = work / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
        rules = Catalogue.parse({path.name: path.read_bytes() for path in ROOT.glob(CATALOGUE)})
        (work / COMPILED).write_bytes(compiled(rules))
    else:
        (work / "mobile").mkdir()
        (work / "mobile/app.py").write_text("")
    run("node", HERE / "compile.mjs", get_package_web_dir() + "/pyodide/pyodide.mjs", work)


def standard_library(out: Path, cache: Path) -> None:
    """Pyodide's standard library with compiled modules, stored without compression: a start does not pay for either."""
    source = Path(get_package_web_dir()) / "pyodide/python_stdlib.zip"
    kept = (
        cache
        / f"stdlib-{sha256(source.read_bytes() + (HERE / 'compile.mjs').read_bytes()).hexdigest()[:16]}.zip"
    )
    if not kept.exists():
        work = cache / "stdlib"
        shutil.rmtree(work, ignore_errors=True)
        with zipfile.ZipFile(source) as archive:
            archive.extractall(work)
        run("node", HERE / "compile.mjs", get_package_web_dir() + "/pyodide/pyodide.mjs", work)
        shutil.rmtree(work / "ensurepip", ignore_errors=True)
        store(work, kept)
    shutil.copy(kept, out / "pyodide/python_stdlib.zip")


def store(folder: Path, target: Path, *, leave: tuple[str, ...] = ()) -> None:
    """A zip of ``folder`` without compression, the same bytes for the same content."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix not in leave:
                archive.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix()), path.read_bytes())


def write_worker(out: Path, work: Path) -> None:
    """The Python worker with what it has to fetch, and the app's zip beside it."""
    store(work, out / "app.zip", leave=(".so",))
    extensions = []
    (out / "ext").mkdir()
    for library in sorted(work.rglob("*.so")):
        module = ".".join([*library.relative_to(work).parent.parts, library.name.split(".")[0]])
        name = f"{module}.so"
        shutil.copy(library, out / "ext" / name)
        extensions.append([f"/ext/{name}", module, f"/home/pyodide/ext/{library.name}"])
    build = {
        "app": sha256((out / "app.zip").read_bytes()).hexdigest()[:12],
        "extensions": extensions,
        "preload": PRELOAD,
    }
    text = (PAGE / "worker.mjs").read_text().replace("__BUILD__", json.dumps(build))
    (out / "worker.mjs").write_text(text)


def write_page(out: Path) -> None:
    """Our own page, its icons and what comes from npm."""
    for path in PAGE.iterdir():
        if path.name not in {"worker.mjs", "sw.js"}:
            shutil.copy(path, out / path.name)
    shutil.copytree(ROOT / "assets/icons", out / "icons")
    run("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=HERE)
    vendor, modules = out / "vendor", HERE / "node_modules"
    vendor.mkdir()
    shutil.copy(modules / "zxing-wasm/dist/iife/reader/index.js", vendor / "zxing-reader.js")
    shutil.copy(modules / "zxing-wasm/dist/reader/zxing_reader.wasm", vendor / "zxing_reader.wasm")
    shutil.copy(modules / "@noble/ed25519/index.js", vendor / "ed25519.mjs")


def write_service_worker(out: Path) -> str:
    """The service worker with its list; its version is a digest of all that it keeps."""
    of_variants = {name for names in VARIANTS.values() for name in names}
    files = sorted(path for path in out.rglob("*") if path.is_file())
    names = [path.relative_to(out).as_posix() for path in files]
    core = ["/" + name for name in names if name not in of_variants and name not in {"index.html", "sw.js"}]
    seen = sha256((PAGE / "sw.js").read_bytes())
    for path in files:
        seen.update(path.relative_to(out).as_posix().encode() + path.read_bytes())
    version = seen.hexdigest()[:12]
    variants = {name: ["/" + path for path in paths] for name, paths in VARIANTS.items()}
    text = (PAGE / "sw.js").read_text().replace("__VERSION__", version)
    text = text.replace("__CORE__", json.dumps(core)).replace("__VARIANTS__", json.dumps(variants))
    (out / "sw.js").write_text(text)
    return version


def compress(out: Path, cache: Path) -> None:
    """Writes .br and .gz beside each file that gains by it; unchanged files come from the cache."""
    kept = cache / "compressed"
    kept.mkdir(parents=True, exist_ok=True)
    for path in [path for path in out.rglob("*") if path.suffix in COMPRESSED]:
        content = path.read_bytes()
        if len(content) < 1400:
            continue
        name = sha256(content).hexdigest()
        for ending, pack in (
            (".br", lambda data: brotli.compress(data, quality=7, lgwin=22)),
            (".gz", lambda data: gzip.compress(data, 6, mtime=0)),
        ):
            stored = kept / (name + ending)
            if not stored.exists():
                stored.write_bytes(pack(content))
            shutil.copy(stored, path.with_name(path.name + ending))


def build(out: Path, app: Path = ROOT) -> bool:
    """Makes ``out`` anew if anything changed; says whether it did."""
    stamp, digest = out / ".inputs", inputs_digest(app)
    if stamp.exists() and stamp.read_text() == digest:
        return False
    cache = ROOT / "build/cache"
    cache.mkdir(parents=True, exist_ok=True)
    making = out.with_name(out.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    work = cache / f"stage-{out.name}"
    copy_engine(making)
    stage(work, app)
    standard_library(making, cache)
    write_page(making)
    write_worker(making, work)
    version = write_service_worker(making)
    compress(making, cache)
    (making / ".inputs").write_text(digest)
    (making / ".version").write_text(version)
    shutil.rmtree(out, ignore_errors=True)
    making.rename(out)
    return True


def main() -> None:
    reader = argparse.ArgumentParser(description="Builds the phone's web app.")
    reader.add_argument("--out", type=Path, default=ROOT / "build/web")
    reader.add_argument(
        "--app",
        type=Path,
        default=ROOT,
        help="folder of another main.py, to compare with (the bench's empty app)",
    )
    asked = reader.parse_args()
    if build(asked.out.resolve(), asked.app.resolve()):
        print(f"Built the phone's web app in {asked.out}")


if __name__ == "__main__":
    main()
