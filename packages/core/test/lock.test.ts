import { mkdtempSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareOutputFolder } from '../src/files/atomic-files.ts';
import { OutputInUseError } from '../src/files/errors.ts';
import { lockFolder } from '../src/files/lock.ts';

const fresh = (): string => mkdtempSync(join(tmpdir(), 'neuroprint-lock-'));

describe('the lock of a folder', () => {
  it('keeps a second writer out until it is given back', () => {
    const folder = fresh();
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(OutputInUseError);
    expect(() => lockFolder(folder)).toThrow(new RegExp(`process ${process.pid} on .* is writing here`));
    unlock();
    lockFolder(folder)();
  });

  it('of a process that is gone is taken over', () => {
    const folder = fresh();
    writeFileSync(join(folder, '.neuroprint.lock'), JSON.stringify({ pid: 2 ** 22 + 12345, host: hostname() }));
    lockFolder(folder)();
  });

  it('of another machine is respected', () => {
    const folder = fresh();
    writeFileSync(join(folder, '.neuroprint.lock'), JSON.stringify({ pid: 1, host: 'another-host' }));
    expect(() => lockFolder(folder)).toThrow(/another-host is writing here/);
  });
});

describe('an output folder', () => {
  it('that holds files is not written into unless asked', () => {
    const folder = fresh();
    prepareOutputFolder(folder, false);
    writeFileSync(join(folder, 'mine.txt'), '');
    expect(() => prepareOutputFolder(folder, false)).toThrow(/the folder is not empty/);
    prepareOutputFolder(folder, true);
    expect(() => prepareOutputFolder(join(folder, 'mine.txt'), false)).toThrow(/is a file, and a folder is needed/);
  });
});
