/** A seeded source of choices (mulberry32). */
class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  some<T>(list: readonly T[], most: number): T[] {
    const left = [...list];
    return Array.from(
      { length: Math.min(this.below(most + 1), left.length) },
      () => left.splice(this.below(left.length), 1)[0]!,
    );
  }
}

/** As people reuse them in every cell. */
const NAMES = ['w', 'l', 'r', 'k', 'a', 'b'];
const NUMBERS = ['1k', '2k', '470', '3.3k', '1meg', '4e3', '10kohm', '5', '2.5K', '.5k', '1e+3', '220R'];
/** Spellings that are read in more than one way, or by nobody. */
const STRANGE = [
  '1mil',
  '5a',
  '1,5',
  '4k7',
  '1kx',
  '{2*-a}',
  '{2^3^2}',
  '{-2**2}',
  '{100mil}',
  '0',
  '-1k',
  '{a--2}',
  '{2k*-3}',
];

interface Cell {
  readonly name: string;
  readonly ports: number;
  readonly params: readonly string[];
  readonly lines: readonly string[];
}

/**
 * A random netlist of resistors between `out` and 0: subcircuits in subcircuits, parameters from a small pool of names that are defined at every place
 * where they can be, redefinition, defaults from defaults, arguments, expressions, `m=`, suffixes. The first line is the title.
 */
export function randomNetlist(seed: number): string {
  const choices = new Choices(seed);
  const cells: Cell[] = [];
  for (let i = choices.below(4); i >= 0; i -= 1) cells.push(randomCell(choices, `c${cells.length}`, cells, 0));
  const globals = params(choices, choices.chance(0.8) ? NAMES : choices.some(NAMES, 4));
  const body = devices(choices, ['out', 'n1', 'n2', '0'], [], cells, 4);
  const blocks = [...globals, ...cells.map(({ lines }) => lines.join('\n')), ...body];
  if (choices.chance(0.5)) blocks.sort(() => choices.next() - 0.5);
  const tail = ['R_a out n1 1k', 'R_b n1 n2 2k', 'R_c n2 0 3k', ...(choices.chance(0.3) ? ['.end'] : [])];
  return `${choices.one(['* random', 'Netlist 12', 'made on 2021-03-04'])}\n${[...blocks, ...tail].join('\n')}\n`;
}

/** `.param` lines: most read only names that come earlier in an order of their own, so that few go round in a circle. */
function params(choices: Choices, names: readonly string[], without: readonly string[] = []): string[] {
  const order = choices.some(NAMES, NAMES.length);
  const readable = (name: string): readonly string[] =>
    choices.chance(0.03) ? NAMES : order.slice(0, Math.max(0, order.indexOf(name)));
  return [...names, ...(choices.chance(0.15) ? [choices.one(NAMES)] : [])]
    .filter((name) => !without.includes(name) || choices.chance(0.03))
    .map((name) => {
      const equals = choices.one(['=', ' = ', '=']);
      return `.param ${name}${equals}${assigned(choices, 2, readable(name), equals.length > 1)}`;
    });
}

/** What may stand behind `=`: without brackets too. */
function assigned(choices: Choices, depth: number, names: readonly string[] = NAMES, spaced = false): string {
  if (choices.chance(0.01)) return choices.one(STRANGE);
  if (choices.chance(0.35)) return choices.one(NUMBERS);
  const text = expression(choices, depth, names);
  if (!spaced && choices.chance(0.3)) return text.replaceAll(' ', '');
  return choices.one([`{${text}}`, `'${text}'`, `{ ${text} }`]);
}

function expression(choices: Choices, depth: number, names: readonly string[] = NAMES): string {
  if (depth === 0 || choices.chance(0.3)) return choices.one([...names, ...names, ...names, ...NUMBERS, '2', '3']);
  const [a, b] = [expression(choices, depth - 1, names), expression(choices, depth - 1, names)];
  switch (choices.below(14)) {
    case 0:
      return `${a}*${b}`;
    case 1:
      return `${a}+${b}`;
    case 2:
      return `(${a}+1)/${b}`;
    case 3:
      return `${a}*${b}/(${a}+${b})`;
    case 4:
      return `max(${a},${b})`;
    case 5:
      return `sqrt(${a}*${b})+min(${a}, ${b})`;
    case 6:
      return `(${a}>${b}?${a}:${b})`;
    case 7:
      return `${a} + 2 * ${b}`;
    case 8:
      return `abs(${a}-${b})+1`;
    case 9:
      return `2**2*${a}`;
    case 10:
      return `ln(${a}+2)*(${b})`;
    case 11:
      return choices.one([`-2*${a}+1e9`, `${a}*(-1)+1e9`, `1e9-${a}-${b}`, `${a}/${b}/2`, `${a}>${b} ? 1k : ${b}`]);
    case 12:
      return `(${a})*(${b})^2/${b}`;
    default:
      return choices.chance(0.2) ? choices.one([`${a}*-${b}`, `exp(1)*${a}`, `${a}^${b}`]) : `${a}+${b}`;
  }
}

function value(choices: Choices): string {
  if (choices.chance(0.01)) return choices.one(STRANGE);
  if (choices.chance(0.3)) return choices.one(NUMBERS);
  if (choices.chance(0.03)) return choices.one(NAMES);
  const text = expression(choices, 2);
  return choices.one([`{${text}}`, `'${text}'`, `r={${text}}`, `r=${text.replaceAll(' ', '')}`, `{${text}}`]);
}

function devices(
  choices: Choices,
  nodes: readonly string[],
  inner: readonly Cell[],
  outer: readonly Cell[],
  most: number,
): string[] {
  const known = [...inner, ...inner, ...outer];
  return Array.from({ length: 1 + choices.below(most) }, (_, i) => {
    const at = Array.from({ length: 3 }, () => choices.one(nodes));
    const multiple = choices.chance(0.06) ? ` m=${choices.one(['2', '3', '{2}', 'k', '{a/b}', '0.5'])}` : '';
    if (known.length === 0 || choices.chance(0.5)) {
      const extra = choices.chance(0.05)
        ? choices.one([' tc1=0.01', ' noisy=0', ' tc=0.1 tc2=0', ' ; note', ' $ note', ' // note'])
        : '';
      return `R${i} ${at[0]} ${at[1]} ${value(choices)}${multiple}${extra}`;
    }
    const cell = choices.one(known);
    const given = choices.some(cell.params, cell.params.length).map((name) => `${name}=${assigned(choices, 1)}`);
    const list = given.join(' ');
    return `X${i} ${at.slice(0, cell.ports).join(' ')} ${cell.name}${list === '' ? '' : choices.one([' ', ' params: ']) + list}${multiple}`;
  });
}

function randomCell(choices: Choices, name: string, outer: readonly Cell[], depth: number): Cell {
  const ports = 2 + choices.below(2);
  const names = ['p', 'q', 's'].slice(0, ports);
  const own = choices.some(NAMES, 3);
  const order = choices.some(NAMES, NAMES.length);
  const readable = (param: string): readonly string[] =>
    choices.chance(0.1) ? NAMES.filter((other) => other !== param) : order.slice(0, Math.max(0, order.indexOf(param)));
  const header = own.map((param) => `${param}=${assigned(choices, 2, readable(param))}`).join(' ');
  const inner: Cell[] = [];
  if (depth < 2 && choices.chance(0.2)) inner.push(randomCell(choices, `${name}i`, outer, depth + 1));
  const body = devices(choices, [...names, 'n1', '0'], inner, outer, 3);
  const lines = [
    `.subckt ${name} ${names.join(' ')}${header === '' ? '' : choices.one([' ', ' params: ']) + header}`,
    ...inner.flatMap((cell) => cell.lines),
    ...params(choices, choices.some(NAMES, 2), own),
    ...body,
    // nothing inside floats
    `R_t n1 ${names[0]} 5k`,
    `.ends${choices.chance(0.5) ? ` ${name}` : ''}`,
  ];
  return { name, ports, params: own, lines };
}
