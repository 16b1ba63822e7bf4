/** A device as a comparison sees it: what it is, its nets with what they are to it, and its values. */
export interface Device {
  readonly kind: string;
  /** Net and role; ends that may be exchanged have the same role. */
  readonly ends: readonly { readonly net: number; readonly role: string }[];
  readonly values: readonly number[];
}

export interface Side {
  readonly netCount: number;
  readonly devices: readonly Device[];
}

/**
 * Which net of the second side is which of the first (−1: none). Nets whose names are known begin it; the others are told apart by what they
 * touch, again and again, and where that does not tell them apart (hidden neurons can change places), by the values of the devices that lead to
 * nets already known.
 */
export function matchNets(first: Side, second: Side, known: ReadonlyMap<number, number>): Int32Array {
  const sides = [first, second] as const;
  const colours = sides.map(({ netCount }) => new Int32Array(netCount)) as [Int32Array, Int32Array];
  let next = 1;
  for (const [a, b] of known) {
    colours[0]![a] = next;
    colours[1]![b] = next;
    next += 1;
  }
  for (;;) {
    refine(sides, colours);
    const open = classesOf(colours).filter(([a, b]) => a.length > 0 && b.length > 0 && a.length + b.length > 2);
    if (open.length === 0) break;
    next = Math.max(...colours[0], ...colours[1]) + 1;
    const unique = uniqueColours(colours);
    for (const [a, b] of open) {
      for (const [p, q] of nearestPairs(sides, colours, unique, a, b)) {
        colours[0]![p] = next;
        colours[1]![q] = next;
        next += 1;
      }
    }
  }
  const map = new Int32Array(first.netCount).fill(-1);
  for (const [a, b] of classesOf(colours)) if (a.length === 1 && b.length === 1) map[a[0]!] = b[0]!;
  return map;
}

/** Gives nets new colours by what they touch, until that tells no more of them apart. */
function refine(sides: readonly [Side, Side], colours: [Int32Array, Int32Array]): void {
  let count = new Set([...colours[0], ...colours[1]]).size;
  for (;;) {
    const names = new Map<string, number>();
    const renewed = sides.map(({ netCount, devices }, s) => {
      const touched: string[][] = Array.from({ length: netCount }, () => []);
      const own = colours[s]!;
      for (const { kind, ends } of devices) {
        const seen = ends.map(({ net, role }) => `${role}${own[net]}`);
        const all = `${kind} ${[...seen].sort().join()}`;
        for (const [k, { net }] of ends.entries()) touched[net]!.push(`${all} ${seen[k]}`);
      }
      return Int32Array.from(touched, (list, net) => {
        const name = `${own[net]}|${list.sort().join(';')}`;
        let colour = names.get(name);
        if (colour === undefined) {
          colour = names.size + 1;
          names.set(name, colour);
        }
        return colour;
      });
    });
    // a net that is known keeps a colour of its own although what it touches differs: that is for the comparison to say
    const fixed = uniqueColours(colours);
    const offset = names.size + 1;
    sides.forEach((_, s) => {
      renewed[s]!.forEach((__, net) => {
        const at = fixed.get(colours[s]![net]!);
        if (at !== undefined) renewed[s]![net] = offset + at;
      });
    });
    colours[0] = renewed[0]!;
    colours[1] = renewed[1]!;
    const now = new Set([...colours[0], ...colours[1]]).size;
    if (now === count) return;
    count = now;
  }
}

/** Colours of which there is one net on each side, numbered. */
function uniqueColours(colours: readonly [Int32Array, Int32Array]): Map<number, number> {
  const unique = new Map<number, number>();
  for (const [a, b, colour] of classesOf(colours))
    if (a.length === 1 && b.length === 1) unique.set(colour, unique.size);
  return unique;
}

function classesOf(colours: readonly [Int32Array, Int32Array]): (readonly [number[], number[], number])[] {
  const classes = new Map<number, readonly [number[], number[], number]>();
  colours.forEach((own, s) => {
    own.forEach((colour, net) => {
      let entry = classes.get(colour);
      if (entry === undefined) {
        entry = [[], [], colour];
        classes.set(colour, entry);
      }
      entry[s as 0 | 1].push(net);
    });
  });
  return [...classes.values()];
}

/** Pairs of a class that is the same by structure: first those whose values are the nearest. */
function nearestPairs(
  sides: readonly [Side, Side],
  colours: readonly [Int32Array, Int32Array],
  unique: ReadonlyMap<number, number>,
  a: readonly number[],
  b: readonly number[],
): [number, number][] {
  const profiles = sides.map((side, s) => profilesOf(side, colours[s]!, unique, s === 0 ? a : b));
  const pairs = a.flatMap((p) => b.map((q) => ({ p, q, far: distance(profiles[0]!.get(p)!, profiles[1]!.get(q)!) })));
  pairs.sort((x, y) => x.far - y.far || x.p - y.p || x.q - y.q);
  const [taken, given] = [new Set<number>(), new Set<number>()];
  const chosen: [number, number][] = [];
  for (const { p, q } of pairs) {
    if (taken.has(p) || given.has(q)) continue;
    taken.add(p);
    given.add(q);
    chosen.push([p, q]);
  }
  return chosen;
}

type Profile = ReadonlyMap<string, readonly number[]>;

/** Values of the devices on each net, by kind, role and the known nets at their other ends. */
function profilesOf(
  { devices }: Side,
  colours: Int32Array,
  unique: ReadonlyMap<number, number>,
  nets: readonly number[],
): ReadonlyMap<number, Profile> {
  const profiles = new Map(nets.map((net) => [net, new Map<string, number[]>()]));
  for (const { kind, ends, values } of devices) {
    for (const [k, { net, role }] of ends.entries()) {
      const profile = profiles.get(net);
      if (profile === undefined) continue;
      const others = ends.flatMap((end, j) =>
        j === k ? [] : [`${end.role}${unique.has(colours[end.net]!) ? colours[end.net] : '?'}`],
      );
      const key = `${kind} ${role} ${others.sort().join()}`;
      profile.set(key, [...(profile.get(key) ?? []), ...values]);
    }
  }
  return profiles;
}

/** How many values of two profiles differ, each by how much, at most one. */
function distance(a: Profile, b: Profile): number {
  let sum = 0;
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const sorted = (profile: Profile): number[] => [...(profile.get(key) ?? [])].sort((x, y) => x - y);
    const [p, q] = [sorted(a), sorted(b)];
    for (let k = 0; k < Math.max(p.length, q.length); k += 1) {
      const [x, y] = [p[k], q[k]];
      sum += x === undefined || y === undefined ? 1 : Math.min(1, Math.abs(Math.log(x / y)));
    }
  }
  return sum;
}
