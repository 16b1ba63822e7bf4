import { type Lookup, namesIn } from './expression.ts';
import { type Place, Refusals, refuse } from './lex.ts';
import type { Item, Netlist, Scope } from './scopes.ts';
import {
  type Assignment,
  assigned,
  checkGiven,
  checkMultiplier,
  dcVolts,
  type Frames,
  found,
  lookupIn,
  multiplier,
  positive,
  resistance,
  valued,
} from './values.ts';

/** What a subcircuit is that is not expanded. */
export type Leaf =
  | { readonly kind: 'transistor'; readonly ports: readonly string[]; readonly parameters: readonly string[] }
  | {
      readonly kind: 'opamp';
      readonly model: string;
      /** Places of the nodes in a call, from 0. */
      readonly plus: number;
      readonly minus: number;
      readonly out: number;
      /** Nodes of a call; undefined: as many as the places need, and parameters count for nothing. */
      readonly ports: number | undefined;
    };

/** A device with its place in the text; names and nodes are `x1.x2.name`. */
interface Element extends Place {
  readonly name: string;
  readonly item: Item;
}

export interface Elements {
  readonly resistors: (Element & { readonly nodes: readonly [string, string]; readonly ohms: number })[];
  /** Nodes in the order of the ports; W/L, or width and length in metres, in the order of the model's parameters. */
  readonly transistors: (Element & {
    readonly model: string;
    readonly nodes: readonly string[];
    readonly sizes: readonly number[];
  })[];
  /** A model of the technology, or v_out = gain·(v₊ − v₋). */
  readonly opamps: (Element & {
    readonly plus: string;
    readonly minus: string;
    readonly output: string;
    readonly model: string | number;
  })[];
  /** Voltage sources of 0 V, which measure a current. */
  readonly meters: (Element & { readonly nodes: readonly [string, string] })[];
  /** Other voltage sources of the outermost scope; `volts` where they are plain. */
  readonly sources: (Element & { readonly nodes: readonly [string, string]; readonly volts: number | undefined })[];
}

/** Devices and calls, so that subcircuits of subcircuits of nothing come to an end too. */
const MOST_ITEMS = 250_000;
const DEEPEST = 32;
const DEEPEST_PARAMETER = 500;
const NOMINAL_CELSIUS = 27;

/**
 * Expands all subcircuits of a scope as ngspice does: by text. A parameter is looked up in the subcircuit, then in its caller, then in the caller's
 * caller; of several `.param` of a name the last counts; all parameters of a subcircuit see each other, also from what a call gives, so that
 * `b={a}` of a call reads the `a` of what is called where that has one. Throws NetlistError with everything that is wrong, each where it stands.
 */
export function expand(netlist: Netlist, scope: Scope, leaves: ReadonlyMap<string, Leaf>): Elements {
  const expansion = new Expansion(netlist, leaves);
  expansion.run(scope);
  return expansion.elements;
}

class Expansion {
  readonly elements: Elements = { resistors: [], transistors: [], opamps: [], meters: [], sources: [] };
  readonly #netlist: Netlist;
  readonly #leaves: ReadonlyMap<string, Leaf>;
  readonly #refusals = new Refusals();
  readonly #checked = new Set<Scope>();
  #visited = 0;

  constructor(netlist: Netlist, leaves: ReadonlyMap<string, Leaf>) {
    this.#netlist = netlist;
    this.#leaves = leaves;
  }

  run(scope: Scope): void {
    const { top } = this.#netlist;
    this.#checkAll(top);
    const globals = this.#entered(top, [], undefined);
    const frames = scope === top ? [globals] : [globals, this.#entered(scope, [globals], undefined)];
    this.#walk(scope, '', new Map(), frames, 1, [scope.name]);
    this.#refusals.check();
  }

  /** What ngspice looks at in every subcircuit, whether it is called or not. */
  #checkAll(scope: Scope): void {
    this.#checkDefaults(scope);
    for (const item of scope.items) {
      const inner = item.kind === 'instance' && item.params.has('m') ? found(scope, item.words[0]!) : undefined;
      if (inner !== undefined) this.#refusals.attempt(() => checkMultiplier(item, inner));
    }
    for (const inner of scope.subckts.values()) this.#checkAll(inner);
  }

  /** The parameters of a scope that is entered, from a call or as the outermost. */
  #entered(scope: Scope, outer: Frames, call: Item | undefined): Map<string, number> {
    const frame = new Map<string, number>();
    const lookup = lookupIn([...outer, frame]);
    const headers = [...scope.params].map(([name, word]): Assignment => {
      const given = call?.params.get(name);
      return given === undefined
        ? { name, word, file: scope.file, line: scope.line }
        : { name, word: given, file: call!.file, line: call!.line, isGiven: true };
    });
    const all = [...headers, ...scope.locals];
    this.#checkDefaults(scope);
    const sound = headers
      .filter((one) => one.isGiven === true)
      .map((one) => this.#refusals.attempt(() => checkGiven(one, all, scope)));
    if (sound.includes(undefined)) return new Map(all.map(({ name }) => [name, 1]));
    for (const one of this.#ordered(all)) {
      const value = this.#refusals.attempt(() => assigned(one, one.word, lookup));
      // refused already: what reads it must not be refused again
      frame.set(one.name, value ?? 1);
    }
    return frame;
  }

  /** ngspice orders the parameters of a scope by their defaults, whatever a call gives. */
  #checkDefaults(scope: Scope): void {
    if (this.#checked.has(scope)) return;
    this.#checked.add(scope);
    const { file, line } = scope;
    this.#ordered([...[...scope.params].map(([name, word]) => ({ name, word, file, line })), ...scope.locals]);
  }

  /**
   * Parameters of one scope in an order in which each comes after those of the scope that it reads; of two of a name the last. What
   * a call gives may read its own name, which is the caller's then.
   */
  #ordered(all: readonly Assignment[]): readonly Assignment[] {
    if (all.length < 2 && all[0]?.isGiven === true) return all;
    const last = new Map(all.map((one) => [one.name, one]));
    const order: Assignment[] = [];
    const state = new Map<string, 'open' | 'done'>();
    const visit = (one: Assignment, depth: number): void => {
      if (state.get(one.name) === 'done') return;
      if (state.has(one.name) || depth > DEEPEST_PARAMETER)
        refuse(
          one,
          `the parameter ${one.name} reads itself${depth > 1 ? ' by way of others' : ''}`,
          'Give one of them another name.',
        );
      state.set(one.name, 'open');
      for (const name of namesIn(one.word)) {
        const other = last.get(name);
        if (other !== undefined && !(other === one && one.isGiven === true)) visit(other, depth + 1);
      }
      state.set(one.name, 'done');
      order.push(one);
    };
    for (const one of all) if (last.get(one.name) === one) this.#refusals.attempt(() => visit(one, 0));
    return order;
  }

  #walk(
    scope: Scope,
    prefix: string,
    ports: ReadonlyMap<string, string>,
    frames: Frames,
    multiple: number,
    path: readonly string[],
  ): void {
    const node = (name: string): string => (name === '0' ? '0' : (ports.get(name) ?? `${prefix}${name}`));
    const lookup = lookupIn(frames);
    for (const item of scope.items) {
      if (this.#visited > MOST_ITEMS) return;
      this.#visited += 1;
      this.#refusals.attempt(() => {
        if (this.#visited > MOST_ITEMS) refuse(item, `expands to more than ${MOST_ITEMS} devices`);
        const element = { name: `${prefix}${item.name}`, item, file: item.file, line: item.line };
        const nodes = item.nodes.map(node);
        if (item.kind === 'resistor') {
          const ohms = resistance(item, this.#ohms(item, lookup) / multiple);
          this.elements.resistors.push({ ...element, nodes: nodes as [string, string], ohms });
          return;
        }
        const leaf = item.kind === 'instance' ? this.#leaves.get(item.words[0]!) : undefined;
        if (item.kind === 'instance' && leaf === undefined)
          return this.#call(item, scope, nodes, `${prefix}${item.name}.`, frames, path);
        if (leaf?.kind === 'transistor') this.#transistor(element, nodes, leaf, lookup);
        else if (leaf?.kind === 'opamp') this.#opamp(element, nodes, leaf);
        else this.#source(element, nodes, lookup, prefix === '');
      });
    }
  }

  #call(
    item: Item,
    scope: Scope,
    nodes: readonly string[],
    prefix: string,
    frames: Frames,
    path: readonly string[],
  ): void {
    const name = item.words[0]!;
    const inner = found(scope, name);
    if (inner === undefined)
      refuse(item, `there is no subcircuit ${name}`, 'Give its text, or say in the map which op-amp it is.');
    if (path.includes(name)) refuse(item, `the subcircuit ${name} contains itself`);
    if (path.length >= DEEPEST) refuse(item, `subcircuits are nested deeper than ${DEEPEST}`);
    if (inner.ports.length !== nodes.length)
      refuse(item, `${item.name} has ${nodes.length} nodes, and ${name} has ${inner.ports.length} ports`);
    for (const key of item.params.keys())
      if (key !== 'm' && !inner.params.has(key)) refuse(item, `${name} has no parameter ${key}`);
    const frame = this.#entered(inner, frames, item);
    const wired = new Map(inner.ports.map((port, i) => [port, nodes[i]!]));
    this.#walk(inner, prefix, wired, [...frames, frame], multiplier(item, lookupIn(frames)), [...path, name]);
  }

  #ohms(item: Item, lookup: Lookup): number {
    const { name, params } = item;
    const { models } = this.#netlist;
    if (params.size === 0 && models.size === 0 && item.words.length === 1)
      return positive(item, 'the resistance', valued(item, item.words[0]!, lookup));
    const used = item.words.filter((word) => models.has(word));
    const [word, extra] = item.words.filter((one) => !models.has(one));
    const given = params.get('r') ?? params.get('resistance');
    if (used.length > 1 || extra !== undefined)
      refuse(item, `the resistor ${name} needs two nodes and a value, and nothing else`);
    const model = used[0] === undefined ? undefined : models.get(used[0]);
    if (model !== undefined && lookup(used[0]!) !== undefined)
      refuse(item, `${name}: ${used[0]} is a model and a parameter`);
    if (model !== undefined && model.type !== 'r') refuse(item, `${name}: ${used[0]} is no model of a resistor`);
    if (model === undefined && (params.has('l') || params.has('w')))
      refuse(item, `${name}: l= and w= need a model with rsh`);
    this.#checkTemperature(item, [...(model?.params ?? []), ...params], lookup);
    const one = multiplier(item, lookup);
    if (given !== undefined) return positive(item, 'the resistance', assigned(item, given, lookup)) / one;
    if (word !== undefined) return positive(item, 'the resistance', valued(item, word, lookup)) / one;
    const of = (key: string, words: ReadonlyMap<string, string>): number | undefined => {
      const text = words.get(key);
      return text === undefined ? undefined : positive(item, key, assigned(item, text, lookup));
    };
    const [sheet, fixed] = [of('rsh', model!.params), of('r', model!.params)];
    const [length, width] = [of('l', params), of('w', params)];
    if (fixed !== undefined && sheet === undefined) return fixed / one;
    if (fixed !== undefined || sheet === undefined || length === undefined || width === undefined)
      return refuse(
        item,
        `${name}: its model gives no resistance`,
        'Give the model r=, or rsh= and the resistor l= and w=.',
      );
    return (sheet * length) / width / one;
  }

  /** A resistor that changes with the temperature is read at 27 °C only. */
  #checkTemperature(item: Item, params: readonly (readonly [string, string])[], lookup: Lookup): void {
    const of = (key: string): number[] =>
      params.filter(([name]) => name === key).map(([, word]) => assigned(item, word, lookup));
    const changes = [...of('tc'), ...of('tc1'), ...of('tc2')].some((value) => value !== 0);
    const elsewhere = of('temp').some((value) => value !== NOMINAL_CELSIUS) || of('dtemp').some((value) => value !== 0);
    if (changes && (elsewhere || this.#netlist.temperature !== undefined))
      refuse(
        item,
        `${item.name} changes with the temperature, and the text sets one`,
        `It is read at ${NOMINAL_CELSIUS} °C only.`,
      );
  }

  #transistor(
    element: Element,
    nodes: readonly string[],
    leaf: Extract<Leaf, { kind: 'transistor' }>,
    lookup: Lookup,
  ): void {
    const { item } = element;
    const [model] = item.words;
    if (nodes.length !== leaf.ports.length)
      refuse(item, `${item.name} has ${nodes.length} nodes, and ${model} has ${leaf.ports.join(', ')}`);
    const words = leaf.parameters.map((name) => item.params.get(name));
    if (words.includes(undefined) || item.params.size !== words.length)
      refuse(
        item,
        words.length === 1
          ? `${item.name}: ${model} needs the parameter ${leaf.parameters[0]} (W/L) and no other`
          : `${item.name}: ${model} needs the parameters ${leaf.parameters.join(' and ')} (metres) and no other`,
      );
    const sizes = words.map((word, i) => positive(item, leaf.parameters[i]!, assigned(item, word!, lookup)));
    this.elements.transistors.push({ ...element, model: model!, nodes, sizes });
  }

  #opamp(element: Element, nodes: readonly string[], leaf: Extract<Leaf, { kind: 'opamp' }>): void {
    const { item } = element;
    const least = 1 + Math.max(leaf.plus, leaf.minus, leaf.out);
    if (leaf.ports === undefined ? nodes.length < least : nodes.length !== leaf.ports || item.params.size > 0)
      refuse(item, `${item.name}: ${item.words[0]} needs the nodes plus, minus and out, and no parameter`);
    const [plus, minus, output] = [nodes[leaf.plus]!, nodes[leaf.minus]!, nodes[leaf.out]!];
    this.elements.opamps.push({ ...element, plus, minus, output, model: leaf.model });
  }

  /** E: a linear amplifier of a voltage. V: 0 V measure a current; others drive, which only the testbench may. */
  #source(element: Element, nodes: readonly string[], lookup: Lookup, isOutermost: boolean): void {
    const { item } = element;
    const { name } = item;
    if (name.startsWith('e')) {
      const [output, ground, plus, minus] = nodes as [string, string, string, string];
      if (item.words.length !== 1 || item.words[0]!.includes('='))
        refuse(
          item,
          `${name}: of voltage sources that are controlled only linear ones are read`,
          'Write E out 0 plus minus gain.',
        );
      if (ground !== '0') refuse(item, `${name}: its output is not against ground`);
      const gain = positive(item, 'the gain', valued(item, item.words[0]!, lookup));
      this.elements.opamps.push({ ...element, plus, minus, output, model: gain });
      return;
    }
    const volts = dcVolts(item, lookup);
    const pair = nodes as [string, string];
    if (volts === 0 && !pair.includes('0')) this.elements.meters.push({ ...element, nodes: pair });
    else if (isOutermost) this.elements.sources.push({ ...element, nodes: pair, volts });
    else if (volts === 0) this.elements.meters.push({ ...element, nodes: pair });
    else
      refuse(
        item,
        `${name}: a voltage source inside of a subcircuit is not read`,
        'Sources belong to the testbench: the map says what is driven.',
      );
  }
}
