import { type Engine, type EngineChoice, openEngine } from '@neuroprint/spice';

/** Opens a simulator, or both of them, for the length of one piece of work, and closes what it opened whatever happens. */
export async function withEngine<T>(
  choice: EngineChoice,
  work: (engine: Engine, second?: Engine) => Promise<T>,
  both = false,
): Promise<T> {
  const engine = await openEngine(choice);
  let second: Engine | undefined;
  try {
    if (both) second = await openEngine(engine.name === 'ngspice' ? 'embedded' : 'ngspice');
    return await work(engine, second);
  } finally {
    await second?.close();
    await engine.close();
  }
}
