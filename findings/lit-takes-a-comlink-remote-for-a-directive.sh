#!/usr/bin/env bash
# npm lit 3.3.3 with comlink 4.4.2: a Remote that is bound in a template is taken for a directive.
# Expected: .session=${remote} sets the property of the element, as with any other object.
# Seen: lit asks the value for _$litDirective$, a Remote answers every name with another Remote, and lit constructs that: in the worker,
# with arguments that cannot be cloned. What throws has nothing to do with the binding; setting the property in a script works.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts lit@3.3.3 comlink@4.4.2

cat > run.mjs <<'END'
import { MessageChannel } from 'node:worker_threads';
import { expose, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { isDirectiveResult } from 'lit/directive-helpers.js';

const { port1, port2 } = new MessageChannel();
expose({ answer: () => 42 }, nodeEndpoint(port2));
const remote = wrap(nodeEndpoint(port1));
console.log(`the remote works: ${await remote.answer()}`);
console.log(`lit takes an object for a directive: ${isDirectiveResult({ answer: () => 42 })}`);
console.log(`lit takes the remote for a directive: ${isDirectiveResult(remote)}`);
port1.close();
END
seen=$(node run.mjs)
expected='the remote works: 42
lit takes an object for a directive: false
lit takes the remote for a directive: true'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
