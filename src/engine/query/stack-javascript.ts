/** Schemes of code that comes with the runtime or the browser. */
const RUNTIME =
  /^(?:node|bun|ext|deno|internal|chrome-extension|moz-extension|safari-web-extension|safari-extension|resource|chrome|wasm|native):/;
/** Places of packages in a project, on a development server, and in the paths that bundlers make up. */
const PACKAGES =
  /(?:^|[\\/])(?:node_modules|bower_components|jspm_packages|\.yarn[\\/](?:cache|unplugged|__virtual__)|\.pnpm|@vite|@id|@react-refresh|next[\\/]dist)(?:[\\/]|$)/;
const BUNDLER =
  /(?:^webpack(?:-internal)?:\/+|[\\/])(?:webpack[\\/](?:bootstrap|runtime|before-startup|startup)|\(webpack\)|external )/;
const REGISTRIES =
  /^(?:https?:\/\/(?:deno\.land\/(?:x|std)|esm\.sh|cdn\.jsdelivr\.net|unpkg\.com|cdnjs\.cloudflare\.com|jsr\.io)|jsr:|npm:)/;

/** Whether a path or URL of JavaScript is the runtime's, a browser extension's, a bundler's or a package's. */
export function isJavaScriptLibrary(path: string): boolean {
  return (
    RUNTIME.test(path) ||
    path.startsWith("internal/") ||
    PACKAGES.test(path) ||
    BUNDLER.test(path) ||
    REGISTRIES.test(path)
  );
}
