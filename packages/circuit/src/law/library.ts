import type { LawText } from './law.ts';

/** A law on offer, with what a fit needs to begin. */
export interface OfferedLaw {
  readonly text: LawText;
  readonly parameters: readonly OfferedParameter[];
}

export interface OfferedParameter {
  readonly name: string;
  /** SI, or 1 for a plain number. */
  readonly unit: string;
  /** A fit stays between these. `log`: it moves by the logarithm. */
  readonly minimum: number;
  readonly maximum: number;
  readonly scale: 'log' | 'linear';
  readonly start: number;
  /** No fit moves it: it is there for the solver. */
  readonly isFixed?: true;
  readonly what: string;
}

const EPS: OfferedParameter = {
  ...{ name: 'eps', unit: 'volts^2', minimum: 1e-12, maximum: 1, scale: 'log', start: 1e-6, isFixed: true },
  what: 'numerical: keeps the current smooth at equal drain and source voltages',
};
const LAMBDA: OfferedParameter = {
  ...{ name: 'lambda', unit: '1/volts', minimum: 0, maximum: 1, scale: 'linear', start: 0.01 },
  what: 'growth of the saturated current with the drain voltage',
};
const THRESHOLD: OfferedParameter = {
  ...{ name: 'vth', unit: 'volts', minimum: -50, maximum: 50, scale: 'linear', start: 0 },
  what: 'threshold voltage',
};

/** The laws on offer by name. Each is symmetric in source and drain, and smooth everywhere. */
export const LAW_LIBRARY: Readonly<Record<'ekv' | 'virtual-source' | 'level1', OfferedLaw>> = {
  /** Exponential below the threshold, a power of the overdrive above. */
  ekv: {
    text: {
      source:
        'Enz, Krummenacher and Vittoz, An analytical MOS transistor model valid in all regions of operation, Analog Integrated Circuits and Signal Processing 8 (1995), with a free exponent',
      let: { u: '(vg - vs - vth) / phi', w: '(vg - vd - vth) / phi' },
      drainAmperes:
        'i0 * (W / L) * (ln(1 + exp(u))^gamma - ln(1 + exp(w))^gamma) * (1 + lambda * sqrt((vd - vs)^2 + eps))',
    },
    parameters: [
      {
        ...{ name: 'i0', unit: 'amperes', minimum: 1e-15, maximum: 1e-2, scale: 'log', start: 1e-8 },
        what: 'current for W/L = 1 near the threshold',
      },
      THRESHOLD,
      {
        ...{ name: 'phi', unit: 'volts', minimum: 1e-3, maximum: 20, scale: 'log', start: 0.1 },
        what: 'gate voltage over which the channel opens',
      },
      {
        ...{ name: 'gamma', unit: '1', minimum: 1.01, maximum: 6, scale: 'linear', start: 2 },
        what: 'power of the overdrive with which the current grows',
      },
      LAMBDA,
      EPS,
    ],
  },
  /** Charge at the virtual source, a mobility that traps make grow with it, and an empirical way into saturation. */
  'virtual-source': {
    text: {
      source:
        'Khakifirooz, Nayfeh and Antoniadis, A simple semiempirical short-channel MOSFET current-voltage model continuous across all regions of operation, IEEE Transactions on Electron Devices 56 (2009); mobility as a power of the overdrive, as hopping between traps gives it',
      let: {
        thermal: '8.617333e-5 * (temp + 273.15)',
        vds: 'vd - vs',
        low: '0.5 * (vd + vs - sqrt(vds^2 + eps))',
        q: 'n * thermal * ln(1 + exp((vg - low - vth) / (n * thermal)))',
        sat: 'alpha * q + thermal',
        x: 'vds / sat',
        bent: 'x / (1 + (x^2 + 1e-12)^(beta / 2))^(1 / beta)',
      },
      drainAmperes: 'k * (W / L) * q^(1 + gamma) * sat * bent * (1 + lambda * sqrt(vds^2 + eps))',
    },
    parameters: [
      {
        ...{ name: 'k', unit: 'amperes/volts^(2+gamma)', minimum: 1e-18, maximum: 1e-2, scale: 'log', start: 1e-9 },
        what: 'mobility times capacitance of the gate, at 1 V of overdrive',
      },
      THRESHOLD,
      {
        ...{ name: 'n', unit: '1', minimum: 1, maximum: 400, scale: 'log', start: 10 },
        what: 'ideality: n*kT/q is the overdrive that is left at the threshold',
      },
      {
        ...{ name: 'gamma', unit: '1', minimum: 0, maximum: 4, scale: 'linear', start: 0.3 },
        what: 'growth of the mobility with the overdrive, by the width of the traps',
      },
      {
        ...{ name: 'alpha', unit: '1', minimum: 0.05, maximum: 3, scale: 'log', start: 0.6 },
        what: 'drain voltage of saturation, as a share of the overdrive',
      },
      {
        ...{ name: 'beta', unit: '1', minimum: 1.05, maximum: 10, scale: 'log', start: 2 },
        what: 'how sharply the current saturates',
      },
      LAMBDA,
      EPS,
    ],
  },
  /** The square law of SPICE level 1, which goes over into an exponential below the threshold. */
  level1: {
    text: {
      source: 'SPICE level 1 (Shichman and Hodges 1968) with a subthreshold current',
      let: { u: '(vg - vs - vth) / (2 * phi)', w: '(vg - vd - vth) / (2 * phi)' },
      // the squares stand in one source: a node that is squared has two solutions, and Newton's method finds the wrong one
      drainAmperes:
        '2 * kp * phi^2 * (W / L) * (ln(1 + exp(u))^2 - ln(1 + exp(w))^2) * (1 + lambda * sqrt((vd - vs)^2 + eps))',
    },
    parameters: [
      {
        ...{ name: 'kp', unit: 'amperes/volts^2', minimum: 1e-15, maximum: 1, scale: 'log', start: 1e-8 },
        what: 'mobility times capacitance of the gate',
      },
      THRESHOLD,
      {
        ...{ name: 'phi', unit: 'volts', minimum: 1e-3, maximum: 20, scale: 'log', start: 0.1 },
        what: 'gate voltage that multiplies the subthreshold current by e',
      },
      LAMBDA,
      EPS,
    ],
  },
};
