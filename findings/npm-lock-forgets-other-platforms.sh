#!/usr/bin/env bash
# npm 10.8.2 (that of Node 20): a lock file made while node_modules is there lacks the packages of other platforms.
# Expected: package-lock.json follows from package.json alone; "npm ci" on another platform installs what the lock names.
# Seen: made in an empty folder, the lock names all 8 platform packages of @biomejs/biome 2.0.0; deleted and made again beside the installed
# node_modules, it names 1, that of this machine. "npm ci" on this machine is content, so nothing is seen before another platform tries.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts npm@10.8.2

mkdir project
cd project
printf '{"name":"project","version":"1.0.0","private":true,"dependencies":{"@biomejs/biome":"2.0.0"}}\n' > package.json
make_lock() {
  rm -f package-lock.json
  node ../node_modules/npm/bin/npm-cli.js install --silent --no-audit --no-fund --ignore-scripts > /dev/null 2>&1
  grep -c '"node_modules/@biomejs/cli-' package-lock.json
}
seen="in an empty folder: $(make_lock) platforms
beside node_modules: $(make_lock) platforms"
expected='in an empty folder: 8 platforms
beside node_modules: 1 platforms'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
