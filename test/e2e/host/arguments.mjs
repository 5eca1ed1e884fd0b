// @ts-check
import { resolve } from "node:path";

/**
 * @typedef {object} LauncherRequest
 * @property {string | undefined} open a folder or .code-workspace file, absolute
 * @property {readonly string[]} developmentPaths absolute
 * @property {string | undefined} testsPath absolute
 * @property {string | undefined} userData absolute
 * @property {string | undefined} extensions absolute
 * @property {boolean} disableWorkspaceTrust
 * @property {boolean} version whether only the version is asked for
 * @property {readonly string[]} ignored arguments of a desktop that mean nothing in a browser
 */

/**
 * Reads the arguments of desktop VS Code, which test-electron writes as --name=value; any other word is what to open.
 * @param {readonly string[]} args
 * @param {string} folder that relative paths start from
 * @returns {LauncherRequest}
 */
export function parseLauncherArguments(args, folder) {
  const options = args.flatMap((arg) => {
    const [, name, value = ""] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    return name === undefined ? [] : [{ arg, name, value }];
  });
  const [open] = args.filter((arg) => !arg.startsWith("--"));
  /** @param {string} name */
  const has = (name) => options.some((option) => option.name === name);
  /** @param {string} name */
  const paths = (name) =>
    options.filter((option) => option.name === name).map(({ value }) => resolve(folder, value));
  const understood = [
    "extensionDevelopmentPath",
    "extensionTestsPath",
    "user-data-dir",
    "extensions-dir",
    "disable-workspace-trust",
    "version",
  ];
  return {
    open: open === undefined ? undefined : resolve(folder, open),
    developmentPaths: paths("extensionDevelopmentPath"),
    testsPath: paths("extensionTestsPath").at(-1),
    userData: paths("user-data-dir").at(-1),
    extensions: paths("extensions-dir").at(-1),
    disableWorkspaceTrust: has("disable-workspace-trust"),
    version: has("version"),
    ignored: options.filter(({ name }) => !understood.includes(name)).map(({ arg }) => arg),
  };
}
