import type { AudioDevice } from '../../../preload/contract/audio.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { type AudioProcessDeps, startAudioProcess } from './audio-process.ts';

/** The host's sound devices as they are now: PortAudio looks for them when it is loaded, so each question gets a process of its own. */
export function askForDevices(clock: Clock, startProcess?: AudioProcessDeps['startProcess']): Promise<AudioDevice[]> {
  return new Promise((resolve, reject) => {
    const process = startAudioProcess({
      clock,
      ...(startProcess === undefined ? {} : { startProcess }),
      onMessage(message) {
        if (message.kind !== 'devices') return;
        void process.close();
        resolve(message.devices);
      },
      onEnded: reject,
    });
    process.send({ kind: 'list' });
  });
}
