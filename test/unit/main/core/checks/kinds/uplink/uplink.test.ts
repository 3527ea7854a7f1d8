import { describe, expect, test } from 'vitest';
import { uplinkClock } from '../../../../../../../main/core/checks/kinds/uplink/clock.ts';
import { uplinkDropouts } from '../../../../../../../main/core/checks/kinds/uplink/dropouts.ts';
import { uplinkFrames } from '../../../../../../../main/core/checks/kinds/uplink/frames.ts';
import { uplinkLevel } from '../../../../../../../main/core/checks/kinds/uplink/level.ts';
import { uplinkNoise } from '../../../../../../../main/core/checks/kinds/uplink/noise.ts';
import { measureOpusFile } from '../../../../../../../main/core/checks/kinds/uplink/opus-file.ts';
import { uplinkSpectrum } from '../../../../../../../main/core/checks/kinds/uplink/spectrum.ts';
import { FakeBench } from '../../../../../../fakes/fake-bench.ts';
import { phrase } from '../../../../../../fakes/sounding-board.ts';
import { opusPackets, sine } from '../../../../../../fakes/synthetic-sound.ts';
import { verdictOn } from '../audio-kinds.ts';

const opened = {
  kind: 'conversation.opened',
  ...{ gateway: 'twetalk', language: 'zh', query: {}, settings: {} },
  uplink: { codec: 'opus', sampleRate: 16_000, frameMs: 60 },
  downlink: { codec: 'opus', sampleRate: 16_000, frameMs: 60 },
  engines: { vad: 'a', stt: 'b', llm: 'c', tts: 'd' },
} as const;
const short = { parameters: { windowS: 5 } };

describe('uplink.frames', () => {
  const announced = { ...short, prepare: (bench: FakeBench) => bench.board.tell(opened) };

  test('what a TWeTalk board sends passes, with its packets and its sound as evidence', async () => {
    const { state, values, measured } = await verdictOn(uplinkFrames, { codec: 'opus' }, announced);
    expect(state).toBe('passed');
    expect(values).toMatchObject({
      codec: 'opus',
      frameMs: 60,
      announcedFrameMs: 60,
      isAsAnnounced: true,
      packetBytes: 180,
      isCbr: true,
      bitrateKbitS: 24,
    });
    expect(measured.evidence?.map(({ kind }) => kind)).toEqual(['packets', 'sound']);
  });

  test.each([
    ['frames of another length than announced', { frameMs: 20 }, 'not-as-announced'],
    ['a variable rate', { isCbr: false }, 'variable-rate'],
    ['12 kbit/s', { bitrate: 12_000 }, 'bitrate'],
  ] as const)('%s', async (_, board, next) => {
    expect(await verdictOn(uplinkFrames, { codec: 'opus', ...board }, announced)).toMatchObject({ state: 'failed', next });
  });

  test('raw samples are frames too', async () => {
    expect(await verdictOn(uplinkFrames, { codec: 'pcm' }, short)).toMatchObject({
      state: 'passed',
      values: { codec: 'pcm', frameMs: 60 },
    });
  });

  test('nobody there to speak, and a board that does not come', async () => {
    expect(await verdictOn(uplinkFrames, {}, { ...short, prepare: (bench) => (bench.talk.onSay = () => null) })).toMatchObject({
      state: 'person',
    });
    const away = (bench: FakeBench) => (bench.board.over = { connected: async () => null });
    expect(await verdictOn(uplinkFrames, {}, { ...short, prepare: away })).toMatchObject({ state: 'skipped', reason: 'no-conversation' });
  });

  test('nobody answers what is said: the agent is silent meanwhile', async () => {
    const { bench } = await verdictOn(uplinkFrames, {}, short);
    expect(bench.board.did.find(({ what }) => what === 'configure')?.data).toMatchObject({ script: { replies: [], otherwise: '' } });
  });
});

describe('uplink.level', () => {
  test.each([
    ['a healthy voice', {}, 'passed', null],
    ['40 dB too quiet', { microphoneDb: -40 }, 'failed', 'gain'],
    ['deaf', { microphoneDb: Number.NEGATIVE_INFINITY, noiseDbFs: -110 }, 'failed', 'silent'],
    ['30 dB too much', { microphoneDb: 30 }, 'failed', 'gain'],
  ] as const)('%s', async (_, board, state, next) => {
    expect(await verdictOn(uplinkLevel, board)).toMatchObject({ state, next });
  });
});

describe('uplink.noise', () => {
  test.each([
    ['a quiet room', { noiseDbFs: -66 }, 'passed', null],
    ['a loud one', { noiseDbFs: -36 }, 'failed', 'noise'],
  ] as const)('%s', async (_, board, state, next) => {
    expect(await verdictOn(uplinkNoise, board)).toMatchObject({ state, next });
  });

  test('noise is held against the speech’s own level where that is known', async () => {
    const prepare = (bench: FakeBench) => void bench.results.set('uplink.level', { activeDbFs: -50 });
    expect((await verdictOn(uplinkNoise, { noiseDbFs: -66 }, { prepare })).values.speechToNoiseDb).toBeCloseTo(16, 0);
  });

  test('people are asked to stay quiet, software is not', async () => {
    const people = await verdictOn(uplinkNoise, {}, { options: { speaker: 'host' } });
    expect(people.bench.questions).toMatchObject([{ ask: 'stay-quiet', data: { seconds: 5 }, kind: 'do' }]);
    expect((await verdictOn(uplinkNoise)).bench.questions).toEqual([]);
  });

  test('who does not want to stay quiet leaves it open', async () => {
    const prepare = (bench: FakeBench) => (bench.onAsk = () => 'skip');
    const { state, reason } = await verdictOn(uplinkNoise, {}, { options: { speaker: 'host' }, prepare });
    expect([state, reason]).toEqual(['person', 'person-skipped']);
  });

  test('the mains’ hum has a next step of its own', async () => {
    const hum = sine(50, 16_000 * 60, -40);
    const prepare = (bench: FakeBench) => void bench.talk.said.push({ pcm: hum, atUs: 0 });
    expect(await verdictOn(uplinkNoise, {}, { prepare })).toMatchObject({ state: 'failed', next: 'hum', values: { humHz: 50 } });
  });
});

describe('uplink.dropouts', () => {
  const window = { parameters: { windowS: 12 } };
  test.each([
    ['every packet in time', {}, 'passed', null],
    ['three of a hundred lost', { isLost: (index: number) => index % 33 === 7 }, 'failed', 'missing'],
    ['400 ms lost every 4 s', { isLost: (index: number) => index % 67 < 7 }, 'failed', 'missing'],
  ] as const)('%s', async (_, board, state, next) => {
    expect(await verdictOn(uplinkDropouts, board, window)).toMatchObject({ state, next });
  });
});

describe('uplink.clock', () => {
  test.each([
    [0, 'passed'],
    [-40, 'passed'],
    [300, 'failed'],
    [-300, 'failed'],
  ] as const)('%i ppm', async (ppm, state) => {
    const verdict = await verdictOn(uplinkClock, { ppm });
    expect(verdict.state).toBe(state);
    expect(Math.abs(Number(verdict.values.driftPpm) - ppm)).toBeLessThan(15);
    expect(verdict.bench.clock.nowUs()).toBeLessThan(40e6);
  });

  test('a board that sends nothing has no clock to tell', async () => {
    expect(await verdictOn(uplinkClock, { isLost: () => true }, { parameters: { windowS: 20 } })).toMatchObject({
      state: 'failed',
      next: 'no-packets',
    });
    expect(await verdictOn(uplinkClock, { isLost: (index) => index > 80 }, { parameters: { windowS: 20 } })).toMatchObject({
      ...{ state: 'skipped', reason: 'too-short' },
    });
  });
});

describe('uplink.spectrum', () => {
  test('what is said comes up as wide as it was', async () => {
    expect(await verdictOn(uplinkSpectrum)).toMatchObject({ state: 'passed', values: { high20Hz: 7700 } });
  });

  test('without a voice in it there is no spectrum to tell', async () => {
    const deaf = { microphoneDb: Number.NEGATIVE_INFINITY, noiseDbFs: -110 };
    expect(await verdictOn(uplinkSpectrum, deaf)).toMatchObject({ state: 'skipped', reason: 'needs-earlier' });
  });
});

test('a recorded record.opus is measured by the same limits', async () => {
  const { measures } = new FakeBench();
  const packets = opusPackets(phrase, { bitrate: 12_000 });
  const report = await measureOpusFile(new Uint8Array(Buffer.concat(packets)), measures);
  expect(report.container).toBe('fixed');
  const valueNamed = (name: string) => report.values.find((value) => value.name === name);
  expect(valueNamed('shape')).toMatchObject({ value: '90 bytes', limit: null });
  expect(valueNamed('bitrateKbitS')).toMatchObject({ value: 12, isMet: false });
  expect(valueNamed('frameMs')).toMatchObject({ value: 60, isMet: true });
  expect(valueNamed('activeDbFs')).toMatchObject({ isMet: true });
  expect(report.wav.length).toBe(44 + 2 * 960 * packets.length);
});
