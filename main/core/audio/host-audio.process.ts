/**
 * The whole of the process that holds the host's sound devices: PortAudio and its drivers block, print and crash, and do it here. It
 * ends when the core that started it goes.
 */
import { parentProcess } from '../../../pipeline/parent-process.ts';
import type { AudioDevice } from '../../../preload/contract/audio.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { openCapture } from './capture.ts';
import { chooseDevice } from './choose-device.ts';
import type { FromAudio, ToAudio } from './messages.ts';
import type { StreamFormat } from './open-stream.ts';
import { openPlayback, type Playback } from './playback.ts';
import { listDevices, loadPortAudio, type PortAudio } from './portaudio.ts';

let portAudio: PortAudio | null = null;
let playback: Playback | null = null;

const parent = parentProcess<ToAudio, FromAudio>();
const tell = (message: FromAudio) => parent.send(message);

function fail(error: unknown): void {
  const known =
    error instanceof TalkError ? error : new TalkError('audio/device-failed', { direction: '', device: '', reason: String(error) });
  tell({ kind: 'failed', error: known.value });
}

function open({ input, output }: Extract<ToAudio, { kind: 'open' }>, from: PortAudio): void {
  const devices = listDevices(from);
  const microphone = chooseDevice(devices, 'input', input);
  const speaker = chooseDevice(devices, 'output', output);
  const gone = (direction: 'input' | 'output', device: string) => (error: Error) =>
    fail(new TalkError('audio/device-failed', { direction, device, reason: error.message }, { retryable: true }));
  playback = openPlayback(from, speaker, gone('output', speaker.name));
  const { format } = playback;
  let isRunning = false;
  const capture = openCapture(from, microphone, {
    onCaptured(pcm) {
      // A sound server may take a second from opening to the first sample; before that nothing could be heard either.
      if (!isRunning) tell({ kind: 'opened', input: label(microphone, capture.format), output: label(speaker, format) });
      isRunning = true;
      tell({ kind: 'captured', pcm });
    },
    onFailed: gone('input', microphone.name),
  });
}

function label({ name }: AudioDevice, { sampleRate }: StreamFormat): string {
  return `${name}, ${sampleRate} Hz`;
}

function receive(message: ToAudio): void {
  switch (message.kind) {
    case 'list':
      if (portAudio !== null) tell({ kind: 'devices', devices: listDevices(portAudio) });
      break;
    case 'open':
      if (portAudio !== null) open(message, portAudio);
      break;
    case 'play': {
      const samples = playback?.play(message.pcm) ?? 0;
      if (samples > 0) tell({ kind: 'dropped', samples });
      break;
    }
    case 'hush':
      playback?.hush();
      break;
    case 'ping':
      tell({ kind: 'pong' });
      break;
  }
}

parent.onMessage((message) => {
  try {
    receive(message);
  } catch (error) {
    fail(error);
  }
});
try {
  portAudio = loadPortAudio();
  tell({ kind: 'ready' });
} catch (error) {
  fail(error);
}
