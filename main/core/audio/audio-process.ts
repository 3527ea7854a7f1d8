import { forkNodeProcess, type StartNodeProcess } from '../../../pipeline/node-process.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { FromAudio, ToAudio } from './messages.ts';

/** Loading PortAudio asks every driver of the machine for its devices. */
const START_TIMEOUT_US = 15_000_000;
const PING_INTERVAL_US = 2_000_000;
/** Blocked in a driver for so long it is taken for dead. */
const SILENCE_LIMIT_US = 8_000_000;

export interface AudioProcess {
  send(message: ToAudio): void;
  /** Ends it; `onEnded` is not called. Resolves when it is gone. */
  close(): Promise<void>;
}

export interface AudioProcessDeps {
  clock: Clock;
  /** As a child of this process unless told. */
  startProcess?: StartNodeProcess;
  onMessage: (message: Exclude<FromAudio, { kind: 'ready' | 'pong' | 'failed' }>) => void;
  /** Once: why it is over. 'audio/unavailable', 'audio/no-device', 'audio/device-failed' or 'audio/process-ended'. */
  onEnded: (error: TalkError) => void;
}

/** The process that holds the sound devices: started in time, asked whether it lives, and ended with a named reason. */
export function startAudioProcess({ clock, startProcess = forkNodeProcess, onMessage, onEnded }: AudioProcessDeps): AudioProcess {
  const child = startProcess(new URL('./host-audio.process.ts', import.meta.url));
  const gone = new Promise<void>((resolve) => child.onExit(() => resolve()));
  let isOver = false;
  let isReady = false;
  let heardUs = clock.nowUs();
  let cancel = clock.at((heardUs + START_TIMEOUT_US) as MonoUs, () => end(ended('start-timeout')));
  const waiting: ToAudio[] = [];

  function ended(reason: 'exit' | 'start-timeout' | 'heartbeat', code: number | string | null = null): TalkError {
    return new TalkError('audio/process-ended', { reason, code }, { retryable: true });
  }

  function end(error: TalkError | null): void {
    if (isOver) return;
    isOver = true;
    cancel();
    child.kill();
    if (error !== null) onEnded(error);
  }

  function look(): void {
    if (clock.nowUs() - heardUs > SILENCE_LIMIT_US) end(ended('heartbeat'));
    else {
      child.send({ kind: 'ping' });
      cancel = clock.at((clock.nowUs() + PING_INTERVAL_US) as MonoUs, look);
    }
  }

  child.onMessage((message: FromAudio) => {
    if (isOver) return;
    heardUs = clock.nowUs();
    if (message.kind === 'failed') end(TalkError.from(message.error));
    else if (message.kind === 'ready') {
      isReady = true;
      cancel();
      look();
      for (const each of waiting.splice(0)) child.send(each);
    } else if (message.kind !== 'pong') onMessage(message);
  });
  child.onExit(({ code }) => end(ended('exit', code)));

  return {
    send(message) {
      if (isOver) return;
      if (isReady) child.send(message);
      else waiting.push(message);
    },
    async close() {
      end(null);
      await gone;
    },
  };
}
