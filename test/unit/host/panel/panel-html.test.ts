import { expect, test } from "vitest";
import { panelHtml } from "../../../../src/host/panel/panel-html.ts";

const html = panelHtml({
  cspSource: "https://files.example",
  nonce: "n0nce",
  scriptUri: "https://files.example/panel.js",
  styleUri: "https://files.example/panel-style.css",
  codiconUri: "https://files.example/codicon.css",
});
const policy = new Map(
  (/Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "").split("; ").map((directive) => {
    const [name = "", ...sources] = directive.split(" ");
    return [name, sources];
  }),
);

test("the page may load nothing that is not named", () => {
  expect(policy.get("default-src")).toEqual(["'none'"]);
  expect([...policy.keys()]).not.toContain("connect-src");
});

test("scripts run by their nonce alone", () => {
  expect(policy.get("script-src")).toEqual(["'nonce-n0nce'"]);
  const scripts = html.match(/<script[^>]*>/g);
  expect(scripts).toEqual(['<script nonce="n0nce" src="https://files.example/panel.js">']);
});

test("nothing inline and nothing evaluated is allowed", () => {
  expect(html).not.toMatch(/unsafe-(inline|eval)/);
  expect(html).not.toMatch(/\son\w+=/);
});
