import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Store } from '../../store/store.ts';
import type { QualityPorts } from '../ports.ts';

/** A scenario is a page of text; a recording is held in memory while it comes in. */
const LARGEST_BYTES = { scenario: 4 << 20, recording: 1 << 30 };

/** What a suite names: sessions by their ids or as files, files by their names. */
export interface Subjects {
  /** A session's id in the library. A file comes into the library once, however often it is run. Throws 'session/not-found', 'suite/no-file', 'session/bad-file'. */
  sessionId(reference: string): Promise<string>;
  /** A scenario in the suite's folder or below. Throws 'suite/no-file', 'too-large'. */
  file(name: string): Promise<{ path: string; data: Uint8Array<ArrayBuffer> }>;
}

export function createSubjects(deps: {
  store: Store;
  importSession: QualityPorts['importSession'];
  wallMs: () => number;
  /** Null: a suite of the library names nothing beside it. */
  folder: string | null;
}): Subjects {
  const { store, importSession, wallMs, folder } = deps;
  const asked = new Map<string, Promise<string>>();

  async function read(name: string, limitBytes: number) {
    const refused = (reason: string) => new TalkError('suite/no-file', { path: name, reason });
    const unreadable = (error: NodeJS.ErrnoException) => Promise.reject(refused(error.code ?? 'unreadable'));
    if (folder === null) throw refused('no folder');
    // A suite of somebody else's reads what was given along with it, and nothing else of this machine: links are followed first.
    const path = await realpath(join(folder, name)).catch(unreadable);
    const inside = relative(await realpath(folder).catch(unreadable), path);
    if (isAbsolute(name) || isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`))
      throw refused('outside the folder of the suite');
    // A pipe that nobody writes to would be waited for.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(unreadable);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw refused('no file');
      if (found.size > limitBytes) throw new TalkError('too-large', { path: name, limitBytes, sizeBytes: found.size });
      return { path, data: new Uint8Array(await handle.readFile()) };
    } finally {
      await handle.close();
    }
  }

  async function find(reference: string): Promise<string> {
    if ((await store.read('session.summary', { id: reference })) !== null) return reference;
    if (!reference.endsWith('.talkbench')) throw new TalkError('session/not-found', { id: reference });
    const { data } = await read(reference, LARGEST_BYTES.recording);
    const fingerprint = createHash('sha256').update(data).digest('hex');
    const known = (await store.read('document.list', { kind: 'suite-file' })).find(({ id }) => id === fingerprint);
    const knownId = (known?.body as { sessionId?: string } | undefined)?.sessionId;
    if (knownId !== undefined && (await store.read('session.summary', { id: knownId })) !== null) return knownId;
    const sessionId = await importSession(data);
    await store.write('document.save', { kind: 'suite-file', id: fingerprint, body: { sessionId }, wallMs: wallMs() });
    return sessionId;
  }

  return {
    file: (name) => read(name, LARGEST_BYTES.scenario),
    sessionId(reference) {
      // Two cases of one file, side by side, are one import.
      const known = asked.get(reference) ?? find(reference);
      asked.set(reference, known);
      return known;
    },
  };
}
