import { TalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { AudioFormat, Conversation, ConversationPeer, Engines, StartConversation } from '../../conversation.ts';
import type { ServerCallbacks } from '../callbacks/server-callbacks.ts';
import type { ApiCaller } from '../cloud/action.ts';
import { isOneWord, underRules } from './answer-filter.ts';
import { type LeaveCode, leaveCodes, TaskCallbacks } from './callbacks.ts';
import { type Push, Pushes } from './pushes.ts';
import type { Member, RemovalReason, Room } from './room.ts';
import { FROM_ROBOT, readUserMessage, TO_ROBOT } from './room-messages.ts';
import type { Rooms } from './rooms.ts';
import type { TaskRequest } from './task-request.ts';
import { TaskTelling } from './telling.ts';

/** What the conversation of a task runs with: the lab's settings with what the request says laid over them. */
export interface TaskConfiguration {
  readonly language: 'zh' | 'en';
  /** What of the request is not done here, one sentence each; never a value. */
  readonly notes: readonly string[];
  settings(): ConversationSettings;
  engines(): Engines;
  /** UpdateAIConversation; the notes of it. Throws TalkError 'agent/bad-config'. */
  update(parameters: Record<string, unknown>, caller: Pick<ApiCaller, 'mayNameServices'>): readonly string[];
  close(): Promise<void>;
}

export interface TaskDeps {
  clock: Clock;
  callbacks: ServerCallbacks;
  startConversation: StartConversation;
  rooms: Rooms;
  /** Null where nothing is translated now. */
  translate: (text: string, language: 'zh' | 'en') => Promise<string> | null;
  /** Why the robot cannot enter; null: it can. */
  obstacle: () => string | null;
  onChange: () => void;
  log: { error(details: object, message: string): void };
}

/** The document's four; a task that was never started is 'Idle'. */
export type TaskStatus = 'Preparing' | 'InProgress' | 'Stopped';

/** From the answer to the request until the robot stands in the room. */
const PREPARING_US = 20_000;
/** InvokeLLM questions that the model has not been asked yet. */
const MOST_INVOKED = 50;

/** Why the bench closed a conversation, as a LeaveCode. */
const closings: Readonly<Record<string, LeaveCode>> = {
  idle: leaveCodes.idle,
  'session-timeout': leaveCodes.idle,
  operator: leaveCodes['removed-by-service'],
};
const removals: Record<RemovalReason, LeaveCode> = {
  removed: leaveCodes['removed-by-application'],
  dismissed: leaveCodes['dismissed-by-application'],
  'removed-by-bench': leaveCodes['removed-by-service'],
  'dismissed-by-bench': leaveCodes['dismissed-by-service'],
  replaced: leaveCodes['removed-by-service'],
};

/** A robot that talks with one user of a room, from StartAIConversation to callback 902. Its id is its conversation's. */
export class Task implements Member {
  readonly id: string;
  readonly request: TaskRequest;
  readonly configuration: TaskConfiguration;
  readonly startedWallMs: number;
  readonly isRobot = true;
  status: TaskStatus = 'Preparing';
  leaveCode: LeaveCode | null = null;
  readonly #deps: TaskDeps;
  readonly #callbacks: TaskCallbacks;
  readonly #telling: TaskTelling;
  readonly #pushes: Pushes;
  readonly #invoked = new Set<string>();
  #room: Room | null = null;
  #conversation: Conversation | null = null;
  #initiator = '';
  #cancelTimer: () => void;
  #isClosingConversation = false;
  readonly #ended = Promise.withResolvers<void>();

  constructor(id: string, request: TaskRequest, configuration: TaskConfiguration, deps: TaskDeps) {
    const { clock, callbacks, translate } = deps;
    this.id = id;
    this.request = request;
    this.configuration = configuration;
    this.#deps = deps;
    this.startedWallMs = clock.wallMs();
    this.#callbacks = new TaskCallbacks(callbacks, { taskId: id, room: request.room, wallMs: () => clock.wallMs() });
    this.#telling = new TaskTelling({
      ...{ robot: request.robot.userId, user: request.targetUserId, subtitleMode: request.subtitleMode },
      ...{ startedUs: clock.nowUs(), wallMs: () => clock.wallMs(), callbacks: this.#callbacks },
      say: (message) => this.#room?.message(this, FROM_ROBOT, message),
      translate: (text) => translate(text, configuration.language),
    });
    this.#pushes = new Pushes(() => this.#conversation);
    this.#cancelTimer = clock.at((clock.nowUs() + PREPARING_US) as MonoUs, () => this.#enter());
  }

  get userId(): string {
    return this.request.robot.userId;
  }

  get conversation(): Conversation | null {
    return this.#conversation;
  }

  /** Resolves when everything the task started has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Ends it; the first reason counts. */
  stop(leaveCode: LeaveCode): void {
    if (this.status === 'Stopped') return;
    const wasInRoom = this.status === 'InProgress';
    this.status = 'Stopped';
    this.leaveCode = leaveCode;
    this.#cancelTimer();
    const conversation = this.#conversation;
    this.#isClosingConversation = true;
    conversation?.close(`leave-code-${leaveCode}`);
    this.#telling.close();
    this.#room?.leave(this);
    if (wasInRoom) this.#callbacks.send('stopped', { LeaveCode: leaveCode });
    this.#deps.onChange();
    void Promise.resolve(conversation?.closed)
      .then(() => this.configuration.close())
      .catch((error) => this.#deps.log.error({ err: error, taskId: this.id }, 'a task ended with a fault'))
      .finally(() => this.#ended.resolve());
  }

  push(push: Push): 'said' | 'kept' | 'dropped' {
    // Before it is asked: the model may be on its way within the call.
    if (push.kind === 'ask') this.#markInvoked(push.text);
    const outcome = this.#pushes.take(push);
    if (outcome === 'dropped') this.#invoked.delete(push.text);
    return outcome;
  }

  /** What the model is never asked after all must not gather. */
  #markInvoked(text: string): void {
    this.#invoked.add(text);
    const [oldest] = this.#invoked;
    if (this.#invoked.size > MOST_INVOKED && oldest !== undefined) this.#invoked.delete(oldest);
  }

  /** TransparentData. */
  passOn(data: string): void {
    this.#room?.message(this, FROM_ROBOT, data);
  }

  /** What happens in its conversation. */
  observe(event: PipelineEvent): void {
    if (event.kind === 'turn.started') {
      this.#initiator = event.initiator;
      this.#pushes.turnStarted(event.turnId, event.initiator);
    }
    if (event.kind === 'interruption.decided') this.#pushes.clear();
    this.#telling.observe(event);
    if (event.kind === 'turn.state' && event.state === 'listening') this.#pushes.quiet();
    // Not within the call that ends the turn.
    if (event.kind === 'turn.ended' && this.#pushes.isOver(event.turnId)) queueMicrotask(() => this.stop(leaveCodes.stopped));
  }

  entered(userId: string): void {
    if (userId === this.request.targetUserId) this.#begin();
  }

  left(): void {}

  audio(from: string, packet: Uint8Array, receivedUs: MonoUs): void {
    if (from === this.request.targetUserId) this.#conversation?.uplink(packet, receivedUs);
  }

  message(from: string, cmdId: number, _seq: number, data: unknown): void {
    const conversation = this.#conversation;
    if (cmdId !== TO_ROBOT || conversation === null) return;
    const message = readUserMessage(data, from, (id) => id === this.userId);
    if (message.kind === 'interrupt') conversation.interrupt('client');
    else if (message.kind === 'text') conversation.text(message.text, { initiator: 'user-text', isSpoken: true });
  }

  removed(reason: RemovalReason): void {
    this.#room = null;
    this.stop(removals[reason]);
  }

  #enter(): void {
    const { rooms, obstacle, onChange } = this.#deps;
    const room = obstacle() === null ? rooms.open(this.request.room) : undefined;
    if (room === undefined) {
      this.#callbacks.send('started', { Status: 1 });
      this.stop(leaveCodes.failed);
      return;
    }
    this.status = 'InProgress';
    room.enter(this);
    this.#room = room;
    room.lastAudioUs = this.#deps.clock.nowUs();
    this.#callbacks.send('started', { Status: 0 });
    this.#watchIdle();
    onChange();
    if (room.has(this.request.targetUserId)) this.#begin();
  }

  /** The user is there: the two can hear each other. */
  #begin(): void {
    const room = this.#room;
    if (this.#conversation !== null || room === null || room.audioFormat === null) return;
    try {
      this.#conversation = this.#deps.startConversation(this.#options(room.audioFormat), this.#peer(room));
    } catch (error) {
      if (!(error instanceof TalkError)) this.#deps.log.error({ err: error, taskId: this.id }, 'conversation could not be started');
      this.stop(leaveCodes.failed);
      return;
    }
    this.#callbacks.send('session', { Status: 'session_ready' });
    this.#deps.onChange();
  }

  #options(format: AudioFormat) {
    const { room, targetUserId } = this.request;
    return {
      ...{ conversationId: this.id, gateway: 'trtc', productId: String(room.sdkAppId), deviceName: targetUserId },
      ...{ language: this.configuration.language, uplink: format, downlink: format, variables: {} },
      query: { roomId: room.roomId, roomIdType: String(room.roomIdType), robot: this.userId },
      settings: () => this.configuration.settings(),
      engines: () => this.#engines(),
      caller: { ...room, sdkAppId: String(room.sdkAppId), userId: targetUserId },
    };
  }

  #peer(room: Room): ConversationPeer {
    return {
      sendAudio: (packet) => room.audio(this, packet),
      // A user that does not keep up is let go by the socket; the others must not wait for it.
      bufferedBytes: () => 0,
      // The room is told from the pipeline's events, which know their turns.
      tell: () => {},
      callTool: (name) => Promise.reject(new TalkError('tool/unknown', { name })),
      tools: () => [],
      close: (reason) => {
        if (!this.#isClosingConversation) this.stop(closings[reason] ?? leaveCodes.failed);
      },
    };
  }

  #engines(): Engines {
    const engines = this.configuration.engines();
    const { brackets, turnDetectionMode, isOneWordFiltered } = this.request;
    const llm = underRules(engines.llm, {
      brackets,
      isAnswered: (text) => {
        if (this.#initiator !== 'user-speech') return true;
        return turnDetectionMode !== 1 && !(isOneWordFiltered && isOneWord(text));
      },
      headers: (text) => (this.#invoked.delete(text) ? { 'X-Invoke-LLM': '1' } : {}),
    });
    return { ...engines, llm };
  }

  #watchIdle(): void {
    const { clock } = this.#deps;
    const room = this.#room;
    if (room === null || this.status !== 'InProgress') return;
    const dueUs = room.lastAudioUs + this.request.maxIdleS * 1_000_000;
    if (clock.nowUs() >= dueUs) this.stop(leaveCodes.idle);
    else this.#cancelTimer = clock.at(dueUs as MonoUs, () => this.#watchIdle());
  }
}
