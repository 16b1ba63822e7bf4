import { expose } from 'comlink';
import { PageSession } from './page-session.ts';

expose(new PageSession());
