import { chmodSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { writeFileAtomic } from '@neuroprint/core';

/** A word as a shell takes it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Writes the script of a task: the command with `--shard TASK/OF`. A node on which the tool or this folder is not there says so in
 * the ledger, in the words of a journal.
 */
export function writeTaskScript(folder: string, path: string, command: readonly string[], of: number): void {
  const needed = command.slice(0, 2).filter((word) => isAbsolute(word));
  const here = process.cwd();
  const check = (test: string, file: string) => `[ ${test} ${quoted(file)} ] || missing ${quoted(inJson(file))}`;
  const lines = [
    '#!/bin/sh',
    `ledger=${quoted(join(resolve(folder), 'ledger'))}`,
    'missing() {',
    '  mkdir -p "$ledger"',
    '  host=$(uname -n)',
    '  task="$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"',
    '  at=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)',
    `  line='{"at":"%s","host":"%s","task":"%s","state":"failed","reason":"neuroprint is not installed on %s: there is no %s","hint":"%s"}\\n'`,
    `  printf "$line" "$at" "$host" "$task" "$host" "$1" "Node, neuroprint and this folder are needed at the same path on every node." >> "$ledger/task-$task.jsonl"`,
    '  exit 127',
    '}',
    check('-d', here),
    ...needed.map((file) => check('-e', file)),
    `cd ${quoted(here)} || exit 127`,
    `exec ${command.map(quoted).join(' ')} --shard "$SLURM_ARRAY_TASK_ID/${of}"`,
    '',
  ];
  writeFileAtomic(path, lines.join('\n'));
  chmodSync(path, 0o755);
}

/** A text within the quotes of JSON. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
