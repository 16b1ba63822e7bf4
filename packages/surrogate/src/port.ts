import type { ArtifactContent, PortModelKind } from '@neuroprint/core';
import type { Mlp } from '@neuroprint/numeric';
import { type DividerRows, dividerRows } from './divider.ts';
import { featureMatrix } from './features.ts';
import { layersOf } from './layers.ts';
import { type Channel, type PortStructure, portStructure } from './port-structure.ts';
import { TrustRegion } from './trust-region.ts';

/** What a port.json holds, before kind, version and checksum. */
export type PortContent = ArtifactContent<typeof PortModelKind>;

/** Inputs of the network beside the features: gate and drain over the open source, in volts. */
export const PORT_COORDINATES = 2;

/** Something in volts, amperes or watts, for every row, with derivatives. */
export interface WithDerivatives {
  readonly value: Float64Array;
  readonly byInput: Float64Array;
  /** By ln ω, [rows × parameters]. */
  readonly byLog: Float64Array;
}

/** Currents into the output in amperes. */
export interface PortCurrents extends WithDerivatives {
  readonly byOutput: Float64Array;
}

/** Where the output is free: its volts, and the watts that supplies and input deliver. */
export interface Unloaded {
  readonly volts: WithDerivatives;
  readonly watts: WithDerivatives;
}

interface ChannelRows {
  readonly amperes: Float64Array;
  readonly byGate: Float64Array;
  readonly byDrain: Float64Array;
  readonly byLog: Float64Array;
}

/** The network's logarithms of conductance are not believed above this: 1 S for W/L = 1 is a wire. */
const WIRE = 0;
const SOLVED_VOLTS = 1e-11;
const MOST_STEPS = 80;

/**
 * A stage at its ports: current into the output, open-circuit voltage, current into the input and power, from component
 * values and volts, with derivatives. See PortModelKind: one learned channel conductance, the rest is Kirchhoff's law.
 * All rows of a call are independent; ω as ln ω [rows × parameters].
 */
export class PortModel {
  readonly port: PortContent;
  readonly trustRegion: TrustRegion;
  readonly parameterNames: readonly string[];
  readonly #structure: PortStructure;
  readonly #mlp: Mlp;

  private constructor(port: PortContent) {
    this.port = port;
    this.trustRegion = new TrustRegion(port);
    this.parameterNames = port.parameters.map(({ name }) => name);
    this.#structure = portStructure(port);
    this.#mlp = layersOf(port.layers, port.features.length + PORT_COORDINATES);
  }

  /** Throws UsageError where the matrices do not fit together or the cell has no port model. */
  static of(port: PortContent): PortModel {
    return new PortModel(port);
  }

  /** I(ω, v_in, v_out) in amperes into the output that is held at v_out. */
  currents(logs: Float64Array, inputVolts: Float64Array, outputVolts: Float64Array): PortCurrents {
    const last = this.#structure.channels.length - 1;
    const gate = this.#drains(logs, inputVolts, last).gate(last);
    const { amperes, byGate, byDrain, byLog } = this.#channel(last, logs, gate.value, outputVolts);
    const width = this.parameterNames.length;
    return {
      value: amperes,
      byOutput: byDrain,
      byInput: byGate.map((g, row) => g * gate.byInput[row]!),
      byLog: byLog.map((g, i) => g + byGate[Math.floor(i / width)]! * gate.byLog[i]!),
    };
  }

  /** The output's volts without a load, and the static power of the stage there. */
  unloaded(logs: Float64Array, inputVolts: Float64Array): Unloaded {
    const { channels } = this.#structure;
    const drains = this.#drains(logs, inputVolts, channels.length);
    const volts = drains.solved.at(-1)!;
    return { volts, watts: this.#watts(logs, inputVolts, drains.solved) };
  }

  /** Current into the input with its derivative by the input volts (gates draw none). */
  inputCurrents(logs: Float64Array, inputVolts: Float64Array): { value: Float64Array; byInput: Float64Array } {
    const value = new Float64Array(inputVolts.length);
    const byInput = new Float64Array(inputVolts.length);
    for (const { ohms, to } of this.#structure.input) {
      const end = dividerRows(to, this.parameterNames, logs, inputVolts);
      const place = this.parameterNames.indexOf(ohms);
      for (let row = 0; row < value.length; row += 1) {
        const g = Math.exp(-logs[row * this.parameterNames.length + place]!);
        value[row]! += g * (inputVolts[row]! - end.volts[row]!);
        byInput[row]! += g * (1 - end.byInput[row]!);
      }
    }
    return { value, byInput };
  }

  /** Solves the drains of the first `count` channels, each where no current is drawn from it. */
  #drains(logs: Float64Array, inputVolts: Float64Array, count: number) {
    const solved: WithDerivatives[] = [];
    const gate = (k: number): WithDerivatives => {
      const { gate: at } = this.#structure.channels[k]!;
      if (typeof at === 'number') return solved[at]!;
      const { volts, byInput, byLog } = dividerRows(at, this.parameterNames, logs, inputVolts);
      return { value: volts, byInput, byLog };
    };
    for (let k = 0; k < count; k += 1) solved.push(this.#solve(k, logs, gate(k)));
    return { solved, gate };
  }

  /** Newton's method between brackets: the current into a drain rises with its volts. */
  #solve(k: number, logs: Float64Array, gate: WithDerivatives): WithDerivatives {
    const rows = gate.value.length;
    const width = this.parameterNames.length;
    const given = Object.values(this.port.supplyVolts);
    const low = new Float64Array(rows).fill(Math.min(0, ...given));
    const high = new Float64Array(rows).fill(Math.max(0, ...given));
    const value = low.map((v, row) => 0.5 * (v + high[row]!));
    let at = this.#channel(k, logs, gate.value, value);
    for (let step = 0; step < MOST_STEPS; step += 1) {
      let largest = 0;
      for (let row = 0; row < rows; row += 1) {
        const v = value[row]!;
        if (at.amperes[row]! > 0) high[row] = v;
        else low[row] = v;
        const newton = v - at.amperes[row]! / at.byDrain[row]!;
        value[row] = newton >= low[row]! && newton <= high[row]! ? newton : 0.5 * (low[row]! + high[row]!);
        largest = Math.max(largest, Math.abs(value[row]! - v));
      }
      at = this.#channel(k, logs, gate.value, value);
      if (largest < SOLVED_VOLTS) break;
    }
    // 0 = I(ω, v_gate, v): dv = −(∂I/∂x)·dx/(∂I/∂v)
    const { byGate, byDrain } = at;
    return {
      value,
      byInput: gate.byInput.map((g, row) => (-g * byGate[row]!) / byDrain[row]!),
      byLog: at.byLog.map((g, i) => {
        const row = Math.floor(i / width);
        return -(g + byGate[row]! * gate.byLog[i]!) / byDrain[row]!;
      }),
    };
  }

  /** The current into a drain at given volts of gate and drain. */
  #channel(k: number, logs: Float64Array, gateVolts: Float64Array, drainVolts: Float64Array): ChannelRows {
    const { features, featureStd, coordinates, output } = this.port;
    const names = this.parameterNames;
    const channel = this.#structure.channels[k]!;
    const { inputs, source, over } = channelInputs(this.port, channel, logs, gateVolts, drainVolts);
    const rows = drainVolts.length;
    const y = this.#mlp.forward(inputs, rows).slice();
    const slopes = new Float64Array(inputs.length);
    this.#mlp.backward(new Float64Array(rows).fill(1), { inputs: slopes });
    const amperes = new Float64Array(rows);
    const byGate = new Float64Array(rows);
    const byDrain = new Float64Array(rows);
    const byLog = new Float64Array(rows * names.length);
    const [w, l] = [names.indexOf(channel.width), names.indexOf(channel.length)];
    const loads = channel.loads.map(({ ohms, volts }) => ({ place: names.indexOf(ohms), volts }));
    const width = features.length + PORT_COORDINATES;
    for (let row = 0; row < rows; row += 1) {
      const at = row * names.length;
      const conductance = Math.exp(logs[at + w]! - logs[at + l]! + Math.min(WIRE, output.mean + output.std * y[row]!));
      const through = conductance * over[row]!;
      const byY = through * output.std;
      const bySlope = (input: number) => byY * slopes[row * width + input]!;
      const gate = bySlope(features.length) / coordinates[0]!.std;
      const drain = conductance + bySlope(features.length + 1) / coordinates[1]!.std;
      let [current, siemens] = [through, drain];
      byLog[at + w]! += through;
      byLog[at + l]! -= through;
      for (const { place, volts } of loads) {
        const g = Math.exp(-logs[at + place]!);
        const load = g * (drainVolts[row]! - volts);
        [current, siemens] = [current + load, siemens + g];
        byLog[at + place]! -= load;
      }
      features.forEach(({ exponents }, f) => {
        const byFeature = bySlope(f) / featureStd[f]!;
        for (const [name, power] of Object.entries(exponents)) byLog[at + names.indexOf(name)]! += byFeature * power;
      });
      for (let p = 0; p < names.length; p += 1) byLog[at + p]! -= (gate + drain) * source.byLog[at + p]!;
      [amperes[row], byGate[row], byDrain[row]] = [current, gate, siemens];
    }
    return { amperes, byGate, byDrain, byLog };
  }

  /**
   * Σ over the channels of what loads, transistor and source divider burn, and over the dividers of gates. With m a drain
   * that draws nothing, A = Σ g·(m − V) and v_s the open source: Σ g·(m − V)² − (m − v_s)·A + Σ g_s·(v_s − V_s)².
   */
  #watts(logs: Float64Array, inputVolts: Float64Array, drains: readonly WithDerivatives[]): WithDerivatives {
    const names = this.parameterNames;
    const rows = inputVolts.length;
    const watts = {
      value: new Float64Array(rows),
      byInput: new Float64Array(rows),
      byLog: new Float64Array(logs.length),
    };
    const addDivider = (divider: DividerRows) => {
      divider.watts.forEach((w, row) => {
        watts.value[row]! += w;
        watts.byInput[row]! += divider.wattsByInput[row]!;
      });
      divider.wattsByLog.forEach((w, i) => {
        watts.byLog[i]! += w;
      });
    };
    for (const divider of this.#structure.idle) addDivider(dividerRows(divider, names, logs, inputVolts));
    this.#structure.channels.forEach((channel, k) => {
      const source = dividerRows(channel.source, names, logs, inputVolts);
      addDivider(source);
      const drain = drains[k]!;
      for (let row = 0; row < rows; row += 1) {
        const m = drain.value[row]!;
        const over = m - source.volts[row]!;
        let [current, siemens] = [0, 0];
        for (const { ohms, volts } of channel.loads) {
          const at = row * names.length + names.indexOf(ohms);
          const g = Math.exp(-logs[at]!);
          current += g * (m - volts);
          siemens += g;
          watts.value[row]! += g * (m - volts) * (m - volts - over);
          watts.byLog[at]! -= g * (m - volts) * (m - volts - over);
        }
        const byDrain = current - over * siemens;
        watts.byInput[row]! += byDrain * drain.byInput[row]!;
        for (let i = row * names.length; i < (row + 1) * names.length; i += 1)
          watts.byLog[i]! += byDrain * drain.byLog[i]! + current * source.byLog[i]!;
      }
    });
    return watts;
  }
}

/** Standardised inputs of the network [rows × (features + 2)], the open source, and the drain's volts over it. */
export function channelInputs(
  port: Pick<PortContent, 'parameters' | 'features' | 'featureMean' | 'featureStd' | 'coordinates'>,
  channel: Channel,
  logs: Float64Array,
  gateVolts: Float64Array,
  drainVolts: Float64Array,
): { inputs: Float64Array; source: DividerRows; over: Float64Array } {
  const names = port.parameters.map(({ name }) => name);
  const { features, featureMean, featureStd, coordinates } = port;
  const rows = drainVolts.length;
  const source = dividerRows(channel.source, names, logs, drainVolts);
  const over = drainVolts.map((v, row) => v - source.volts[row]!);
  const raw = featureMatrix(features, names, logs, rows);
  const width = features.length + PORT_COORDINATES;
  const inputs = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    const at = row * width;
    for (let f = 0; f < features.length; f += 1)
      inputs[at + f] = (raw[row * features.length + f]! - featureMean[f]!) / featureStd[f]!;
    const gate = gateVolts[row]! - source.volts[row]!;
    inputs[at + features.length] = (gate - coordinates[0]!.mean) / coordinates[0]!.std;
    inputs[at + features.length + 1] = (over[row]! - coordinates[1]!.mean) / coordinates[1]!.std;
  }
  return { inputs, source, over };
}
