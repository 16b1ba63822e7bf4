import { join } from 'node:path';
import { formatJson, InputFileError, parseJson, readTextFile, writeFileAtomic } from '@neuroprint/core';

/** What a fit puts into technology.json, by key; kinds of transistors, inks and laws of ageing of other names stay. */
export interface FittedParts {
  readonly transistors?: Readonly<Record<string, object>>;
  readonly ageing?: Readonly<Record<string, object>>;
  readonly ink?: { readonly name: string; readonly sheetOhms: object };
}

/** Puts fitted parts into the technology.json of a folder. Returns what was replaced and what was added, in words. */
export function putInto(folder: string, { transistors = {}, ageing = {}, ink }: FittedParts): string[] {
  const path = join(folder, 'technology.json');
  const file = parseJson(path, readTextFile(path));
  if (!isObject(file)) throw new InputFileError({ file: path }, 'holds no technology');
  const said: string[] = [];
  const merge = (key: string, parts: Readonly<Record<string, object>>): void => {
    if (Object.keys(parts).length === 0) return;
    const before = isObject(file[key]) ? file[key] : {};
    for (const name of Object.keys(parts))
      said.push(`${key}.${name} ${Object.hasOwn(before, name) ? 'replaced' : 'added'}`);
    file[key] = { ...before, ...parts };
  };
  merge('transistors', transistors);
  merge('ageing', ageing);
  if (ink !== undefined) {
    const inks = isObject(file.printing) && Array.isArray(file.printing.resistorInks) ? file.printing.resistorInks : [];
    const at = inks.findIndex((one) => isObject(one) && one.name === ink.name);
    if (at < 0)
      throw new InputFileError(
        { file: path },
        `printing.resistorInks has no ink ${ink.name}`,
        `There are: ${inks.map((one) => (isObject(one) ? String(one.name) : '?')).join(', ') || 'none'}.`,
      );
    inks[at] = { ...(inks[at] as object), sheetOhms: ink.sheetOhms };
    said.push(`printing.resistorInks: ${ink.name} replaced`);
  }
  writeFileAtomic(path, `${formatJson(file)}\n`);
  return said;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
