import { join } from 'node:path';
import { flatten, hasMeasuredTransistors, loadTechnology, type Technology, variationOf } from '@neuroprint/circuit';
import {
  describeVariation,
  InputFileError,
  prepareOutputFolder,
  sha256,
  type Variation,
  writeFileAtomic,
} from '@neuroprint/core';
import { type Diagnosis, type Fault, faultsOf, nextMeasurement, SheetDiagnosis } from '@neuroprint/diagnosis';
import { type MeasuredVolts, readMeasuredVolts } from '@neuroprint/laboratory';
import { type Layout, layoutSvg } from '@neuroprint/layout';
import { type DiagnosisPage, probability as inWords, renderDiagnosis, schematicSvg } from '@neuroprint/report';
import { parseNetlist } from '@neuroprint/spice';
import { extractCircuit, type NetlistFolder, readNetlistFolder } from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { layoutOf, neighboursIn } from './layout-neighbours.ts';
import { given } from './options.ts';
import { withProgress } from './output.ts';

export interface DiagnoseRequest {
  readonly netlist: string;
  readonly measured: string;
  /** How good prints differ; default: as in training. What breaks parts is left out of it. */
  readonly variation?: number | Variation;
  readonly meterVolts: number;
  readonly mostFaults: number;
  readonly out?: string;
  readonly overwrite: boolean;
}

export type DiagnoseResult = DiagnosisPage & {
  readonly technology: string;
  readonly next?:
    | (NonNullable<DiagnosisPage['next']> & { readonly node: string; readonly inputVolts: readonly number[] })
    | undefined;
};

/** Candidates that are shown: those more probable than this, and so many at most. */
const SHOWN_PROBABILITY = 1e-3;
const SHOWN = 10;
/** Readings that are all nearer to the design than this were never measured, a share of the meter's error. */
const COPIED = 0.1;

/** Says what is broken on a measured sheet; writes diagnosis.html and diagnosis.csv. */
export async function runDiagnose(request: DiagnoseRequest): Promise<{ result: DiagnoseResult; files: string[] }> {
  const { measured: file, meterVolts, mostFaults, overwrite } = request;
  const netlist = readNetlistFolder(request.netlist);
  const { circuit, network, netlistText, netlistFile, folder } = netlist;
  const technology = loadTechnology(TEMPLATES, circuit.technology);
  const printed = extractCircuit(parseNetlist(netlistText, netlistFile), circuit, technology);
  const {
    stuckOpen: _open,
    stuckShort: _short,
    faultRate: _rate,
    ...variation
  } = variationOf(request.variation ?? network.variation);
  const flat = flatten(printed, technology, { spread: hasMeasuredTransistors(variation) });
  const rails = [0, ...flat.supplyVolts, technology.inputVolts.minimum, technology.inputVolts.maximum].concat(
    flat.opamps.flatMap(({ lowVolts, highVolts }) => [lowVolts, highVolts].filter(Number.isFinite)),
  );
  const read = readMeasuredVolts(file, {
    inputs: circuit.inputs,
    nodes: flat.unknowns,
    lowVolts: Math.min(...rails),
    highVolts: Math.max(...rails),
    netlistSha256: sha256(netlistText),
  });
  const layout = layoutOf(netlist, technology);
  const faults = faultsOf(flat, given({ neighbours: layout && neighboursIn(layout, flat) }));
  const out = request.out ?? join(folder, 'diagnosis');
  prepareOutputFolder(out, overwrite);
  return withProgress(`diagnosis of ${circuit.name}`, (show) => {
    const diagnosis = new SheetDiagnosis({
      flat,
      faults,
      sheet: { inputVolts: read.inputVolts, rows: read.rows, cells: read.readings },
      variation,
      meterVolts,
      mostFaults,
      onProgress: (what, done, total) => show(done, total, what),
    });
    refuseCopied(file, read, diagnosis.designed, meterVolts);
    const found = diagnosis.diagnose(Float64Array.from(read.readings, ({ volts }) => volts));
    const result = resultOf(netlist, read, diagnosis, found, { law: describeVariation(variation), meterVolts });
    const drawings = marked(netlist, technology, layout, found);
    const files = { 'diagnosis.html': renderDiagnosis(result, drawings), 'diagnosis.csv': csvOf(result) };
    for (const [name, text] of Object.entries(files)) writeFileAtomic(join(out, name), text);
    return { result, files: Object.keys(files).map((name) => join(out, name)) };
  });
}

/** The columns of a sheet that was never measured hold the volts of the design. */
function refuseCopied(file: string, { readings }: MeasuredVolts, designed: Float64Array, meterVolts: number): void {
  if (readings.some(({ volts }, i) => Math.abs(volts - designed[i]!) > COPIED * meterVolts)) return;
  throw new InputFileError(
    { file, row: readings[0]!.line },
    'every reading is the volts of the design to the last digits: they were computed and not measured',
    'Fill in what the meter shows.',
  );
}

function resultOf(
  { circuit }: NetlistFolder,
  read: MeasuredVolts,
  diagnosis: SheetDiagnosis,
  found: Diagnosis,
  { law, meterVolts }: { readonly law: string; readonly meterVolts: number },
): DiagnoseResult {
  const { verdict, probabilityGood, good, explainedBelow } = found;
  const namesOf = (faults: readonly Fault[]): string[] => faults.map(({ name }) => name);
  const candidates = (verdict === 'within tolerance' ? [] : found.candidates)
    .filter(({ probability }, k) => k === 0 || probability >= SHOWN_PROBABILITY)
    .slice(0, SHOWN)
    .map(({ alike, probability, fit }) => ({ alike: alike.map(namesOf), probability, chiSquare: fit.chiSquare }));
  const next = verdict === 'fault found' ? nextMeasurement(diagnosis.request, diagnosis.latent, found) : undefined;
  const [noTrace = [], ...groups] = diagnosis.groups;
  return {
    name: circuit.name,
    technology: circuit.technology,
    verdict,
    headline: headlineOf(verdict, candidates[0]),
    law,
    meterVolts,
    readings: read.readings.length,
    patterns: read.rows,
    measuredNodes: [...new Set(read.readings.map(({ node }) => node))],
    probabilityGood,
    goodChiSquare: good.fit.chiSquare,
    explainedBelow,
    candidates,
    ...given({
      next: next && {
        node: next.node,
        inputVolts: next.inputVolts,
        words: nextInWords(circuit.inputs, next),
        expected: next.expected.map((one) => ({ ...one, faults: namesOf(one.faults) })),
      },
    }),
    resolution: {
      faults: diagnosis.request.faults.length,
      groups: groups.length,
      alone: groups.filter(({ length }) => length === 1).length,
      noTrace: namesOf(noTrace),
    },
    notes: read.notes,
  };
}

function headlineOf(verdict: Diagnosis['verdict'], first: DiagnoseResult['candidates'][number] | undefined): string {
  if (verdict === 'within tolerance') return 'Nothing found: the sheet is within tolerance.';
  if (verdict === 'unexplained' || first === undefined)
    return 'Something is wrong, and no fault of the list explains it.';
  const [faults, ...others] = first.alike;
  const more = others.length === 0 ? '' : `, or ${others.length} more that these readings do not tell from it`;
  return `Likely broken: ${faults!.join(' and ')}${more} (${inWords(first.probability)}).`;
}

function nextInWords(inputs: readonly string[], next: NonNullable<ReturnType<typeof nextMeasurement>>): string {
  const applied = inputs.map((input, k) => `${input} ${Number(next.inputVolts[k]!.toPrecision(6))} V`).join(', ');
  const where = next.row === undefined ? 'at new inputs' : 'at inputs of this sheet';
  const reading = ({ faults, volts, stdVolts }: (typeof next.apart)[number]): string =>
    `${volts.toFixed(3)} ± ${stdVolts.toFixed(3)} V with ${faults.length === 0 ? 'nothing broken' : faults.map(({ name }) => name).join(' and ')}`;
  return `Measure ${next.node} ${where}: ${applied}. There it is ${next.apart.map(reading).join(', and ')}: ${next.sigmas.toPrecision(2)} standard deviations apart.`;
}

/** Schematic and layout with every suspected part shaded by its probability. */
function marked(
  { circuit, network }: NetlistFolder,
  technology: Technology,
  layout: Layout | undefined,
  { candidates, verdict }: Diagnosis,
) {
  const shares = new Map<string, number>();
  const titles = new Map<string, string>();
  for (const { alike, probability } of verdict === 'within tolerance' ? [] : candidates.slice(0, SHOWN))
    for (const fault of new Set(alike.flat())) {
      const names = fault.components.length > 0 ? fault.components : fault.nodes;
      for (const name of names.flatMap((one) => [one, one.split('.')[0]!])) {
        if (!shares.has(name)) titles.set(name, `${fault.name}: ${inWords(probability)}`);
        shares.set(name, Math.max(probability, shares.get(name) ?? 0));
      }
    }
  const heat = {
    shares,
    legend: 'likely broken',
    note: 'Shaded by how likely each part is broken; lines and contacts are not shown here.',
    about: (share: number) => `${inWords(share)} likely`,
  };
  const marks = new Map(
    [...shares].flatMap(([name, share]) => {
      if (share < SHOWN_PROBABILITY) return [];
      const mix = (to: number): number => Math.round(255 + Math.sqrt(share) * (to - 255));
      return [[name, { colour: `rgb(${mix(0xd5)},${mix(0x5e)},${mix(0)})`, title: titles.get(name)! }] as const];
    }),
  );
  return {
    schematic: schematicSvg({ circuit, network, technology, heat }),
    ...(layout === undefined ? {} : { layout: layoutSvg(layout, { marks }) }),
  };
}

function csvOf({ candidates, probabilityGood, verdict }: DiagnoseResult): string {
  const lines = candidates.flatMap(({ alike, probability, chiSquare }, k) =>
    alike.map((faults) => [k + 1, `"${faults.join(' and ')}"`, probability, chiSquare].join(',')),
  );
  return `${[`# ${verdict}; nothing broken with probability ${probabilityGood}`, 'candidate,faults,probability,chi_square', ...lines].join('\n')}\n`;
}
