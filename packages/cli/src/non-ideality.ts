import { join } from 'node:path';
import { variationOf } from '@neuroprint/circuit';
import {
  checkSchema,
  type NonIdeality,
  nonIdealityPresetsSchema,
  nonIdealitySchema,
  parseJson,
  readTextFile,
  UsageError,
  type Variation,
} from '@neuroprint/core';
import { EXAMPLES } from '#host';
import type { ArgumentsOf } from './command.ts';
import { text } from './options.ts';

/** What stands between the colons of `kind:number:number`, in this order. */
const FIELDS: Readonly<Record<Exclude<NonIdeality['kind'], 'mapping'>, readonly string[]>> = {
  uniform: ['spread'],
  gaussian: ['spread'],
  laplace: ['spread'],
  drift: ['sigma'],
  levels: ['levels', 'spread'],
  multinomial: ['zero', 'half'],
  noise: ['volts'],
  smooth: ['volts'],
};
const COMPONENTS = ['crossbar', 'stages', 'all'];

export const nonIdealityOptions = {
  'non-ideality': text(
    'Non-idealities apart by commas: drift:0.3, levels:16:0.02, multinomial:0.2:0.1, laplace:0.1:all, noise:0.05 (volts), smooth:10% (of the bias), or the name of a preset',
  ),
  presets: text('JSON file with non-idealities by name', join(EXAMPLES, 'non-idealities.json')),
};

/** The non-idealities of a list such as `drift:0.3,levels:16:0.02,my-preset`. Throws UsageError that names the item. */
function parseNonIdealities(list: string, presetsFile: string): NonIdeality[] {
  const presets = checkSchema(presetsFile, nonIdealityPresetsSchema, parseJson(presetsFile, readTextFile(presetsFile)));
  return list.split(',').flatMap((item) => {
    const [kind = '', ...cells] = item.trim().split(':');
    const preset = Object.hasOwn(presets, kind) && cells.length === 0 ? presets[kind] : undefined;
    if (preset !== undefined) return preset as NonIdeality[];
    if (!Object.hasOwn(FIELDS, kind))
      throw new UsageError(
        `--non-ideality has "${item}", which is no kind and no preset.`,
        `Kinds: ${Object.keys(FIELDS).join(', ')}; presets of ${presetsFile}: ${Object.keys(presets).join(', ')}.`,
      );
    const isSeries = kind === 'noise' || kind === 'smooth';
    const share = isSeries ? /^(.+)%$/.exec((cells[0] ?? '').trim()) : null;
    if (share !== null) cells[0] = String(Number(share[1]) / 100);
    const fields = share === null ? FIELDS[kind as keyof typeof FIELDS] : ['biasShare'];
    const last = cells.at(-1) ?? '';
    const components = COMPONENTS.includes(last) ? cells.pop() : undefined;
    if (cells.length !== fields.length || cells.some((cell) => cell.trim() === '' || !Number.isFinite(Number(cell))))
      throw new UsageError(`--non-ideality has "${item}", and ${kind} reads ${[kind, ...fields].join(':')}.`);
    const part = {
      kind,
      ...Object.fromEntries(fields.map((field, k) => [field, Number(cells[k])])),
      ...(components === undefined ? {} : { components }),
    };
    const checked = nonIdealitySchema.safeParse(part);
    if (!checked.success) {
      const issue = checked.error.issues[0]!;
      throw new UsageError(`--non-ideality has "${item}": ${[...issue.path, issue.message].join(': ')}.`);
    }
    return [checked.data as NonIdeality];
  });
}

/** A variation with the non-idealities of `--non-ideality` added to it, where that is given. */
export function withNonIdealities<T extends Variation | number | undefined>(
  base: T,
  { nonIdeality: list, presets }: ArgumentsOf<typeof nonIdealityOptions>,
): T | Variation {
  if (list === undefined) return base;
  const model = variationOf(base ?? 0);
  return { ...model, nonIdealities: [...(model.nonIdealities ?? []), ...parseNonIdealities(list, presets)] };
}
