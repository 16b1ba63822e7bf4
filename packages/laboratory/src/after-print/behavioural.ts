import { componentValues, ExactSolver, flatten, type Technology } from '@neuroprint/circuit';
import { type Circuit, type StageDevice, UsageError } from '@neuroprint/core';
import { buildDeck, type Engine } from '@neuroprint/spice';
import type { MeasuredCurve } from './stage-curves.ts';

/** The load by which a stage's output conductance is found. */
const LOAD_OHMS = 1e6;

/** Output conductance in siemens of a stage at each input voltage: how its output gives way between a load to ground and one to the bias. */
function outputSiemens(device: StageDevice, technology: Technology, inputVolts: Float64Array): Float64Array {
  const load = {
    kind: 'resistor' as const,
    name: 'load',
    nodes: ['out', 'far'] as [string, string],
    ohms: LOAD_OHMS,
    origin: device.origin,
  };
  const circuit = { inputs: ['in', 'far'], devices: [{ ...device, input: 'in', output: 'out' }, load] };
  const solver = new ExactSolver(flatten(circuit, technology));
  solver.setValues(componentValues(solver.flat));
  const out = solver.flat.unknowns.indexOf('out');
  const at = (far: number): Float64Array => {
    const volts = Float64Array.from({ length: 2 * inputVolts.length }, (_, i) =>
      i % 2 === 0 ? inputVolts[i >> 1]! : far,
    );
    const state = solver.newState(inputVolts.length);
    solver.solve(volts, inputVolts.length, state);
    return inputVolts.map((_, i) => state[i * solver.size + out]!);
  };
  const { volts } = technology.bias;
  const [low, high] = [at(0), at(volts)];
  return inputVolts.map((_, i) => (volts / (high[i]! - low[i]!) - 1) / LOAD_OHMS);
}

const table = (x: ArrayLike<number>, y: ArrayLike<number>): string => Array.from(x, (v, i) => `${v},${y[i]}`).join(',');

/**
 * Simulates a circuit in ngspice with its measured curves as behavioural stages: a stage is the current
 * g_out(v_in)·(f(v_in) − v_out) into its output, f the measured points joined by straight lines, g_out the output
 * conductance of the fitted stage. Gates draw nothing. `volts` row-major [rows × inputs]; returns output volts
 * [rows × outputs]. Throws UsageError for a stage that was not measured, SimulationError from the engine.
 */
export async function simulateBehavioural(
  engine: Engine,
  circuit: Pick<Circuit, 'inputs' | 'outputs' | 'devices'>,
  technology: Technology,
  curves: readonly MeasuredCurve[],
  volts: Float64Array,
): Promise<Float64Array> {
  const width = circuit.inputs.length;
  const rows = volts.length / width;
  const body: string[] = ['v_row row 0 0'];
  const index = Array.from({ length: rows }, (_, row) => row);
  circuit.inputs.forEach((node, k) => {
    const values = index.map((row) => volts[row * width + k]!);
    body.push(
      rows === 1 ? `v_in${k} ${node} 0 ${values[0]}` : `b_in${k} ${node} 0 v=pwl(v(row),${table(index, values)})`,
    );
  });
  Object.entries(technology.supplies).forEach(([node, value], k) => {
    body.push(`v_supply${k} ${node} 0 ${value}`);
  });
  circuit.devices.forEach((device, k) => {
    if (device.kind === 'resistor') {
      body.push(`r${k} ${device.nodes[0]} ${device.nodes[1]} ${device.ohms}`);
      return;
    }
    if (device.kind !== 'stage')
      throw new UsageError(`${device.name} is no stage: circuits with op-amps have no measured curves.`);
    const curve = curves.find(({ stage }) => stage === device.name);
    if (curve === undefined) throw new UsageError(`The stage ${device.name} was not measured.`);
    const x = curve.inputVolts;
    const siemens = outputSiemens(device, technology, x);
    body.push(
      `b_open${k} open${k} 0 v=pwl(v(${device.input}),${table(x, curve.outputVolts)})`,
      // microsiemens within, because ngspice takes a derivative near 0 for a missing path
      `b_stage${k} 0 ${device.output} i=1e-6*pwl(v(${device.input}),${table(
        x,
        siemens.map((g) => 1e6 * g),
      )})*(v(open${k})-v(${device.output}))`,
    );
  });
  const saved = circuit.outputs.map((node) => `v(${node})`);
  const commands = [`save ${saved.join(' ')}`, `dc v_row 0 ${Math.max(1, rows - 1)} 1`, 'write result.raw'];
  const [plot] = await engine.run(buildDeck(body.join('\n'), commands));
  if (plot === undefined || plot.points < rows)
    throw new UsageError(
      `ngspice found an operating point for ${plot?.points ?? 0} of ${rows} rows with the measured curves.`,
      'Measure more points where the curves are steep.',
    );
  const columns = saved.map((name) => plot.column(name));
  return Float64Array.from(
    { length: rows * columns.length },
    (_, i) => columns[i % columns.length]![Math.floor(i / columns.length)]!,
  );
}
