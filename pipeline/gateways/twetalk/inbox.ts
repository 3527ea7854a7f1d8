import { TalkError } from '../../../preload/contract/errors.ts';
import type { ConversationSettings, Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Conversation } from '../../conversation.ts';
import { redact } from './board-text.ts';
import type { CallLine } from './calls/line.ts';
import type { Switchboard } from './calls/switchboard.ts';
import { decodeFrame, type Frame } from './frames.ts';
import { type BoardImage, imageInJson, imageInProtobuf, imageOf, imageOfBase64 } from './images.ts';
import type { MessageTable } from './messages/table.ts';
import type { ConnectionQuery } from './query.ts';
import { botReady, type IncomingRtvi, type RtviMessage, readRtvi, spoken } from './rtvi.ts';
import type { Shadows } from './shadow.ts';

/** Of a picture's message so much is kept as text: the rest is the picture. */
const KEPT_TEXT = 400;

export interface InboxDeps {
  clock: Clock;
  settings: () => Settings;
  conversationSettings: () => ConversationSettings;
  query: ConnectionQuery;
  conversation: Conversation;
  line: CallLine;
  switchboard: Switchboard;
  shadows: Shadows;
  table: () => MessageTable;
  /** Where the uplink goes instead of the conversation while a call is on. */
  callUplink: () => ((packet: Uint8Array) => void) | null;
  /** A packet of sound came. */
  onSound: (packet: Uint8Array) => void;
  record: (direction: 'up' | 'down', name: string, facts: RecordedFacts) => void;
  tell: (message: RtviMessage) => void;
  detectIdle: (isOn: boolean) => void;
  close: (reason: string) => void;
}

export interface RecordedFacts {
  text?: string;
  bytes?: Uint8Array;
  isUnknown?: true;
  note?: string;
}

/** What a board sends over its voice connection, understood as far as it can be and handed to who it is for. */
export class Inbox {
  readonly #deps: InboxDeps;
  #hasNotedFormat = false;
  #cancelLongest: () => void = () => {};

  constructor(deps: InboxDeps) {
    this.#deps = deps;
  }

  /** One binary message. Never throws on what is in it. */
  receive(data: Uint8Array, receivedUs: MonoUs): void {
    const { record } = this.#deps;
    const raw = this.#takes('raw') ? imageOf(data) : null;
    if (raw !== null) {
      this.#image(raw, '', 'image file');
      return;
    }
    let frame: Frame;
    try {
      frame = decodeFrame(data);
    } catch (error) {
      if (!(error instanceof TalkError)) throw error;
      record('up', 'malformed frame', { bytes: data, isUnknown: true, note: String(error.value.data.reason) });
      return;
    }
    switch (frame.kind) {
      case 'audio':
        this.#audio(frame, receivedUs);
        return;
      case 'message':
        this.#message(frame.data);
        return;
      case 'text':
      case 'transcription': {
        const image = this.#takes('json') ? imageOfBase64(frame.text) : null;
        if (image === null) record('up', `${frame.kind} frame`, { text: redact(frame.text), bytes: data, isUnknown: true });
        else this.#image(image, '', `${frame.kind} frame`);
        return;
      }
      case 'unknown': {
        const image = this.#takes('frame') ? imageInProtobuf(frame.raw) : null;
        if (image === null) record('up', `frame case ${frame.field ?? 'none'}`, { bytes: frame.raw, isUnknown: true });
        else this.#image(image, '', `frame case ${frame.field ?? 'none'}`);
      }
    }
  }

  close(): void {
    this.#cancelLongest();
  }

  #takes(shape: Settings['twetalk']['imageShapes'][number]): boolean {
    return this.#deps.settings().twetalk.imageShapes.includes(shape);
  }

  #audio(frame: Extract<Frame, { kind: 'audio' }>, receivedUs: MonoUs): void {
    this.#noteFormat(frame);
    // A copy, for it is kept: the view shares its buffer with other messages.
    const packet = new Uint8Array(frame.audio);
    this.#deps.onSound(packet);
    const callUplink = this.#deps.callUplink();
    if (callUplink === null) this.#deps.conversation.uplink(packet, receivedUs);
    else callUplink(packet);
  }

  #message(text: string): void {
    const { record } = this.#deps;
    const message = readRtvi(text, this.#deps.table());
    if (message.kind === 'unknown') {
      const image = this.#takes('json') ? imageInJson(message.body) : null;
      if (image === null) record('up', message.type, { text: redact(text), isUnknown: true });
      else this.#image(image, '', message.type);
      return;
    }
    if (message.kind === 'image') {
      const image = this.#takes('json') ? imageOfBase64(message.data) : null;
      if (image === null)
        record('up', 'image', { text: redact(text.slice(0, KEPT_TEXT)), isUnknown: true, note: 'no JPEG, PNG or WebP in it' });
      else this.#image(image, message.text, 'image');
      return;
    }
    record('up', message.kind, { text: redact(text) });
    this.#act(message);
  }

  #act(message: Exclude<IncomingRtvi, { kind: 'unknown' } | { kind: 'image' }>): void {
    const { conversation, line, switchboard, shadows, tell } = this.#deps;
    const { device } = line;
    switch (message.kind) {
      case 'client-ready':
        tell(botReady(message.id));
        return;
      case 'send-text':
        conversation.text(message.text, { initiator: 'user-text', isSpoken: message.isSpoken });
        return;
      case 'disconnect-bot':
        this.#deps.close('the board asked for it');
        return;
      case 'idle-detect':
        this.#deps.detectIdle(message.isOn);
        return;
      case 'interrupt':
        conversation.interrupt('board');
        return;
      case 'push-to-talk':
        this.#pushToTalk(message.action);
        return;
      case 'call-basic':
        shadows.miniProgram(device, { appId: message.appId.slice(0, 64), modelId: message.modelId.slice(0, 64) });
        return;
      case 'call-contacts':
        shadows.contacts(device, message.contacts);
        return;
      case 'call-answer':
        switchboard.boardAnswered(line, message.roomId);
        return;
      case 'call-reject':
        switchboard.boardRejected(device, message.roomId);
        return;
      case 'call-hang-up':
        switchboard.boardHungUp(device, message.roomId);
        return;
    }
  }

  /** The longest utterance is the conversation's to end; the board is told why its button does nothing any more. */
  #pushToTalk(action: 'start' | 'end' | 'interrupt'): void {
    const { clock, conversation, conversationSettings, tell, table } = this.#deps;
    this.#cancelLongest();
    if (action === 'interrupt') {
      conversation.interrupt('board');
      return;
    }
    conversation.listen(action === 'start' ? 'start' : 'stop', clock.nowUs());
    if (action === 'end') return;
    const longestMs = conversationSettings().turns.longestUtteranceMs;
    this.#cancelLongest = clock.at((clock.nowUs() + longestMs * 1000) as MonoUs, () => {
      conversation.listen('stop', clock.nowUs());
      tell(spoken('ptt-force-stop', { reason: 'segment-too-long', max_duration_secs: longestMs / 1000 }, table()));
    });
  }

  #image(image: BoardImage, question: string, name: string): void {
    const note = `${image.mediaType}, ${image.data.length} bytes`;
    this.#deps.record('up', name, { note });
    this.#deps.conversation.image(image, question === '' ? undefined : question.slice(0, 2000));
  }

  /** Zero means "not said", as the Android SDK reads it too. */
  #noteFormat(frame: Extract<Frame, { kind: 'audio' }>): void {
    const isExpected = (frame.sampleRate === 0 || frame.sampleRate === 16000) && frame.channels <= 1;
    if (isExpected || this.#hasNotedFormat) return;
    this.#hasNotedFormat = true;
    this.#deps.record('up', 'audio frame', { note: `${frame.sampleRate} Hz, ${frame.channels} channels: read as 16000 Hz mono` });
  }
}
