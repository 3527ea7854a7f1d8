import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oggChecksum } from '../../../../../../pipeline/audio/ogg.ts';
import { createOggOpusWriter } from '../../../../../../pipeline/audio/ogg-opus.ts';
import { decodeWav } from '../../../../../../pipeline/audio/wav.ts';
import { sampleConversation, sampleConversationId } from '../../../../../fakes/sample-conversation.ts';
import { deviceSecret, type ExportBench, exported, hostile, imei, recordedSample } from './exported.ts';
import { parseOggOpus } from './ogg-parser.ts';

let recorded: ExportBench;
beforeAll(async () => {
  recorded = await recordedSample();
}, 60_000);
afterAll(() => recorded.close());

const formats = ['wav', 'ogg', 'srt', 'vtt', 'csv', 'jsonl', 'perfetto', 'otlp', 'html'] as const;

describe('every format', () => {
  test.each(formats)('%s holds no secret and no identity that was not asked for', async (format) => {
    const { data } = await exported(recorded, { format, content: 'events' });
    expect(data.length).toBeGreaterThan(100);
    expect(data.includes(deviceSecret)).toBe(false);
    expect(data.includes(imei)).toBe(false);
  });

  test('keeps identities when they are asked for, secrets never', async () => {
    const { data } = await exported(recorded, { format: 'jsonl', content: 'events', includeIdentities: true });
    expect([data.includes(imei), data.includes(deviceSecret)]).toEqual([true, false]);
  });

  test('leaves nothing behind, also where it failed', async () => {
    const ownFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`talkbench-${process.pid}-`));
    const before = ownFolders();
    await exported(recorded, { format: 'html' });
    await expect(exported(recorded, { format: 'wav', conversationId: 'none' })).rejects.toMatchObject({ value: { code: 'not-found' } });
    await expect(exported(recorded, { format: 'ogg', track: 'uplink-denoised' })).rejects.toMatchObject({ value: { code: 'bad-request' } });
    await expect(exported(recorded, { format: 'csv', cursor: 'gone@5' })).rejects.toMatchObject({ value: { code: 'not-found' } });
    expect(ownFolders()).toEqual(before);
  });
});

describe('Ogg Opus', () => {
  test('has a track’s packets bit by bit where they sounded, lost ones as packets that say so', async () => {
    const { data, facts } = await exported(recorded, { format: 'ogg', track: 'uplink' });
    const { packets, comments, channels, preSkip } = parseOggOpus(data);
    expect([channels, preSkip]).toEqual([1, 0]);
    expect(comments).toContain('TALKBENCH_TRACK=uplink');
    const own = packets.filter(({ bytes }) => bytes.length > 2);
    expect(own.map(({ bytes }) => Buffer.from(bytes))).toEqual(
      recorded.uplink.filter((_, index) => index !== 50).map((bytes) => Buffer.from(bytes)),
    );
    expect(own.map(({ startUs }) => startUs)).toEqual(recorded.uplink.flatMap((_, index) => (index === 50 ? [] : index * 60_000)));
    expect(facts).toMatchObject({ packets: 199, gapUs: 60_000, skippedPackets: 0, originUs: 4_200_000 });
  });

  test('of the downlink begins with the conversation, so that both tracks play together', async () => {
    const { data } = await exported(recorded, { format: 'ogg', track: 'downlink' });
    const [first] = parseOggOpus(data).packets.filter(({ bytes }) => bytes.length > 2);
    // Within one frame of 10 ms, or 2.5 in CELT.
    expect(Math.abs((first?.startUs ?? 0) - (11_834_000 - 4_200_000))).toBeLessThan(10_000);
  });

  test('carries on where a packet is none, a gap is less than a frame, or packets overlap', () => {
    const [packet = new Uint8Array()] = recorded.uplink;
    const writer = createOggOpusWriter({ channels: 1, inputSampleRate: 16000, vendor: 'v', comments: [], serial: 1 });
    const pages = [0, 60_000, 125_000, 150_000, 300_000].flatMap((startUs) => writer.packet(packet, startUs));
    pages.push(...writer.packet(new Uint8Array(0), 400_000), ...writer.packet(Uint8Array.of(3, 0), 400_000), ...writer.end());
    const { packets } = parseOggOpus(Buffer.concat(pages));
    const starts = packets.filter(({ bytes }) => bytes.length > 2).map(({ startUs }) => startUs);
    expect(starts).toEqual([0, 60_000, 120_000, 180_000, 300_000]);
    expect(writer.facts).toMatchObject({ packets: 5, skippedPackets: 2, gapUs: 60_000 });
  });

  test('pages have Ogg’s own checksum', () => {
    // The check value of CRC-32/CKSUM (init 0, not mirrored), without its last inversion.
    expect(oggChecksum(Buffer.from('123456789'))).toBe(0x89a1897f);
  });

  test('ten minutes of silence cost pages, not one packet of ten minutes', () => {
    const [packet = new Uint8Array()] = recorded.uplink;
    const writer = createOggOpusWriter({ channels: 1, inputSampleRate: 16000, vendor: 'v', comments: [], serial: 1 });
    const file = Buffer.concat([...writer.packet(packet, 600_000_000), ...writer.end()]);
    const { pages } = parseOggOpus(file);
    expect(pages.at(-1)?.granule).toBe(48_000n * 600n + 2880n);
    expect(file.length).toBeLessThan(60_000);
  });

  const opusinfo = spawnSync('opusinfo', ['--help']).error === undefined;
  // A pre-skip of zero is meant: what a board's encoder looked ahead is not known, and cutting it off would move the sound against the clock.
  test.skipIf(!opusinfo)(
    'is what opusinfo takes, but for its doubt of the pre-skip (skipped where opus-tools is not installed)',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'talkbench-test-'));
      const file = join(folder, 'a.ogg');
      writeFileSync(file, (await exported(recorded, { format: 'ogg' })).data);
      const { stdout, stderr, status } = spawnSync('opusinfo', [file], { encoding: 'utf8' });
      rmSync(folder, { recursive: true });
      const complaints = `${stdout}${stderr}`.split('\n').filter((line) => /^(WARNING|ERROR)/i.test(line));
      expect([status, complaints]).toEqual([1, ['WARNING: Implausibly low preskip in Opus stream (1)']]);
    },
  );
});

describe('the stereo WAV', () => {
  test('is what the player plays: the user left, the agent right, each where it sounded', async () => {
    const { data, facts } = await exported(recorded, { format: 'wav' });
    const ofPlayer = await recorded.sessions.calls['sessions.audio'](
      { id: recorded.id, conversationId: sampleConversationId },
      { signal: new AbortController().signal, role: 'viewer' },
    );
    expect(Buffer.from(ofPlayer.wav).equals(data)).toBe(true);
    expect(facts.originUs).toBe(ofPlayer.fromUs);
    const [left = new Int16Array(), right = new Int16Array()] = decodeWav(data).channels;
    const firstLoud = (samples: Int16Array) => (samples.findIndex((sample) => Math.abs(sample) > 1000) / 16000) * 1000;
    expect(firstLoud(left)).toBeLessThan(20);
    expect(Math.abs(firstLoud(right) - 7_634)).toBeLessThan(20);
  });
});

describe('subtitles', () => {
  test('have what was heard, from when it was heard, against the WAV’s beginning', async () => {
    const { data } = await exported(recorded, { format: 'srt' });
    const cues = data.toString().trim().split('\r\n\r\n');
    expect(cues[0]?.split('\r\n')).toEqual(['1', '00:00:00,333 --> 00:00:03,933', 'Agent: 你好，我是语音助手，有什么可以帮你？']);
    expect(cues[1]?.split('\r\n')).toEqual(['2', '00:00:04,920 --> 00:00:06,640', 'User: 今天深圳的天气怎么样']);
    // The last reply was cut short.
    const last = sampleConversation().turns.at(-1);
    expect(cues.at(-1)?.split('Agent: ')[1]).toBe(`${last?.heardText}…`);
    expect(data.toString()).not.toContain('邻居们都说他将来一定会写出很多好听的歌');
  });

  test('of WebVTT name their speakers and have no tags of others', async () => {
    const text = (await exported(recorded, { format: 'vtt' })).data.toString();
    expect(text).toMatch(/^WEBVTT\n\n1\n\d\d:\d\d:\d\d\.\d{3} --> /);
    for (const cue of text.trim().split('\n\n').slice(1)) expect(cue).toMatch(/^\d+\n[\d:.]+ --> [\d:.]+\n<v (User|Agent)>[^<>\n]+$/);
  });
});

describe('tables', () => {
  test('of turns have each part of the latency, and nothing where nothing is known', async () => {
    const rows = (await exported(recorded, { format: 'csv' })).data.toString().split('\r\n');
    const names = rows[0]?.split(',') ?? [];
    const cell = (row: number, name: string) => rows[row]?.split(',')[names.indexOf(name)];
    const { turns } = sampleConversation();
    expect(rows).toHaveLength(turns.length + 2);
    expect([cell(1, 'v2v_device_ms'), cell(2, 'vad_silence_ms'), cell(2, 'v2v_device_ms')]).toEqual([
      '',
      '500',
      String((turns[1]?.breakdown.totalUs ?? 0) / 1000),
    ]);
    const parsed = (await exported(recorded, { format: 'jsonl' })).data
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(parsed.map(({ turnId, userText }) => [turnId, userText])).toEqual(turns.map(({ turnId, userText }) => [turnId, userText]));
  });

  test('of events have all of them in order', async () => {
    const { data, facts } = await exported(recorded, { format: 'jsonl', content: 'events' });
    const parsed = data
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(parsed.map(({ ordinal }) => ordinal)).toEqual(parsed.map((_, index) => index));
    expect([facts.events, parsed.length]).toEqual([sampleConversation().events.length + 1, sampleConversation().events.length + 1]);
  });
});

describe('tables of notes', () => {
  test('have notes and bookmarks in order of time, a bookmark with its row, secrets nowhere', async () => {
    const { data, facts } = await exported(recorded, { format: 'jsonl', content: 'notes' });
    const parsed = data
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(facts).toMatchObject({ notes: 3 });
    const row = { seq: 1, port: '/dev/ttyUSB0', row: expect.stringContaining(hostile) };
    expect(parsed).toEqual([
      { kind: 'bookmark', atUs: expect.any(Number), toUs: null, colour: 'green', text: expect.stringMatching(/^=why \*+$/u), ...row },
      expect.objectContaining({ kind: 'note', atUs: 12_000_000, toUs: null, colour: 'red', text: `heard late ${hostile}`, row: null }),
      expect.objectContaining({ kind: 'note', atUs: 13_000_000, toUs: 15_000_000, colour: 'blue' }),
    ]);
    expect(parsed[0].atUs).toBeLessThan(12_000_000);
    const csv = (await exported(recorded, { format: 'csv', content: 'notes' })).data.toString();
    expect(csv).toContain('at_ms,to_ms,kind,colour,text,seq,port,row\r\n');
    expect(csv).toMatch(/,,"bookmark","green","'=why \*+",1,"\/dev\/ttyUSB0",/u);
    expect(csv).toContain('\r\n13000,15000,"note","blue",');
    for (const text of [csv, data.toString()]) expect(text).not.toContain(deviceSecret);
  });

  test('of one conversation have what is within it', async () => {
    const conversationId = sampleConversationId;
    const { facts } = await exported(recorded, { format: 'jsonl', content: 'notes', conversationId });
    expect(facts).toMatchObject({ notes: 2 });
  });
});

describe('the report', () => {
  test.each(['en', 'zh'] as const)('%s runs nothing, fetches nothing and shows hostile text as text', async (language) => {
    const text = (await exported(recorded, { format: 'html', language })).data.toString();
    expect(text).not.toMatch(/<script|<img|<iframe|<link|\son\w+=(?!alert\(2\)&gt;)|javascript:|src="(?!data:audio\/(ogg|wav);base64,)/i);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x');
    expect(text).not.toContain(hostile);
    expect(text).toContain("default-src 'none'");
    expect(text).toContain(language === 'zh' ? '会话报告' : 'Session report');
    expect(text).toContain('heard late &lt;script&gt;');
    expect(text).not.toContain(deviceSecret);
    for (const { userText } of sampleConversation().turns) expect(text).toContain(userText);
    expect(text.match(/<rect class="(setting|engine|pipeline|device)" x=/g)?.length).toBeGreaterThanOrEqual(27);
  });

  test('has the sound inside, whole', async () => {
    const text = (await exported(recorded, { format: 'html' })).data.toString();
    const sounds = [...text.matchAll(/src="data:audio\/ogg;base64,([A-Za-z0-9+/=]+)"/g)].map(([, base64 = '']) =>
      Buffer.from(base64, 'base64'),
    );
    expect(sounds).toHaveLength(2);
    expect(sounds[0]?.equals((await exported(recorded, { format: 'ogg', track: 'uplink' })).data)).toBe(true);
  });
});
