import { basename, dirname } from 'node:path';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { checkTechnology } from '@neuroprint/sampler';
import pc from 'picocolors';
import { defineCommand, outcome } from '../command.ts';
import { withEngine } from '../engine.ts';
import { engineOption, text } from '../options.ts';
import { technologyFolder } from '../technology-folder.ts';
import { terminal } from '../terminal.ts';

const EXIT_BELOW = 3;

export const checkCommand = defineCommand({
  options: {
    technology: text('Name in spice-templates, or path of a folder', 'egt'),
    engine: engineOption,
  },
  examples: [['$0 technology check --technology my-process', 'Look over a new process']],
  run: async ({ technology: named, engine: choice }) => {
    const folder = technologyFolder(named);
    const technology = loadTechnology(dirname(folder), basename(folder));
    const findings = await withEngine(choice, (engine) => checkTechnology(technology, engine));
    const ok = findings.every((finding) => finding.ok);
    const { green, red } = pc.createColors(terminal().colours);
    return outcome(
      { technology: technology.name, ok, findings, marks: technology.marks, assumed: technology.assumed },
      [
        ...findings.map(({ what, ok: good, detail }) => `${good ? green('ok    ') : red('wrong ')} ${what}: ${detail}`),
        marksInWords(technology.marks),
        ...(technology.assumed.length === 0 ? [] : [`assumed, without a source: ${technology.assumed.join(', ')}`]),
      ],
      ok ? 0 : EXIT_BELOW,
    );
  },
});

/** How many numbers are measured, published and assumed. */
function marksInWords(marks: Technology['marks']): string {
  const count = (kind: Technology['marks'][number]['kind']): number =>
    marks.filter((mark) => mark.kind === kind).length;
  return `numbers: ${count('measured')} measured, ${count('published')} published, ${count('assumed')} assumed`;
}
