import { expect, test } from "vitest";
import { serviceNameOf } from "../../../../src/host/session/service-name.ts";

test.each<[Readonly<Record<string, unknown>>, string | undefined]>([
  [{ program: "/srv/checkout/main.py" }, "checkout"],
  [{ program: "/srv/checkout/src/app.py" }, "checkout"],
  [{ program: "/srv/checkout/worker.py" }, "worker"],
  [{ program: "main.py" }, "main"],
  [{ program: "${workspaceFolder}/main.py" }, "main"],
  [{ program: "C:\\main.py" }, "main"],
  [{ program: "/srv/checkout/" }, "checkout"],
  [{ program: "C:\\srv\\Shop.Api.dll" }, "Shop.Api"],
  [{ program: "/srv/.hidden" }, ".hidden"],
  [{ module: "uvicorn" }, "uvicorn"],
  [{ mainClass: "com.shop.Checkout", program: "x" }, "Checkout"],
  [{ program: ".", cwd: "/srv/cart" }, "cart"],
  [{ program: "${command:pick}" }, undefined],
  [{ program: 7 }, undefined],
  [{}, undefined],
])("%j is the service %j", (attributes, name) => {
  expect(serviceNameOf({ type: "go", request: "launch", name: "n", ...attributes })).toBe(name);
});
