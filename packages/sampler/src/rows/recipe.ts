import { type Cell, designSpaceOf, type Technology } from '@neuroprint/circuit';
import {
  type ArtifactContent,
  NeuroprintError,
  type SamplesKind,
  type Simulator,
  type Sweep,
  sha256,
} from '@neuroprint/core';
import { curveDeckText } from '@neuroprint/spice';
import { quantitiesOf } from './sweep.ts';

/** Rows per shard file: small enough to lose little when killed, large enough that starting a simulator costs little. */
const SHARD_ROWS = 500;
/** Raised when fit, mapping or sequence change what they compute. */
const METHOD_VERSION = 2;

export type SamplesContent = ArtifactContent<typeof SamplesKind>;

export interface RecipeOptions {
  readonly technology: Technology;
  readonly cell: Cell;
  readonly firstIndex: number;
  readonly count: number;
  readonly seed: number;
  readonly sweep: Sweep;
  readonly simulator: Simulator;
}

/** What `samples.json` says; its `recipe` is a hash of everything that decides the numbers of a row, given its index. */
export function samplesContent(options: RecipeOptions): SamplesContent {
  const { technology, cell, firstIndex, count, seed, sweep, simulator } = options;
  const { parameters, constraints } = designSpaceOf(technology, cell);
  const form = { adaptive: 'sinh', uniform: 'uniform', port: 'held' } as const;
  const deck = curveDeckText(technology, cell, form[sweep.kind]);
  // the deck holds all that decides a curve: supplies, transistor and cell; printing rules do not
  const inputHashes = { deck: sha256(deck) };
  const sequence = { kind: 'sobol-owen', seed } as const;
  const { mustFlatten } = technology;
  const decisive = {
    ...{ method: METHOD_VERSION, cell, parameters, constraints, sequence, sweep, simulator, inputHashes },
    ...(mustFlatten && { mustFlatten }),
  };
  return {
    inputHashes,
    technology: technology.name,
    cell: cell.name,
    recipe: sha256(JSON.stringify(decisive)),
    simulator,
    firstIndex,
    count,
    parameters,
    constraints,
    sequence,
    sweep,
    shardRows: SHARD_ROWS,
    quantities: quantitiesOf(technology, cell, sweep),
  };
}

/** A folder holds samples of another recipe, another range or another simulator. */
export class OtherSamplesError extends NeuroprintError {
  override readonly exitCode = 2;
  readonly folder: string;
  readonly differing: readonly string[];

  constructor(folder: string, differing: readonly string[]) {
    super(
      `${folder}: holds other samples; ${differing.join('; ')}`,
      'Name another folder with --out, ask for the same again, or remove the folder.',
    );
    this.folder = folder;
    this.differing = differing;
  }
}

/** Throws OtherSamplesError that lists what differs between the samples a folder was made for and those wanted now. */
export function assertSameRecipe(folder: string, there: SamplesContent, wanted: SamplesContent): void {
  const fields = ['technology', 'cell', 'simulator', 'sequence', 'sweep', 'firstIndex', 'count', 'shardRows'] as const;
  const differing = fields
    .filter((field) => JSON.stringify(there[field]) !== JSON.stringify(wanted[field]))
    .map((field) => `${field} is ${brief(there[field])} there and ${brief(wanted[field])} now`);
  if (differing.length === 0 && there.recipe !== wanted.recipe) {
    const changed = Object.keys(wanted.inputHashes).filter(
      (name) => there.inputHashes[name] !== wanted.inputHashes[name],
    );
    differing.push(`${changed.join(' and ') || 'the version of neuroprint'} has changed since`);
  }
  if (differing.length > 0) throw new OtherSamplesError(folder, differing);
}

/** So many rows failed that the rest was not tried. */
export class TooManyFailuresError extends NeuroprintError {
  override readonly exitCode = 3;
  readonly failed: number;
  readonly allowed: number;

  /** @param reasons how often each reason was given so far */
  constructor(failed: number, allowed: number, reasons: ReadonlyMap<string, number>) {
    const [reason, times] = [...reasons].sort((a, b) => b[1] - a[1])[0] ?? ['unknown', failed];
    super(
      `${failed} rows have failed and ${allowed} are allowed; most often (${times} times): ${reason}`,
      'Look at them with samples inspect; correct the ranges of the cell, or allow more with --max-failures.',
    );
    this.failed = failed;
    this.allowed = allowed;
  }
}

/** Shard files are not there, because whoever was to make them failed. */
export class UnfinishedSamplesError extends NeuroprintError {
  override readonly exitCode = 3;

  constructor(missing: number, of: number, first: { readonly name: string; readonly reason: string }) {
    super(
      `${missing} of ${of} shard files are missing; ${first.name}: ${first.reason}`,
      'The same command makes what is missing; neuroprint jobs says why of each.',
    );
  }
}

/** Adds up how often each reason of failure was given, whatever numbers it names. */
export function countReasons(failures: readonly { readonly reason: string }[], into: Map<string, number>): void {
  for (const { reason } of failures) {
    const kind = reason.replace(/-?\d+(\.\d+)?(e[+-]?\d+)?/g, '…');
    into.set(kind, (into.get(kind) ?? 0) + 1);
  }
}

function brief(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).join(' ');
}
