/**
 * Groups of faults that no reading tells apart: all their moves are within `volts` of those of the group's first. Faults without moves (no
 * operating point) stand alone. Places in `moves`, groups and members in their order.
 */
export function equivalentFaults(moves: readonly (Float64Array | undefined)[], volts: number): number[][] {
  const groups: number[][] = [];
  moves.forEach((move, f) => {
    const own = move && groups.find(([first]) => isAlike(moves[first!], move, volts));
    if (own === undefined) groups.push([f]);
    else own.push(f);
  });
  return groups;
}

function isAlike(a: Float64Array | undefined, b: Float64Array, volts: number): boolean {
  if (a === undefined) return false;
  for (let q = 0; q < b.length; q += 1) if (Math.abs(a[q]! - b[q]!) > volts) return false;
  return true;
}
