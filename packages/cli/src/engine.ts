import { type Engine, type EngineChoice, openEngine } from '@neuroprint/spice';

/** Opens a simulator for the length of one piece of work, and closes it whatever happens. */
export async function withEngine<T>(choice: EngineChoice, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine(choice);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}
