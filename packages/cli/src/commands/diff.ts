import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diffCircuits } from '@neuroprint/compiler';
import {
  type Circuit,
  CircuitKind,
  InputFileError,
  LayoutReportKind,
  ManifestKind,
  readArtifact,
  sha256OfFile,
} from '@neuroprint/core';
import { diffLayouts, type LayoutDiff } from '@neuroprint/layout';
import { defineCommand, outcome } from '../command.ts';
import { required, text } from '../options.ts';

/** Changes that a person is shown; --json has all. */
const SHOWN = 20;
const SHOWN_IN_LAYOUT = 5;

/** `neuroprint diff`: which components changed from one compile to another and by how much, and what of the layout moved. */
export const diffCommand = defineCommand({
  positionals: {
    before: required(text('Folder that compile wrote, or its circuit.json')),
    after: required(text('The other one')),
  },
  options: {},
  examples: [['$0 diff netlists-out/iris netlists-out/iris-2', 'Compare two compiles']],
  run: ({ before, after }) => {
    const diff = diffCircuits(readCircuit(before), readCircuit(after));
    const { added, removed, reconnected, changed } = diff;
    const named = (what: string, names: readonly string[]): string[] =>
      names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
    const [was, is] = [readLayout(before), readLayout(after)];
    const layout = was && is ? diffLayouts(was, is) : undefined;
    return outcome({ ...diff, ...(layout === undefined ? {} : { layout }) }, [
      ...(diff.same ? ['The circuits are the same.'] : []),
      ...named('added', added),
      ...named('removed', removed),
      ...named('connected otherwise', reconnected),
      ...changed
        .slice(0, SHOWN)
        .map(
          ({ device, parameter, before: was, after: is, relativeChange }) =>
            `${device} ${parameter}: ${was} → ${is} (${relativeChange > 0 ? '+' : ''}${(100 * relativeChange).toFixed(2)} %)`,
        ),
      ...(changed.length > SHOWN ? [`and ${changed.length - SHOWN} smaller changes (all with --json)`] : []),
      ...(layout === undefined ? [] : layoutLines(layout)),
      ...((was === undefined) === (is === undefined) ? [] : [`only ${was ? before : after} has a layout`]),
    ]);
  },
});

const micrometres = (metres: readonly number[], between: string): string =>
  metres.map((one) => Number((one * 1e6).toFixed(3))).join(between);

/** The size of the print, and what moved farthest and changed most. */
function layoutLines({
  same,
  rules,
  beforeMetres,
  afterMetres,
  areaRelativeChange,
  moved,
  resized,
  devices,
}: LayoutDiff) {
  if (same) return ['The layouts are the same.'];
  const some = (lines: readonly string[]): string[] => [
    ...lines.slice(0, SHOWN_IN_LAYOUT),
    ...(lines.length > SHOWN_IN_LAYOUT ? [`  and ${lines.length - SHOWN_IN_LAYOUT} more (all with --json)`] : []),
  ];
  const millimetres = (size: readonly number[]): string => size.map((one) => (1e3 * one).toFixed(2)).join(' × ');
  return [
    ...(rules[0] === rules[1] ? [] : [`layout rules: ${rules.join(' → ')}`]),
    `layout: ${millimetres(beforeMetres)} → ${millimetres(afterMetres)} mm (area ${areaRelativeChange < 0 ? '' : '+'}${(100 * areaRelativeChange).toFixed(1)} %); of ${devices} devices ${moved.length} moved, ${resized.length} have another size`,
    ...some(moved.map(({ device, byMetres }) => `  ${device} moved by ${micrometres(byMetres, ', ')} µm`)),
    ...some(
      resized.map(
        ({ device, beforeMetres: was, afterMetres: is, inkRelativeChange: ink }) =>
          `  ${device} ${micrometres(was, ' × ')} → ${micrometres(is, ' × ')} µm (ink ${ink < 0 ? '' : '+'}${(100 * ink).toFixed(1)} %)`,
      ),
    ),
  ];
}

/** The layout of a compile, where it has one; a layout.json that was edited is refused as an edited circuit is. */
function readLayout(path: string) {
  const file = join(path, 'layout.json');
  return statSync(path).isDirectory() && existsSync(file) ? readArtifact(file, LayoutReportKind) : undefined;
}

function readCircuit(path: string): Circuit {
  if (!existsSync(path))
    throw new InputFileError({ file: path }, 'there is no such file or folder', 'Give a folder that compile wrote.');
  if (!statSync(path).isDirectory()) return readArtifact(path, CircuitKind);
  const circuit = readArtifact(join(path, 'circuit.json'), CircuitKind);
  const { files } = readArtifact(join(path, 'manifest.json'), ManifestKind);
  for (const name of ['circuit.json', 'netlist.cir', 'layout.json']) {
    const file = join(path, name);
    if (existsSync(file) && sha256OfFile(file) !== files[name])
      throw new InputFileError(
        { file },
        'is not the file that was compiled, and diff compares what was',
        'Run lvs to see what was changed, or give circuit.json itself.',
      );
  }
  return circuit;
}
