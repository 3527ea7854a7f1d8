import type { TuyaConnection as ConnectionRecord } from '../../../preload/contract/cloud/tuya.ts';
import { isTalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { deviceId } from '../devices.ts';
import type { GatewayDeps } from '../gateway.ts';
import type { AgentGrant } from './agent-tokens.ts';
import { decodeChannels } from './channels.ts';
import type { Admission } from './hello.ts';
import { TuyaSession } from './session.ts';
import type { TuyaMemory } from './tuya-memory.ts';
import { readUserData } from './user-data.ts';
import { attribute, attributeIds as ids, textOf } from './wire/attributes.ts';
import { decodeChunk, decodeEvent, type EventHead } from './wire/heads.ts';
import { AGENT_TOKEN_EXPIRED, eventTypes, packetTypes, type Status, statuses, streamFlags } from './wire/numbers.ts';
import { type Packet, packet } from './wire/packet.ts';
import type { WireRecords } from './wire-records.ts';

/** The App SDK's limit, for everybody. */
const MOST_SESSIONS = 20;

export interface ConnectionSessionsDeps
  extends Pick<GatewayDeps, 'clock' | 'observer' | 'settings' | 'startConversation' | 'conversationSettings'> {
  memory: TuyaMemory;
  admission: Admission;
  records: WireRecords;
  send: (down: Packet, sessionId?: string) => void;
  bufferedBytes: () => number;
  /** Runs it later, unless the connection is gone by then. */
  after: (us: number, callback: () => void) => () => void;
  onChange: () => void;
}

/** The sessions of one connection: opened with a token, given what comes for each, and closed. */
export class ConnectionSessions {
  readonly #deps: ConnectionSessionsDeps;
  readonly #sessions = new Map<string, TuyaSession>();
  readonly #ending = new Set<Promise<void>>();
  #eventHead: EventHead | null = null;
  #textSequence = 0;

  constructor(deps: ConnectionSessionsDeps) {
    this.#deps = deps;
  }

  get records(): ConnectionRecord['sessions'] {
    const { clock } = this.#deps;
    return [...this.#sessions.values()].map(({ sessionId, conversationId, grant, downlink, eventId, channels }) => ({
      ...{ sessionId, conversationId, downlink, eventId },
      agentCode: grant?.agentCode ?? null,
      tokenExpiresWallMs: grant === null ? null : Math.round(clock.wallMs() + (grant.expiresUs - clock.nowUs()) / 1000),
      sendIds: [...channels.sendIds],
      receiveIds: [...channels.receiveIds],
    }));
  }

  find(conversationId: string): TuyaSession | undefined {
    return [...this.#sessions.values()].find((session) => session.conversationId === conversationId);
  }

  conversationOf(sessionId: string): string | undefined {
    return this.#sessions.get(sessionId)?.conversationId;
  }

  observe(event: PipelineEvent): void {
    if ('conversationId' in event && event.conversationId !== undefined) this.find(event.conversationId)?.observe(event);
  }

  /** Tells the client that the token of a session is no longer good. False when there is no such session. */
  expireToken(sessionId: string): boolean {
    if (!this.#sessions.has(sessionId)) return false;
    this.#deps.send(
      packet(packetTypes.sessionStateChange, [attribute(ids.sessionId, sessionId), attribute(ids.sessionState, AGENT_TOKEN_EXPIRED)]),
    );
    return true;
  }

  /** SessionNew. One of a session that is open opens it anew. */
  open({ attributes, payload }: Packet): void {
    const { admission } = this.#deps;
    const sessionId = textOf(attributes, ids.sessionId) ?? '';
    const version = admission.version;
    const refuse = (status: Status, note: string) => this.#refuseSession(sessionId, status, note);
    if (sessionId === '' || sessionId.length > 128) {
      refuse(statuses.badRequest, '39005: no session id');
      return;
    }
    if (this.#sessions.size >= MOST_SESSIONS && !this.#sessions.has(sessionId)) {
      refuse(statuses.badRequest, `39001: ${MOST_SESSIONS} sessions are open`);
      return;
    }
    const grant = this.#grantOf(textOf(attributes, ids.agentToken));
    if (typeof grant === 'string') {
      refuse(statuses.unauthenticated, `39003: ${grant}`);
      return;
    }
    this.forget(sessionId, 'opened anew');
    const data = readUserData(version, attributes);
    const { clock, observer, settings, startConversation } = this.#deps;
    const language = languageOf(textOf(attributes, ids.language) ?? data.session.language) ?? settings().tuya.language;
    try {
      const session: TuyaSession = new TuyaSession(sessionId, decodeChannels(payload), data, grant, {
        clock,
        observer,
        startConversation,
        language,
        device: { productId: admission.device.productId, deviceName: admission.device.deviceName },
        isApp: admission.isApp,
        tuyaSettings: () => settings().tuya,
        conversationSettings: this.#deps.conversationSettings(admission.device, language),
        path: {
          version: () => version,
          eventHead: () => this.#eventHead ?? (version === 1 ? 4 : 2),
          send: (down) => this.#deps.send(down, sessionId),
          wallMs: () => clock.wallMs(),
          nextTextSequence: () => ++this.#textSequence,
        },
        bufferedBytes: this.#deps.bufferedBytes,
        note: (what, note) => this.#deps.records.note(what, note, sessionId),
        onEnded: () => this.#ended(sessionId),
      });
      this.#sessions.set(sessionId, session);
      const { closed } = session.conversation;
      this.#ending.add(closed);
      void closed.finally(() => this.#ending.delete(closed)).catch(() => {});
      if (grant !== null) {
        const cancel = this.#deps.after(grant.expiresUs - clock.nowUs(), () => this.expireToken(sessionId));
        void closed.finally(cancel).catch(() => {});
      }
      if (settings().tuya.isSessionAnswered) {
        this.#deps.send(packet(packetTypes.sessionNew, [attribute(ids.sessionId, sessionId), attribute(ids.sessionStatus, 0)]), sessionId);
      }
    } catch (error) {
      if (!isTalkError(error)) throw error;
      if (error.code === 'gateway/malformed') {
        refuse(statuses.badRequest, `39007: ${String(error.value.data.reason)}`);
        return;
      }
      refuse(statuses.failed, `39001: ${error.code}`);
    }
    this.#deps.onChange();
  }

  /** 44 = 1 is what agentic-kit's own mock refuses with; TuyaOpen hears of it by the close. */
  #refuseSession(sessionId: string, status: Status, note: string): void {
    this.#deps.records.note('SessionNew', note);
    const named = sessionId === '' ? [] : [attribute(ids.sessionId, sessionId.slice(0, 128))];
    this.#deps.send(packet(packetTypes.sessionNew, [...named, attribute(ids.sessionStatus, 1)]));
    this.#deps.send(packet(packetTypes.sessionClose, [...named, attribute(ids.sessionCloseCode, status)]));
  }

  /** Of the token; null for none, or for another cloud's where that is let in; a text is why not. */
  #grantOf(token: string | undefined): AgentGrant | null | string {
    const { memory, settings } = this.#deps;
    const isRequired = settings().tuya.isAgentTokenRequired || this.#isOnlyNamed();
    if (token === undefined || token === '') return isRequired ? 'no agent token' : null;
    const grant = memory.tokens.check(token);
    if (grant === 'expired') return 'the agent token has expired';
    if (grant === 'unknown') {
      if (isRequired) return 'the agent token is not of this bench';
      this.#deps.records.note('SessionNew', 'an agent token that this bench did not give; taken, as the settings say');
      return null;
    }
    const { device } = this.#deps.admission;
    return deviceId(grant.device) === deviceId(device) ? grant : 'the agent token is another device’s';
  }

  /** It said whose device it is and showed nothing for it, where only known devices are let in. */
  #isOnlyNamed(): boolean {
    const { keys } = this.#deps.admission;
    return keys.version === 2 && keys.level === 0 && this.#deps.settings().devices.unknownDevices === 'refuse';
  }

  event(received: Packet): void {
    const { attributes, payload } = received;
    const { version } = this.#deps.admission;
    const sessionId = textOf(attributes, ids.sessionId) ?? '';
    const session = this.#sessions.get(sessionId);
    this.#deps.records.packet('up', received, sessionId);
    if (session === undefined) {
      this.#deps.records.note('Event', '39005: no such session');
      return;
    }
    const { type, data, head } = decodeEvent(version, payload);
    this.#eventHead = head;
    if (type === eventTypes.start && session.grant !== null && session.grant.expiresUs <= this.#deps.clock.nowUs()) {
      this.expireToken(sessionId);
      return;
    }
    const userData = readUserData(version, attributes);
    if (userData.note !== undefined) this.#deps.records.note('Event', userData.note, sessionId);
    const eventId = textOf(attributes, ids.eventId) ?? '';
    if (eventId === '' && type !== eventTypes.mcp && type !== eventTypes.chatBreak) {
      this.#deps.records.note('Event', '39006: no event id', sessionId);
      return;
    }
    this.#use(sessionId, () => session.receiveEvent(type, eventId.slice(0, 128), userData, data));
    this.#deps.onChange();
  }

  /** A piece of a stream, for the sessions that send on its channel. */
  stream(received: Packet, receivedUs: MonoUs): void {
    const { type, attributes, payload } = received;
    const chunk = decodeChunk(this.#deps.admission.version, type, payload);
    const takers = [...this.#sessions.values()].filter((session) => session.takes(chunk.dataId));
    const isPlainAudio = type === packetTypes.audio && chunk.flag === streamFlags.ing;
    if (!isPlainAudio) this.#deps.records.packet('up', received, takers[0]?.sessionId);
    if (takers.length === 0) {
      this.#deps.records.note('stream', `39007: no session sends on channel ${chunk.dataId}`);
      return;
    }
    // Reused channels: each session hears the same stream. What is kept of it must be its own.
    for (const session of takers) {
      const own = { ...chunk, data: Uint8Array.from(chunk.data) };
      this.#use(session.sessionId, () => session.receiveChunk(type, own, attributes, receivedUs));
    }
  }

  /** What a session cannot use costs that and no more. */
  #use(sessionId: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isTalkError(error)) throw error;
      const { clock, observer } = this.#deps;
      const conversationId = this.#sessions.get(sessionId)?.conversationId;
      const about = conversationId === undefined ? {} : { conversationId };
      observer.event({ atUs: clock.nowUs(), ...about, kind: 'engine.error', stage: 'transport', error: error.value });
    }
  }

  #ended(sessionId: string): void {
    if (!this.#sessions.delete(sessionId)) return;
    this.#deps.send(packet(packetTypes.sessionClose, [attribute(ids.sessionId, sessionId), attribute(ids.sessionCloseCode, statuses.ok)]));
    this.#deps.onChange();
  }

  forget(sessionId: string, reason: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    session.close(reason);
    this.#deps.onChange();
  }

  /** Closes all of them. */
  close(reason: string): void {
    for (const sessionId of [...this.#sessions.keys()]) this.forget(sessionId, reason);
  }

  /** Resolves when their conversations have ended. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#ending]);
  }
}

function languageOf(value: unknown): 'zh' | 'en' | undefined {
  if (typeof value !== 'string') return undefined;
  const start = value.slice(0, 2).toLowerCase();
  return start === 'zh' || start === 'en' ? start : undefined;
}
