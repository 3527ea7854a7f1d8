import { describe, expect, test } from 'vitest';
import type { MqttLink } from '../../../../../pipeline/gateways/xiaozhi/broker.ts';
import { Channel } from '../../../../../pipeline/gateways/xiaozhi/channel.ts';
import { MqttBoard } from '../../../../../pipeline/gateways/xiaozhi/mqtt-board.ts';
import type { UdpListener } from '../../../../../pipeline/gateways/xiaozhi/udp.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';
import { fakeConversations } from '../../../../fakes/conversation.ts';
import { RecordingObserver } from '../../../../fakes/observer.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const device = { productId: 'XIAOZHI', deviceName: '02:00:00:00:00:01' };
const hello = JSON.stringify({ type: 'hello', version: 3, transport: 'udp', audio_params: { frame_duration: 60 } });

function rig() {
  const clock = new VirtualClock(1_000_000);
  const observer = new RecordingObserver();
  const conversations = fakeConversations();
  const settings = settingsSchema.parse({});
  const published: Record<string, unknown>[] = [];
  const sessions: { receive: (packet: Uint8Array) => void; isClosed: boolean }[] = [];
  const udp: UdpListener = {
    listener: { name: 'xiaozhi-udp', host: '127.0.0.1', port: 8884, state: 'listening' },
    open(onPacket) {
      let lastUs = clock.nowUs();
      const session = {
        isClosed: false,
        receive(packet: Uint8Array) {
          lastUs = clock.nowUs();
          onPacket(packet, lastUs);
        },
      };
      sessions.push(session);
      return {
        ssrc: sessions.length,
        key: new Uint8Array(16),
        nonce: new Uint8Array(16),
        isReachable: () => true,
        send: () => {},
        get lastUs() {
          return lastUs;
        },
        close() {
          session.isClosed = true;
        },
      };
    },
    close: async () => {},
  };
  const link: MqttLink = {
    device,
    uuid: 'u',
    localAddress: '127.0.0.1',
    publish: (text) => void published.push(JSON.parse(text) as Record<string, unknown>),
    close: () => {},
  };
  const board = new MqttBoard(link, {
    ...{ clock, observer, udp },
    audio: () => ({ sampleRate: 16000, frameMs: 60 }),
    server: () => 'bench',
    idleUs: () => 60_000_000,
    openChannel: (wire, read) =>
      new Channel(
        wire,
        { device, clientId: 'u', language: 'zh', hello: read, query: {} },
        {
          ...{ clock, observer },
          settings: () => settings,
          conversationSettings: () => () => settings,
          startConversation: conversations.start,
          vision: null,
          onChange: () => {},
        },
      ),
  });
  const say = (message: object) => board.receive(JSON.stringify(message));
  return { clock, board, say, published, sessions, conversations, of: (type: string) => published.filter((one) => one.type === type) };
}

describe('a board on MQTT (reference/voice.md §4.6)', () => {
  test('is answered with a key and a nonce of 32 hex digits', () => {
    const { board, published } = rig();
    board.receive(hello);
    expect(published).toEqual([
      {
        type: 'hello',
        version: 3,
        transport: 'udp',
        session_id: expect.any(String),
        udp: { server: 'bench', port: 8884, encryption: 'aes-128-ctr', key: '0'.repeat(32), nonce: '0'.repeat(32) },
        audio_params: { format: 'opus', sample_rate: 16000, channels: 1, frame_duration: 60 },
      },
    ]);
  });

  test('whose datagrams stop is said goodbye to, and only then', async () => {
    const { board, say, clock, sessions, of, published } = rig();
    board.receive(hello);
    say({ type: 'listen', state: 'start', mode: 'auto' });
    for (let count = 0; count < 4; count++) {
      await clock.advance(45_000_000);
      // Something goes down too, or the board would give the channel up by itself.
      sessions[0]?.receive(Uint8Array.of(0x58, 1));
    }
    // 120 s of silence towards the board came first.
    expect(of('goodbye')).toEqual([{ type: 'goodbye', session_id: published[0]?.session_id }]);
    const other = rig();
    other.board.receive(hello);
    await other.clock.advance(59_000_000);
    expect(other.of('goodbye')).toEqual([]);
    await other.clock.advance(1_000_000);
    expect(other.of('goodbye')).toHaveLength(1);
    expect(other.sessions[0]?.isClosed).toBe(true);
    expect(other.clock.pendingTimers).toBe(0);
  });

  test('that says hello again gets a new session, and no goodbye that it would take for the new one', () => {
    const { board, say, published, sessions, conversations, of } = rig();
    board.receive(hello);
    say({ type: 'listen', state: 'start', mode: 'auto' });
    board.receive(hello);
    expect(conversations.started[0]?.closeReason).toBe('replaced by a new hello');
    expect(sessions.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(of('goodbye')).toEqual([]);
    expect(published[0]?.session_id).not.toBe(published.at(-1)?.session_id);
  });

  test('that speaks of a session that is over is told so; a goodbye is never answered', () => {
    const { board, say, of } = rig();
    say({ type: 'listen', state: 'start', session_id: 'old' });
    expect(of('goodbye')).toEqual([{ type: 'goodbye', session_id: 'old' }]);
    say({ type: 'goodbye', session_id: 'old' });
    board.receive('not json');
    expect(of('goodbye')).toHaveLength(1);
  });

  test('a goodbye to another session ends nothing', () => {
    const { board, say, sessions } = rig();
    board.receive(hello);
    say({ type: 'goodbye', session_id: 'another' });
    expect(sessions[0]?.isClosed).toBe(false);
    board.lost();
    expect(sessions[0]?.isClosed).toBe(true);
  });
});
