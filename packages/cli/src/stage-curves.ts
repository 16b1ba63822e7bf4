import { cellCurve, findCell, stageAt, stageCurve, stageVolts, type Technology } from '@neuroprint/circuit';
import type { Device, TrainedNetwork } from '@neuroprint/core';
import { stageTitle, type TransferCurves } from '@neuroprint/report';
import { type Engine, simulateCurves } from '@neuroprint/spice';
import type { NetlistFolder } from '@neuroprint/verifier';

const CURVE_POINTS = 101;
/** Designs that ngspice simulates in one run. */
const CHUNK = 200;

type PrintedStage = Extract<Device, { kind: 'stage' }>;

/**
 * Every stage with the values that are printed, alone and unloaded, by ngspice and by the exact solver; and the curve that the network was
 * trained with, from before any calibration. In the order of the netlist; one that ngspice has no curve of is left out.
 */
export async function stageCurves(
  { circuit, network }: NetlistFolder,
  technology: Technology,
  engine: Engine,
): Promise<TransferCurves[]> {
  const stages = circuit.devices.filter((device): device is PrintedStage => device.kind === 'stage');
  const curves = new Map<PrintedStage, TransferCurves>();
  for (const name of new Set(stages.map(({ cell }) => cell))) {
    const own = stages.filter(({ cell }) => cell === name);
    for (let at = 0; at < own.length; at += CHUNK)
      await simulate(own.slice(at, at + CHUNK), network, technology, engine, curves);
  }
  return stages.flatMap((stage) => curves.get(stage) ?? []);
}

async function simulate(
  stages: readonly PrintedStage[],
  network: TrainedNetwork,
  technology: Technology,
  engine: Engine,
  curves: Map<PrintedStage, TransferCurves>,
): Promise<void> {
  const operatingVolts = stageVolts(technology);
  const { minimum: low, maximum: high } = operatingVolts;
  const span = high - low;
  const cell = findCell(technology, stages[0]!.cell);
  const designs = Float64Array.from(stages.flatMap(({ values }) => cell.parameters.map(({ name }) => values[name]!)));
  const grid = {
    kind: 'uniform',
    points: CURVE_POINTS,
    startVolts: low - span / 2,
    stopVolts: high + span / 2,
  } as const;
  const results = await simulateCurves(engine, { technology, cell, designs, grid });
  results.forEach((simulated, i) => {
    if ('failure' in simulated) return;
    const stage = stages[i]!;
    const { inputVolts, outputVolts } = simulated;
    const own = designs.subarray(i * cell.parameters.length, (i + 1) * cell.parameters.length);
    curves.set(stage, {
      title: stageTitle(stage.origin, network),
      group: `${stage.origin.role} ${stage.origin.layer}`,
      operatingVolts,
      inputVolts,
      simulatedVolts: outputVolts,
      exactVolts: cellCurve(technology, cell, own, inputVolts),
      predictedVolts: trainedCurve(stage, network, inputVolts, technology),
      predictedBy: 'as trained',
    });
  });
}

function trainedCurve(
  { origin: { role, layer, row, column } }: PrintedStage,
  network: TrainedNetwork,
  inputVolts: Float64Array,
  technology: Technology,
): Float64Array {
  const falling = role === 'falling';
  const { fallingStages, activationStages } = network.layers[layer]!;
  const stage = stageAt(falling ? fallingStages : activationStages, (falling ? row : column) ?? 0);
  const curve = stageCurve(stage, technology);
  return inputVolts.map((volts) => (falling ? -1 : 1) * curve(volts));
}
