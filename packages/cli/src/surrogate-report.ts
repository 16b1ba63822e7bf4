import { join } from 'node:path';
import { findCell, ptanhCurve, stageVolts, type Technology } from '@neuroprint/circuit';
import { type Eta, sha256, writeFileAtomic } from '@neuroprint/core';
import { type HeldOutCurve, renderSurrogateReport, type SurrogateReportData } from '@neuroprint/report';
import {
  evaluateSurrogate,
  type PortModel,
  readSurrogate,
  SurrogateModel,
  type TableRows,
  type TrainedSurrogate,
} from '@neuroprint/surrogate';
import { testUnloaded } from './port.ts';

/** Writes report.html beside a surrogate: parity of the held-out η, and the best, median and worst held-out curve. */
export async function writeSurrogateReport(
  out: string,
  { testRows }: Pick<TrainedSurrogate, 'testRows'>,
  technology: Technology,
  origin: Pick<SurrogateReportData, 'samples' | 'simulator' | 'command' | 'noise'>,
  port?: PortModel,
): Promise<void> {
  const surrogate = readSurrogate(out);
  const curve = ptanhCurve(findCell(technology, surrogate.cell));
  const rows = testRows.eta.length / 4;
  const predicted = SurrogateModel.of(surrogate).predict(testRows.values, rows);
  const { curveRmsVolts } = evaluateSurrogate(
    surrogate,
    { ...surrogate, ...testRows, hash: sha256('') },
    stageVolts(technology),
  );
  const unloaded = port && testUnloaded(port, { ...surrogate, ...testRows, hash: '' }, technology);
  const { html } = await renderSurrogateReport({
    surrogate,
    curve,
    heldOut: { values: testRows.values, fitted: etas(testRows.eta), predicted: etas(predicted) },
    curves: port ? heldOutCurves(surrogate, port, testRows, curve === 'falling' ? -1 : 1, technology) : [],
    curveRmsVolts,
    ...(port && unloaded && { port: { test: port.port.test, unloaded } }),
    ...origin,
  });
  writeFileAtomic(join(out, 'report.html'), html);
}

function etas(flat: Float64Array): Eta[] {
  return Array.from(
    { length: flat.length / 4 },
    (_, row) => [...flat.subarray(row * 4, row * 4 + 4)] as unknown as Eta,
  );
}

/** The curves whose largest error is smallest, in the middle and largest. */
function heldOutCurves(
  surrogate: ReturnType<typeof readSurrogate>,
  port: PortModel,
  { values, curves }: TableRows,
  sign: 1 | -1,
  technology: Technology,
): HeldOutCurve[] {
  if (curves === undefined) return [];
  const { points, inputVolts, volts } = curves;
  const rows = volts.length / points;
  const width = surrogate.parameters.length;
  const logs = Float64Array.from({ length: rows * points * width }, (_, i) =>
    Math.log(values[Math.floor(i / (points * width)) * width + (i % width)]!),
  );
  const predicted = port.unloaded(logs, inputVolts).volts.value.map((v) => sign * v);
  const errors = Array.from({ length: rows }, (_, row) => {
    let largest = 0;
    for (let i = row * points; i < (row + 1) * points; i += 1)
      largest = Math.max(largest, Math.abs(predicted[i]! - volts[i]!));
    return { row, largest };
  }).sort((a, b) => a.largest - b.largest || a.row - b.row);
  const chosen = { best: errors[0]!, median: errors[Math.floor(rows / 2)]!, worst: errors[rows - 1]! };
  return Object.entries(chosen).map(([rank, { row }]) => {
    const part = (data: Float64Array, factor: number) =>
      data.slice(row * points, (row + 1) * points).map((v) => factor * v);
    return {
      rank,
      values: Object.fromEntries(surrogate.parameters.map(({ name }, k) => [name, values[row * width + k]!])),
      operatingVolts: stageVolts(technology),
      inputVolts: part(inputVolts, 1),
      simulatedVolts: part(volts, sign),
      predictedVolts: part(predicted, sign),
    };
  });
}
