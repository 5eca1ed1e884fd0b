const { createConnection, createServer } = require("node:net");
const { setTimeout: delay } = require("node:timers/promises");

/** Where each process listens on this machine. The environment may say otherwise. */
const ports = {
  api: Number(process.env.API_PORT ?? 4600),
  cart: Number(process.env.CART_PORT ?? 4601),
  payment: Number(process.env.PAYMENT_PORT ?? 4602),
  database: Number(process.env.DATABASE_PORT ?? 4603),
};

/** Waits until these processes listen, so that all can be started in any order. */
async function waitFor(...names) {
  for (const name of names) {
    for (let attempt = 1; !(await isListening(ports[name])); attempt++) {
      if (attempt === 100) console.log(`Still waiting for ${name} on port ${ports[name]}.`);
      await delay(100);
    }
  }
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Ends this process with a sentence when its port cannot be had. */
function assertFree(name) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => {
      const reason = error.code === "EADDRINUSE" ? "another program is using it" : error.message;
      console.error(`${name}: cannot listen on port ${ports[name]}: ${reason}.`);
      console.error(`Stop that program, or choose another port with ${name.toUpperCase()}_PORT.`);
      process.exit(1);
    });
    probe.listen(ports[name], "127.0.0.1", () => probe.close(resolve));
  });
}

module.exports = { ports, waitFor, assertFree };
