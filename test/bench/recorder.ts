import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogBook } from '../../main/core/logs/log-book.ts';
import { createLogParser } from '../../main/core/logs/parser.ts';
import { createRecorder } from '../../main/core/sessions/recorder.ts';
import { openStore } from '../../main/core/store/store.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { silentLog } from '../fakes/store.ts';

const BOARDS = 50;
const PORTS = 8;
const LINES_PER_SECOND = 1500;
const SECONDS = Number(process.env.TALKBENCH_RECORDER_SECONDS ?? 20);
const FRAME_MS = 60;
const PACKET_BYTES = 180;
/** 1,000 for the number that the aim speaks of: an hour. */
const KILLS = Number(process.env.TALKBENCH_KILLS ?? 20);
const limits = { writerShare: 0.25, lostMs: 200 };

/** A busy bench through the real recorder, log book and store; and processes killed in the middle of it. */
export async function run(): Promise<void> {
  await busyBench();
  await killed();
}

/**
 * 50 boards that talk both ways, with what a conversation tells, and 8 ports of logs: in real time, because what is asked is how much of a
 * processor the writer takes.
 */
async function busyBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-bench-'));
  const store = await openStore({ path: join(folder, 'library.db'), log: silentLog, onProblem: (problem) => console.log(problem) });
  const recorder = createRecorder({ store, clock: systemClock, log: silentLog, appVersion: '0' });
  const { id } = recorder.ensureSession('busy');
  const book = new LogBook({ clock: systemClock, recorder });
  try {
    const ports = Array.from({ length: PORTS }, (_, index) => logPort(`/dev/ttyUSB${index}`, recorder, book));
    const boards = Array.from({ length: BOARDS }, (_, index) => `c-${index}`);
    for (const [index, conversationId] of boards.entries()) recorder.event(opened(conversationId, index));
    const before = await store.write('writer.measure', {});
    const startedMs = performance.now();
    let sent = { packets: 0, events: 0, lines: 0 };
    for (let tick = 0; performance.now() - startedMs < SECONDS * 1000; tick++) {
      for (const conversationId of boards) sent = plus(sent, boardTick(recorder, conversationId, tick));
      for (const port of ports) sent.lines += port((LINES_PER_SECOND * FRAME_MS) / 1000 / PORTS);
      await sleep(Math.max(0, startedMs + (tick + 1) * FRAME_MS - performance.now()));
    }
    book.flush();
    await store.flush();
    const elapsedMs = performance.now() - startedMs;
    const after = await store.write('writer.measure', {});
    const share = (after.cpuUs - before.cpuUs) / 1000 / elapsedMs;
    const commits = after.commitMs.toSorted((one, other) => one - other);
    await recorder.stop();
    const detail = await store.read('session.detail', { id });
    const stored = {
      packets: detail?.conversations.reduce((sum, one) => sum + one.uplinkPackets + one.downlinkPackets, 0) ?? 0,
      lines: detail?.session.logRowCount ?? 0,
    };
    const lost = sent.packets - stored.packets + (sent.lines - stored.lines) + store.status.droppedCount;
    console.log(
      `${BOARDS} boards talking, ${PORTS} ports with ${Math.round((sent.lines * 1000) / elapsedMs)} lines/s together, ${Math.round(elapsedMs / 1000)} s: ` +
        `${sent.packets} packets, ${sent.events} events, ${sent.lines} lines, ${lost} lost; ` +
        `writer ${(share * 100).toFixed(1)} % of a core, ${(share / limits.writerShare).toFixed(2)} × the limit; ` +
        `${commits.length} commits, p50 ${at(commits, 0.5).toFixed(1)} ms, p99 ${at(commits, 0.99).toFixed(1)} ms`,
    );
  } finally {
    book.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Recorder = ReturnType<typeof createRecorder>;
type Sent = { packets: number; events: number; lines: number };

function plus(one: Sent, other: Omit<Sent, 'lines'>): Sent {
  return { packets: one.packets + other.packets, events: one.events + other.events, lines: one.lines };
}

function opened(conversationId: string, index: number): PipelineEvent {
  const sound = { codec: 'opus' as const, sampleRate: 16_000, frameMs: FRAME_MS };
  return {
    ...{
      kind: 'conversation.opened',
      atUs: systemClock.nowUs(),
      conversationId,
      gateway: 'twetalk',
      productId: 'P',
      deviceName: `d-${index}`,
    },
    ...{ language: 'zh', uplink: sound, downlink: sound, query: {}, engines: { vad: '', stt: '', llm: '', tts: '' }, settings: {} },
  };
}

/** A frame each way, and of a turn of six seconds what the pipeline tells. */
function boardTick(recorder: Recorder, conversationId: string, tick: number): { packets: number; events: number } {
  const atUs = systemClock.nowUs();
  for (const track of ['uplink', 'downlink'] as const) {
    const bytes = new Uint8Array(PACKET_BYTES).fill(tick & 255);
    const media = { mediaUs: tick * FRAME_MS * 1000, durationUs: FRAME_MS * 1000, codec: 'opus' as const, sampleRate: 16_000 };
    recorder.packet({ conversationId, track, index: tick, atUs, ...media, bytes });
  }
  const events = eventsOf(conversationId, tick, atUs);
  for (const event of events) recorder.event(event);
  return { packets: 2, events: events.length };
}

function eventsOf(conversationId: string, tick: number, atUs: MonoUs): PipelineEvent[] {
  const turnId = Math.floor(tick / 100) + 1;
  const base = { atUs, conversationId };
  const turn = { ...base, turnId };
  const text = '今天深圳多云转晴，气温二十二到二十八度';
  const wire = (name: string): PipelineEvent => ({
    ...{ kind: 'wire.message', atUs, conversationId, gateway: 'twetalk', channel: 'websocket', direction: 'down', name },
    text: JSON.stringify({ type: name, data: { text, final: false, user: conversationId } }),
  });
  const step = tick % 100;
  if (step < 20 && step % 5 === 4) return [{ kind: 'stt.partial', ...base, text }, wire('user-transcription')];
  switch (step) {
    case 0:
      return [
        { kind: 'user.speech-started', ...base, mediaUs: tick },
        { kind: 'turn.state', ...base, state: 'user-speaking' },
      ];
    case 20:
      return [
        { kind: 'user.speech-ended', ...base, mediaUs: tick, declaredUs: atUs },
        { kind: 'stt.final', ...base, text, engine: 'e' },
        { kind: 'turn.started', ...turn, initiator: 'user-speech' },
        { kind: 'turn.committed', ...turn, reason: 'silence', text },
        { kind: 'llm.request', ...turn, engine: 'e', model: 'm', step: 1 },
        wire('user-transcription'),
      ];
    case 25:
      return [
        { kind: 'llm.first-token', ...turn },
        { kind: 'llm.first-answer', ...turn },
        { kind: 'llm.first-chunk', ...turn, text },
        { kind: 'tts.request', ...turn, engine: 'e', voice: 'v', sentence: 0, text },
      ];
    case 30:
      return [
        { kind: 'tts.first-audio', ...turn, sentence: 0, leadSilenceUs: 0 },
        { kind: 'downlink.first-frame', ...turn },
        { kind: 'downlink.sentence-started', ...turn, sentence: 0, text },
        { kind: 'downlink.audible', ...turn, source: 'device' },
        wire('bot-tts-text'),
      ];
    case 90:
      return [
        { kind: 'downlink.last-frame', ...turn },
        { kind: 'downlink.play-ended', ...turn },
        { kind: 'turn.ended', ...turn, outcome: 'completed', userText: text, replyText: text, heardText: text },
      ];
    default:
      if (step > 25 && step < 60) return [{ kind: 'llm.text', ...turn, text: '今天' }];
      return step % 4 === 0 ? [{ kind: 'downlink.queue', ...base, queuedUs: 120_000 }] : [];
  }
}

/** Lines of a port through the recorder, the parser and the book. */
function logPort(port: string, recorder: Recorder, book: LogBook): (lines: number) => number {
  const parser = createLogParser({ port });
  let seq = 0;
  let owed = 0;
  return (lines) => {
    owed += lines;
    const count = Math.floor(owed);
    owed -= count;
    const text = Array.from({ length: count }, () => {
      seq++;
      return `I (${seq * 5}) twetalk: frame ${seq} queued, 3 of 64 used, heap 183${seq % 1000}\r\n`;
    }).join('');
    const bytes = new Uint8Array(Buffer.from(text));
    const atUs = systemClock.nowUs();
    const offset = recorder.raw({ port, direction: 'received', atUs, bytes });
    book.add(parser.push(bytes, atUs, offset));
    return count;
  };
}

/** Processes that record, killed at a random moment each: the library opens, the session is recovered, and little is missing. */
async function killed(): Promise<void> {
  const losses: number[] = [];
  let failed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const folder = mkdtempSync(join(tmpdir(), 'talkbench-bench-'));
    try {
      losses.push(await killOne(join(folder, 'library.db'), 50 + Math.random() * 900));
    } catch (error) {
      failed++;
      console.log(String(error));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  losses.sort((one, other) => one - other);
  const over = losses.filter((loss) => loss > limits.lostMs).length;
  console.log(
    `kill -9 at ${KILLS} random moments: ${failed} libraries that did not open or sessions not recovered; lost p50 ${at(losses, 0.5).toFixed(0)} ms, ` +
      `most ${at(losses, 1).toFixed(0)} ms, ${over} over ${limits.lostMs} ms`,
  );
}

/** How much of the end is missing, ms. The child prints what it has recorded up to, on the session's clock. */
async function killOne(path: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'recorder/kill.child.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let sessionId = '';
  let recordedUs = 0;
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const [word, value = ''] = line.split(' ');
      if (word === 'session') {
        sessionId = value;
        setTimeout(() => child.kill('SIGKILL'), afterMs);
      } else recordedUs = Number(value);
    }
  })();
  await once(child, 'exit');
  await reading;
  const store = await openStore({ path, log: silentLog, onProblem: (problem) => console.log(problem) });
  try {
    if (store.recoveredSessionIds[0] !== sessionId) throw new Error(`${sessionId} was not recovered`);
    const summary = await store.read('session.summary', { id: sessionId });
    if (summary?.state !== 'recovered') throw new Error(`${sessionId} is ${summary?.state}`);
    return Math.max(0, recordedUs - summary.durationUs) / 1000;
  } finally {
    await store.close();
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
