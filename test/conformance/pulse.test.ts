import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCore } from '../../main/core/core.ts';
import { firstAudibleSample, rmsDb } from '../../pipeline/audio/levels.ts';
import { encodeWav } from '../../pipeline/audio/wav.ts';
import { createFliteTts } from '../../pipeline/engines/tts/flite.ts';
import { type Client, createClient } from '../../preload/contract/client.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';

/**
 * PortAudio for real, without a sound card: PulseAudio with two null sinks (reference/speech.md §7). What is played into `micfeed` is what
 * the microphone hears; what the board says can be recorded from the monitor of `speaker`. Opt-in: TALKBENCH_PULSE=1, with Debian's
 * pulseaudio, pulseaudio-utils and libasound2-plugins installed.
 */
const isWanted = process.env.TALKBENCH_PULSE === '1';
const isInstalled = ['pulseaudio', 'pactl', 'paplay', 'parec'].every((program) => spawnSync(program, ['--version']).error === undefined);
if (isWanted && !isInstalled) throw new Error('TALKBENCH_PULSE=1, but PulseAudio is not installed');

describe.skipIf(!isWanted)('the host’s microphone and speaker through PulseAudio', () => {
  const directory = mkdtempSync(join(tmpdir(), 'talkbench-pulse-'));
  const before = { HOME: process.env.HOME, XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR };
  let daemon: ChildProcess;

  beforeAll(async () => {
    const home = join(directory, 'home');
    mkdirSync(home);
    writeFileSync(join(home, '.asoundrc'), 'pcm.!default { type pulse }\nctl.!default { type pulse }\n');
    process.env.HOME = home;
    process.env.XDG_RUNTIME_DIR = directory;
    const modules = [
      'module-native-protocol-unix',
      'module-null-sink sink_name=speaker',
      'module-null-sink sink_name=micfeed',
      'module-remap-source source_name=mic master=micfeed.monitor',
    ];
    daemon = spawn('pulseaudio', ['-n', '--exit-idle-time=-1', ...modules.flatMap((module) => ['-L', module])], { stdio: 'ignore' });
    // Refused until its socket is there; `pactl` itself waits for nothing.
    await vi.waitFor(() => execFileSync('pactl', ['set-default-sink', 'speaker'], { stdio: 'ignore' }), { timeout: 10_000 });
    execFileSync('pactl', ['set-default-source', 'mic']);
  });

  afterAll(() => {
    daemon.kill();
    process.env.HOME = before.HOME;
    process.env.XDG_RUNTIME_DIR = before.XDG_RUNTIME_DIR;
    rmSync(directory, { recursive: true, force: true });
  });

  test('a question spoken into the microphone is understood, and its answer comes out of the speaker', { timeout: 90_000 }, async () => {
    await using core = await closing(
      createCore({
        dataDirectory: join(directory, 'data'),
        listeners: { enabled: true, mqttPort: 0, gatewayPort: 0 },
        log: pino({ level: 'silent' }),
        appVersion: '0.0.0',
      }),
    );
    const [clientSide, serverSide] = memoryTransportPair();
    core.endpoint.accept(serverSide, { role: 'operator' });
    const client = createClient(clientSide);
    await client.call('pipeline.warmUp', {});
    const { devices } = await client.call('audio.devices', {});
    expect(devices.filter((device) => device.isDefaultInput && device.isDefaultOutput)).toHaveLength(1);

    const turns = endedTurns(client);
    await client.call('boards.start', { name: 'person', language: 'en', audio: { source: 'host' } });
    await expect.poll(() => turns.length, { timeout: 30_000 }).toBe(1); // the greeting
    const wav = join(directory, 'question.wav');
    writeFileSync(wav, await spoken('what time is it'));
    const recorder = spawn('parec', ['-d', 'speaker.monitor', '--rate=16000', '--channels=1', '--format=s16le', '--latency-msec=20']);
    const heard: Buffer[] = [];
    recorder.stdout.on('data', (chunk: Buffer) => heard.push(chunk));
    execFileSync('paplay', ['-d', 'micfeed', wav]);
    await expect.poll(() => turns.length, { timeout: 40_000 }).toBe(2);
    recorder.kill();

    expect(turns[1]).toMatchObject({ outcome: 'completed', userText: expect.stringMatching(/what time is it/iu) });
    const bytes = Buffer.concat(heard);
    const pcm = new Int16Array(new Uint8Array(bytes.subarray(0, bytes.length & ~1)).buffer);
    const first = firstAudibleSample(pcm, { sampleRate: 16_000 });
    expect(first).toBeDefined();
    expect(rmsDb(pcm.subarray(first, (first ?? 0) + 8000))).toBeGreaterThan(-40);
  });
});

type EndedTurn = Extract<PipelineEvent, { kind: 'turn.ended' }>;

function endedTurns(client: Client): EndedTurn[] {
  const turns: EndedTurn[] = [];
  const onDelta = (events: PipelineEvent[]) => void turns.push(...events.filter((event) => event.kind === 'turn.ended'));
  client.subscribe('pipeline.events', { includeWire: false }, { onSnapshot: () => {}, onDelta });
  return turns;
}

async function spoken(text: string): Promise<Uint8Array> {
  const flite = createFliteTts();
  const samples: number[] = [];
  for await (const event of flite.synthesize({ text, language: 'en' }, new AbortController().signal))
    if (event.kind === 'audio') samples.push(...event.pcm);
  await flite.close();
  return encodeWav({ channels: [Int16Array.from(samples)], sampleRate: 16_000 });
}

async function closing<Core extends { close(): Promise<void> }>(core: Promise<Core>): Promise<Core & AsyncDisposable> {
  const opened = await core;
  return Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() });
}
