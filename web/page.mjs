// SPDX-License-Identifier: Apache-2.0
// Puts what Vite built into one page: script and style inline, a policy that allows nothing else, and a digest of the
// sources that it was made from. Usage: node page.mjs [FILE] (after vite build)
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(root, "..", "python", "chipcast", "web", "report.html");
/** What the page is made from; package.json names the scripts, and the lock file what is installed. */
const SOURCES = ["src", "package-lock.json", "package.json", "page.mjs", "tsconfig.json", "vite.config.js"];

function files(path) {
  if (!statSync(path).isDirectory()) return [relative(root, path).split(sep).join("/")];
  return readdirSync(path).flatMap((name) => files(join(path, name)));
}

/** Of every source: name, zero byte, SHA-256 of its bytes; tests/python/web computes the same. */
function sourcesDigest() {
  const digest = createHash("sha256");
  for (const name of SOURCES.flatMap((name) => files(join(root, name))).sort()) {
    digest.update(
      `${name}\0${createHash("sha256")
        .update(readFileSync(join(root, name)))
        .digest("hex")}\n`,
    );
  }
  return digest.digest("hex");
}

const hashed = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const style = readFileSync(join(root, "dist", "page.css"), "utf8").trim();
const script = readFileSync(join(root, "dist", "page.js"), "utf8").trim();
if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error("the built page would end early");

const policy = [
  "default-src 'none'",
  `script-src ${hashed(script)}`,
  `style-src ${hashed(style)}`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The notices of the libraries that the script holds: their licence asks for them in every copy. */
function notices() {
  const names = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies);
  return names.map((name) => `${name}:\n${readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8").trim()}`);
}

const page = `<!doctype html>
<!-- SPDX-License-Identifier: Apache-2.0. GENERATED from web/ by scripts/build-web: do not edit.
The script holds code of these libraries.

${notices().join("\n\n")}
-->
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="chipcast-sources" content="${sourcesDigest()}">
<link rel="icon" href="data:,">
<title>Chipcast</title>
<style>${style}</style>
</head>
<body>
<noscript>This page draws with a script of its own. Allow scripts for this file to see it.</noscript>
<script id="chipcast-data" type="application/json"></script>
<script>${script}</script>
</body>
</html>
`;
writeFileSync(target, page);
console.log(`${relative(join(root, ".."), target)}: ${page.length} bytes`);
