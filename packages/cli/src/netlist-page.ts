import { join } from 'node:path';
import { idealVoltages, loadTechnology, type Technology } from '@neuroprint/circuit';
import {
  fileExists,
  parseCaseTable,
  readArtifact,
  readTextFile,
  regressionOf,
  selectVolts,
  type VerificationReport,
  VerificationReportKind,
  writeFileAtomic,
} from '@neuroprint/core';
import { decisions } from '@neuroprint/numeric';
import { type CompileReportData, type LadderStep, renderCompileReport, schematicSvg } from '@neuroprint/report';
import type { Engine } from '@neuroprint/spice';
import {
  changedSince,
  furtherCases,
  lvs,
  type NetlistFolder,
  promiseCases,
  readNetlistFolder,
} from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { promisesOf } from './run-compile.ts';
import { drawnLayout } from './run-layout.ts';
import { stageCurves } from './stage-curves.ts';

/**
 * Makes report.html and its images from what compile and verify wrote into a folder. `stale`: files that changed since the verification,
 * none of whose figures the page then shows.
 */
export async function runReport(
  path: string,
  engine: Engine,
): Promise<{ html: string; images: string[]; stale: readonly string[] }> {
  const netlist = readNetlistFolder(path);
  const technology = loadTechnology(TEMPLATES, netlist.circuit.technology);
  const data = await gather(netlist, technology, engine);
  const { html, images } = await renderCompileReport(data);
  const file = join(netlist.folder, 'report.html');
  writeFileAtomic(file, html);
  const written = images.map(({ name, svg }) => {
    const image = join(netlist.folder, 'images', `${name}.svg`);
    writeFileAtomic(image, svg);
    return image;
  });
  return { html: file, images: written, stale: data.stale ?? [] };
}

async function gather(netlist: NetlistFolder, technology: Technology, engine: Engine): Promise<CompileReportData> {
  const { manifest, network, circuit, folder } = netlist;
  const reportFile = join(folder, 'report.json');
  const written = fileExists(reportFile) ? readArtifact(reportFile, VerificationReportKind) : undefined;
  const stale = written === undefined ? [] : changedSince(written, netlist);
  const verification = stale.length === 0 ? written : undefined;
  const { components, areaSquareMetres, watts, calibration } = manifest;
  const cases = readCases(netlist, technology, verification);
  const ladder = (verification?.ladder ?? manifest.ladder).map(
    ({ accuracy, underVariation, decisionAgreement, ...rung }): LadderStep => ({
      ...rung,
      accuracyTest: accuracy,
      underVariation: underVariation ?? undefined,
      decisionAgreement: decisionAgreement ?? undefined,
    }),
  );
  return {
    name: circuit.name,
    technology,
    network,
    circuit,
    totals: {
      resistors: components.resistors,
      transistors: components.transistors,
      opamps: components.opamps,
      channelAreaSquareMetres: areaSquareMetres,
      resistorAreaSquareMetres: manifest.printedSquareMetres.resistors,
      watts,
    },
    files: Object.entries(manifest.files).map(([name, sha256]) => ({ name, sha256 })),
    verification,
    stale,
    failures: (verification === undefined ? promiseCases(promisesOf(manifest)) : furtherCases(verification)).flatMap(
      ({ failure }) => failure ?? [],
    ),
    netlistComparison: lvs(netlist, technology),
    ladder,
    passes: manifest.passes,
    wattsByLayer: manifest.wattsByLayer,
    drawings: {
      schematic: schematicSvg({ circuit, network, technology, blame: verification?.blame }),
      ...(manifest.files['layout.svg'] === undefined ? {} : { layout: drawnLayout(circuit, network, technology) }),
    },
    stageCurves: await stageCurves(netlist, technology, engine),
    rows: cases && {
      ...cases,
      ...(regressionOf(circuit) === undefined
        ? { networkDecisions: decisions(cases.promised, circuit.classes.length) }
        : {}),
    },
    calibration: calibration?.history.map(({ step, trainLoss, validAccuracy, validRmse }) => ({
      step,
      loss: trainLoss,
      validationAccuracy: validAccuracy,
      validationRmse: validRmse,
    })),
    calibrationKept: calibration?.bestStep,
    ...(calibration === undefined ? {} : { seeds: { calibration: calibration.seed } }),
    hashes: manifest.inputHashes,
  };
}

/** The cases with both voltages, where verify ran on the cases of expected.csv. */
function readCases(netlist: NetlistFolder, technology: Technology, verification: VerificationReport | undefined) {
  const { folder, circuit, network, manifest } = netlist;
  const file = join(folder, 'simulated.csv');
  if (verification === undefined || !fileExists(file)) return undefined;
  const expectedFile = join(folder, 'expected.csv');
  const expected = parseCaseTable(expectedFile, readTextFile(expectedFile), circuit);
  const simulated = parseCaseTable(file, readTextFile(file), circuit);
  // verify may have run on another table since
  const same = simulated.rows === expected.rows && simulated.inputVolts.every((v, i) => v === expected.inputVolts[i]);
  if (!same) return undefined;
  return {
    split: manifest.cases.from === 'test rows' ? 'test' : 'generated',
    nodes: expected.nodes,
    expectedVolts: expected.volts,
    simulatedVolts: selectVolts(simulated, expected.nodes),
    promised: idealVoltages(network, expected.inputVolts, expected.rows, technology).outputs.at(-1)!,
    labels: expected.labels,
  };
}
