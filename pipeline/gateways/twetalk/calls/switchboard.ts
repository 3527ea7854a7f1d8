import { randomBytes, randomUUID } from 'node:crypto';
import type { CallContact, CallEnd, CallRecord } from '../../../../preload/contract/cloud/twetalk.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Settings } from '../../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Observer } from '../../../observer.ts';
import { type DeviceName, deviceId } from '../../devices.ts';
import { CallAudio } from './call-audio.ts';
import type { CallEvent, CallLine, CallSound } from './line.ts';
import { echo } from './sounds.ts';

/** A person needs a moment to take the telephone out of the pocket. */
const PICK_UP_US = 1_500_000;
const KEPT_CALLS = 100;
/** Of so many calls what was heard is kept. */
const KEPT_SOUNDS = 5;
/** Of UserError (reference/twetalk.md §6.1). */
const errorCodes = { missingParameter: 101, badRoom: 105 } as const;

export interface SwitchboardDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  contacts: (device: DeviceName) => readonly CallContact[];
  /** On the board's `$twecall` topic. Throws TalkError 'device/offline' | 'device/not-subscribed'. */
  notify: (device: DeviceName, body: Record<string, unknown>) => void;
  onChange: (record: CallRecord) => void;
}

interface Call {
  record: CallRecord;
  conversationId: string | null;
  /** The far end's, from the beginning of a call of ours, from the answer of a board's. */
  sound: CallSound | null;
  audio: CallAudio | null;
  line: CallLine | null;
  talkingSinceUs: number | null;
  cancelTimer: () => void;
}

/** Calls between boards and the mini-program, which the bench plays (TWeCall, reference/twetalk.md §3.2 and §6.1). One a board at a time. */
export class Switchboard {
  readonly #deps: SwitchboardDeps;
  readonly #calls = new Map<string, Call>();

  constructor(deps: SwitchboardDeps) {
    this.#deps = deps;
  }

  list(): CallRecord[] {
    return [...this.#calls.values()].map(({ record }) => record);
  }

  /** The mini-program calls a board. Throws TalkError 'call/busy', 'device/offline', 'device/not-subscribed'. */
  ring(device: DeviceName, caller: CallContact, sound: CallSound): CallRecord {
    if (this.#running(device) !== undefined)
      throw new TalkError('call/busy', { productId: device.productId, deviceName: device.deviceName });
    const roomId = newRoomId();
    this.#deps.notify(device, this.#joinBody(roomId, caller.openId));
    const call = this.#begin(device, 'user_to_device', roomId, caller, null);
    call.sound = sound;
    call.cancelTimer = this.#after(this.#ringUs(), () => this.#end(call, 'timeout'));
    return call.record;
  }

  /** A board wants to talk to one of its contacts: the agent understood that, or its application asked for it. */
  dial(line: CallLine, name: string): 'ringing' | 'busy' | 'unknown-contact' {
    if (this.#running(line.device) !== undefined) {
      line.tell('user_busy', { stream: 'device_to_user', called: name });
      return 'busy';
    }
    const contact = findContact(this.#deps.contacts(line.device), name);
    if (contact === undefined) {
      line.tell('user_error', { stream: 'device_to_user', called: name, code: errorCodes.missingParameter });
      return 'unknown-contact';
    }
    const call = this.#begin(line.device, 'device_to_user', newRoomId(), contact, line);
    this.#tell(call, 'user_calling');
    const { phone, phoneErrorCode } = this.#deps.settings().twetalk;
    const react = () => {
      if (phone === 'answer') this.answer(call.record.callId, echo());
      else if (phone === 'reject' || phone === 'busy' || phone === 'error') this.refuse(call.record.callId, phone, phoneErrorCode);
    };
    const isOwn = phone !== 'ask' && phone !== 'timeout';
    call.cancelTimer = isOwn ? this.#after(PICK_UP_US, react) : this.#after(this.#ringUs(), () => this.#end(call, 'timeout'));
    return 'ringing';
  }

  /** The mini-program takes a board's call; the sound is closed where it cannot. Throws TalkError 'not-found', 'call/over'. */
  answer(callId: string, sound: CallSound): CallRecord {
    const call = this.#calls.get(callId);
    const line = call?.line ?? null;
    if (call?.record.state !== 'ringing' || call.record.stream !== 'device_to_user' || line === null) {
      sound.close();
      throw new TalkError('call/over', { callId, state: this.#find(callId).record.state });
    }
    call.sound = sound;
    this.#connect(call, line);
    return call.record;
  }

  refuse(callId: string, how: 'reject' | 'busy' | 'timeout' | 'error', code: number): CallRecord {
    const call = this.#find(callId);
    if (call.record.state !== 'ringing' || call.record.stream !== 'device_to_user')
      throw new TalkError('call/over', { callId, state: call.record.state });
    this.#end(call, how === 'reject' ? 'rejected-by-user' : how, how === 'error' ? code : null);
    return call.record;
  }

  /** The mini-program ends it. */
  hangUp(callId: string): CallRecord {
    const call = this.#find(callId);
    if (call.record.state === 'ended') throw new TalkError('call/over', { callId, state: 'ended' });
    this.#end(call, call.record.state === 'talking' ? 'hung-up-by-user' : 'cancelled');
    return call.record;
  }

  /** The board takes the mini-program's call, over the connection it has or a new one. */
  boardAnswered(line: CallLine, roomId: string): void {
    const call = this.#ringing(line.device, roomId);
    if (call === undefined) line.tell('user_error', { stream: 'user_to_device', room_id: roomId, code: errorCodes.badRoom });
    else this.#connect(call, line);
  }

  boardRejected(device: DeviceName, roomId: string): void {
    const call = this.#ringing(device, roomId);
    if (call !== undefined) this.#end(call, 'rejected-by-device');
  }

  /** An outgoing call is ended without naming a room. */
  boardHungUp(device: DeviceName, roomId: string): void {
    const call = this.#running(device);
    if (call === undefined || (roomId !== '' && roomId !== call.record.roomId)) return;
    if (call.record.state === 'talking') this.#end(call, 'hung-up-by-device');
    else this.#end(call, call.record.stream === 'user_to_device' ? 'rejected-by-device' : 'cancelled');
  }

  /** A voice connection is gone, and with it the call it carried. */
  lineClosed(line: CallLine): void {
    for (const call of this.#calls.values()) if (call.line === line && call.record.state !== 'ended') this.#end(call, 'disconnected');
  }

  /** What the mini-program heard: 16 kHz mono. Throws TalkError 'not-found'. */
  heard(callId: string): Int16Array {
    return this.#find(callId).audio?.heard ?? new Int16Array(0);
  }

  close(): void {
    for (const call of this.#calls.values()) if (call.record.state !== 'ended') this.#end(call, 'cancelled');
  }

  #begin(device: DeviceName, stream: CallRecord['stream'], roomId: string, contact: CallContact, line: CallLine | null): Call {
    const { productId, deviceName } = device;
    const times = { startedWallMs: this.#deps.clock.wallMs(), talkingMs: 0 };
    const state = { state: 'ringing', end: null, code: null } as const;
    const call: Call = {
      record: { callId: randomUUID(), productId, deviceName, stream, roomId, contact, ...state, ...times },
      ...{ conversationId: line?.conversationId ?? null, sound: null, audio: null, line, talkingSinceUs: null, cancelTimer: () => {} },
    };
    this.#calls.set(call.record.callId, call);
    this.#forgetOld();
    this.#changed(call);
    return call;
  }

  #connect(call: Call, line: CallLine): void {
    call.cancelTimer();
    call.line = line;
    call.conversationId = line.conversationId;
    call.talkingSinceUs = this.#deps.clock.nowUs();
    this.#tell(call, 'user_answered');
    if (call.sound !== null) call.audio = new CallAudio(line, call.sound);
    call.record = { ...call.record, state: 'talking' };
    this.#changed(call);
  }

  #end(call: Call, end: CallEnd, code: number | null = null): void {
    if (call.record.state === 'ended') return;
    const wasTalking = call.record.state === 'talking';
    const talkingMs = call.talkingSinceUs === null ? 0 : Math.round((this.#deps.clock.nowUs() - call.talkingSinceUs) / 1000);
    call.cancelTimer();
    call.record = { ...call.record, state: 'ended', end, code, talkingMs };
    call.audio?.end();
    if (call.audio === null) call.sound?.close();
    this.#tellEnd(call, end, code);
    if (wasTalking && end !== 'disconnected') {
      const { afterCallZh, afterCallEn } = this.#deps.settings().twetalk;
      call.line?.release(call.line.language === 'zh' ? afterCallZh : afterCallEn);
    }
    call.line = null;
    this.#changed(call);
  }

  #tellEnd(call: Call, end: CallEnd, code: number | null): void {
    if (end === 'disconnected' || end === 'rejected-by-device') return;
    if (call.record.stream === 'user_to_device' && call.talkingSinceUs === null) {
      const { roomId } = call.record;
      try {
        this.#deps.notify(call.record, this.#body('voip_cancel', { roomId, status: end === 'timeout' ? 1 : 0 }));
      } catch (error) {
        // It went away while it rang.
        if (!(error instanceof TalkError)) throw error;
      }
      return;
    }
    const events: Partial<Record<CallEnd, CallEvent>> = {
      'rejected-by-user': 'user_reject',
      busy: 'user_busy',
      timeout: 'user_timeout',
      error: 'user_error',
      'hung-up-by-user': 'user_hangup',
      'hung-up-by-device': 'user_hangup',
      cancelled: 'user_hangup',
    };
    const event = events[end];
    if (event !== undefined) this.#tell(call, event, code);
  }

  #tell(call: Call, event: CallEvent, code: number | null = null): void {
    const { stream, contact, roomId } = call.record;
    call.line?.tell(event, {
      ...{ stream, called: contact.name, openid: contact.openId, room_id: roomId, device_id: deviceId(call.record) },
      ...(code === null ? {} : { code }),
    });
  }

  #joinBody(roomId: string, openId: string): Record<string, unknown> {
    return this.#body('voip_join', { roomId, openId });
  }

  #body(method: string, params: Record<string, unknown>): Record<string, unknown> {
    const timestamp = Math.floor(this.#deps.clock.wallMs() / 1000);
    return { version: '1.0', method, clientToken: `voip-${timestamp}`, timestamp, params };
  }

  #running(device: DeviceName): Call | undefined {
    return [...this.#calls.values()].find(({ record }) => record.state !== 'ended' && deviceId(record) === deviceId(device));
  }

  #ringing(device: DeviceName, roomId: string): Call | undefined {
    const call = this.#running(device);
    const isIts = call?.record.state === 'ringing' && call.record.stream === 'user_to_device';
    return isIts && (roomId === '' || roomId === call.record.roomId) ? call : undefined;
  }

  #find(callId: string): Call {
    const call = this.#calls.get(callId);
    if (call === undefined) throw new TalkError('not-found', { what: 'call', id: callId });
    return call;
  }

  #ringUs(): number {
    return this.#deps.settings().twetalk.ringTimeoutS * 1_000_000;
  }

  #after(us: number, callback: () => void): () => void {
    return this.#deps.clock.at((this.#deps.clock.nowUs() + us) as MonoUs, callback);
  }

  #changed(call: Call): void {
    const { callId, productId, deviceName, stream, state, contact, end, code, talkingMs } = call.record;
    this.#deps.observer.event({
      atUs: this.#deps.clock.nowUs(),
      kind: 'device.call',
      ...(call.conversationId === null ? {} : { conversationId: call.conversationId }),
      ...{ productId, deviceName, callId, stream, state, contact: contact.name },
      ...(end === null ? {} : { end, talkingMs }),
      ...(code === null ? {} : { code }),
    });
    this.#deps.onChange(call.record);
  }

  #forgetOld(): void {
    const ended = [...this.#calls.values()].filter(({ record }) => record.state === 'ended');
    for (const { record } of ended.slice(0, Math.max(0, this.#calls.size - KEPT_CALLS))) this.#calls.delete(record.callId);
    for (const call of ended.slice(0, Math.max(0, ended.length - KEPT_SOUNDS))) call.audio = null;
  }
}

/** As it is written, or the one whose name is in what was said, or has it in it. */
export function findContact(contacts: readonly CallContact[], name: string): CallContact | undefined {
  const said = name.trim().toLowerCase();
  if (said === '') return undefined;
  const named = contacts.map((contact) => ({ contact, own: contact.name.toLowerCase() })).filter(({ own }) => own !== '');
  const found = named.find(({ own }) => own === said) ?? named.find(({ own }) => said.includes(own) || own.includes(said));
  return found?.contact;
}

/** In the form of the published log's. */
function newRoomId(): string {
  const digits = BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString()
    .padStart(20, '1')
    .slice(0, 20);
  return `wxmf${randomBytes(8).toString('hex')}WmpfVoip${digits}`;
}
