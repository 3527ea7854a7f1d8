import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { type AudioProcess, type AudioProcessDeps, startAudioProcess } from './audio-process.ts';
import type { AudioSource, SourceEvents } from './source.ts';

/** A device that was unplugged gives no error everywhere: its samples just end. */
const NO_AUDIO_US = 4_000_000;
/** From the start of the process to its first sample, the start included. */
const OPEN_TIMEOUT_US = 20_000_000;
const FIRST_RETRY_US = 500_000;
const LAST_RETRY_US = 8_000_000;
/** Given up after so many ends in a row, none of which lasted. */
const ATTEMPTS = 6;
/** What lasted so long was well. */
const HEALTHY_US = 30_000_000;

export interface HostSourceDeps {
  clock: Clock;
  startProcess?: AudioProcessDeps['startProcess'];
  /** As `audio.devices` names them; empty: the default. */
  input: string;
  output: string;
}

/**
 * The host's own microphone and speaker, in a process of their own that is started again when it ends. Rejects with the first failure:
 * 'audio/unavailable', 'audio/no-device', 'audio/device-failed', 'audio/process-ended'.
 */
export async function openHostSource(deps: HostSourceDeps, events: SourceEvents): Promise<AudioSource> {
  const { clock, input, output } = deps;
  const opened = Promise.withResolvers<void>();
  let running: AudioProcess | null = null;
  let cancel: () => void = () => {};
  let isOpened = false;
  let isClosed = false;
  let failures = 0;
  let startedUs = clock.nowUs();
  let capturedUs = startedUs;

  function start(): void {
    startedUs = clock.nowUs();
    const process: AudioProcess = startAudioProcess({
      clock,
      ...(deps.startProcess === undefined ? {} : { startProcess: deps.startProcess }),
      onMessage(message) {
        if (message.kind === 'captured') {
          capturedUs = clock.nowUs();
          events.onCaptured(message.pcm);
        } else if (message.kind === 'dropped') events.onDropped('output', message.samples);
        else if (message.kind === 'opened') {
          isOpened = true;
          capturedUs = clock.nowUs();
          events.onDevices(message.input, message.output);
          opened.resolve();
          cancel();
          watch(process, NO_AUDIO_US);
        }
      },
      onEnded: over,
    });
    running = process;
    capturedUs = startedUs;
    watch(process, OPEN_TIMEOUT_US);
    process.send({ kind: 'open', input, output });
  }

  function watch(process: AudioProcess, limitUs: number): void {
    cancel = clock.at((capturedUs + limitUs) as MonoUs, () => {
      if (clock.nowUs() - capturedUs < limitUs) watch(process, limitUs);
      else {
        void process.close(); // its end is told by us
        over(new TalkError('audio/process-ended', { reason: 'no-audio', code: null }, { retryable: true }));
      }
    });
  }

  function over(error: TalkError): void {
    cancel();
    running = null;
    if (isClosed) return;
    failures = clock.nowUs() - startedUs >= HEALTHY_US ? 1 : failures + 1;
    if (!isOpened) opened.reject(error);
    else if (failures >= ATTEMPTS) events.onFailed(error);
    else again(error);
  }

  function again(error: TalkError): void {
    events.onRestarting(error);
    const delayUs = Math.min(LAST_RETRY_US, FIRST_RETRY_US * 2 ** (failures - 1));
    cancel = clock.at((clock.nowUs() + delayUs) as MonoUs, start);
  }

  start();
  await opened.promise;
  return {
    play: (pcm) => running?.send({ kind: 'play', pcm }),
    hush: () => running?.send({ kind: 'hush' }),
    async close() {
      isClosed = true;
      cancel();
      await running?.close();
    },
  };
}
