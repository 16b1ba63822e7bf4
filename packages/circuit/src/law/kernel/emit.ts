import { inOrder, type Node } from '../graph.ts';
import { assemble, Code, I32, type Simd, V128 } from './assembler.ts';
import { ELEMENTARY, type Elementary, elementary } from './functions.ts';
import { type KernelLaw, readsVolts } from './plan.ts';
import { TERMS } from './table.ts';

/** A transistor with a driven source has the first six entries of its program only. */
const PROGRAM = ['drain', 'gate', 'source', 'rowDrain', 'dd', 'dg', 'ds', 'rowSource', 'sd', 'sg', 'ss'] as const;
const GROUNDED_ENTRIES = 6;
/**
 * What a kind has in memory, i32 each: twice, for transistors with a driven source and for the others, program, count, values, outputs;
 * then the addresses of its tables.
 */
const SEGMENT = ['program', 'count', 'values', 'outputs'] as const;

/** Bytes of one number of a table's interval, and as an address shift of a whole one. */
const INTERVAL_SHIFT = 6;
/** Adding 2⁵² rounds a number ≥ 0 to a whole one, which then stands in the low bits. */
const WHOLE = 4503599627370496;

/** Bytes of a kind's block: see SEGMENT. */
function blockBytes({ tables }: KernelLaw): number {
  return 4 * (2 * SEGMENT.length + tables.size);
}

/** A module whose `stamp(block)` adds currents and derivatives of all transistors of these kinds, whose blocks follow each other. */
export function emitLaws(laws: readonly KernelLaw[]): Uint8Array<ArrayBuffer> {
  const functions = elementary();
  const stamp = new Code([I32], []);
  let at = 0;
  for (const law of laws)
    for (const [k, isGrounded] of [true, false].entries()) {
      functions.push(new Stamp(law, isGrounded).code);
      stamp
        .get(0)
        .i32(at)
        .i32Add()
        .get(0)
        .i32(at + 4 * SEGMENT.length * k)
        .i32Add();
      stamp.call(functions.length - 1);
      if (k === 1) at += blockBytes(law);
    }
  return assemble([...functions, stamp], 'stamp');
}

/** One kind's function (block, segment): a loop over its transistors. */
class Stamp {
  readonly code = new Code([I32, I32], []);
  readonly #law: KernelLaw;
  readonly #isGrounded: boolean;
  readonly #locals = new Map<Node, number>();
  readonly #constants = new Map<number, number>();
  readonly #tables = new Map<string, { at: number; scale: number; offset: number; last: number }>();
  readonly #program: number;
  readonly #values: number;
  readonly #outputs: number;

  constructor(law: KernelLaw, isGrounded: boolean) {
    this.#law = law;
    this.#isGrounded = isGrounded;
    const { code } = this;
    const [program, left, values, outputs] = SEGMENT.map(() => code.local(I32)) as [number, number, number, number];
    this.#program = program;
    this.#values = values;
    this.#outputs = outputs;
    for (const [k, local] of [program, left, values, outputs].entries())
      code
        .get(1)
        .i32Load(4 * k)
        .set(local);
    const stride = isGrounded ? 4 * GROUNDED_ENTRIES : 4 * PROGRAM.length;
    code.loop(
      () => code.get(left),
      () => this.#hoist(),
      () => this.#device(),
      () => {
        for (const [local, step] of [
          [program, stride],
          [values, 8 * law.deviceNodes.length],
          [outputs, 16 * law.outputs.length],
        ] as const)
          code.get(local).i32(step).i32Add().set(local);
        code.get(left).i32(-1).i32Add().tee(left);
      },
    );
  }

  get #roots(): Node[] {
    const { outputs, slopes } = this.#law;
    return [...outputs, ...slopes.filter((node) => node !== undefined)];
  }

  /** Tables' addresses and all numbers, before the loop. */
  #hoist(): void {
    const { code } = this;
    let at = 4 * 2 * SEGMENT.length;
    for (const [name, { scale, offset, intervals }] of this.#law.tables) {
      const local = code.local(I32);
      code.get(0).i32Load(at).set(local);
      at += 4;
      const numbers = [scale, offset, intervals - 1].map((value) => this.#constant(value));
      this.#tables.set(name, { at: local, scale: numbers[0]!, offset: numbers[1]!, last: numbers[2]! });
    }
    if (this.#tables.size > 0) for (const value of [0, WHOLE]) this.#constant(value);
    for (const node of inOrder(this.#roots)) {
      if (node.op === 'constant') this.#locals.set(node, this.#constant(node.value));
      const needed = EXTRA[node.op] ?? [];
      if (readsVolts(node)) for (const value of needed) this.#constant(value);
    }
  }

  #constant(value: number): number {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const local = this.code.local(V128);
    this.code.constant(value).set(local);
    this.#constants.set(value, local);
    return local;
  }

  /** The address that the program has for an entry. */
  #address(entry: (typeof PROGRAM)[number]): Code {
    return this.code.get(this.#program).i32Load(4 * PROGRAM.indexOf(entry));
  }

  #device(): void {
    const { code } = this;
    const { deviceNodes, outputs, slopes } = this.#law;
    for (const [symbol, entry] of [
      ['vg', 'gate'],
      ['vd', 'drain'],
      ['vs', 'source'],
    ] as const) {
      const node = inOrder(this.#roots).find(({ op, name }) => op === 'symbol' && name === symbol);
      if (node === undefined) continue;
      this.#address(entry).load().set(this.#local(node));
    }
    deviceNodes.forEach((node, k) => {
      if (k > 0)
        code
          .get(this.#values)
          .loadSplat(8 * k)
          .set(this.#local(node));
    });
    const strength = code.local(V128);
    code.get(this.#values).loadSplat(0).set(strength);
    this.#evaluate(inOrder(this.#roots).filter((node) => readsVolts(node) && node.op !== 'symbol'));
    outputs.forEach((node, k) => {
      code.get(this.#outputs);
      this.#push(node).store(16 * k);
    });
    const scaled = (node: Node): number => {
      const local = code.local(V128);
      this.#push(node).get(strength).simd('mul').set(local);
      return local;
    };
    const [amperes, byGate, byDrain] = [outputs[0]!, slopes[0], slopes[1]].map(scaled) as [number, number, number];
    this.#add('rowDrain', amperes, 'add');
    this.#add('dd', byDrain, 'add');
    this.#add('dg', byGate, 'add');
    if (this.#isGrounded) return;
    let bySource: number;
    if (slopes[2] === undefined) {
      bySource = code.local(V128);
      code.get(byDrain).get(byGate).simd('add').simd('neg').set(bySource);
    } else bySource = scaled(slopes[2]);
    this.#add('rowSource', amperes, 'sub');
    this.#add('ds', bySource, 'add');
    this.#add('sd', byDrain, 'sub');
    this.#add('sg', byGate, 'sub');
    this.#add('ss', bySource, 'sub');
  }

  #add(entry: (typeof PROGRAM)[number], value: number, sign: 'add' | 'sub'): void {
    const { code } = this;
    const address = code.local(I32);
    this.#address(entry).tee(address).get(address).load().get(value).simd(sign).store();
  }

  #local(node: Node): number {
    let local = this.#locals.get(node);
    if (local === undefined) {
      local = this.code.local(V128);
      this.#locals.set(node, local);
    }
    return local;
  }

  #push(node: Node): Code {
    return this.code.get(this.#locals.get(node)!);
  }

  /** All quantities in order; look-ups that are ready at the same time step by step together, because each is a long chain. */
  #evaluate(nodes: readonly Node[]): void {
    let waiting = [...nodes];
    while (waiting.length > 0) {
      const isReady = (node: Node): boolean => node.of.every((of) => this.#locals.has(of));
      const next = waiting.filter((node) => node.op !== 'table' && node.op !== 'slope').find(isReady);
      if (next !== undefined) {
        this.#operation(next);
        waiting = waiting.filter((node) => node !== next);
        continue;
      }
      const lookups = waiting.filter((node) => (node.op === 'table' || node.op === 'slope') && isReady(node));
      this.#lookUp(lookups);
      waiting = waiting.filter((node) => !lookups.includes(node));
    }
  }

  #operation(node: Node): void {
    const { code } = this;
    const simple = SIMPLE[node.op];
    if (simple !== undefined) {
      for (const of of node.of) this.#push(of);
      code.simd(simple);
    } else
      COMPOSED[node.op]!(
        node,
        code,
        (of) => this.#push(of),
        (value) => code.get(this.#constant(value)),
      );
    code.set(this.#local(node));
  }

  /** Polynomials of degree 7 in the distance from the middle of an interval, and their slopes. */
  #lookUp(nodes: readonly Node[]): void {
    const { code } = this;
    const keys = new Map(nodes.map((node) => [`${node.name} ${node.of[0]!.id}`, node]));
    const lookups = [...keys].map(([key, node]) => {
      const table = this.#tables.get(node.name)!;
      const of = nodes.filter(({ name, of: [x] }) => `${name} ${x!.id}` === key);
      const [value, slope] = (['table', 'slope'] as const).map((op) => of.find((one) => one.op === op));
      return { x: node.of[0]!, table, value, slope, ...this.#fresh() };
    });
    const constant = (value: number): Code => code.get(this.#constants.get(value)!);
    for (const { x, table, place, whole, t } of lookups) {
      this.#push(x).get(table.scale).simd('mul').get(table.offset).simd('add').set(place);
      constant(0).get(place).simd('pmax').set(place);
      code.get(table.last).get(place).simd('pmin').tee(place);
      constant(WHOLE).simd('add').set(whole);
      code.get(place).get(whole);
      constant(WHOLE).simd('sub').simd('sub').set(t);
    }
    for (const { table, whole, even, odd } of lookups)
      for (const [lane, local] of [even, odd].entries())
        code
          .get(table.at)
          .get(whole)
          .lowBits(lane as 0 | 1)
          .i32(INTERVAL_SHIFT)
          .i32ShiftLeft()
          .i32Add()
          .set(local);
    for (let pair = TERMS / 2 - 1; pair >= 0; pair -= 1)
      for (const { even, odd, left, right, t, p, q, slope } of lookups) {
        code
          .get(even)
          .load(16 * pair)
          .set(left);
        code
          .get(odd)
          .load(16 * pair)
          .set(right);
        for (const lane of [1, 0] as const) {
          const term = 2 * pair + lane;
          if (slope !== undefined && term < TERMS - 1) {
            if (term === TERMS - 2) code.get(p).set(q);
            else code.get(q).get(t).simd('mul').get(p).simd('add').set(q);
          }
          if (term < TERMS - 1) code.get(p).get(t).simd('mul');
          code.get(left).get(right).pick(lane);
          if (term < TERMS - 1) code.simd('add');
          code.set(p);
        }
      }
    for (const { table, value, slope, p, q } of lookups) {
      if (value !== undefined) code.get(p).set(this.#local(value));
      if (slope !== undefined) code.get(q).get(table.scale).simd('mul').set(this.#local(slope));
    }
  }

  #fresh() {
    const vector = (): number => this.code.local(V128);
    const [place, whole, t, p, q, left, right] = Array.from({ length: 7 }, vector) as number[];
    const [even, odd] = [this.code.local(I32), this.code.local(I32)];
    return {
      ...{ place: place!, whole: whole!, t: t!, p: p!, q: q! },
      ...{ left: left!, right: right!, even, odd },
    };
  }
}

/** Operations that are one instruction. */
const SIMPLE: Partial<Record<Node['op'], Simd>> = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  div: 'div',
  neg: 'neg',
  sqrt: 'sqrt',
  abs: 'abs',
  min: 'min',
  max: 'max',
};

/** Numbers that a composed operation needs beside its own. */
const EXTRA: Partial<Record<Node['op'], readonly number[]>> = {
  softplus: [0],
  logistic: [0, 1],
  tanh: [0, 1, 2],
};

type Composed = (node: Node, code: Code, push: (of: Node) => Code, constant: (value: number) => Code) => void;

function call(code: Code, name: Elementary): Code {
  return code.call(ELEMENTARY.indexOf(name));
}

const COMPOSED: Partial<Record<Node['op'], Composed>> = {
  exp: ({ of }, code, push) => {
    push(of[0]!);
    call(code, 'exp');
  },
  ln: ({ of }, code, push) => {
    push(of[0]!);
    call(code, 'ln');
  },
  pow: ({ of }, code, push) => {
    push(of[0]!);
    call(code, 'ln');
    push(of[1]!).simd('mul');
    call(code, 'exp');
  },
  softplus: ({ of }, code, push, constant) => {
    push(of[0]!);
    constant(0).simd('max');
    push(of[0]!).simd('abs').simd('neg');
    call(call(code, 'exp'), 'log1p').simd('add');
  },
  // x > 0: 1/(1 + e), else e/(1 + e) with e = exp(−|x|)
  logistic: ({ of }, code, push, constant) => {
    const e = code.local(V128);
    push(of[0]!).simd('abs').simd('neg');
    call(code, 'exp').set(e);
    constant(1).get(e);
    constant(0);
    push(of[0]!).simd('lessThan').simd('bitselect');
    code.get(e);
    constant(1).simd('add').simd('div');
  },
  // sign(x)·(1 − e)/(1 + e) with e = exp(−2|x|)
  tanh: ({ of }, code, push, constant) => {
    const [e, size] = [code.local(V128), code.local(V128)];
    push(of[0]!).simd('abs');
    constant(2).simd('mul').simd('neg');
    call(code, 'exp').set(e);
    constant(1).get(e).simd('sub').get(e);
    constant(1).simd('add').simd('div').set(size);
    code.get(size).simd('neg').get(size);
    push(of[0]!);
    constant(0).simd('lessThan').simd('bitselect');
  },
  ifless: ({ of }, _code, push) => {
    push(of[2]!);
    push(of[3]!);
    push(of[0]!);
    push(of[1]!).simd('lessThan').simd('bitselect');
  },
};
