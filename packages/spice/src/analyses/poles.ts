import { type DrainCurrent, deviceLaw, type FlatCircuit } from '@neuroprint/circuit';
import { buildDeck, type Engine, type RunOptions } from '../engine/engine.ts';
import { SimulationError, SimulationTimeoutError } from '../engine/errors.ts';
import { flatCapacitors, flatConductors, flatNode } from '../render/flat-deck.ts';
import { formatNumber } from '../render/templates.ts';

/** Poles in 1/s; fewer than the circuit has where the simulator missed some. */
export interface Poles {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

const TIMEOUT_MILLISECONDS = 20_000;

/**
 * The poles that `.pz` finds of the circuit linearised at `volts` [unknowns and driven nodes, as the exact solver numbers them]:
 * resistors, the transistors' conductances and transconductances, capacitors, op-amps of one pole. The linear circuit is drawn
 * because ngspice's `.pz` linearises B sources at zero volts, whatever the operating point (versions 39 and 45). Beyond about
 * 20 nodes it misses poles, and some circuits it gives up: then there are none.
 */
export async function simulatePoles(
  engine: Engine,
  flat: FlatCircuit,
  nodeFarads: number,
  volts: Float64Array,
  options: RunOptions = {},
): Promise<Poles> {
  const node = (i: number): string => (i < flat.unknowns.length ? flatNode(flat, i) : '0');
  const value = (component: number): number => flat.components[component]!.value;
  const device: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  const outputs = new Set(flat.opamps.map(({ output }) => output));
  const unityRadians = 2 * Math.PI * (flat.technology.opamp?.gainBandwidthHertz ?? 0);
  const body = [
    ...flatConductors(flat, node),
    ...flatCapacitors(flat, node),
    ...flat.transistors.flatMap(({ model, drain, gate, source, width, length, parameters }, i) => {
      const law = deviceLaw(flat.technology.transistors[model]!);
      const own = Float64Array.from(parameters, value);
      const { celsius } = flat.technology;
      law.evaluate(volts[gate]!, volts[drain]!, volts[source]!, value(width), value(length), celsius, device, own);
      const channel = `${node(drain)} ${node(source)}`;
      return [
        `gm${i} ${channel} ${node(gate)} ${node(source)} ${formatNumber(device.byGate)}`,
        `gd${i} ${channel} ${channel} ${formatNumber(device.byDrain)}`,
        ...(law.isFloating
          ? []
          : [`gs${i} ${channel} ${node(source)} 0 ${formatNumber(device.byGate + device.byDrain + device.bySource)}`]),
      ];
    }),
    ...flat.opamps.flatMap((opamp, i) => [
      `go${i} 0 z${i} ${node(opamp.plus)} ${node(opamp.minus)} 1`,
      `ro${i} z${i} 0 ${formatNumber(1 / inverseSlope(opamp, volts[opamp.output]!))}`,
      `co${i} z${i} 0 ${formatNumber(1 / unityRadians)}`,
      `eo${i} ${node(opamp.output)} 0 z${i} 0 1`,
    ]),
    ...flat.unknowns
      .slice(0, flat.unknowns.length - (flat.metalNodes ?? 0))
      .flatMap((_, k) => (outputs.has(k) ? [] : [`c${k} ${node(k)} 0 ${formatNumber(nodeFarads)}`])),
  ].join('\n');
  const observed = flat.opamps.length > 0 ? 'z0' : 'n0';
  const commands = [`pz ${observed} 0 ${observed} 0 cur pol`, 'write result.raw'];
  try {
    const [plot] = await engine.run(buildDeck(body, commands), {
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
      ...options,
    });
    const found = (plot?.variables ?? []).filter((name) => /^re\(.*pole/.test(name));
    const part = (kind: 're' | 'im') =>
      Float64Array.from(found, (name) => plot!.column(name.replace(/^re/, kind))[0] ?? Number.NaN);
    return { real: part('re'), imaginary: part('im') };
  } catch (error) {
    if (!(error instanceof SimulationError || error instanceof SimulationTimeoutError)) throw error;
    return { real: new Float64Array(0), imaginary: new Float64Array(0) };
  }
}

/** ds/dv of the op-amp's inverse law at an output voltage: 1/gain, more towards the rails. */
function inverseSlope({ gain, lowVolts, highVolts }: FlatCircuit['opamps'][number], output: number): number {
  if (!Number.isFinite(lowVolts)) return 1 / gain;
  const y = (output - 0.5 * (highVolts + lowVolts)) / (0.5 * (highVolts - lowVolts));
  return 1 / (gain * ((1 - y) * (1 + y)) ** 1.5);
}
