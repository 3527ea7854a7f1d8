import type { Member, Room } from '../../../../../pipeline/gateways/trtc/room.ts';
import { createStartConversation } from '../../../../../pipeline/turn/start.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import {
  FakeLlm,
  type FakeReply,
  FakeStt,
  FakeTts,
  type FakeTtsOptions,
  type FakeUtterance,
  FakeVad,
  silencePcm,
  speechPcm,
} from '../../../../fakes/engines.ts';
import { labSdkAppId, startBody, type TrtcRig, trtcRig } from '../../../../fakes/trtc.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

/** A user in a room without a socket: keeps what it is told. */
export class RoomUser implements Member {
  readonly userId: string;
  readonly isRobot = false;
  readonly told: { type: number; sender: string; payload: Record<string, unknown> }[] = [];
  readonly packets: Uint8Array[] = [];
  readonly others: string[] = [];
  removal: string | null = null;

  constructor(userId: string) {
    this.userId = userId;
  }

  entered(userId: string): void {
    this.others.push(userId);
  }
  left(): void {}
  audio(_from: string, packet: Uint8Array): void {
    this.packets.push(packet);
  }
  message(_from: string, _cmdId: number, _seq: number, data: unknown): void {
    this.told.push(data as (typeof this.told)[number]);
  }
  removed(reason: string): void {
    this.removal = reason;
  }

  payloads(type: number, sender?: string): Record<string, unknown>[] {
    return this.told
      .filter((message) => message.type === type && (sender === undefined || message.sender === sender))
      .map(({ payload }) => payload);
  }
}

export interface TalkOptions {
  utterances?: readonly FakeUtterance[];
  replies?: readonly FakeReply[];
  tts?: FakeTtsOptions;
  settings?: Record<string, unknown>;
  start?: Record<string, unknown>;
  agent?: Record<string, unknown>;
  translate?: (text: string) => Promise<string>;
  /** Starts the robot before the user is there. */
  isRobotFirst?: boolean;
}

/** A robot and a user in a room, with the real pipeline between them on fake engines and a virtual clock. */
export async function talkRig(options: TalkOptions = {}) {
  const clock = new VirtualClock(5_000_000);
  const [llm, stt, tts] = [new FakeLlm(clock, options.replies), new FakeStt(clock, options.utterances), new FakeTts(clock, options.tts)];
  const engines = () => ({ vad: new FakeVad({ tailMs: 0 }), stt, llm, tts });
  const events: PipelineEvent[] = [];
  let trtc: TrtcRig['trtc'] | null = null;
  const observer = {
    event: (event: PipelineEvent) => {
      events.push(event);
      trtc?.observe(event);
    },
    packet: () => {},
  };
  const rig = await trtcRig({
    ...{ clock, engines },
    settings: { agent: { greetingZh: '', greetingEn: '' }, ...options.settings },
    startConversation: createStartConversation({ clock, observer, engines }),
    ...(options.translate && { translate: options.translate }),
  });
  trtc = rig.trtc;
  const name = { sdkAppId: labSdkAppId, roomId: '1234', roomIdType: 0 } as const;
  const room = rig.trtc.rooms.open(name) as Room;
  const user = new RoomUser('user');
  const enter = () => {
    room.audioFormat = { codec: 'pcm', sampleRate: 16000, frameMs: 20 };
    room.enter(user);
  };
  if (options.isRobotFirst !== true) enter();
  const task = await rig.trtc.tasks.start(startBody(options.start, options.agent), { mayNameServices: true });
  await clock.advance(50_000);

  async function hear(kind: 'speech' | 'silence', ms: number): Promise<void> {
    for (let sent = 0; sent < ms; sent += 20) {
      await clock.advance(20_000);
      const pcm = kind === 'speech' ? speechPcm(20) : silencePcm(20);
      room.audio(user, new Uint8Array(pcm.buffer));
    }
  }

  return {
    ...{ rig, clock, room, user, task, llm, stt, tts, events, enter, hear },
    say: (message: Record<string, unknown>) => room.message(user, 2, message),
    /** EventInfo's payloads of a callback. */
    payloads: (type: number) =>
      rig.callbacks.filter(({ eventType }) => eventType === type).map(({ eventInfo }) => eventInfo.Payload as Record<string, unknown>),
    async [Symbol.asyncDispose]() {
      const closing = rig[Symbol.asyncDispose]();
      await clock.runUntilIdle();
      await closing;
    },
  };
}
