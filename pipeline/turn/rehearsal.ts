import { settingsSchema } from '../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { EncoderThreads } from '../audio/encoder-threads.ts';
import { createOpusEncoder } from '../audio/opus.ts';
import { sleepUntil } from '../clock.ts';
import type { AudioFormat, ConversationPeer, Engines } from '../conversation.ts';
import { scriptedSound } from '../engines/scripted/sound.ts';
import { createScriptedTts, scriptedTtsConfig } from '../engines/scripted/tts.ts';
import { createScriptedVad } from '../engines/scripted/vad.ts';
import { createStartConversation } from './start.ts';

const format: AudioFormat = { codec: 'opus', sampleRate: 16_000, frameMs: 60 };
const FRAME_SAMPLES = 960;
const SPEECH_MS = 360;
const SILENCE_MS = 780;
const TURNS = 3;
/** A turn takes a tenth of it; on a machine that has no time a rehearsal is the least of its worries. */
const LONGEST_TURN_US = 3_000_000;

export interface RehearsalDeps {
  clock: Clock;
  encoders: Pick<EncoderThreads, 'open'>;
  /** Ends it. */
  signal: AbortSignal;
}

let isDone = false;

/**
 * A conversation with nobody, in each language: it loads and compiles what the first board's first turn would otherwise wait for, 20 to
 * 30 ms. Once a process: code stays compiled. Nothing of it is observed. Never rejects: what cannot run says so when it is used.
 */
export async function rehearse(deps: RehearsalDeps): Promise<void> {
  if (isDone) return;
  isDone = true;
  try {
    const packets = spokenPackets();
    for (const language of ['zh', 'en'] as const) await talk(language, packets, deps);
  } catch {
    // Opus cannot run here, say.
  }
}

async function talk(language: 'zh' | 'en', packets: readonly Uint8Array[], { clock, encoders, signal }: RehearsalDeps): Promise<void> {
  const engines = instantEngines(clock);
  const observer = { event() {}, packet() {} };
  const settings = settingsSchema.parse({ agent: { greetingZh: '', greetingEn: '' } });
  const start = createStartConversation({ clock, observer, encoders, engines: () => engines });
  let onSilent = () => {};
  const peer: ConversationPeer = {
    sendAudio() {},
    bufferedBytes: () => 0,
    tell: ({ kind }) => kind === 'bot-voice-stopped' && onSilent(),
    callTool: () => Promise.reject(new Error('nobody has no tools')),
    tools: () => [],
    close() {},
  };
  const conversation = start(
    {
      conversationId: 'rehearsal',
      gateway: 'rehearsal',
      ...{ productId: 'REHEARSAL', deviceName: 'nobody', language },
      ...{ uplink: format, downlink: format, variables: {}, query: {} },
      settings: () => settings,
    },
    peer,
  );
  for (let turn = 0; turn < TURNS && !signal.aborted; turn += 1) {
    const turnOver = new AbortController();
    onSilent = () => turnOver.abort();
    for (const packet of packets) conversation.uplink(packet, clock.nowUs());
    const over = AbortSignal.any([turnOver.signal, signal]);
    await sleepUntil(clock, (clock.nowUs() + LONGEST_TURN_US) as MonoUs, over).catch(() => {});
  }
  conversation.close('over');
  await conversation.closed;
}

/** All of a user's words and the silence after them, as if they had waited in the network. */
function spokenPackets(): Uint8Array[] {
  const encoder = createOpusEncoder({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: 60, isCbr: true });
  const sound = new Int16Array((SPEECH_MS + SILENCE_MS) * 16);
  sound.set(scriptedSound(SPEECH_MS, 16_000));
  const packets: Uint8Array[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= sound.length; at += FRAME_SAMPLES)
    packets.push(encoder.encode(sound.subarray(at, at + FRAME_SAMPLES)));
  encoder.close();
  return packets;
}

function instantEngines(clock: Clock): Engines {
  return {
    vad: createScriptedVad(),
    stt: {
      id: 'rehearsal',
      languages: ['zh', 'en'],
      open: async () => ({ write() {}, finish: async () => ({ text: '讲个故事吧' }), close() {} }),
    },
    llm: {
      id: 'rehearsal',
      async *respond() {
        yield { kind: 'headers' };
        yield { kind: 'text', text: '从前有一座山，山里有一座庙。' };
        yield { kind: 'done', finish: 'stop' };
      },
    },
    tts: createScriptedTts(clock, scriptedTtsConfig.parse({ firstAudioMs: 0, msPerCharacter: 10 })),
  };
}
