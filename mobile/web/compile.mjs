// Compiles a folder of Python to .pyc with the very Pyodide that will run it: node compile.mjs PYODIDE.mjs FOLDER
import path from "path";
import { pathToFileURL } from "url";
const [, , pyodide, folder] = process.argv;
const { loadPyodide } = await import(pathToFileURL(path.resolve(pyodide)));
const python = await loadPyodide();
python.mountNodeFS("/work", path.resolve(folder));
await python.runPythonAsync(`
import compileall, pathlib, py_compile
compileall.compile_dir("/work", quiet=1, legacy=True, optimize=0, workers=1,
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
for path in pathlib.Path("/work").rglob("*.py"):
    if path.with_suffix(".pyc").exists():
        path.unlink()
`);
process.exit(0);
