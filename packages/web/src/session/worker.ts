import { expose } from 'comlink';
import { carryHints } from './hints.ts';
import { PageSession } from './page-session.ts';

carryHints();
expose(new PageSession());
