import { answerJobs } from '@neuroprint/core';
import { readable } from './jobs.ts';
import { pieceWorker } from './printed/train.ts';
import type { Ears } from './printed/trainer.ts';
import type { PieceAnswer, PieceRequest, PieceTold } from './training-crew.ts';

/** A state is offered every few epochs, and sent when the last one is so old. */
const STATE_MILLISECONDS = 5000;

let work: ReturnType<typeof pieceWorker> | undefined;
let tells = { looks: false, state: false };
let sentAt = 0;

answerJobs<PieceRequest, PieceAnswer, PieceTold>((request, tell) => {
  if (request.kind === 'problem') {
    work = pieceWorker(readable(request.problem), request.options);
    tells = request.tells;
    sentAt = performance.now();
    return undefined;
  }
  const ears: Ears = {
    ...(tells.looks ? { onLooks: (looks) => tell({ looks }) } : {}),
    ...(tells.state
      ? {
          onState: (restart, trained) => {
            if (performance.now() - sentAt < STATE_MILLISECONDS) return;
            sentAt = performance.now();
            tell({ restart, trained: trained() });
          },
        }
      : {}),
  };
  return work!(request, ears);
});
