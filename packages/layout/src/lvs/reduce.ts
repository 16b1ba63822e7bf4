import type { Extracted, FoundDevice } from '../extract/extract.ts';

/**
 * Legs of folded resistors become one resistor: two in series, where the net between them has no name and touches nothing else, add up.
 */
export function joinLegs({ nets, devices }: Pick<Extracted, 'nets' | 'devices'>): FoundDevice[] {
  const at = nets.map((): Set<number> => new Set());
  const ends = new Array<number>(nets.length).fill(0);
  const list: (FoundDevice | undefined)[] = [...devices];
  devices.forEach((device, k) => {
    for (const net of device.kind === 'resistor' ? device.nets : [...device.nets, device.gate]) {
      at[net]!.add(k);
      ends[net]! += 1;
    }
  });
  nets.forEach((names, net) => {
    if (names.length > 0 || ends[net] !== 2 || at[net]!.size !== 2) return;
    const [j, k] = [...at[net]!] as [number, number];
    const [a, b] = [list[j]!, list[k]!];
    if (a.kind !== 'resistor' || b.kind !== 'resistor') return;
    const far = (nets: readonly [number, number]): number => (nets[0] === net ? nets[1] : nets[0]);
    list[j] = {
      ...a,
      nets: [far(a.nets), far(b.nets)],
      ends: [endAt(a, far(a.nets)), endAt(b, far(b.nets))],
      joints: [...(a.joints ?? []), net, ...(b.joints ?? [])],
      ohms: a.ohms + b.ohms,
      squares: a.squares + b.squares,
    };
    list[k] = undefined;
    at[far(b.nets)]!.delete(k);
    at[far(b.nets)]!.add(j);
    ends[net] = 0;
  });
  return list.filter((device) => device !== undefined);
}

function endAt({ nets, ends }: FoundDevice, net: number): FoundDevice['ends'][number] {
  return ends[nets[0] === net ? 0 : 1];
}
