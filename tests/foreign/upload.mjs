// Uploads one file with tus-js-client, as a program of somebody else would: node upload.mjs <address> <token> <file> <record> <chunk>
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as tus from "tus-js-client";

const [endpoint, token, path, record, chunk] = process.argv.slice(2);
const content = readFileSync(path);
const upload = new tus.Upload(content, {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { sha256: createHash("sha256").update(content).digest("hex"), filetype: "image/jpeg", record },
  chunkSize: Number(chunk) || Infinity,
  retryDelays: Array(60).fill(20),
  uploadDataDuringCreation: chunk === "0",
  onError(error) { console.error(String(error)); process.exit(1); },
  onSuccess() { console.log(upload.url); },
});
upload.start();
