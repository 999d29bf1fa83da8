// PouchDB on leveldb replicates with the server: node client.js FOLDER ORIGIN RECORDS STATES CHANGED. The documents are lines of JSON; prints a line of JSON a job.
"use strict";
const fs = require("fs");
const PouchDB = require("pouchdb");

const [folder, origin, recordsFile, statesFile, changed] = process.argv.slice(2);
const BATCH = { batch_size: 1000, batches_limit: 10 };  // the fastest in the study; the default of 100 takes half as long again
const SEED = 2000;
const lines = (file) => fs.readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const used = async () => (await fetch(`${origin}/__used`)).json();

async function timed(job, replicate) {
  const before = await used();
  const cpu = process.cpuUsage();
  const began = process.hrtime.bigint();
  const result = await replicate();
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const own = process.cpuUsage(cpu);
  const after = await used();
  console.log(JSON.stringify({
    job, seconds, documents: result.docs_written, up: after.up - before.up, down: after.down - before.down,
    client_cpu: (own.user + own.system) / 1e6, server_cpu: after.cpu - before.cpu,
  }));
}

async function change(remote, states, count) {
  const found = await remote.allDocs({ keys: states.slice(0, count).map((each) => each._id), include_docs: true });
  await remote.bulkDocs(found.rows.map(({ doc }) => ({ ...doc, version: doc.version + 1 })));
}

async function main() {
  fs.mkdirSync(folder, { recursive: true });
  const pushed = new PouchDB(`${folder}/push`);
  await pushed.bulkDocs(lines(recordsFile));
  const outbox = new PouchDB(`${origin}/push`);
  await outbox.info();
  await timed("push", () => pushed.replicate.to(outbox, BATCH));

  const states = lines(statesFile);
  const remote = new PouchDB(`${origin}/states`);
  for (let at = 0; at < states.length; at += SEED) await remote.bulkDocs(states.slice(at, at + SEED));
  const mirror = new PouchDB(`${folder}/mirror`);
  await timed("pull", () => mirror.replicate.from(remote, BATCH));
  for (const [job, count] of [["changed", Number(changed)], ["one", 1]]) {
    await change(remote, states, count);
    await timed(job, () => mirror.replicate.from(remote, BATCH));
  }
  await Promise.all([pushed.close(), mirror.close()]);
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
