const { randomUUID } = require("node:crypto");
const { setTimeout: delay } = require("node:timers/promises");

const CONFIRM_FROM = 500_00;
const LIMIT = 1000_00;

/** Takes an amount in cents from the customer. Large amounts are confirmed first, larger ones refused. */
async function charge(amount) {
  await delay(120);
  if (amount > LIMIT) throw new Error(`the bank refused ${euros(amount)}: the limit is ${euros(LIMIT)}`);
  if (amount > CONFIRM_FROM) await delay(900);
  return { receipt: randomUUID(), amount };
}

function euros(cents) {
  return `€${(cents / 100).toFixed(2)}`;
}

module.exports = { charge };
