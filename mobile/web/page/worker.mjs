// The Python worker: Pyodide, the app's zip, and the modules of the app imported before Flutter asks for them.
import * as native from "/native.mjs";

const BUILD = __BUILD__;
self.flet_js = { args: null, userAppStarting() { } };
self.flet_js.receive_callback = message => {
  const bytes = message.toJs();
  self.postMessage(bytes, [bytes.buffer]);
};

async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(url + ": HTTP " + answer.status);
  return new Uint8Array(await answer.arrayBuffer());
}

async function boot() {
  const app = fetched("/app.zip?" + BUILD.app);
  const extensions = BUILD.extensions.map(([url, module, path]) => fetched(url).then(bytes => [bytes, module, path]));
  const { loadPyodide } = await import("/pyodide/pyodide.mjs");
  const python = await loadPyodide({ stdout: line => console.log(line), stderr: line => console.error(line) });
  native.attach(python);
  python.registerJsModule("flet_js", self.flet_js);
  python.registerJsModule("quanheng_native", native);
  python.FS.writeFile("/home/pyodide/app.zip", await app);
  const places = {};
  for (const [bytes, module, path] of await Promise.all(extensions)) {
    python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, bytes);
    places[module] = path;
  }
  python.globals.set("_extension_places", python.toPy(places));
  // A zip can't hold a shared library, so a finder says where those lie.
  python.runPython(`
import importlib.machinery, importlib.util, sys
sys.path.insert(0, "/home/pyodide/app.zip")
class ExtensionPlaces:
    @staticmethod
    def find_spec(name, path=None, target=None):
        place = _extension_places.get(name)
        if place is None:
            return None
        return importlib.util.spec_from_file_location(name, place, loader=importlib.machinery.ExtensionFileLoader(name, place))
sys.meta_path.insert(0, ExtensionPlaces)
import flet, flet.messaging.pyodide_connection
${BUILD.preload.map(name => "import " + name).join("\n")}
`);
  return python;
}

const booted = boot();
booted.catch(error => self.postMessage({ quanheng: "failed", error: String(error && error.stack || error) }));

let connected = false;
self.onmessage = async event => {
  if (connected) {
    if (typeof self.flet_js.send === "function") self.flet_js.send(event.data);
    return;
  }
  if (!event.data || !event.data.connect) return;
  connected = true;
  try {
    const python = await booted;
    self.flet_js.documentUrl = event.data.documentUrl;
    await python.runPythonAsync("import runpy; runpy.run_module('main', run_name='__main__')");
    await self.flet_js.start_connection(self.flet_js.receive_callback);
    self.postMessage("initialized");
  } catch (error) {
    self.postMessage(String(error && error.message || error));
  }
};
