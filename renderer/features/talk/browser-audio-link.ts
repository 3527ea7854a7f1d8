import { LIVE_CHUNK_MS, LIVE_SAMPLE_RATE } from '../../../preload/contract/live-audio-format.ts';
import type { Lab } from '../../lib/lab.ts';
import workletUrl from './browser-audio-worklet.ts?worker&url';

/** Why this browser's microphone cannot be had, in words of our own; the sentences are the locale's. */
export type MicrophoneTrouble = 'insecure' | 'denied' | 'no-device' | 'in-use' | 'unsupported';

/** What may change while it runs. */
export interface BrowserAudioEvents {
  /** The system or the browser muted the microphone, or holds the page's audio back until it is clicked. */
  onHeld(isHeld: boolean): void;
  /** The device went away, or the core no longer takes what is sent. */
  onEnded(): void;
  /** Milliseconds that could not be sent or played, in all. */
  onDropped(droppedMs: number): void;
}

export interface BrowserAudio {
  /** The other device from now on. Rejects with a MicrophoneError and goes on with the old one. */
  takeInput(deviceId: string): Promise<void>;
  /** Plays again what the browser held back: to be called out of a click. */
  resume(): Promise<void>;
  close(): void;
}

export class MicrophoneError extends Error {
  readonly trouble: MicrophoneTrouble;

  constructor(trouble: MicrophoneTrouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/** Chunks on their way to the core: half a second. More means that it does not keep up, and old speech is no use to anybody. */
const MOST_UNDER_WAY = 25;

/** Asks for the microphone. Throws MicrophoneError. */
export async function openMicrophone(deviceId: string | null): Promise<MediaStream> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  // Without a secure context (https or this very machine) there is none.
  if (devices === undefined) throw new MicrophoneError(window.isSecureContext ? 'unsupported' : 'insecure');
  try {
    return await devices.getUserMedia({
      audio: {
        echoCancellation: true,
        noiseSuppression: false, // the bench has its own, and records both signals
        autoGainControl: true,
        channelCount: 1,
        ...(deviceId === null ? {} : { deviceId: { exact: deviceId } }),
      },
    });
  } catch (error) {
    throw new MicrophoneError(troubleOf(error));
  }
}

function troubleOf(error: unknown): MicrophoneTrouble {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'no-device';
  return name === 'NotReadableError' || name === 'AbortError' ? 'in-use' : 'unsupported';
}

/** Connects an open microphone and this browser's speaker with the board `name`. Throws MicrophoneError 'unsupported'. */
export async function connectBrowserAudio(
  lab: Lab,
  name: string,
  microphone: MediaStream,
  events: BrowserAudioEvents,
): Promise<BrowserAudio> {
  const context = new AudioContext({ sampleRate: LIVE_SAMPLE_RATE, latencyHint: 'interactive' });
  let stream = microphone;
  let source: MediaStreamAudioSourceNode;
  try {
    await context.audioWorklet.addModule(workletUrl);
    source = context.createMediaStreamSource(stream);
  } catch (error) {
    // Some browsers cannot take a microphone at another rate than its own.
    console.error(error);
    await context.close();
    throw new MicrophoneError('unsupported');
  }
  const capture = new AudioWorkletNode(context, 'talkbench-capture', { numberOfInputs: 1, numberOfOutputs: 0 });
  const playback = new AudioWorkletNode(context, 'talkbench-playback', { numberOfInputs: 0, numberOfOutputs: 1 });
  playback.connect(context.destination);

  let isClosed = false;
  let underWay = 0;
  let unsentMs = 0;
  let droppedMs = 0;

  function dropped(ms: number): void {
    droppedMs += ms;
    events.onDropped(droppedMs);
  }

  capture.port.onmessage = ({ data }: MessageEvent<Int16Array<ArrayBuffer>>) => {
    if (underWay >= MOST_UNDER_WAY) {
      unsentMs += LIVE_CHUNK_MS;
      dropped(LIVE_CHUNK_MS);
      return;
    }
    underWay += 1;
    const body = { name, pcm: new Uint8Array(data.buffer), droppedMs: unsentMs };
    unsentMs = 0;
    lab.call('audio.capture', body).then(
      () => (underWay -= 1),
      () => end(), // the board is gone, or the core is
    );
  };
  playback.port.onmessage = ({ data }: MessageEvent<number>) => dropped((data * 1000) / LIVE_SAMPLE_RATE);

  const unsubscribe = lab.subscribe(
    'audio.playback',
    { name },
    {
      onSnapshot: () => {},
      onDelta(items) {
        for (const item of items) {
          // A copy: the bytes stand at any place of a message.
          if (item.kind === 'pcm') playback.port.postMessage(new Int16Array(item.pcm.slice().buffer));
          else playback.port.postMessage('hush');
        }
      },
      onEnd: () => end(),
    },
  );

  function isHeld(): boolean {
    return context.state !== 'running' || stream.getAudioTracks().some((track) => track.muted);
  }

  function tellHeld(): void {
    if (!isClosed) events.onHeld(isHeld());
  }

  function listen(from: MediaStream): void {
    for (const track of from.getAudioTracks()) {
      track.onmute = tellHeld;
      track.onunmute = tellHeld;
      track.onended = end;
    }
    source.connect(capture);
    tellHeld();
  }

  function letGo(of: MediaStream): void {
    for (const track of of.getTracks()) {
      track.onended = null;
      track.stop();
    }
  }

  function end(): void {
    if (isClosed) return;
    close();
    events.onEnded();
  }

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    unsubscribe();
    capture.port.onmessage = null;
    letGo(stream);
    context.onstatechange = null;
    void context.close();
  }

  context.onstatechange = tellHeld;
  listen(stream);
  return {
    async takeInput(deviceId) {
      const next = await openMicrophone(deviceId);
      if (isClosed) return letGo(next);
      source.disconnect();
      letGo(stream);
      stream = next;
      source = context.createMediaStreamSource(stream);
      listen(stream);
    },
    resume: () => context.resume(),
    close,
  };
}
