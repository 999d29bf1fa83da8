// express-pouchdb on leveldb, one process on loopback: node server.js FOLDER PORT. GET /__used tells the bytes that its sockets carried and its processor time.
"use strict";
const express = require("express");
const fs = require("fs");
const http = require("http");
const PouchDB = require("pouchdb");

const [folder, port] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });
const Stored = PouchDB.defaults({ prefix: `${folder}/` });
const sockets = new Set();
const gone = { up: 0, down: 0 };

const app = express();
app.get("/__used", (_question, answer) => {
  let { up, down } = gone;
  for (const socket of sockets) {
    up += socket.bytesRead;
    down += socket.bytesWritten;
  }
  const { user, system } = process.cpuUsage();
  answer.json({ up, down, cpu: (user + system) / 1e6 });
});
app.use("/", require("express-pouchdb")(Stored, { logPath: `${folder}/log.txt`, mode: "minimumForPouchDB" }));

const server = http.createServer(app);
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => {
    sockets.delete(socket);
    gone.up += socket.bytesRead;
    gone.down += socket.bytesWritten;
  });
});
server.listen(Number(port), "127.0.0.1", () => console.log("up"));
