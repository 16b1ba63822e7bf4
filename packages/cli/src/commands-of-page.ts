import type { Entry } from './command.ts';
import { FLOW } from './flow-commands.ts';

/** Every command of the page. */
export const COMMANDS: readonly Entry[] = Object.values(FLOW);
