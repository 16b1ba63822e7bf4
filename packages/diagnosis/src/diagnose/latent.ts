import {
  atLeastOpen,
  componentValues,
  type FirstOrder,
  type FlatCircuit,
  firstOrder,
  isNominal,
  VariationLaw,
  variationOf,
} from '@neuroprint/circuit';
import { UsageError, type Variation } from '@neuroprint/core';
import { normalDensity, normalDistribution } from '@neuroprint/numeric';

/** How a component takes its change: of the conductance of a crossbar resistor, of the value itself, or in the unit of a law's parameter. */
type Scale = 'conductance' | 'value' | 'unit';

/**
 * What printing leaves to chance, as independent standard normal numbers z: first one for every component that has a variance of its
 * own, then those that components share. Uniform spreads are x = s·(2Φ(z) − 1), so that no z takes a component out of its range; all
 * others are to first order, as blame has them.
 */
export class Latent {
  /** How many numbers there are. */
  readonly count: number;
  readonly components: number;
  readonly #nominal: Float64Array;
  readonly #scale: readonly Scale[];
  readonly #isLog: boolean;
  readonly #isUniform: boolean;
  /** Component of every own number, and the size of its change. */
  readonly #owner: Int32Array;
  readonly #size: Float64Array;
  /** Loadings of every shared number, times its standard deviation. */
  readonly #shared: readonly Float64Array[];

  /** @throws UsageError for a variation that is no small change, or none at all */
  constructor(flat: FlatCircuit, variation: number | Variation) {
    const model = variationOf(variation);
    const law = firstOrder(flat, model);
    refuseWhatIsNotSmall(model, law);
    this.#nominal = componentValues(flat);
    this.components = this.#nominal.length;
    this.#isLog = model.kind === 'lognormal';
    this.#isUniform = new VariationLaw(model).isUniform && (model.nonIdealities ?? []).length === 0;
    this.#scale = scalesOf(flat);
    this.#owner = Int32Array.from([...law.own.keys()].filter((k) => law.own[k]! > 0));
    this.#size = Float64Array.from(this.#owner, (k) => Math.sqrt(law.own[k]! * (this.#isUniform ? 3 : 1)));
    this.#shared = law.shared.map(({ loading, variance }) => loading.map((l) => l * Math.sqrt(variance)));
    this.count = this.#owner.length + this.#shared.length;
  }

  /** Component values in ohms, metres and the units of laws. */
  values(z: Float64Array, out: Float64Array): void {
    const changes = this.#changes(z);
    for (let k = 0; k < this.components; k += 1) {
      const nominal = this.#nominal[k]!;
      const change = changes[k]!;
      if (this.#scale[k] === 'unit') out[k] = nominal + change;
      else {
        const factor = atLeastOpen(this.#isLog ? Math.exp(change) : 1 + change);
        out[k] = this.#scale[k] === 'conductance' ? nominal / factor : nominal * factor;
      }
    }
  }

  /** Writes ∂L/∂z, given ∂L/∂value of every component, at values that `values` gave for z. */
  chain(z: Float64Array, values: Float64Array, byValue: Float64Array, out: Float64Array): void {
    const byChange = new Float64Array(this.components);
    for (let k = 0; k < this.components; k += 1) byChange[k] = byValue[k]! * this.#slope(k, values[k]!);
    const own = this.#owner.length;
    for (let i = 0; i < own; i += 1) {
      const by = byChange[this.#owner[i]!]! * this.#size[i]!;
      out[i] = this.#isUniform ? 2 * normalDensity(z[i]!) * by : by;
    }
    for (const [s, loading] of this.#shared.entries()) {
      let sum = 0;
      for (let k = 0; k < this.components; k += 1) sum += loading[k]! * byChange[k]!;
      out[own + s] = sum;
    }
  }

  /** The relative change of every component, or that in its unit. */
  #changes(z: Float64Array): Float64Array {
    const changes = new Float64Array(this.components);
    const own = this.#owner.length;
    for (let i = 0; i < own; i += 1) {
      const number = this.#isUniform ? 2 * normalDistribution(z[i]!) - 1 : z[i]!;
      changes[this.#owner[i]!] = this.#size[i]! * number;
    }
    for (const [s, loading] of this.#shared.entries())
      for (let k = 0; k < this.components; k += 1) changes[k]! += loading[k]! * z[own + s]!;
    return changes;
  }

  /** d(value)/d(change). */
  #slope(k: number, value: number): number {
    if (this.#scale[k] === 'unit') return 1;
    const nominal = this.#nominal[k]!;
    if (this.#scale[k] === 'value') return this.#isLog ? value : nominal;
    // value = nominal/(1 + change), or nominal·e^(−change)
    return this.#isLog ? -value : -(value * value) / nominal;
  }
}

function scalesOf({ components, transistors, technology }: FlatCircuit): Scale[] {
  const scales = components.map(({ parameter }): Scale => (parameter === 'ohms' ? 'conductance' : 'value'));
  for (const { model, parameters } of transistors)
    parameters.forEach((k, i) => {
      scales[k] = technology.transistors[model]!.spread!.scale[i] === 'linear' ? 'unit' : 'value';
    });
  return scales;
}

function refuseWhatIsNotSmall(model: Variation, law: FirstOrder): void {
  if (isNominal(model))
    throw new UsageError(
      'Nothing varies, so that every deviation beyond the meter would be a fault.',
      'Say how much components vary: --variation 0.1 is 10 %.',
    );
  const large = law.leftOut.filter((text) => !text.startsWith('of the worst corner'));
  if (law.stageVariance > 0) large.push('noise and uneven curves in series with stages: they are no component values');
  if (large.length > 0)
    throw new UsageError(
      `A diagnosis cannot weigh this variation: ${large.join('; ')}.`,
      'Take a variation of component values alone, such as --variation 0.1.',
    );
}
