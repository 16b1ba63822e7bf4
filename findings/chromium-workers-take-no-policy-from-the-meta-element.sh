#!/usr/bin/env bash
# Chromium: the content security policy that a page gives itself in a meta element does not hold in its workers.
# Expected: a page whose meta element says connect-src 'self' and no 'unsafe-eval' sends nothing to other servers and evaluates no text, its
# workers neither.
# Seen: a worker of the page's own file does both: its policy is what the server sends with that file, and a plain server sends none. A worker
# that is started from a blob: address, and imports the same file from there, has the page's policy.
set -euo pipefail
if ! command -v chromium >/dev/null 2>&1; then
  apt-get update -qq && apt-get install -y --no-install-recommends chromium >/dev/null
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

cat > run.mjs <<'END'
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const POLICY = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; connect-src 'self'";
const FILES = {
  '/': ['text/html', `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>page</title>`],
  '/worker.js': [
    'text/javascript',
    `const tried = async (work) => { try { return await work(); } catch { return 'refused'; } };
    (async () => postMessage([await tried(() => (0, eval)('"evaluated"')), await tried(async () => (await fetch('OTHER')).text())]))();`,
  ],
};
const listen = (answer) =>
  new Promise((resolve) => {
    const server = createServer(answer).listen(0, '127.0.0.1', () =>
      resolve({ server, address: `http://127.0.0.1:${server.address().port}` }),
    );
  });
const other = await listen((_, response) => response.setHeader('Access-Control-Allow-Origin', '*').end('sent'));
const site = await listen(({ url }, response) => {
  const [type, text] = FILES[url] ?? ['text/plain', ''];
  response.setHeader('Content-Type', type).end(text.replace('OTHER', other.address));
});
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
await page.goto(site.address);
const said = (how) =>
  page.evaluate(
    ([start, address]) =>
      new Promise((resolve) => {
        const text = new Blob([`import '${address}/worker.js';`], { type: 'text/javascript' });
        const from = start === 'file' ? '/worker.js' : URL.createObjectURL(text);
        new Worker(from, { type: 'module' }).onmessage = ({ data }) => resolve(data.join(', '));
      }),
    [how, site.address],
  );
console.log('worker from its file:', await said('file'));
console.log('worker from a blob:', await said('blob'));
await browser.close();
for (const { server } of [site, other]) server.close();
END
seen=$(node run.mjs)
expected='worker from its file: evaluated, sent
worker from a blob: refused, refused'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
