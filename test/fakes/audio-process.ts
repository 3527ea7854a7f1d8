import { EventEmitter } from 'node:events';
import type { FromAudio, ToAudio } from '../../main/core/audio/messages.ts';
import type { NodeProcess, NodeProcessEnd } from '../../pipeline/node-process.ts';

/** The process of the sound devices, as its parent sees it. It answers nothing that a test does not let it answer. */
export class FakeAudioProcess implements NodeProcess {
  isRunning = true;
  readonly received: ToAudio[] = [];
  readonly #events = new EventEmitter();

  send(message: ToAudio): void {
    this.received.push(structuredClone(message)); // as the channel does
  }

  onMessage<Message>(listener: (message: Message) => void): void {
    this.#events.on('message', listener);
  }

  onExit(listener: (end: NodeProcessEnd) => void): void {
    this.#events.once('exit', listener);
  }

  keepWaiting(): void {}

  kill(): void {
    this.exit('SIGKILL');
  }

  say(...messages: FromAudio[]): void {
    for (const message of messages) this.#events.emit('message', message);
  }

  exit(code: number | string): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.#events.emit('exit', { code, said: '' });
  }
}

/** Starts fake processes and keeps them, the newest last. */
export function fakeAudioProcesses(): { processes: FakeAudioProcess[]; startProcess: () => NodeProcess } {
  const processes: FakeAudioProcess[] = [];
  return {
    processes,
    startProcess() {
      const started = new FakeAudioProcess();
      processes.push(started);
      return started;
    },
  };
}
