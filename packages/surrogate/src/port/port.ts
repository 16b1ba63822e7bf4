import { type ArtifactContent, type PortModelKind, UsageError } from '@neuroprint/core';
import { type DividerRows, dividerRows } from '../eta/divider.ts';
import { TrustRegion } from '../eta/trust-region.ts';
import { type PortStructure, portStructure } from './port-structure.ts';
import { TensorSpline } from './spline.ts';

/** What a port.json holds, before kind, version and checksum. */
export type PortContent = ArtifactContent<typeof PortModelKind>;

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

/** Logarithms of conductance are not believed above this: 1 S for W/L = 1 is a wire. */
const WIRE = 0;
const SOLVED_VOLTS = 1e-11;
/** The source's volts are found to this: hundreds of siemens of a source times that is no current. */
const SOURCE_VOLTS = 1e-14;
const MOST_STEPS = 80;

/** The current of a transistor in amperes, with derivatives by the volts of its gate, drain and source. */
interface Current {
  readonly amperes: number;
  readonly byGate: number;
  readonly byDrain: number;
  readonly bySource: number;
}

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
  readonly #spline: TensorSpline;

  private constructor(port: PortContent) {
    this.port = port;
    this.trustRegion = new TrustRegion(port);
    this.parameterNames = port.parameters.map(({ name }) => name);
    this.#structure = portStructure(port);
    const { gateSourceVolts, gateDrainVolts, coefficients } = port.channel;
    try {
      this.#spline = new TensorSpline(gateSourceVolts, gateDrainVolts, coefficients.flat());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(`The port model's channel is no spline: ${error.message}`, 'Train it again.');
    }
  }

  /** Throws UsageError where breaks and coefficients do not fit together or the cell has no port model. */
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
    const names = this.parameterNames;
    const channel = this.#structure.channels[k]!;
    const source = dividerRows(channel.source, names, logs, drainVolts);
    const rows = drainVolts.length;
    const result = {
      amperes: new Float64Array(rows),
      byGate: new Float64Array(rows),
      byDrain: new Float64Array(rows),
      byLog: new Float64Array(rows * names.length),
    };
    const [w, l] = [names.indexOf(channel.width), names.indexOf(channel.length)];
    const loads = channel.loads.map(({ ohms, volts }) => ({ place: names.indexOf(ohms), volts }));
    for (let row = 0; row < rows; row += 1) {
      const at = row * names.length;
      const ohms = source.ohms[row]!;
      const shape = Math.exp(logs[at + w]! - logs[at + l]!);
      const current = this.#current(shape, gateVolts[row]!, drainVolts[row]!, source.volts[row]!, ohms);
      // v_s = v_0 + r·I: dI = (I_g·dv_g + I_d·dv_d + I_s·(dv_0 + I·dr) + I·d ln(W/L))/(1 − r·I_s)
      const share = 1 / (1 - ohms * current.bySource);
      const through = current.amperes * share;
      const bySource = current.bySource * share;
      let [amperes, byDrain] = [current.amperes, current.byDrain * share];
      result.byLog[at + w]! += through;
      result.byLog[at + l]! -= through;
      for (let p = at; p < at + names.length; p += 1)
        result.byLog[p]! += bySource * (source.byLog[p]! + current.amperes * source.ohmsByLog[p]!);
      for (const { place, volts } of loads) {
        const g = Math.exp(-logs[at + place]!);
        const load = g * (drainVolts[row]! - volts);
        [amperes, byDrain] = [amperes + load, byDrain + g];
        result.byLog[at + place]! -= load;
      }
      [result.amperes[row], result.byGate[row], result.byDrain[row]] = [amperes, current.byGate * share, byDrain];
    }
    return result;
  }

  /**
   * I of a transistor whose source is at v_0 + r·I. v_s − v_0 − r·I rises with v_s, and v_s lies between v_0 and the drain, so that
   * Newton's method between brackets finds it.
   */
  #current(shape: number, gateVolts: number, drainVolts: number, openVolts: number, ohms: number): Current {
    let at = this.#transistor(shape, gateVolts, drainVolts, openVolts);
    if (ohms === 0) return at;
    let [low, high] = [Math.min(openVolts, drainVolts), Math.max(openVolts, drainVolts)];
    let volts = openVolts;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const error = volts - openVolts - ohms * at.amperes;
      if (error > 0) high = volts;
      else low = volts;
      const newton = volts - error / (1 - ohms * at.bySource);
      const next = newton >= low && newton <= high ? newton : 0.5 * (low + high);
      const moved = Math.abs(next - volts);
      volts = next;
      at = this.#transistor(shape, gateVolts, drainVolts, volts);
      if (moved < SOURCE_VOLTS) break;
    }
    return at;
  }

  /** (W/L)·(v_d − v_s)·exp(y) */
  #transistor(shape: number, gateVolts: number, drainVolts: number, sourceVolts: number): Current {
    const { value, byFirst, bySecond } = this.#spline.at(gateVolts - sourceVolts, gateVolts - drainVolts);
    const conductance = shape * Math.exp(Math.min(WIRE, value));
    const amperes = conductance * (drainVolts - sourceVolts);
    const slope = value < WIRE ? amperes : 0;
    return {
      amperes,
      byGate: slope * (byFirst + bySecond),
      byDrain: conductance - slope * bySecond,
      bySource: -conductance - slope * byFirst,
    };
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
