import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';

/** One of the host's sound devices. `index` is PortAudio's and good until something is plugged in or out; the name lasts. */
export const audioDevice = z.object({
  index: z.number().int(),
  name: z.string(),
  hostApi: z.string(),
  inputChannels: z.number().int(),
  outputChannels: z.number().int(),
  sampleRate: z.number(),
  isDefaultInput: z.boolean(),
  isDefaultOutput: z.boolean(),
});

/** A virtual board's microphone and speaker that are real ones: of the machine the core runs on, or of the browser that shows the page. */
export const liveAudioChoice = z.object({
  source: z.enum(['host', 'browser']),
  /** 'push-to-talk': silence goes up but while the button is held. */
  mode: z.enum(['open', 'push-to-talk']).default('open'),
  /**
   * 'half': the microphone is silent while the speaker plays, for nothing here cancels echo. 'full': with headphones. Half for the host,
   * full for a browser, which cancels echo itself.
   */
  duplex: z.enum(['half', 'full']).optional(),
  /** Of the host's devices: an index, a name or a part of one. The default device unless said. */
  input: z.string().max(200).optional(),
  output: z.string().max(200).optional(),
});

export const liveAudioState = z.object({
  /** The board's name. */
  name: z.string(),
  source: z.enum(['host', 'browser']),
  mode: z.enum(['open', 'push-to-talk']),
  duplex: z.enum(['half', 'full']),
  /** 'waiting': no sample has come yet. 'restarting': the audio process or its device went, `error` says why, and it is begun again. */
  state: z.enum(['waiting', 'running', 'restarting', 'failed', 'closed']),
  isPressed: z.boolean(),
  /** The microphone's samples do not go up at this moment: the button is not held, or the speaker plays in half duplex. */
  isMuted: z.boolean(),
  /** dBFS of the last tenth of a second; −120 is silence. */
  inputDb: z.number(),
  outputDb: z.number(),
  /** What did not fit into a queue, or never came. */
  droppedInputMs: z.number(),
  droppedOutputMs: z.number(),
  /** The devices' names and rates, where known. */
  input: z.string().nullable(),
  output: z.string().nullable(),
  error: talkErrorSchema.nullable(),
});

export const audioCalls = {
  /** Of the machine the core runs on. Fails with 'audio/unavailable' where there is no PortAudio. */
  'audio.devices': { request: z.object({}), reply: z.object({ devices: z.array(audioDevice) }), role: 'operator' },
  /** The button of push-to-talk. */
  'audio.press': { request: z.object({ name: z.string(), isDown: z.boolean() }), reply: z.object({}), role: 'operator' },
  /** What a browser's microphone heard, in order; `droppedMs` is what the page could not send since the last. */
  'audio.capture': {
    request: z.object({
      name: z.string(),
      pcm: bytes.refine((value) => value.byteLength <= 64_000 && value.byteLength % 2 === 0, 'two seconds of whole samples at most'),
      droppedMs: z.number().min(0).default(0),
    }),
    reply: z.object({}),
    role: 'operator',
  },
} as const;

export const audioStreams = {
  'audio.state': { request: z.object({}), snapshot: z.array(liveAudioState), delta: liveAudioState },
  /** What the speaker of a board plays, for a browser. 'hush': what is still to be played is thrown away. */
  'audio.playback': {
    request: z.object({ name: z.string() }),
    snapshot: z.object({}),
    delta: z.discriminatedUnion('kind', [z.object({ kind: z.literal('pcm'), pcm: bytes }), z.object({ kind: z.literal('hush') })]),
  },
} as const;

export type AudioDevice = z.infer<typeof audioDevice>;
export type LiveAudioChoice = z.infer<typeof liveAudioChoice>;
export type LiveAudioState = z.infer<typeof liveAudioState>;
