import { createCodec } from '../../../../../pipeline/boards/twetalk/codec.ts';
import { createTwetalkFirmware } from '../../../../../pipeline/boards/twetalk/firmware.ts';
import { asObject } from '../../../../../pipeline/json-object.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { type DeviceDeps, frameMsOf, parsed, type RerunDevice } from './device.ts';

export interface TwetalkAccess {
  broker: { host: string; port: number; isTls?: boolean };
  productId: string;
  deviceName: string;
  secret: string;
}

/** A TWeTalk board whose microphone is the recording: MQTT, the voice connection and what the SDK says on both. */
export function createTwetalkDevice(access: TwetalkAccess, deps: DeviceDeps): RerunDevice {
  const { clock, recorded, tools } = deps;
  const { codec: audioType } = recorded.uplink;
  const audioInterval = frameMsOf(recorded.uplink.frameMs);
  const codec = createCodec(audioType, audioInterval);
  const frame = new Int16Array(audioInterval * 16);
  let capture: ((pcm: Int16Array) => void) | null = null;
  let packet: Uint8Array = new Uint8Array(0);
  const { customParams } = recorded.query;
  const firmware = createTwetalkFirmware({
    ...access,
    ...{ clock, language: deps.language, audioType, audioInterval },
    // A frame of the microphone is a recorded packet, whatever its samples are.
    codec: { ...codec, encode: () => packet },
    audio: {
      listen: (onCaptured) => {
        capture = onCaptured;
      },
      play: () => {},
      hush: () => {},
    },
    ...(customParams !== undefined && { customParams }),
    isPushToTalk: recorded.query.userTurnMode === 'push_to_talk',
    isMultimodal: recorded.cues.some(({ name, text }) => name === '/ws_vl' || text.startsWith('/ws_vl')),
    phone: 'ignore',
    print: () => {},
    onState: (state) => deps.onSounding(state === 'speaking', clock.nowUs()),
    onPlayout: (report) => deps.onPlayout(report),
    onReplyAudio: (reply, atUs) => deps.onAudio(reply, atUs),
    onMessage(type, text) {
      deps.onMessage('down', type, text ?? '');
      if (type === 'user-transcription' && text !== null) deps.onText('user', text);
      if (type === 'bot-transcription' && text !== null) deps.onText('agent', text);
    },
    onAction(name, parameters) {
      const answer = tools.take(name);
      deps.onTool(name, parsed(parameters), answer);
      return answer === null ? null : Promise.resolve({ code: answer.isOk ? 0 : 1, response: JSON.stringify(answer.result ?? {}) });
    },
  });
  const { volume, battery } = recorded.properties;
  if (typeof volume === 'number') firmware.thing.setVolume(volume);
  if (typeof battery === 'number') firmware.thing.battery = battery;

  return {
    format: { codec: audioType, frameMs: audioInterval },
    reportsPlayout: true,
    start: () => firmware.start(),
    send(next) {
      packet = next;
      capture?.(frame);
    },
    cue({ text }) {
      const { type, data } = parsed(text);
      const body = asObject(data);
      const values = asObject(body?.d);
      const said = saidAgain(type, body, values);
      // A connection that is gone ends the run by itself.
      said?.catch((error: unknown) => {
        if (!isTalkError(error)) throw error;
      });
    },
    stop: () => firmware.stop(),
  };

  function saidAgain(type: unknown, body: Record<string, unknown> | null, values: Record<string, unknown> | null): Promise<void> | null {
    if (type === 'send-text' && typeof body?.content === 'string') return firmware.sendText(body.content);
    if (type !== 'client-message') return null;
    const { action, enable, image } = values ?? {};
    if (body?.t === 'ptt' && (action === 'start' || action === 'end' || action === 'interrupt')) return firmware.pushToTalk(action);
    if (body?.t === 'enable-idle-detect' && typeof enable === 'boolean') return firmware.enableIdleDetect(enable);
    if (body?.t === 'send-image' && typeof image === 'string') return firmware.sendImage(Buffer.from(image, 'base64'));
    return null;
  }
}
