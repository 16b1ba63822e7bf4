import { join } from 'node:path';
import { findCell, type Technology } from '@neuroprint/circuit';
import { type Eta, sha256, writeFileAtomic } from '@neuroprint/core';
import { type HeldOutCurve, renderSurrogateReport, type SurrogateReportData } from '@neuroprint/report';
import {
  CurveSurrogate,
  evaluateSurrogate,
  readSurrogate,
  SurrogateModel,
  type TableRows,
  type TrainedSurrogate,
} from '@neuroprint/surrogate';

/** Writes report.html beside a surrogate: parity of the held-out η, and the best, median and worst held-out curve. */
export async function writeSurrogateReport(
  out: string,
  { testRows }: TrainedSurrogate,
  technology: Technology,
  origin: Pick<SurrogateReportData, 'samples' | 'simulator' | 'command'>,
): Promise<void> {
  const surrogate = readSurrogate(out);
  const { curve } = findCell(technology, surrogate.cell);
  const rows = testRows.eta.length / 4;
  const predicted = SurrogateModel.of(surrogate).predict(testRows.values, rows);
  const { curveRmsVolts } = evaluateSurrogate(surrogate, { ...surrogate, ...testRows, hash: sha256('') });
  const correction = surrogate.correction?.test.corrected;
  const { html } = await renderSurrogateReport({
    surrogate,
    curve,
    heldOut: { fitted: etas(testRows.eta), predicted: etas(predicted) },
    curves: heldOutCurves(surrogate, testRows, curve === 'falling' ? -1 : 1),
    curveRmsVolts: correction ?? curveRmsVolts,
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
  { values, curves }: TableRows,
  sign: 1 | -1,
): HeldOutCurve[] {
  if (curves === undefined || surrogate.correction === undefined) return [];
  const { points, inputVolts, volts } = curves;
  const rows = volts.length / points;
  const predicted = CurveSurrogate.of(surrogate).forward(values.map(Math.log), inputVolts, rows).slice();
  const errors = Array.from({ length: rows }, (_, row) => {
    let largest = 0;
    for (let i = row * points; i < (row + 1) * points; i += 1)
      largest = Math.max(largest, Math.abs(predicted[i]! - volts[i]!));
    return { row, largest };
  }).sort((a, b) => a.largest - b.largest || a.row - b.row);
  const chosen = { best: errors[0]!, median: errors[Math.floor(rows / 2)]!, worst: errors[rows - 1]! };
  const width = surrogate.parameters.length;
  return Object.entries(chosen).map(([rank, { row }]) => {
    const part = (data: Float64Array, factor: number) =>
      data.slice(row * points, (row + 1) * points).map((v) => factor * v);
    return {
      rank,
      values: Object.fromEntries(surrogate.parameters.map(({ name }, k) => [name, values[row * width + k]!])),
      inputVolts: part(inputVolts, 1),
      simulatedVolts: part(volts, sign),
      predictedVolts: part(predicted, sign),
    };
  });
}
