import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: {
      readonly commandPalette: readonly { readonly command: string; readonly when: string }[];
    };
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
  };
}

const { contributes } = JSON.parse(read("package.json")) as Manifest;
const hidden = new Set(
  contributes.menus.commandPalette.filter(({ when }) => when === "false").map(({ command }) => command),
);
const commands = contributes.commands.map(({ command }) => command).filter((command) => !hidden.has(command));

test.each(commands)("docs/commands.md tells of %s", (command) => {
  expect(read("docs/commands.md")).toContain(`\`${command}\``);
});

test.each(Object.keys(contributes.configuration.properties))("docs/settings.md tells of %s", (setting) => {
  expect(read("docs/settings.md")).toContain(`\`${setting}\``);
});
