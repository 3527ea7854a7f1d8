import { readNumber, readString } from './board-json.ts';
import { logEvent, type SdkLog, type sdkEvents } from './sdk-log.ts';

/** What the application does with a call that comes in. */
export type PhoneManner = 'ask' | 'answer' | 'reject' | 'ignore';

export type PhoneState = 'idle' | 'ringing' | 'calling' | 'talking';

export interface PhoneDeps {
  log: SdkLog;
  deviceId: string;
  manner: PhoneManner;
  /** Over the voice connection there is, as `TWeTalk_WS_CallResponse` does; false when there is none. */
  send: (name: string, data: object) => boolean;
  /** A connection made for the call: the board had none. */
  connect: (roomId: string, response: 'answer' | 'reject') => void;
  onState: (state: PhoneState) => void;
}

/** TWeCall as the demo application has it: rings, answers, hangs up, and prints the SDK's events (reference/twetalk.md §6.1 and §7). */
export class Phone {
  readonly #deps: PhoneDeps;
  #state: PhoneState = 'idle';
  #roomId = '';

  constructor(deps: PhoneDeps) {
    this.#deps = deps;
  }

  get state(): PhoneState {
    return this.#state;
  }

  get roomId(): string {
    return this.#roomId;
  }

  /** `voip_join` of the mini-program. */
  incoming(text: string): void {
    const roomId = readString(text, 'params.roomId') ?? '';
    logEvent(this.#deps.log, 'calling', `calling roomid: ${roomId} caller id : ${readString(text, 'params.openId') ?? ''}`);
    // The SDK hands on every call; the application has one telephone.
    if (this.#state !== 'idle') return;
    this.#roomId = roomId;
    this.#set('ringing');
    if (this.#deps.manner === 'answer') this.answer();
    else if (this.#deps.manner === 'reject') this.reject();
  }

  cancelled(text: string): void {
    const roomId = readString(text, 'params.roomId') ?? '';
    logEvent(this.#deps.log, 'cancel', `usr cancel. roomid: ${roomId}`);
    if (roomId === this.#roomId) this.#set('idle');
  }

  answer(): boolean {
    if (this.#state !== 'ringing') return false;
    this.#sdk('[32] DEVICE_ANSWER');
    if (!this.#deps.send('device-answer', { room_id: this.#roomId, device_id: this.#deps.deviceId }))
      this.#deps.connect(this.#roomId, 'answer');
    return true;
  }

  reject(): boolean {
    if (this.#state !== 'ringing') return false;
    this.#sdk('[33] DEVICE_REJECT');
    if (!this.#deps.send('device-reject', { room_id: this.#roomId, device_id: this.#deps.deviceId }))
      this.#deps.connect(this.#roomId, 'reject');
    this.#set('idle');
    return true;
  }

  hangUp(): boolean {
    if (this.#state !== 'talking' && this.#state !== 'calling') return false;
    this.#sdk('[34] DEVICE_HANGUP');
    // An outgoing call is ended without arguments.
    this.#deps.send('device-hangup', this.#roomId === '' ? {} : { room_id: this.#roomId, device_id: this.#deps.deviceId });
    this.#set('idle');
    return true;
  }

  /** The voice connection is gone. */
  lost(): void {
    if (this.#state !== 'ringing') this.#set('idle');
  }

  /** A message of the cloud's about a call: `data` is its JSON. */
  told(data: string): void {
    const event = readString(data, 'sub_type');
    const [called, openId] = [readString(data, 'called') ?? '', readString(data, 'openid') ?? ''];
    const line = event === null ? undefined : callLines[event];
    if (event === null || line === undefined) {
      this.#deps.log.sdk('WRN', 'twetalk_app.c|_twetalk_recv_event_cb(402)', `unknown call event: ${event ?? ''}`);
      return;
    }
    const stream = readString(data, 'stream') ?? '';
    const code = readNumber(data, 'code') ?? 0;
    logEvent(this.#deps.log, line.event, line.text({ called, openId, stream, code }));
    if (event === 'user_calling') {
      this.#roomId = '';
      this.#set('calling');
    } else this.#set(event === 'user_answered' ? 'talking' : 'idle');
  }

  #sdk(event: string): void {
    this.#deps.log.sdk('INF', 'twetalk_call.c|TWeTalk_WS_CallResponse(88)', `${event} roomid: ${this.#roomId}`);
  }

  #set(state: PhoneState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#deps.onState(state);
  }
}

type Facts = { called: string; openId: string; stream: string; code: number };

const callLines: Record<string, { event: keyof typeof sdkEvents; text: (facts: Facts) => string }> = {
  user_calling: { event: 'start-call', text: ({ called }) => `start call: ${called}` },
  user_answered: { event: 'user-answer', text: ({ called, openId }) => `user answer called: ${called} openid: ${openId}` },
  user_reject: { event: 'user-reject', text: ({ called, openId }) => `user reject called: ${called} openid: ${openId}` },
  user_hangup: {
    event: 'user-hangup',
    text: ({ called, openId, stream }) => `user hangup(${stream}) called: ${called} openid: ${openId}`,
  },
  user_error: { event: 'user-error', text: ({ code }) => `user error code : ${code}` },
  user_timeout: { event: 'call-timeout', text: ({ called }) => `call timeout: ${called}` },
  user_busy: { event: 'call-busy', text: ({ called }) => `call busy: ${called}` },
};
