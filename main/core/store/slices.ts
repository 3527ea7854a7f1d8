import type { Database } from 'better-sqlite3';

/** Lets others have the thread: what is being recorded is stored in between. */
export type Pause = () => Promise<void>;

export const nextTurn: Pause = () => new Promise((resolve) => setImmediate(resolve));

/** A slice ends at so much, or after so long: the commits of a recording come every 100 ms. */
const SLICE_BYTES = 1 << 20;
const SLICE_MS = 20;

/**
 * Runs work on the library in transactions of a slice each. The work yields about how many bytes its last step was; an iterator over
 * rows of the library itself must not be held open across a yield.
 */
export async function inSlices<Result>(library: Database, work: Generator<number, Result>, pause: Pause): Promise<Result> {
  const slice = library.transaction((): IteratorResult<number, Result> => {
    const startedMs = performance.now();
    let bytes = 0;
    for (;;) {
      const step = work.next();
      if (step.done === true) return step;
      bytes += step.value;
      if (bytes >= SLICE_BYTES || performance.now() - startedMs >= SLICE_MS) return step;
    }
  });
  for (;;) {
    const step = slice();
    if (step.done === true) return step.value;
    await pause();
  }
}

/** Ids of sessions that are half there, half gone: no session of ours is called so, none of a file, and no list has them. */
const UNFINISHED = '!';

export function unfinishedId(why: 'import' | 'remove', id: string): string {
  return `${UNFINISHED}${why} ${id}`;
}

/** For `WHERE`: what lists and searches leave out. */
export const isFinished = `s.id NOT LIKE '${UNFINISHED}%'`;

/**
 * Takes a session out of the library: at once out of sight, together with what `forget` removes, then piece by piece. False when there is
 * none. What a full disk refuses at once leaves all as it was.
 */
export async function removeSession(
  library: Database,
  id: string,
  { pause, forget = () => {} }: { pause: Pause; forget?: () => void },
): Promise<boolean> {
  const hidden = unfinishedId('remove', id);
  const isHidden = library.transaction(() => {
    forget();
    return library.prepare('UPDATE session SET id = ? WHERE id = ?').run(hidden, id).changes > 0;
  })();
  if (!isHidden) return false;
  await removeUnfinished(library, pause, hidden);
  return true;
}

/** Removes what a killed process, a full disk or a bad file left unfinished: all of it, or what has this id. */
export async function removeUnfinished(library: Database, pause: Pause, id?: string): Promise<void> {
  const keys = library
    .prepare<[{ id: string | null }], number>(
      `SELECT session_key FROM session s WHERE NOT (${isFinished}) AND (@id IS NULL OR id = @id) ORDER BY session_key`,
    )
    .pluck()
    .all({ id: id ?? null });
  for (const key of keys) {
    await inSlices(library, removal(library, key), pause);
    await giveBack(library, pause);
  }
}

const PAGES_A_SLICE = 256;

/** Gives free pages back to the disk, where the library was made so that it can. */
async function giveBack(library: Database, pause: Pause): Promise<void> {
  if (library.pragma('auto_vacuum', { simple: true }) !== 2) return;
  for (;;) {
    const free = library.pragma('freelist_count', { simple: true }) as number;
    if (free === 0) return;
    library.pragma(`incremental_vacuum(${PAGES_A_SLICE})`);
    if ((library.pragma('freelist_count', { simple: true }) as number) >= free) return;
    await pause();
  }
}

/** What there is much of, by the bounds of its keys, and then the session with all the rest. */
function* removal(library: Database, sessionKey: number): Generator<number, void> {
  const ports = library.prepare<[number], number>('SELECT port_key FROM port WHERE session_key = ?').pluck().all(sessionKey);
  const conversations = library
    .prepare<[number], number>('SELECT conversation_key FROM conversation WHERE session_key = ?')
    .pluck()
    .all(sessionKey);
  for (const port of ports)
    yield* until(library, 'DELETE FROM raw_chunk WHERE chunk_key IN (SELECT chunk_key FROM raw_chunk WHERE port_key = ? LIMIT 200)', port);
  yield* until(
    library,
    'DELETE FROM log_block WHERE block_key IN (SELECT block_key FROM log_block WHERE session_key = ? LIMIT 8)',
    sessionKey,
  );
  for (const conversation of conversations)
    for (const track of ['uplink', 'uplink-denoised', 'downlink'])
      yield* until(
        library,
        `DELETE FROM audio_packet WHERE conversation_key = @key AND track = '${track}' AND packet_index <
           (SELECT min(packet_index) + 2000 FROM audio_packet WHERE conversation_key = @key AND track = '${track}')`,
        { key: conversation },
      );
  yield* until(
    library,
    `DELETE FROM event WHERE session_key = @key AND ordinal < (SELECT min(ordinal) + 1000 FROM event WHERE session_key = @key)`,
    { key: sessionKey },
  );
  for (const conversation of conversations)
    yield* until(
      library,
      'DELETE FROM turn WHERE turn_key IN (SELECT turn_key FROM turn WHERE conversation_key = ? LIMIT 100)',
      conversation,
    );
  library.prepare('DELETE FROM session WHERE session_key = ?').run(sessionKey);
}

function* until(library: Database, sql: string, key: unknown): Generator<number, void> {
  const statement = library.prepare(sql);
  while (statement.run(key).changes > 0) yield Number.POSITIVE_INFINITY;
}
