import type { Database } from 'better-sqlite3';
import type { CheckRun, CheckRunSummary } from '../../../preload/contract/checks.ts';
import type { RunSounds } from '../sessions/sound-retention.ts';
import type { Handlers, ReadRequests, WriteRequests } from './requests.ts';

type Changes = { [Name in Extract<keyof WriteRequests, `check.${string}`>]: Handlers<WriteRequests>[Name] };
type Reads = { [Name in Extract<keyof ReadRequests, `check.${string}`>]: Handlers<ReadRequests>[Name] };

export function createCheckRunChanges(database: Database): Changes {
  const save = database.prepare(
    `INSERT INTO check_run (id, serial_number, list_id, board_kind, state, mac, imei, product_id, device_name, started_wall_ms, summary, request, body)
     VALUES (@id, @serialNumber, @listId, @boardKind, @state, @mac, @imei, @productId, @deviceName, @startedWallMs, @summary, @request, @body)
     ON CONFLICT (id) DO UPDATE SET serial_number = excluded.serial_number, list_id = excluded.list_id, board_kind = excluded.board_kind,
       state = excluded.state, mac = excluded.mac, imei = excluded.imei, product_id = excluded.product_id, device_name = excluded.device_name,
       started_wall_ms = excluded.started_wall_ms, summary = excluded.summary, request = excluded.request, body = excluded.body`,
  );
  const keep = database.prepare(
    `INSERT INTO check_sound (run_key, sound_id, wav) SELECT run_key, @soundId, @wav FROM check_run WHERE id = @runId
     ON CONFLICT (run_key, sound_id) DO UPDATE SET wav = excluded.wav`,
  );
  const drop = database.prepare(
    'DELETE FROM check_sound WHERE sound_id = @soundId AND run_key = (SELECT run_key FROM check_run WHERE id = @runId)',
  );
  // An empty one stays in its place: what was never kept is told from what is kept no longer. A run may have gone on since its sounds were counted.
  const empty = database.prepare(
    "UPDATE check_sound SET wav = x'' WHERE length(wav) > 0 AND run_key = (SELECT run_key FROM check_run WHERE id = ? AND state <> 'running')",
  );
  const remove = database.prepare('DELETE FROM check_run WHERE id = ?');
  return {
    'check.save': ({ summary, run, request }) => {
      const { id, serialNumber, listId, boardKind, state, productId, deviceName, startedWallMs } = summary;
      const text = { summary: JSON.stringify(summary), request: JSON.stringify(request), body: JSON.stringify(run) };
      const said = { mac: textOf(run.facts.mac), imei: textOf(run.facts.imei), productId, deviceName };
      save.run({ id, serialNumber, listId, boardKind, state, startedWallMs, ...said, ...text });
      return {};
    },
    'check.keepSound': ({ runId, soundId, wav }) => ({ found: keep.run({ runId, soundId, wav }).changes > 0 }),
    'check.dropSound': ({ runId, soundId }) => ({ found: drop.run({ runId, soundId }).changes > 0 }),
    'check.removeSounds': ({ runId }) => ({ removed: empty.run(runId).changes }),
    'check.remove': ({ id }) => ({ found: remove.run(id).changes > 0 }),
  };
}

function textOf(fact: unknown): string | null {
  return typeof fact === 'string' && fact !== '' ? fact : null;
}

interface StoredRun {
  body: string;
  request: string;
}

export function createCheckRunReads(database: Database): Reads {
  const one = database.prepare<[string], StoredRun>('SELECT body, request FROM check_run WHERE id = ?');
  const running = database.prepare<[], StoredRun>("SELECT body, request FROM check_run WHERE state = 'running' ORDER BY run_key");
  const sound = database
    .prepare<[string, string], Buffer>('SELECT wav FROM check_sound JOIN check_run USING (run_key) WHERE id = ? AND sound_id = ?')
    .pluck();
  // A blob's length is read without the blob.
  const soundSizes = database.prepare<[], RunSounds>(
    `SELECT id AS runId, summary ->> '$.sessionId' AS sessionId, started_wall_ms AS startedWallMs, sum(length(wav)) AS bytes
     FROM check_sound JOIN check_run USING (run_key) WHERE state <> 'running' GROUP BY run_key HAVING bytes > 0 ORDER BY started_wall_ms, run_key`,
  );
  // Newest first: the limit leaves out the oldest.
  const history = database
    .prepare<[Record<string, string | number | null>], string>(
      `SELECT summary FROM check_run
       WHERE (@serialNumber IS NULL OR serial_number = @serialNumber) AND (@listId IS NULL OR list_id = @listId)
         AND (@boardKind IS NULL OR board_kind = @boardKind)
         AND started_wall_ms >= coalesce(@fromWallMs, 0) AND started_wall_ms <= coalesce(@toWallMs, 9e15)
       ORDER BY started_wall_ms DESC, run_key DESC LIMIT @limit`,
    )
    .pluck();
  const sharing = {
    mac: namesakes(database, 'mac = @mac', 'mac'),
    imei: namesakes(database, 'imei = @imei', 'imei'),
    device: namesakes(database, 'product_id = @productId AND device_name = @deviceName', 'device_name'),
  };
  const stored = ({ body, request }: StoredRun) => ({ run: JSON.parse(body) as CheckRun, request: JSON.parse(request) as unknown });
  return {
    'check.run': ({ id }) => {
      const row = one.get(id);
      return row === undefined ? null : stored(row);
    },
    'check.running': () => running.all().map(stored),
    'check.namesakes': ({ serialNumber, mac, imei, device }) => {
      const of = { serialNumber, mac, imei, productId: device?.productId ?? null, deviceName: device?.deviceName ?? null };
      const isTold = serialNumber !== mac && serialNumber !== imei;
      return (['mac', 'imei', 'device'] as const).flatMap((shares) =>
        sharing[shares].all(of).flatMap((other) => {
          // Where a board was named after its own MAC or IMEI, the same one is the same board.
          const isOtherTold = other.serialNumber !== other.mac && other.serialNumber !== other.imei;
          const isSameBoard = (mac !== null && other.mac === mac) || (imei !== null && other.imei === imei);
          if (isSameBoard && !(isTold && isOtherTold)) return [];
          return [{ runId: other.runId, serialNumber: other.serialNumber, startedWallMs: other.startedWallMs, shares }];
        }),
      );
    },
    'check.sound': ({ runId, soundId }) => {
      const wav = sound.get(runId, soundId);
      const isRemoved = wav?.length === 0;
      return { wav: wav === undefined || isRemoved ? null : new Uint8Array(wav), isRemoved };
    },
    'check.soundSizes': () => soundSizes.all(),
    'check.history': ({ filter, limit }) => {
      const { serialNumber = null, listId = null, boardKind = null, fromWallMs = null, toWallMs = null } = filter;
      const rows = history.all({ serialNumber, listId, boardKind, fromWallMs, toWallMs, limit: limit ?? -1 });
      return rows.map((summary) => JSON.parse(summary) as CheckRunSummary);
    },
  };
}

type Identity = Record<'mac' | 'imei' | 'productId' | 'deviceName', string | null> & { serialNumber: string };
type Namesake = { runId: string; serialNumber: string; startedWallMs: number; mac: string | null; imei: string | null };

/** Of each other serial number what its newest run says, where that says anything: a board may have been given another device since. */
function namesakes(database: Database, isShared: string, column: string) {
  return database.prepare<[Identity], Namesake>(
    `SELECT id AS runId, serial_number AS serialNumber, started_wall_ms AS startedWallMs, mac, imei FROM check_run r
     WHERE ${isShared} AND serial_number <> '' AND serial_number <> @serialNumber
       AND run_key = (SELECT max(run_key) FROM check_run n WHERE n.serial_number = r.serial_number AND n.${column} IS NOT NULL)
     ORDER BY run_key DESC LIMIT 20`,
  );
}
