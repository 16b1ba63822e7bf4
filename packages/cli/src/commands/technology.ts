import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { checkTechnology } from '@neuroprint/sampler';
import type { EngineChoice } from '@neuroprint/spice';
import pc from 'picocolors';
import type { CommandModule } from 'yargs';
import { withEngine } from '../engine.ts';
import { engineOption, jsonOption, technologyOption } from '../options.ts';
import { printResult } from '../output.ts';
import { TEMPLATES } from '../paths.ts';

const EXIT_BELOW = 3;

/** `neuroprint technology check`. */
export const technologyCommand: CommandModule<object, object> = {
  command: 'technology <action>',
  describe: 'Look over the folder of a process',
  builder: (yargs) => yargs.command(check).demandCommand(1, 'Say check.').strict() as never,
  handler: () => {},
};

const check: CommandModule<object, { technology: string; engine: EngineChoice; json: boolean }> = {
  command: 'check',
  describe: 'Validate technology.json and the templates, and simulate every cell at the corners of its ranges',
  builder: (yargs) =>
    yargs
      .options({
        technology: { ...technologyOption, describe: 'Name in spice-templates, or path of a folder' },
        engine: engineOption,
        json: jsonOption,
      })
      .example('$0 technology check --technology my-process', 'Look over a new process') as never,
  handler: async ({ technology: named, engine: choice, json }) => {
    const isPath = named.includes('/') || (!existsSync(resolve(TEMPLATES, named)) && existsSync(named));
    const technology = isPath
      ? loadTechnology(dirname(resolve(named)), basename(resolve(named)))
      : loadTechnology(TEMPLATES, named);
    const findings = await withEngine(choice, (engine) => checkTechnology(technology, engine));
    const ok = findings.every((finding) => finding.ok);
    printResult(json, { technology: technology.name, ok, findings, assumed: technology.assumed }, [
      ...findings.map(
        ({ what, ok: good, detail }) => `${good ? pc.green('ok    ') : pc.red('wrong ')} ${what}: ${detail}`,
      ),
      ...(technology.assumed.length === 0 ? [] : [`assumed, without a source: ${technology.assumed.join(', ')}`]),
    ]);
    if (!ok) process.exitCode = EXIT_BELOW;
  },
};
