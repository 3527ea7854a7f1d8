import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSessions } from '../../../../../../main/core/sessions/sessions.ts';
import { createRedact, redactBytes } from '../../../../../../main/core/store/redact.ts';
import { redactShaped } from '../../../../../../main/core/store/redact-shape.ts';
import { pipelineEvent } from '../../../../../../preload/contract/events.ts';
import { ruleProblem } from '../../../../../../preload/contract/redaction.ts';
import type { SessionExportFormat } from '../../../../../../preload/contract/sessions.ts';
import { sampleConversation } from '../../../../../fakes/sample-conversation.ts';
import { openTestBench, silentLog } from '../../../../../fakes/store.ts';
import { deviceSecret, type ExportBench, exported, imei, recordedSample } from './exported.ts';

let recorded: ExportBench;
beforeAll(async () => {
  recorded = await recordedSample();
}, 60_000);
afterAll(() => recorded.close());

const context = { signal: new AbortController().signal, role: 'viewer' as const };
const formats = ['talkbench', 'wav', 'ogg', 'srt', 'vtt', 'csv', 'jsonl', 'perfetto', 'otlp', 'html'] as const;
// Words of every place: what was said, a tag of the log, the conversation's board and port; of our own schema too.
const rules = ['深圳', 'APP', '/ttyUSB\\d/', '/bench-0./', 'volume', 'turn', 'user', '天气怎么样', 'nowhere at all'];
const everywhere = { includeIdentities: false, redactions: rules, leaveOut: [] };

/** A word as it could stand in a file. */
const forms = (word: string) => [word, JSON.stringify(word).slice(1, -1), encodeURIComponent(word)];

describe('the preview', () => {
  test('counts what goes by kind, says where it stands, and shows none of it', async () => {
    const { findings } = await recorded.sessions.calls['sessions.preview']({ id: recorded.id, ...everywhere }, context);
    const of = (kind: string, rule: string | null = null) => findings.find((one) => one.kind === kind && one.rule === rule);
    expect(of('identity')?.examples[0]).toMatchObject({ place: 'wire', name: '$thing/up/property' });
    expect(
      of('secret')
        ?.places.map(({ place }) => place)
        .sort(),
    ).toEqual(['bytes', 'log', 'notes', 'wire']);
    expect(of('secret')?.examples.find(({ place }) => place === 'log')?.at).toBe(1);
    expect(of('rule', '深圳')?.count).toBeGreaterThan(2);
    expect(of('rule', '/ttyUSB\\d/')?.places).toContainEqual({ place: 'ports', count: 1 });
    expect(of('rule', 'nowhere at all')).toMatchObject({ count: 0, examples: [] });
    const told = JSON.stringify(findings.map(({ examples }) => examples));
    for (const gone of [imei, deviceSecret, '深圳', 'ttyUSB0', 'bench-01']) expect(told).not.toContain(gone);
  });

  test('says what is left out', async () => {
    const leaveOut = ['sound' as const, 'transcripts' as const];
    const choices = { id: recorded.id, includeIdentities: false, redactions: [], leaveOut };
    const { leftOut } = await recorded.sessions.calls['sessions.preview'](choices, context);
    expect(leftOut.packets).toBe(199 + 60);
    expect(leftOut.texts).toBeGreaterThan(10);
    expect(leftOut.messages).toBeGreaterThan(0);
  });
});

describe('what the preview shows is in no format’s bytes', () => {
  test.each(formats)('%s', async (format) => {
    const { data } = await exported(recorded, { format, ...everywhere, content: 'events' });
    expect(data.length).toBeGreaterThan(100);
    for (const gone of [imei, deviceSecret, '深圳', '天气怎么样', 'ttyUSB0', 'bench-01'])
      for (const form of forms(gone)) expect([gone, data.includes(form)]).toEqual([gone, false]);
  });

  test('and the file can be imported all the same, with as many turns, rows and messages', async () => {
    const { data } = await exported(recorded, { format: 'talkbench', ...everywhere });
    const copy = await recorded.sessions.calls['sessions.import']({ data, fileName: 'a.talkbench' }, { ...context, role: 'operator' });
    const show = (id: string) => recorded.sessions.calls['sessions.show']({ id }, context);
    const [before, after] = [await show(recorded.id), await show(copy.id)];
    const shape = ({ session, ports, turns, conversations }: typeof before) => ({
      ...{ rows: session.logRowCount, turns: turns.map(({ outcome, breakdown }) => [outcome, breakdown]) },
      ...{ ports: ports.map(({ rowCount, rawBytes }) => [rowCount, rawBytes]), packets: conversations.map((one) => one.uplinkPackets) },
    });
    expect(shape(after)).toEqual(shape(before));
    expect(after.ports.map(({ address }) => address)).toEqual(['port-1']);
    expect(after.turns.map(({ userText }) => userText)).toContain('今天**的*****');
    await recorded.sessions.calls['sessions.remove']({ id: copy.id }, { ...context, role: 'operator' });
  });
});

describe('left out', () => {
  const said = sampleConversation().turns.flatMap(({ userText, heardText }) => [userText, heardText].filter((text) => text.length >= 4));

  test.each(['talkbench', 'csv', 'jsonl', 'perfetto', 'otlp', 'html'] satisfies SessionExportFormat[])(
    'transcripts are not in %s',
    async (format) => {
      const choices = { includeIdentities: false, redactions: [], leaveOut: ['transcripts' as const] };
      for (const content of ['turns', 'events'] as const) {
        const { data } = await exported(recorded, { format, ...choices, content });
        for (const text of said) expect([text, data.includes(text)]).toEqual([text, false]);
      }
    },
  );

  test('sound is not in a session file, and what is nothing but sound is refused', async () => {
    const leaveOut = ['sound' as const];
    const { data } = await exported(recorded, { format: 'talkbench', leaveOut });
    const path = join(recorded.bench.folder, 'quiet.db');
    writeFileSync(path, data);
    const file = new Database(path, { readonly: true });
    expect(file.prepare('SELECT count(*) FROM audio_packet').pluck().get()).toBe(0);
    file.close();
    await expect(exported(recorded, { format: 'wav', leaveOut })).rejects.toMatchObject({ value: { code: 'bad-request' } });
    await expect(exported(recorded, { format: 'srt', leaveOut: ['transcripts'] })).rejects.toMatchObject({
      value: { code: 'bad-request' },
    });
  });
});

test('what begins in one piece of a model’s text and ends in another is in none of them', async () => {
  const bench = await openTestBench();
  const sessions = await createSessions({ ...bench, log: silentLog });
  try {
    const { id } = bench.recorder.ensureSession();
    const of = { conversationId: 'c', turnId: 1, atUs: bench.clock.nowUs() };
    bench.recorder.event({ kind: 'llm.text', ...of, text: 'call 138' });
    bench.recorder.event({ kind: 'llm.text', ...of, turnId: 2, text: '0013' });
    for (const text of ['0013', '8000 ', 'now']) bench.recorder.event({ kind: 'llm.text', ...of, text });
    await bench.recorder.stop();
    const choices = { id, includeIdentities: false, redactions: ['/1\\d{10}/'], format: 'jsonl' as const, content: 'events' as const };
    const { data } = await sessions.calls['sessions.export'](choices, context);
    const texts = Buffer.from(data)
      .toString()
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { text?: string }).text]));
    expect(texts.filter((text) => text !== undefined)).toEqual(['call ***', '0013', '****', '**** ', 'now']);
  } finally {
    sessions.close();
    await bench.close();
  }
});

test('an expression that never ends is given up with its thread, what it had written of the session too, and recording goes on', async () => {
  const bench = await openTestBench();
  const sessions = await createSessions({ ...bench, log: silentLog });
  // Temporary files of nobody else.
  vi.stubEnv('TMPDIR', bench.folder);
  const folders = () => readdirSync(bench.folder).filter((name) => name.startsWith('talkbench-'));
  try {
    const { id } = bench.recorder.ensureSession();
    const of = { conversationId: 'c', turnId: 1, atUs: bench.clock.nowUs() };
    bench.recorder.event({ kind: 'llm.text', ...of, text: `${'a'.repeat(60)}!` });
    await bench.recorder.stop();
    const stop = new AbortController();
    const choices = { id, includeIdentities: false, redactions: ['/(a+)+$/'] };
    const hanging = sessions.calls['sessions.export'](choices, { ...context, signal: stop.signal });
    await expect.poll(() => folders().length, { timeout: 20_000 }).toBe(1);
    const { id: next } = bench.recorder.ensureSession();
    await bench.recorder.stop();
    expect((await bench.store.read('session.summary', { id: next }))?.state).toBe('closed');
    stop.abort();
    await expect(hanging).rejects.toMatchObject({ value: { code: 'cancelled' } });
    await expect.poll(folders, { timeout: 20_000 }).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    sessions.close();
    await bench.close();
  }
});

describe('a rule', () => {
  test('that finds every character of a long text takes one walk over it', () => {
    const redact = createRedact({ includeIdentities: true, secrets: [], redactions: ['/[^x]/', '/./'] });
    const text = 'one line\n'.repeat(60_000);
    expect(redact(text)).toBe('********\n'.repeat(60_000));
  });

  const redact = createRedact({ includeIdentities: true, secrets: [], redactions: ['张三', 'a/b', '/王./'] });

  test('finds a word as JSON, JSON of ASCII, addresses and bytes have it', () => {
    expect(redact('张三 \\u5f20\\u4E09 %E5%BC%A0%e4%b8%89 A\\/B')).toBe(`** ${'*'.repeat(12)} ${'*'.repeat(18)} ****`);
    expect(Buffer.from(redactBytes(redact, Buffer.from('叫张三的\n叫王五的\xff'))).toString()).toBe(
      `叫${'*'.repeat(6)}的\n叫${'*'.repeat(6)}的\xff`,
    );
  });

  test('of several lines leaves their ends where they are', () => {
    expect(createRedact({ includeIdentities: true, secrets: [], redactions: ['/b.*/s'] })('ab\nc\r\nd')).toBe('a*\n*\r\n*');
  });

  test('changes no word, key or number of the schema', () => {
    const event = pipelineEvent.parse({
      kind: 'tool.result',
      atUs: 1800,
      conversationId: 'c',
      turnId: 18,
      callId: 'turn',
      name: 'turnOn',
      isOk: true,
      result: { turn: 18 },
      elapsedUs: 18,
    });
    const own = createRedact({ includeIdentities: true, secrets: [], redactions: ['turn', '18', 'kind', 'tool'] });
    expect(redactShaped(own, pipelineEvent, event)).toEqual({
      ...event,
      ...{ callId: '****', name: '****On', result: { '****': '**' } },
    });
  });

  test('that is no expression is known before it is used', () => {
    expect(ruleProblem('/(/')).not.toBeNull();
    expect([ruleProblem('('), ruleProblem('/a+/i')]).toEqual([null, null]);
  });
});
