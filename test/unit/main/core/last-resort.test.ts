import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../../main/core/store/store.ts';
import { silentLog, storedRows } from '../../../fakes/store.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talkbench-bug-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['exception', 'rejection'])(
  'an uncaught %s is logged with an id, loses nothing received, and ends the core with code 1',
  async (kind) => {
    const path = join(folder, `${kind}.db`);
    const child = spawn(process.execPath, [join(import.meta.dirname, 'last-resort.child.ts'), path, kind], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    const [logged, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
    expect(code).toBe(1);
    expect(JSON.parse(logged)).toMatchObject({ level: 60, id: expect.stringMatching(/^[0-9a-f]{8}$/), err: { message: 'a bug' } });

    const store = await openStore({ path, log: silentLog, onProblem: () => {} });
    const sessionId = store.recoveredSessionIds[0] ?? '';
    const rows = await storedRows(store, sessionId);
    expect(rows.map((row) => row.text)).toEqual(['the last words']);
    await store.close();
  },
);
