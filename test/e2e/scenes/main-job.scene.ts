import assert from "node:assert/strict";
import { paintedColours, panelOf, waitForSpans } from "../harness/panel.ts";
import { installSample, lineOf, startOwnBackend, waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { until } from "../harness/vs-code.ts";

const checkout = "examples/shop/api/src/checkout.ts";

scene(
  "F5 on the shop: a click on a database span of the flame graph lands on its line of checkout.ts",
  { workspace: "examples/shop", timeoutS: 240 },
  async (code) => {
    await installSample("examples/shop");
    await code.pressF5();
    await waitForAnswer("http://127.0.0.1:4600/");
    const response = await fetch("http://127.0.0.1:4600/checkout", { method: "POST" });
    assert.equal(response.status, 200);

    const panel = await panelOf(code);
    await panel.openTrace("POST /checkout");
    await waitForSpans(panel, "spans of api, cart and payment in one flame graph", (names) =>
      ["api", "cart", "payment"].every((service) => names.some((name) => name.includes(`, ${service}`))),
    );
    assert.ok((await paintedColours(panel)) > 3, "the canvas is painted");

    const query = panel.spans(/^(?=.*SELECT).*checkout\.ts line/i);
    assert.equal(await query.count(), 12, "one query for each item of the cart");
    await query.first().click();
    const line = await lineOf(checkout, "await db.query");
    await panel.details.getByRole("link", { name: `Open checkout.ts line ${line}` }).waitFor();
    await code.waitForCursor("api/src/checkout.ts", line);
  },
);

scene(
  "F5 on an Express program of ES modules: the server span leads to its handler, the client span to its call",
  { workspace: "examples/express-esm", timeoutS: 180 },
  async (code) => {
    await installSample("examples/express-esm");
    await code.pressF5();
    await waitForAnswer("http://127.0.0.1:4610/greeting");

    const panel = await panelOf(code);
    await panel.openTrace("GET /greeting");
    const main = "examples/express-esm/main.js";
    await panel
      .spans(/^GET .*main\.js line/)
      .first()
      .waitFor();
    await panel
      .spans(/^GET \/greeting/)
      .first()
      .click();
    await code.waitForCursor("main.js", await lineOf(main, 'app.get("/greeting"'));
    await panel
      .spans(new RegExp(`main\\.js line ${await lineOf(main, "await fetch(")}`))
      .first()
      .click();
    await code.waitForCursor("main.js", await lineOf(main, "await fetch("));
  },
);

scene(
  "F5 on a program with its own SDK: its spans are shown, and its own backend goes on getting them",
  { workspace: "examples/own-sdk", timeoutS: 180 },
  async (code) => {
    await installSample("examples/own-sdk");
    const backend = await startOwnBackend(4621);
    try {
      await code.pressF5();
      await waitForAnswer("http://127.0.0.1:4620/quote");

      const panel = await panelOf(code);
      await panel.openTrace("GET /quote");
      await waitForSpans(panel, "both spans of the program", (names) =>
        names.some((name) => name.startsWith("quote")),
      );
      assert.equal(await panel.spans().count(), 2, "each span once, although it is exported as well");
      await until("the program's own backend to have got both spans", () =>
        Promise.resolve(["quote", "GET /quote"].every((name) => backend.spanNames().includes(name))),
      );
    } finally {
      await backend.close();
    }
  },
);
