export interface PanelHtmlOptions {
  /** The origin that VS Code serves the extension's files from. */
  readonly cspSource: string;
  /** Fresh for each page, unguessable. */
  readonly nonce: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  readonly codiconUri: string;
}

/**
 * The panel's page. Nothing but the extension's own files is loaded, nothing is fetched, no inline script runs: what
 * telemetry says can become text only.
 */
export function panelHtml({ cspSource, nonce, scriptUri, styleUri, codiconUri }: PanelHtmlOptions): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<link rel="stylesheet" id="vscode-codicon-stylesheet" href="${codiconUri}">
<link rel="stylesheet" href="${styleUri}">
<title>Spanlight</title>
</head>
<body>
<div id="panel"></div>
<script nonce="${nonce}" src="${scriptUri}"></script>
</body>
</html>`;
}
