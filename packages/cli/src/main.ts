import pc from 'picocolors';
import { hideBin } from 'yargs/helpers';
import { interruptSignal } from './interrupt.ts';
import { run as runOn } from './run.ts';
import type { Terminal } from './terminal.ts';

/** What the bin runs: the command line of this process, which Ctrl-C ends in order. */
export async function main(): Promise<void> {
  process.exitCode = await run(hideBin(process.argv), { ...processTerminal(), signal: interruptSignal() });
}

function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  return { stdout, stderr, colours: pc.isColorSupported, signal: new AbortController().signal };
}

/** Runs one command line on a terminal, by default this process's, and returns its exit code. Calls share nothing. */
export function run(args: readonly string[], io: Terminal = processTerminal()): Promise<number> {
  return runOn(args, io);
}
