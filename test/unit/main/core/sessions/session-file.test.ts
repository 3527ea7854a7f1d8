import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeBlock } from '../../../../../main/core/logs/block.ts';
import { createRenderings } from '../../../../../main/core/sessions/export/renderings.ts';
import { createSessions, type Sessions } from '../../../../../main/core/sessions/sessions.ts';
import { SCHEMA_VERSION } from '../../../../../main/core/store/migrations/index.ts';
import { createRedact, redactBytes, redactChunks } from '../../../../../main/core/store/redact.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';
import { logRow, openTestBench, recordRows, silentLog, storedRows, type TestBench } from '../../../../fakes/store.ts';

const port = '/dev/ttyUSB0';
const context = { signal: new AbortController().signal, role: 'operator' as const };
const imei = '867123456789012';
const iccid = '89860012345678901234';
const secret = 'c2VjcmV0LWtleS0xMjM=';
let bench: TestBench;
let sessions: Sessions;
let secrets: string[];

beforeEach(async () => {
  secrets = [secret];
  bench = await openTestBench();
  sessions = await createSessions({
    store: bench.store,
    recorder: bench.recorder,
    clock: bench.clock,
    log: silentLog,
    secrets: async () => secrets,
  });
}, 60_000);
afterEach(async () => {
  sessions.close();
  await bench.close();
});

async function recordAll(): Promise<string> {
  const { id } = bench.recorder.ensureSession('whole');
  const at = bench.clock.nowUs();
  const raw = (direction: 'received' | 'sent', text: string) =>
    bench.recorder.raw({ port, direction, atUs: at, bytes: new Uint8Array(Buffer.from(text)) });
  const first = raw('received', `+CGSN: ${imei.slice(0, 5)}`);
  raw('sent', 'AT+CGSN\r\n');
  raw('received', `${imei.slice(5)}\r\n`);
  const second = raw('received', `key ${secret} at 1763700905123456\r\n`);
  bench.recorder.rows(
    encodeBlock([
      logRow(port, 0, `+CGSN: ${imei}`, { message: imei, payload: { imei: Number(imei), iccid, key: secret }, tag: imei, offset: first }),
      logRow(port, 1, `key ${secret} at 1763700905123456`, { offset: second }),
    ]),
  );
  for (const event of sampleConversation().events) bench.recorder.event(event);
  bench.recorder.event({
    kind: 'wire.message',
    atUs: at,
    gateway: 'twetalk',
    channel: 'mqtt',
    direction: 'up',
    name: 't',
    text: `{"iccid":"${iccid}"}`,
    bytes: new Uint8Array(Buffer.from(iccid)),
  });
  bench.recorder.packet({
    conversationId: sampleConversation().record.conversationId,
    track: 'uplink',
    index: 0,
    atUs: at,
    mediaUs: 0,
    durationUs: 60_000,
    codec: 'opus',
    sampleRate: 16000,
    bytes: new Uint8Array([1, 2, 3]),
  });
  await bench.recorder.stop();
  await sessions.calls['sessions.update']({ id, note: `seen ${imei}` }, context);
  await bench.store.write('log.mark', { sessionId: id, seq: 1, mark: { note: `not ${imei}`, colour: 'red' } });
  return id;
}

async function everything(id: string) {
  const { session, ...detail } = await sessions.calls['sessions.show']({ id }, context);
  const { events } = await sessions.calls['sessions.events']({ id, afterOrdinal: -1, limit: 5000 }, context);
  const rows = await storedRows(bench.store, id);
  const marks = await bench.store.read('log.marks', { sessionId: id });
  return { session: { ...session, id: '' }, detail, events, rows, marks };
}

describe('a session file', () => {
  test('brings the whole session to another library, and back under another id', async () => {
    secrets = [];
    const id = await recordAll();
    const before = await everything(id);
    const { fileName, data } = await sessions.calls['sessions.export']({ id, includeIdentities: true }, context);
    expect(fileName).toBe(`${id}.talkbench`);
    const copy = await sessions.calls['sessions.import']({ data }, context);
    expect(copy.id).not.toBe(id);
    await sessions.calls['sessions.remove']({ id }, context);
    expect(await sessions.calls['sessions.import']({ data }, context)).toEqual({ id });
    expect(await everything(id)).toEqual(before);
    expect(await everything(copy.id)).toEqual(await everything(id));
  });

  test('holds no secret, and no identity of modem or SIM unless asked', async () => {
    const id = await recordAll();
    const holds = (data: Uint8Array, text: string) => Buffer.from(data).includes(text);
    const { data } = await sessions.calls['sessions.export']({ id, includeIdentities: false }, context);
    for (const text of [imei, imei.slice(5), iccid, secret]) expect([text, holds(data, text)]).toEqual([text, false]);
    expect(holds(data, '1763700905123456')).toBe(true);
    const { id: copy } = await sessions.calls['sessions.import']({ data }, context);
    const { rows, session, events, marks } = await everything(copy);
    const hidden = '*'.repeat(15);
    expect(rows[0]).toMatchObject({ text: `+CGSN: ${hidden}`, message: hidden, tag: hidden });
    expect(rows[0]?.payload).toMatchObject({ imei: hidden, iccid: '*'.repeat(20) });
    expect(Buffer.from(rows[0]?.raw ?? []).toString()).toBe(`+CGSN: ${hidden}\r\n`);
    expect(Buffer.from(rows[1]?.raw ?? []).toString()).toBe(`key ${'*'.repeat(secret.length)} at 1763700905123456\r\n`);
    expect(marks).toEqual([{ seq: 1, note: `not ${hidden}`, colour: 'red' }]);
    expect(session.note).toBe(`seen ${'*'.repeat(15)}`);
    expect(events.at(-1)?.event).toMatchObject({ text: `{"iccid":"${'*'.repeat(20)}"}` });
    const whole = await sessions.calls['sessions.export']({ id, includeIdentities: true }, context);
    expect([holds(whole.data, imei), holds(whole.data, secret)]).toEqual([true, false]);
  });

  test('is refused when it would be larger than can be sent', async () => {
    const id = await recordAll();
    const renderings = createRenderings({ store: bench.store, clock: bench.clock, wholeLimitBytes: 4096 });
    const whole = renderings.whole({ id, format: 'talkbench', includeIdentities: false, secrets: [] }, context.signal);
    await expect(whole).rejects.toMatchObject({ value: { code: 'too-large' } });
    renderings.close();
  });

  test('says what it is to whoever opens it, and holds no settings or boards', async () => {
    const id = await recordAll();
    await bench.store.write('setting.put', { values: { 'ui.theme': 'dark' } });
    await bench.store.write('device.save', {
      productId: 'P',
      deviceName: 'd',
      lastOnlineWallMs: null,
      firmwareVersion: null,
      properties: {},
    });
    const { data } = await sessions.calls['sessions.export']({ id, includeIdentities: false }, context);
    const path = join(bench.folder, 'file.db');
    writeFileSync(path, data);
    const file = new Database(path, { readonly: true });
    const meta = Object.fromEntries(file.prepare<[], [string, string]>('SELECT key, value FROM meta').raw().all());
    expect(meta).toMatchObject({
      format: 'talkbench-session',
      format_version: '1',
      schema_version: String(SCHEMA_VERSION),
      app_version: '0.1.0',
      session_id: id,
      identities: 'redacted',
    });
    for (const table of ['setting', 'board']) expect(file.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
    file.close();
  });

  test.each(['../../.profile', '/etc/x', 'a/b', '', 'C:\\x', 'x'.repeat(65)])(
    'that calls itself %j comes in under a name of ours',
    async (name) => {
      const id = await recordAll();
      const { data } = await sessions.calls['sessions.export']({ id, includeIdentities: false }, context);
      const path = join(bench.folder, 'named.db');
      writeFileSync(path, data);
      const file = new Database(path);
      file.prepare('UPDATE session SET id = ?').run(name);
      const renamed = new Uint8Array(file.serialize());
      file.close();
      const { id: copy } = await sessions.calls['sessions.import']({ data: renamed }, context);
      expect(copy).toMatch(/^\d{8}-\d{6}-[0-9a-f]{6}$/);
      const { fileName } = await sessions.calls['sessions.export']({ id: copy, includeIdentities: false }, context);
      expect(fileName).toBe(`${copy}.talkbench`);
    },
  );

  test('is refused while recording, when damaged, and when it is not one', async () => {
    const { id: recording } = bench.recorder.ensureSession();
    recordRows(bench.recorder, [logRow(port, 0, 'I (12) wifi: up', { payload: { a: 1 }, deviceMs: 12 }), logRow(port, 1, 'two')]);
    await bench.store.flush();
    const refused = sessions.calls['sessions.export']({ id: recording, includeIdentities: false }, context);
    await expect(refused).rejects.toMatchObject({ value: { code: 'session/recording' } });
    await bench.recorder.stop();
    const { data } = await sessions.calls['sessions.export']({ id: recording, includeIdentities: false }, context);
    const edit = (sql: string) => {
      const path = join(bench.folder, 'edited.db');
      writeFileSync(path, data);
      const file = new Database(path);
      file.exec(sql);
      const bytes = file.serialize();
      file.close();
      return new Uint8Array(bytes);
    };
    const bad = [
      new Uint8Array(0),
      new Uint8Array(Buffer.from('hello')),
      data.slice(0, data.length / 2),
      edit('PRAGMA user_version = 99'),
      edit("UPDATE meta SET value = '2' WHERE key = 'format_version'"),
      edit('DELETE FROM session'),
      edit('INSERT INTO event VALUES (1, 0, 0, \'nonsense\', NULL, NULL, \'{"kind":"nonsense"}\', NULL)'),
      edit('PRAGMA foreign_keys = OFF; DROP TABLE flash_job; CREATE VIRTUAL TABLE flash_job USING fts5(session_key)'),
      edit('PRAGMA foreign_keys = OFF; DROP TABLE flash_job; CREATE VIEW flash_job AS SELECT 1 AS session_key'),
      // Blocks that a reader would stumble over.
      edit('UPDATE log_block SET row_count = 3'),
      edit('UPDATE log_block SET row_count = 4294967295'),
      edit('UPDATE log_block SET first_seq = -1'),
      edit('UPDATE log_block SET first_seq = 4294967296'),
      edit("UPDATE log_block SET text = replace(text, char(10), ' ')"),
      edit("UPDATE log_block SET text = text || 'unended'"),
      edit('UPDATE log_block SET columns = zeroblob(20)'),
      edit('UPDATE log_block SET columns = randomblob(length(columns))'),
      edit("UPDATE log_block SET names = '{}'"),
      edit("UPDATE log_block SET names = 'nonsense'"),
      edit(`UPDATE log_block SET names = '{"ports":["elsewhere"],"words":["plain"]}'`),
      edit(`UPDATE log_block SET names = '{"ports":[],"words":[]}'`),
      edit(`UPDATE log_block SET names = '{"ports":["${port}"],"words":[7]}'`),
      edit("UPDATE log_block SET facts = 'nonsense'"),
      edit(`UPDATE log_block SET facts = '{"payload":{"rows":[7],"values":[1]}}'`),
      edit(`UPDATE log_block SET facts = '{"seq":{"rows":[0],"values":[1]}}'`),
      edit(`UPDATE log_block SET facts = '{"colours":{"rows":[0],"values":["<b>"]}}'`),
      edit(`UPDATE log_block SET facts = '{"payload":{"rows":[0],"values":[${'['.repeat(5000)}${']'.repeat(5000)}]}}'`),
      edit('INSERT INTO log_block SELECT 99, session_key, 1, 2, 0, 0, 0, 0, 0, names, columns, facts, text FROM log_block'),
      edit("INSERT INTO bookmark SELECT session_key, 0, 'x', '<b>' FROM session"),
      // Numbers at which the list of sessions would stumble.
      edit('UPDATE session SET started_wall_ms = 9000000000000000'),
      edit('UPDATE session SET started_wall_ms = -9000000000000000000'),
      edit('UPDATE session SET last_us = 9000000000000000000'),
      // A sound that would be padded with silence until a disk is full.
      edit('UPDATE session SET last_us = 9000000000000000'),
      edit('UPDATE port SET raw_bytes = 9000000000000000000'),
      edit("INSERT INTO flash_job SELECT session_key, 'j', 0, 'COM7', 'nonsense' FROM session"),
      edit("INSERT INTO flash_job SELECT session_key, 'j', 0, 'COM7', '{}' FROM session"),
    ];
    for (const [i, file] of bad.entries()) {
      const result = sessions.calls['sessions.import']({ data: file }, context).then(
        () => 'accepted',
        (error: { value?: { code: string } }) => error.value?.code,
      );
      expect([i, await result]).toEqual([i, 'session/bad-file']);
    }
    expect((await sessions.calls['sessions.list']({ limit: 10 }, context)).sessions).toHaveLength(1);
  });
});

describe('redaction', () => {
  const redact = createRedact({ includeIdentities: false, secrets: [secret] });

  test('knows an identity by its shape and leaves other numbers', () => {
    expect(redact(`IMEI:${imei},`)).toBe(`IMEI:${'*'.repeat(15)},`);
    expect(redact(`"${iccid.slice(0, 19)}F"`)).toBe(`"${'*'.repeat(20)}"`);
    // Names of devices are often made of it.
    expect(redact(`imei${imei}`)).toBe(`imei${'*'.repeat(15)}`);
    for (const text of ['1763700905123', '12345678901234567', `${imei}ab`, `0x${imei}`]) expect(redact(text)).toBe(text);
  });

  test('leaves nothing of a secret that holds another, or an identity', () => {
    const both = createRedact({ includeIdentities: false, secrets: ['mqtt-key', 'mqtt-key-0002', `key-${imei}-xyz`] });
    expect(both(`mqtt-key-0002 key-${imei}-xyz`)).toBe(`${'*'.repeat(13)} ${'*'.repeat(23)}`);
  });

  test('sees across chunks where no line ends', () => {
    const text = `${imei},${iccid}\r${secret}\r`.repeat(10_000);
    const chunks = (text.match(/[\s\S]{1,4093}/g) ?? []).map((part) => ({ bytes: new Uint8Array(Buffer.from(part)) }));
    const redacted = [...redactChunks(redact, chunks)];
    expect(redacted.map(({ bytes }) => bytes.length)).toEqual(chunks.map(({ bytes }) => bytes.length));
    expect(Buffer.concat(redacted.map(({ bytes }) => bytes)).toString()).toBe(redact(text));
  });

  test('finds a secret in text and in bytes, whatever its letters', () => {
    const chinese = createRedact({ includeIdentities: true, secrets: ['口令是芝麻开门'] });
    expect(chinese('psk=口令是芝麻开门!')).toBe(`psk=${'*'.repeat(7)}!`);
    expect(Buffer.from(redactBytes(chinese, Buffer.from('psk=口令是芝麻开门!'))).toString()).toBe(`psk=${'*'.repeat(21)}!`);
  });

  test('sees across chunks of any size and changes no length', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(imei, iccid, secret, 'OK\r\n', '12 ', ',')),
        fc.array(fc.integer({ min: 1, max: 30_000 })),
        (words, sizes) => {
          const text = words
            .map((word) => `${word}\n`)
            .join('')
            .repeat(20_000 / (words.length + 1));
          const bytes = Buffer.from(text);
          const chunks: { bytes: Uint8Array }[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % Math.max(1, sizes.length)] ?? 7000;
            chunks.push({ bytes: bytes.subarray(at, at + size) });
            at += size;
          }
          const redacted = [...redactChunks(redact, chunks)];
          expect(redacted.map((chunk) => chunk.bytes.length)).toEqual(chunks.map((chunk) => chunk.bytes.length));
          expect(Buffer.concat(redacted.map((chunk) => chunk.bytes)).toString()).toBe(redact(text));
        },
      ),
      { numRuns: 20 },
    );
  });
});
