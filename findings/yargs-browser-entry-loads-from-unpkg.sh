#!/usr/bin/env bash
# npm yargs 18.2.0: its entry for browsers imports code of two other packages from a server on the network.
# Expected: `yargs/browser`, which a bundler or a page takes from node_modules, comes with what it needs there, as `yargs` does: cliui and
# yargs-parser are its dependencies.
# Seen: it imports https://unpkg.com/cliui and https://unpkg.com/yargs-parser, of major versions below those that its package.json asks
# for. A page that is built of it runs code of another server, and nothing without a network; a bundler leaves the addresses as they are.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts yargs@18.2.0

cat > run.mjs <<'END'
import { readFileSync } from 'node:fs';

const shim = readFileSync('node_modules/yargs/lib/platform-shims/browser.mjs', 'utf8');
const { dependencies } = JSON.parse(readFileSync('node_modules/yargs/package.json', 'utf8'));
for (const [address, name] of shim.matchAll(/https:\/\/[\w.]+\/([\w-]+)@[\w./-]+/g)) console.log(address, dependencies[name]);
END
seen=$(node run.mjs)
expected='https://unpkg.com/cliui@8.0.1/index.mjs ^9.0.1
https://unpkg.com/yargs-parser@21.1.1/browser.js ^22.0.0'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
