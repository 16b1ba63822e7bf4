import { MessageChannel } from 'node:worker_threads';
import { UsageError } from '@neuroprint/core';
import { expose, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { expect, it } from 'vitest';
import { carryHints } from '../src/session/hints.ts';

it('an error comes to the page with what to do about it', async () => {
  carryHints();
  const { port1, port2 } = new MessageChannel();
  const fail = (hint: string | undefined) => () => {
    throw new UsageError('The slider is stuck.', hint);
  };
  expose({ stuck: fail('Oil it.'), broken: fail(undefined) }, nodeEndpoint(port1));
  const worker = wrap<{ stuck(): void; broken(): void }>(nodeEndpoint(port2));
  await expect(worker.stuck()).rejects.toMatchObject({ message: 'The slider is stuck.', hint: 'Oil it.' });
  await expect(worker.broken()).rejects.not.toHaveProperty('hint');
  port1.close();
  port2.close();
});
