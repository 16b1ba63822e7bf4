import { inspectNgspice, NgspiceEngine } from '#host';
import { EmbeddedEngine, inspectEmbedded } from './embedded-engine.ts';
import type { Engine, EngineChoice, EngineReport } from './engine.ts';

/**
 * Opens an engine; `auto` takes the binary where there is one. Close it when done.
 * Throws EngineMissingError that says what to do.
 */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  if (choice === 'embedded') return EmbeddedEngine.open();
  const report = inspectNgspice();
  if (choice === 'auto' && !report.usable) return EmbeddedEngine.open();
  return new NgspiceEngine(report);
}

/** Which engines there are and what to do about one that does not work. */
export async function inspectEngines(): Promise<EngineReport[]> {
  return [inspectNgspice(), await inspectEmbedded()];
}
