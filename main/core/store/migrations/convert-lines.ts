import type { Database } from 'better-sqlite3';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import { BLOCK_ROWS, encodeBlock } from '../../logs/block.ts';
import type { BookRow } from '../../logs/row.ts';
import { type BlockRow, blockRowColumns, toBlockRow } from '../block-row.ts';

/** Rows of a port read at a time. */
const PAGE_ROWS = 1000;
/** Bytes of a stream in which a row is looked for beyond where it should stand: what a flasher moved over the port is between. */
const SEARCH_BYTES = 4 << 20;

/** A `log_line` of schema 1. */
interface Line {
  seq: number;
  at_us: number;
  direction: BookRow['direction'];
  text: string;
  terminator: string | null;
  raw: Buffer | null;
  grammar: string;
  level: NonNullable<BookRow['level']> | null;
  device_ms: number | null;
  device_time: string | null;
  tag: string | null;
  file: string | null;
  function: string | null;
  line: number | null;
  message: string | null;
  event: string | null;
  payload: string | null;
  continues_seq: number | null;
  colours: string | null;
}

/**
 * Lines of schema 1, numbered each port by itself, as blocks of the session's one log: ports are merged in the order of time, rows of a
 * port stay in theirs. The bytes of a row are found in its port's stream.
 */
export function convertLines(database: Database, onProgress: () => void): void {
  placeChunks(database, onProgress);
  const sessions = database.prepare<[], number>('SELECT session_key FROM session ORDER BY session_key').pluck().all();
  for (const session of sessions) {
    convertSession(database, session, onProgress);
    database.prepare('DELETE FROM log_line WHERE port_key IN (SELECT port_key FROM port WHERE session_key = ?)').run(session);
  }
  database.exec('DROP TABLE log_line');
}

function placeChunks(database: Database, onProgress: () => void): void {
  const ports = database.prepare<[], number>('SELECT port_key FROM port ORDER BY port_key').pluck().all();
  const chunks = database.prepare<[number], { ordinal: number; direction: 'received' | 'sent'; size: number }>(
    'SELECT ordinal, direction, length(bytes) AS size FROM raw_chunk_1 WHERE port_key = ? ORDER BY ordinal',
  );
  const move = database.prepare(
    `INSERT INTO raw_chunk (port_key, ordinal, at_us, direction, offset, bytes)
     SELECT port_key, ordinal, at_us, direction, ?, bytes FROM raw_chunk_1 WHERE port_key = ? AND ordinal = ?`,
  );
  const clear = database.prepare('DELETE FROM raw_chunk_1 WHERE port_key = ?');
  for (const port of ports) {
    const offsets = { received: 0, sent: 0 };
    for (const [index, { ordinal, direction, size }] of chunks.all(port).entries()) {
      move.run(offsets[direction], port, ordinal);
      offsets[direction] += size;
      if (index % 1000 === 0) onProgress();
    }
    // Its pages take up the chunks of the next.
    clear.run(port);
    onProgress();
  }
  database.exec('DROP TABLE raw_chunk_1');
}

function convertSession(database: Database, session: number, onProgress: () => void): void {
  const ports = database
    .prepare<[number], { port_key: number; address: string }>('SELECT port_key, address FROM port WHERE session_key = ? ORDER BY port_key')
    .all(session)
    .map(({ port_key, address }) => new PortLines(database, port_key, address));
  const names = blockRowColumns.split(', ');
  const insert = database.prepare<[BlockRow & { session_key: number }]>(
    `INSERT INTO log_block (session_key, ${names.join(', ')}) VALUES (@session_key, ${names.map((name) => `@${name}`).join(', ')})`,
  );
  let rows: BookRow[] = [];
  const store = () => {
    if (rows.length > 0) insert.run({ session_key: session, ...toBlockRow(encodeBlock(rows)) });
    rows = [];
    onProgress();
  };
  for (let seq = 0; ; seq++) {
    let first: PortLines | null = null;
    for (const port of ports) if (port.nextUs !== null && (first?.nextUs == null || port.nextUs < first.nextUs)) first = port;
    if (first === null) break;
    rows.push(first.take(seq));
    if (rows.length === BLOCK_ROWS) store();
  }
  store();
}

/** The lines of one port, in order. */
class PortLines {
  readonly #key: number;
  readonly #address: string;
  readonly #page: (afterSeq: number) => Line[];
  readonly #streams: { received: Stream; sent: Stream };
  /** New numbers by old. */
  readonly #seqs = new Map<number, number>();
  #lines: Line[];
  #at = 0;

  constructor(database: Database, key: number, address: string) {
    const page = database.prepare<[number, number], Line>(
      `SELECT * FROM log_line WHERE port_key = ? AND seq > ? ORDER BY seq LIMIT ${PAGE_ROWS}`,
    );
    this.#key = key;
    this.#address = address;
    this.#page = (afterSeq) => page.all(this.#key, afterSeq);
    this.#streams = { received: new Stream(database, key, 'received'), sent: new Stream(database, key, 'sent') };
    this.#lines = this.#page(Number.MIN_SAFE_INTEGER);
  }

  /** When the next line came; null when there is none. */
  get nextUs(): number | null {
    return this.#lines[this.#at]?.at_us ?? null;
  }

  take(seq: number): BookRow {
    const line = this.#lines[this.#at++] as Line;
    if (this.#at === this.#lines.length) {
      this.#lines = this.#page(line.seq);
      this.#at = 0;
    }
    this.#seqs.set(line.seq, seq);
    const raw = new Uint8Array(line.raw ?? Buffer.from(line.text + (line.terminator ?? '')));
    const continues = line.continues_seq === null ? undefined : this.#seqs.get(line.continues_seq);
    return {
      seq,
      port: this.#address,
      atUs: line.at_us as MonoUs,
      direction: line.direction,
      text: line.text,
      raw,
      grammar: line.grammar,
      ...(line.level === null ? {} : { level: line.level }),
      ...(line.device_ms === null ? {} : { deviceMs: line.device_ms }),
      ...(line.device_time === null ? {} : { deviceTime: line.device_time }),
      ...(line.tag === null ? {} : { tag: line.tag }),
      ...(line.file === null ? {} : { file: line.file }),
      ...(line.function === null ? {} : { function: line.function }),
      ...(line.line === null ? {} : { line: line.line }),
      message: line.message ?? line.text,
      ...(line.event === null ? {} : { event: line.event }),
      ...(line.payload === null ? {} : { payload: JSON.parse(line.payload) as unknown }),
      ...(continues === undefined ? {} : { continues }),
      ...(line.colours === null ? {} : { colours: JSON.parse(line.colours) as NonNullable<BookRow['colours']> }),
      offset: line.direction === 'notice' ? -1 : this.#streams[line.direction].find(raw),
      isRepeat: false,
    };
  }
}

/** A port's bytes of one direction, in which its rows are found one after the other. */
class Stream {
  readonly #next: () => Buffer | undefined;
  /** Bytes from `#from` on that are not yet gone by. */
  #held: Buffer = Buffer.alloc(0);
  #from = 0;

  constructor(database: Database, key: number, direction: 'received' | 'sent') {
    const chunk = database.prepare<[number, string, number], { ordinal: number; bytes: Buffer }>(
      'SELECT ordinal, bytes FROM raw_chunk WHERE port_key = ? AND direction = ? AND ordinal > ? ORDER BY ordinal LIMIT 1',
    );
    let ordinal = -1;
    this.#next = () => {
      const found = chunk.get(key, direction, ordinal);
      if (found !== undefined) ordinal = found.ordinal;
      return found?.bytes;
    };
  }

  /** Where the row stands, −1 when it does not: then its text is all that is left of it. */
  find(raw: Uint8Array): number {
    if (raw.length === 0) return this.#from;
    this.#hold(raw.length);
    const isHere = this.#held.subarray(0, raw.length).equals(raw);
    if (!isHere) this.#hold(SEARCH_BYTES);
    const at = isHere ? 0 : this.#held.subarray(0, SEARCH_BYTES).indexOf(raw);
    if (at < 0) return -1;
    const offset = this.#from + at;
    this.#from = offset + raw.length;
    this.#held = this.#held.subarray(at + raw.length);
    return offset;
  }

  #hold(bytes: number): void {
    const parts = [this.#held];
    let size = this.#held.length;
    while (size < bytes) {
      const part = this.#next();
      if (part === undefined) break;
      parts.push(part);
      size += part.length;
    }
    if (parts.length > 1) this.#held = Buffer.concat(parts);
  }
}
