import { describe, expect, test } from 'vitest';
import { downlinkBuffer } from '../../../../../../../main/core/checks/kinds/downlink/buffer.ts';
import { downlinkPlayback } from '../../../../../../../main/core/checks/kinds/downlink/playback.ts';
import type { FakeBench } from '../../../../../../fakes/fake-bench.ts';
import { slowed } from '../../../../../../fakes/synthetic-sound.ts';
import { verdictOn } from '../audio-kinds.ts';

describe('downlink.playback', () => {
  test('a board that plays as it should', async () => {
    const { state, values } = await verdictOn(downlinkPlayback);
    expect(state).toBe('passed');
    expect(values).toMatchObject({ heardBy: 'ear', isHeard: true, delayMs: 80, heardPercent: 100, gapMs: 0 });
  });

  const gap = (pcm: Int16Array) => {
    const broken = new Int16Array(pcm.length + 16_000);
    broken.set(pcm.subarray(0, 48_000));
    broken.set(pcm.subarray(48_000), 64_000 - 11_200);
    return broken;
  };
  test.each([
    ['mute', { spoil: (pcm: Int16Array) => new Int16Array(pcm.length) }, 'not-heard'],
    ['700 ms late', { speakerDelayMs: 700 }, 'late'],
    ['40 dB too quiet', { speakerDb: -40 }, 'quiet'],
    [
      'broken off for 12 ms four times a second',
      { spoil: (pcm: Int16Array) => pcm.map((sample, i) => (i % 3840 < 192 ? 0 : sample)) },
      'crackle',
    ],
    ['standing still for 300 ms', { spoil: gap }, 'gaps'],
    ['the half of it', { spoil: (pcm: Int16Array) => pcm.slice(0, 64_000) }, 'incomplete'],
    ['300 ppm slow', { spoil: (pcm: Int16Array) => slowed(pcm, 300) }, 'sample-clock'],
  ] as const)('%s', async (_, board, next) => {
    expect(await verdictOn(downlinkPlayback, board)).toMatchObject({ state: 'failed', next });
  });

  test('of holes that the bench itself may have made nothing can be told', async () => {
    const prepare = (bench: FakeBench) => bench.every(4000, 10, () => bench.board.tell({ kind: 'downlink.underrun', gapUs: 200_000 }));
    expect(await verdictOn(downlinkPlayback, { spoil: gap }, { prepare })).toMatchObject({ state: 'skipped', reason: 'bench-busy' });
    // The gap, and the 120 ms that the board still had when its next frame was due.
    expect(await verdictOn(downlinkPlayback, {}, { prepare })).toMatchObject({ state: 'passed', values: { benchLateMs: 320 } });
  });

  test('without an ear the board’s own uplink hears it, where nothing cancels its echo', async () => {
    const { state, values } = await verdictOn(downlinkPlayback, { echoDb: -12 }, { options: { ear: 'none' } });
    expect(state).toBe('passed');
    expect(values).toMatchObject({ heardBy: 'uplink', delayMs: 80, heardDbFs: null });
  });

  test.each([
    ['yes', 'passed', null],
    ['no', 'failed', 'not-heard'],
    ['nobody', 'person', null],
    ['skip', 'person', null],
  ] as const)('else a person is asked, and says %s', async (answer, state, next) => {
    const options = { ear: 'none' } as const;
    const prepare = (bench: FakeBench) => (bench.onAsk = ({ ask }) => (ask === 'heard' ? answer : 'done'));
    const verdict = await verdictOn(downlinkPlayback, {}, { options, prepare });
    expect(verdict).toMatchObject({ state, next });
    expect(verdict.bench.questions).toMatchObject([{ ask: 'heard', kind: 'judge' }]);
  });
});

describe('downlink.buffer', () => {
  const during = (happens: (bench: FakeBench) => void) => ({
    parameters: { durationS: 5 },
    prepare: (bench: FakeBench) => bench.at(4000, () => happens(bench)),
  });

  test('a log that says nothing of it', async () => {
    expect(
      await verdictOn(
        downlinkBuffer,
        {},
        during((bench) => bench.serial.row('I (100) APP: playing')),
      ),
    ).toMatchObject({ state: 'passed' });
  });

  test.each([
    'I (4000) player: underruns: 0, overruns=0, decode errors 0',
    'I (4000) OPUS: decoder open, err: 0x0',
    'E (4000) FreeRTOS: stack overflow in task httpd',
  ])('%s is no trouble of the player', async (line) => {
    const verdict = await verdictOn(
      downlinkBuffer,
      {},
      during((bench) => bench.serial.row(line)),
    );
    expect(verdict).toMatchObject({ state: 'passed' });
  });

  test.each([
    ['W (4000) AUDIO_PROCESSOR: playback underrun, ring buffer empty for 120 ms', 'underrun'],
    ['ERR|4000|twetalk_ws.c|ws_recv(451): recv ring buffer full, frame dropped: -918', 'overflow'],
    // What else the line counts none of says nothing of this.
    ['W (4000) player underruns=12 overruns=0', 'underrun'],
    ['I (4000) stats: underrun 37, decode fail 0', 'underrun'],
    ['W (4000) player: playback underrun, 0 ms left', 'underrun'],
    ['E (4000) OPUS: decode failed, err: 0', 'decode'],
    ['E (4000) ESP_GMF_ASMP_DEC: Failed to decode, size:180', 'decode'],
  ])('%s', async (line, next) => {
    const verdict = await verdictOn(
      downlinkBuffer,
      {},
      during((bench) => bench.serial.row(line)),
    );
    expect(verdict).toMatchObject({ state: 'failed', next });
    expect(verdict.measured.evidence).toMatchObject([{ kind: 'rows', lines: [line] }]);
  });

  test('a bench that was just late enough for the board to run dry blames it as little', async () => {
    const both = (bench: FakeBench) => {
      bench.board.tell({ kind: 'downlink.underrun', gapUs: 60_000 });
      bench.serial.row('W (4000) player: underrun');
    };
    expect(await verdictOn(downlinkBuffer, {}, during(both))).toMatchObject({ state: 'passed', values: { underruns: 0 } });
  });

  test('a bench that is late itself blames no board', async () => {
    const late = (bench: FakeBench) => bench.board.tell({ kind: 'downlink.underrun', gapUs: 200_000 });
    expect(await verdictOn(downlinkBuffer, {}, during(late))).toMatchObject({ state: 'passed', values: { benchUnderruns: 1 } });
    const both = (bench: FakeBench) => {
      late(bench);
      bench.serial.row('W (4000) player: underrun');
    };
    // Once: it is measured again, and is well.
    expect(await verdictOn(downlinkBuffer, {}, during(both))).toMatchObject({ state: 'passed', values: { underruns: 0 } });
    const always = { parameters: { durationS: 5 }, prepare: (bench: FakeBench) => bench.every(2000, 20, () => both(bench)) };
    expect(await verdictOn(downlinkBuffer, {}, always)).toMatchObject({ state: 'skipped', reason: 'bench-busy' });
  });
});
