import { nodesInWords } from '@neuroprint/circuit';
import type { Circuit, Device } from '@neuroprint/core';

/** A component value that two compiles give differently. */
export interface ValueChange {
  readonly device: string;
  readonly parameter: string;
  readonly before: number;
  readonly after: number;
  /** after/before − 1. */
  readonly relativeChange: number;
}

export interface CircuitDiff {
  readonly same: boolean;
  /** Devices of the second circuit only, of the first only, and those that are connected otherwise. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly reconnected: readonly string[];
  /** Largest change first. */
  readonly changed: readonly ValueChange[];
}

/** What changed from one circuit to another, device by device. */
export function diffCircuits(before: Circuit, after: Circuit): CircuitDiff {
  const old = new Map(before.devices.map((device) => [device.name, device]));
  const added = after.devices.filter(({ name }) => !old.has(name)).map(({ name }) => name);
  const now = new Set(after.devices.map(({ name }) => name));
  const removed = before.devices.filter(({ name }) => !now.has(name)).map(({ name }) => name);
  const reconnected: string[] = [];
  const changed: ValueChange[] = [];
  for (const device of after.devices) {
    const previous = old.get(device.name);
    if (previous === undefined) continue;
    if (connections(device) !== connections(previous)) reconnected.push(device.name);
    const values = valuesOf(previous);
    for (const [parameter, value] of Object.entries(valuesOf(device))) {
      const was = values[parameter];
      if (was === undefined || was === value) continue;
      changed.push({ device: device.name, parameter, before: was, after: value, relativeChange: value / was - 1 });
    }
  }
  changed.sort((a, b) => Math.abs(b.relativeChange) - Math.abs(a.relativeChange));
  const same = added.length + removed.length + reconnected.length + changed.length === 0;
  return { same, added, removed, reconnected, changed };
}

function connections(device: Device): string {
  const what = device.kind === 'resistor' ? '' : `${device.kind === 'stage' ? device.cell : device.model} `;
  return `${what}${nodesInWords(device)}`;
}

function valuesOf(device: Device): Readonly<Record<string, number>> {
  if (device.kind === 'opamp') return {};
  return device.kind === 'resistor' ? { ohms: device.ohms } : device.values;
}
