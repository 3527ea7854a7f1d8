import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createCore } from '../../main/core/core.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { createClient } from '../../preload/contract/client.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** DESIGN §4 and the list of what is recorded, on one whole thread: flashed, booted, asked for a tool, answered, exported. */
test('a session holds everything that happened to a board from its first byte to its last word', { timeout: 120_000 }, async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'talkbench-recorded-'));
  cleanups.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const core = await createCore({
    dataDirectory,
    listeners: { enabled: true, host: '127.0.0.1', mqttPort: 0, gatewayPort: 0 },
    log: pino({ level: 'silent' }),
    appVersion: '0.0.0',
  });
  cleanups.push(() => core.close());
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);

  const happened: PipelineEvent[] = [];
  let look = () => {};
  client.subscribe(
    'pipeline.events',
    { includeWire: false },
    {
      onSnapshot: () => {},
      onDelta(events) {
        happened.push(...events);
        look();
      },
    },
  );
  const until = <Kind extends PipelineEvent['kind']>(kind: Kind, accepts: (event: Extract<PipelineEvent, { kind: Kind }>) => boolean) =>
    new Promise<Extract<PipelineEvent, { kind: Kind }>>((resolve) => {
      look = () => {
        for (const event of happened) if (event.kind === kind && accepts(event as never)) return resolve(event as never);
      };
      look();
    });

  const { id } = await client.call('sessions.start', { title: 'everything' });
  const address = 'virtual://thread';
  await client.call('boards.start', { name: 'thread', firmware: 'blank' });
  await client.call('ports.open', { address });
  const images = buildDemoImages();
  await client.call('flash.start', {
    address,
    task: { kind: 'write', files: images.files.map(({ offset, name, data }) => ({ offset, name, source: { data } })) },
  });
  const greeting = await until('turn.ended', ({ turnId }) => turnId === 1);
  await client.call('boards.text', { name: 'thread', text: 'set the volume to 30' });
  await until('tool.result', ({ isOk }) => isOk);
  await until('turn.ended', ({ turnId }) => turnId === 2);
  await client.call('notes.add', { sessionId: id, atUs: 1_000_000, text: 'a note' });
  await client.call('boards.stop', { name: 'thread' });
  await until('conversation.closed', ({ conversationId }) => conversationId === greeting.conversationId);
  await client.call('sessions.stop', {});

  const file = join(dataDirectory, 'exported.talkbench');
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const piece = await client.call('sessions.export', { id, format: 'talkbench', ...(cursor && { cursor }) });
    appendFileSync(file, piece.data);
    cursor = piece.cursor ?? null;
  }
  const session = new Database(file, { readonly: true });
  cleanups.push(() => {
    session.close();
  });
  const all = <Row = Record<string, unknown>>(sql: string) => session.prepare(sql).all() as Row[];
  const one = (sql: string) => session.prepare(sql).pluck().get();
  const kinds = new Map(
    all<{ kind: string; n: number }>('SELECT kind, count(*) AS n FROM event GROUP BY kind').map(({ kind, n }) => [kind, n]),
  );

  // Raw bytes, both ways, of a port that was flashed through and then logged; and the rows made of them.
  expect(all('SELECT direction FROM raw_chunk GROUP BY direction ORDER BY direction')).toEqual([
    { direction: 'received' },
    { direction: 'sent' },
  ]);
  expect(one('SELECT row_count FROM port')).toBeGreaterThan(20);
  // Every message: the board's MQTT and the voice connection, up and down, as they came.
  const messages = all<{ channel: string; direction: string }>(
    "SELECT DISTINCT body ->> 'channel' AS channel, body ->> 'direction' AS direction FROM event WHERE kind = 'wire.message' ORDER BY 1, 2",
  );
  expect(messages).toEqual(
    expect.arrayContaining(['mqtt', 'websocket'].flatMap((channel) => ['down', 'up'].map((direction) => ({ channel, direction })))),
  );
  // Packets of both tracks, each with when it was there and where it stands in its track.
  for (const track of ['uplink', 'downlink'])
    expect(
      one(`SELECT count(*) FROM audio_packet WHERE track = '${track}' AND at_us > 0 AND duration_us = 60000 AND length(bytes) > 0`),
    ).toBeGreaterThan(10);
  // Turns with what was heard, the tool with its answer, metrics.
  expect(all('SELECT turn_id, outcome FROM turn ORDER BY turn_id')).toEqual([
    { turn_id: 1, outcome: 'completed' },
    { turn_id: 2, outcome: 'completed' },
  ]);
  expect(one('SELECT heard_text FROM turn WHERE turn_id = 2')).not.toBe('');
  expect(all("SELECT is_ok, arguments ->> 'volume' AS volume FROM tool_call")).toEqual([{ is_ok: 1, volume: 30 }]);
  expect(one('SELECT count(*) FROM metric')).toBeGreaterThan(3);
  // Requests to engines and what came of them, each at its time.
  for (const kind of ['llm.request', 'llm.first-token', 'llm.text', 'llm.done', 'tts.request', 'tts.audio', 'tts.done', 'downlink.audible'])
    expect([kind, kinds.get(kind) ?? 0]).toEqual([kind, expect.toSatisfy((count: number) => count > 0)]);
  // Under which settings, with which firmware.
  const opened = JSON.parse(String(one("SELECT body FROM event WHERE kind = 'conversation.opened'"))) as Extract<
    PipelineEvent,
    { kind: 'conversation.opened' }
  >;
  expect(opened.settings).toMatchObject({ turns: expect.objectContaining({ interruption: expect.any(String) }) });
  expect(opened.engines).toMatchObject({ llm: 'scripted' });
  // The SDK says which firmware it is only after it has opened the voice connection: of a board's first one it stands beside it.
  expect(one("SELECT body FROM event WHERE kind = 'wire.message' AND body ->> 'text' LIKE '%report_version%'")).toContain('esp32s3_v1.1.8');
  const [logged] = (await client.call('logs.devices', { sessionId: id })).devices;
  expect(logged?.facts).toMatchObject({ sdkVersion: '1.1.8' });
  // What was flashed, with the images' fingerprints and the result; and the note.
  const job = JSON.parse(String(one('SELECT body FROM flash_job'))) as { state: string; files: { sha256: string }[] };
  expect(job.state).toBe('done');
  expect(job.files).toHaveLength(images.files.length);
  for (const { sha256 } of job.files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(all('SELECT text FROM note WHERE at_us IS NOT NULL')).toEqual([{ text: 'a note' }]);
  // Nothing was lost, and nothing secret left.
  expect(one('SELECT dropped_count FROM session')).toBe(0);
  const secrets: Record<string, string> = JSON.parse(readFileSync(join(dataDirectory, 'secrets.json'), 'utf8'));
  expect(Object.keys(secrets)).not.toHaveLength(0);
  const exported = readFileSync(file);
  for (const secret of Object.values(secrets)) expect(exported.includes(secret)).toBe(false);
});
