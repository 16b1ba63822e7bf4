#!/usr/bin/env bash
# npm lit 3.3.3: styleMap writes its first styles as an attribute, which a content security policy refuses, and all later ones otherwise.
# Expected: the directive that sets styles property by property works under style-src 'self', as lit's style sheets do.
# Seen: what an element is first drawn with is not applied, and is a violation; from its second drawing on all of it is, so that a bar has
# its length only once it has moved.
set -euo pipefail
if ! command -v chromium >/dev/null 2>&1; then
  apt-get update -qq && apt-get install -y --no-install-recommends chromium >/dev/null
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 lit@3.3.3 esbuild@0.25.12

cat > page.js <<'END'
import { html, render } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';

const seen = [];
for (const inlineSize of ['10px', '20px', '30px']) {
  render(html`<div style=${styleMap({ inlineSize, blockSize: '5px' })}></div>`, document.body);
  const { width, height } = document.querySelector('div').getBoundingClientRect();
  seen.push(`${inlineSize} wide and 5px high: ${width === Number.parseInt(inlineSize) ? width : 'another width'}, ${height}`);
}
globalThis.seen = seen;
END
npx esbuild page.js --bundle --format=esm --log-level=error --outfile=built.js

cat > run.mjs <<'END'
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'";
const FILES = {
  '/': ['text/html', '<!doctype html><title>page</title><body></body><script type="module" src="/built.js"></script>'],
  '/built.js': ['text/javascript', readFileSync('built.js', 'utf8')],
};
const server = createServer(({ url }, response) => {
  const [type, text] = FILES[url] ?? ['text/plain', ''];
  response.setHeader('Content-Type', type).setHeader('Content-Security-Policy', POLICY).end(text);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
let violations = 0;
page.on('console', (message) => {
  if (message.text().includes('Content Security Policy')) violations += 1;
});
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction(() => globalThis.seen !== undefined);
for (const line of await page.evaluate(() => globalThis.seen)) console.log(line);
console.log(`violations: ${violations}`);
await browser.close();
server.close();
END
seen=$(node run.mjs)
expected='10px wide and 5px high: another width, 0
20px wide and 5px high: 20, 5
30px wide and 5px high: 30, 5
violations: 1'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
