import { describe, expect, test } from 'vitest';
import { askForDevices } from '../../../../../main/core/audio/devices.ts';
import { openHostSource } from '../../../../../main/core/audio/host-source.ts';
import type { SourceEvents } from '../../../../../main/core/audio/source.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import { fakeAudioProcesses } from '../../../../fakes/audio-process.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const SECOND = 1_000_000;
const samples = new Int16Array(320);

function bench() {
  const clock = new VirtualClock();
  const { processes, startProcess } = fakeAudioProcesses();
  const told: unknown[] = [];
  const events: SourceEvents = {
    onCaptured: (pcm) => told.push(['captured', pcm.length]),
    onDropped: (direction, count) => told.push(['dropped', direction, count]),
    onDevices: (input, output) => told.push(['devices', input, output]),
    onRestarting: (error) => told.push(['restarting', error.code, error.value.data.reason]),
    onFailed: (error) => told.push(['failed', error.code, error.value.data.reason]),
  };
  const opening = openHostSource({ clock, startProcess, input: 'usb', output: '' }, events);
  opening.catch(() => {}); // looked at by the tests that want it
  return { clock, processes, told, opening, startProcess };
}

async function running() {
  const started = bench();
  started.processes[0]?.say({ kind: 'ready' }, { kind: 'opened', input: 'mic', output: 'out' });
  return { ...started, source: await started.opening };
}

describe('the process of the sound devices', () => {
  test('is told what to open once it has loaded PortAudio, and opens with the first sample', async () => {
    const { processes, told, opening } = bench();
    expect(processes[0]?.received).toEqual([]);
    processes[0]?.say({ kind: 'ready' });
    expect(processes[0]?.received).toContainEqual({ kind: 'open', input: 'usb', output: '' });
    processes[0]?.say({ kind: 'opened', input: 'mic', output: 'out' }, { kind: 'captured', pcm: samples });
    await opening;
    expect(told).toEqual([
      ['devices', 'mic', 'out'],
      ['captured', 320],
    ]);
  });

  test('what it cannot do at first is an error of the open, and nothing is tried again', async () => {
    const { clock, processes, told, opening } = bench();
    const error = new TalkError('audio/no-device', { direction: 'input', wanted: 'usb' });
    processes[0]?.say({ kind: 'ready' }, { kind: 'failed', error: error.value });
    await expect(opening).rejects.toMatchObject({ code: 'audio/no-device', value: { data: { wanted: 'usb' } } });
    await clock.advance(60 * SECOND);
    expect([processes.length, told, clock.pendingTimers]).toEqual([1, [], 0]);
  });

  test.each([
    ['start-timeout', 15],
    ['heartbeat', 20],
  ])('one that never gets anywhere is ended with the reason %s', async (reason, afterS) => {
    const { clock, processes, opening } = bench();
    // It loads, and then a driver holds it.
    if (reason === 'heartbeat') processes[0]?.say({ kind: 'ready' });
    await clock.advance(afterS * SECOND);
    await expect(opening).rejects.toMatchObject({ code: 'audio/process-ended', value: { data: { reason } } });
    expect(processes[0]?.isRunning).toBe(false);
  });

  test('one that lives but whose microphone never gives a sample is no opened one', async () => {
    const { clock, processes, opening } = bench();
    processes[0]?.say({ kind: 'ready' });
    for (let second = 0; second < 21; second += 1) {
      await clock.advance(SECOND);
      processes[0]?.say({ kind: 'pong' });
    }
    await expect(opening).rejects.toMatchObject({ value: { data: { reason: 'no-audio' } } });
  });

  test('that dies is started again with growing pauses, and given up when none of the new ones lasts', async () => {
    const { clock, processes, told } = await running();
    const startedUs: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const beforeUs = clock.nowUs();
      processes.at(-1)?.exit('SIGSEGV');
      while (processes.length === attempt) await clock.advance(SECOND / 2);
      startedUs.push(clock.nowUs() - beforeUs);
    }
    expect(startedUs).toEqual([0.5, 1, 2, 4, 8].map((seconds) => seconds * SECOND));
    processes.at(-1)?.exit(1);
    expect(told.filter((event) => Array.isArray(event) && event[0] === 'restarting')).toHaveLength(5);
    expect(told.at(-1)).toEqual(['failed', 'audio/process-ended', 'exit']);
    await clock.advance(60 * SECOND);
    expect([processes.length, clock.pendingTimers]).toEqual([6, 0]);
  });

  test('a device that was pulled out gives no error, only no samples: it is opened again', async () => {
    const { clock, processes, told } = await running();
    processes[0]?.say({ kind: 'captured', pcm: samples });
    for (let second = 0; second < 4; second += 1) {
      processes[0]?.say({ kind: 'pong' });
      await clock.advance(SECOND);
    }
    expect(told.at(-1)).toEqual(['restarting', 'audio/process-ended', 'no-audio']);
    await clock.advance(SECOND / 2);
    expect(processes).toHaveLength(2);
    processes[1]?.say({ kind: 'ready' }, { kind: 'opened', input: 'mic', output: 'out' }, { kind: 'captured', pcm: samples });
    expect(told.at(-1)).toEqual(['captured', 320]);
  });

  test('closed, it goes and says nothing more', async () => {
    const { clock, processes, told, source } = await running();
    const before = [...told];
    source.play(samples);
    await source.close();
    processes[0]?.say({ kind: 'captured', pcm: samples });
    source.play(samples);
    await clock.advance(60 * SECOND);
    expect([told, processes.length, processes[0]?.isRunning, clock.pendingTimers]).toEqual([before, 1, false, 0]);
    expect(processes[0]?.received.filter(({ kind }) => kind === 'play')).toHaveLength(1);
  });
});

test('each question for the devices has a process of its own, which then goes', async () => {
  const clock = new VirtualClock();
  const { processes, startProcess } = fakeAudioProcesses();
  const asking = askForDevices(clock, startProcess);
  processes[0]?.say({ kind: 'ready' }, { kind: 'devices', devices: [] });
  expect(await asking).toEqual([]);
  expect([processes[0]?.isRunning, clock.pendingTimers]).toEqual([false, 0]);

  const failing = askForDevices(clock, startProcess);
  processes[1]?.say({ kind: 'failed', error: new TalkError('audio/unavailable', { missing: 'libasound.so.2' }).value });
  await expect(failing).rejects.toMatchObject({ code: 'audio/unavailable', value: { data: { missing: 'libasound.so.2' } } });
});
