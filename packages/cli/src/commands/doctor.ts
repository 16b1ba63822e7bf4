import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { inspectEngines } from '@neuroprint/spice';
import { SURROGATES, TEMPLATES } from '#host';
import { defineCommand, outcome } from '../command.ts';

const OLDEST_NODE = 20;

/** Libraries that are not needed, and what they are good for. */
const OPTIONAL_LIBRARIES = {
  'onnxruntime-node': 'runs ONNX models: import --distil needs it, and import checks with it what it maps',
} as const;

interface LibraryReport {
  readonly name: string;
  readonly usable: boolean;
  readonly use: string;
}

async function inspectLibraries(): Promise<LibraryReport[]> {
  return Promise.all(
    Object.entries(OPTIONAL_LIBRARIES).map(async ([name, use]) => ({
      name,
      use,
      usable: await import(name).then(
        () => true,
        () => false,
      ),
    })),
  );
}

/** `neuroprint doctor`: what of the toolchain is there, and what to do about what is not. */
export const doctorCommand = defineCommand({
  options: {},
  examples: [['$0 doctor', 'Check this machine']],
  run: async () => {
    const [engines, libraries] = await Promise.all([inspectEngines(), inspectLibraries()]);
    const problems: string[] = [];
    if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE)
      problems.push(`Node ${process.versions.node} is older than ${OLDEST_NODE}: install a newer one.`);
    if (!engines.some((engine) => engine.usable))
      problems.push('No simulator works: run npm install again, or install ngspice.');
    for (const cell of ['negweight', 'ptanh']) {
      if (!existsSync(join(SURROGATES, 'egt', cell, 'surrogate.json'))) {
        problems.push(`The surrogate egt/${cell} is missing: run neuroprint surrogates regenerate.`);
      }
    }
    try {
      loadTechnology(TEMPLATES, 'egt');
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
    try {
      accessSync('.', constants.W_OK);
    } catch {
      problems.push(`${process.cwd()} cannot be written: give --out folders elsewhere.`);
    }
    return outcome(
      { node: process.versions.node, engines, libraries, problems },
      [
        `node      ${process.versions.node}`,
        ...engines.map((engine) =>
          engine.usable
            ? `${engine.name.padEnd(9)} ${engine.version}${engine.path === undefined || engine.path === null ? '' : ` (${engine.path})`}`
            : `${engine.name.padEnd(9)} not usable: ${engine.problem ?? 'unknown'}${engine.whatToDo === undefined ? '' : `. ${engine.whatToDo}`}`,
        ),
        ...libraries.map(
          ({ name, usable, use }) =>
            `optional  ${name} ${usable ? 'is there' : `is not there: npm install ${name}`} (${use})`,
        ),
        ...(problems.length === 0 ? ['No problems.'] : problems.map((problem) => `problem   ${problem}`)),
      ],
      problems.length > 0 ? 1 : 0,
    );
  },
});
