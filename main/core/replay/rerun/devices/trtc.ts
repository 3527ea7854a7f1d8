import { RoomClient } from '../../../../../pipeline/boards/trtc/room-client.ts';
import { createCodec } from '../../../../../pipeline/boards/twetalk/codec.ts';
import { Speaker } from '../../../../../pipeline/boards/twetalk/speaker.ts';
import { asObject } from '../../../../../pipeline/json-object.ts';
import { type DeviceDeps, frameMsOf, parsed, type RerunDevice } from './device.ts';

export interface TrtcAccess {
  /** `ws://HOST:PORT` */
  gateway: string;
  sdkAppId: number;
  roomId: string;
  userId: string;
  userSig: string;
  /** Starts the conversation in the room; null: whoever owns the far end does. Returns its end. */
  begin: (() => Promise<() => Promise<void>>) | null;
}

const [SUBTITLE, STATE] = [10000, 10001];
const SPEAKING = 3;

/** An app in a room whose microphone is the recording. */
export function createTrtcDevice(access: TrtcAccess, deps: DeviceDeps): RerunDevice {
  const { clock, recorded } = deps;
  const { codec: audioType } = recorded.uplink;
  const audioInterval = frameMsOf(recorded.uplink.frameMs);
  const codec = createCodec(audioType, audioInterval);
  const speaker = new Speaker({
    clock,
    decode: codec.decode,
    onAudible: () => {},
    onSilent: () => {},
    onOverflow: () => {},
    onUnderrun: () => {},
    onUndecodable: () => {},
    onPlaying: (isPlaying) => deps.onSounding(isPlaying, clock.nowUs()),
  });
  let client: RoomClient | null = null;
  let end = async () => {};
  let robot = '';

  return {
    format: { codec: audioType, frameMs: audioInterval },
    async start() {
      client = await RoomClient.enter({
        ...{ clock, audioType, audioInterval, isMicrophoneElsewhere: true },
        ...{ gateway: access.gateway, sdkAppId: access.sdkAppId, roomId: access.roomId, userId: access.userId, userSig: access.userSig },
        roomIdType: /^[1-9]\d{0,9}$/.test(access.roomId) ? 0 : 1,
        onAudio(packet, atUs) {
          deps.onAudio(packet, atUs);
          speaker.push(packet);
        },
        onMessage({ from, data }) {
          robot = from;
          const payload = asObject(data.payload);
          deps.onMessage('down', String(data.type), JSON.stringify(data));
          if (data.type === STATE) {
            if (payload?.state === SPEAKING) speaker.replyStarted();
            else speaker.replyStopped();
          }
          if (data.type === SUBTITLE && payload?.end === true)
            deps.onText(data.sender === access.userId ? 'user' : 'agent', String(payload.text));
        },
        onClosed: (code) => deps.onClosed(`closed ${code}`),
      });
      if (access.begin !== null) end = await access.begin();
    },
    send: (packet) => client?.sendAudio(packet),
    cue({ name, text }) {
      const { data = parsed(text) } = parsed(text);
      const message = asObject(data);
      if (message === null || !(message.type === 20000 || message.type === 20001)) return;
      deps.onMessage('up', name, text);
      client?.send({ ...message, sender: access.userId, receiver: [robot] });
    },
    async stop() {
      speaker.close();
      await end();
      await client?.leave();
      codec.close();
    },
  };
}
