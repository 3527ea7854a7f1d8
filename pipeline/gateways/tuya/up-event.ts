import { TalkError } from '../../../preload/contract/errors.ts';
import { isOn, objectOf } from './user-data.ts';
import { type Attribute, attributeIds as ids, numberOf, textOf } from './wire/attributes.ts';
import { Gathered } from './wire/gathered.ts';
import type { Chunk } from './wire/heads.ts';
import { imageMediaTypes, payloadForms, streamFlags } from './wire/numbers.ts';

/** What one event asks for (reference/tuya.md §6.3); undefined where it does not say. */
export interface EventOptions {
  readonly isServerVad: boolean | undefined;
  readonly isInterruptible: boolean | undefined;
  readonly needTts: boolean | undefined;
  readonly onlyAsr: boolean | undefined;
}

export function readEventOptions(chat: Readonly<Record<string, unknown>>): EventOptions {
  const workflow = typeof chat['sys.workflow'] === 'string' ? chat['sys.workflow'].split('-') : undefined;
  return {
    isServerVad: isOn(chat['asr.enableVad']),
    isInterruptible: isOn(chat['processing.interrupt']),
    needTts: isOn(chat.needTts) ?? workflow?.includes('tts'),
    onlyAsr: isOn(chat.onlyAsr) ?? (workflow === undefined ? undefined : !workflow.includes('llm')),
  };
}

/** Of one event: a picture that a language model takes, and a document's worth of text. */
const MOST_IMAGE_BYTES = 4 * 1024 * 1024;
const MOST_TEXT_BYTES = 256 * 1024;

/** Collects the chunks of one stream to what they make together. Throws TalkError 'too-large'. */
class Collector {
  readonly #limitBytes: number;
  readonly #gathered = new Gathered();

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The whole with its last chunk. */
  push({ flag, data }: Chunk): Uint8Array | null {
    if (flag === streamFlags.one || flag === streamFlags.start) this.clear();
    const sizeBytes = this.#gathered.length + data.length;
    if (sizeBytes > this.#limitBytes) {
      this.clear();
      throw new TalkError('too-large', { limitBytes: this.#limitBytes, sizeBytes });
    }
    this.#gathered.push(data);
    return flag === streamFlags.one || flag === streamFlags.end ? this.#gathered.take() : null;
  }

  clear(): void {
    this.#gathered.clear();
  }
}

/** One turn of the device's while it is on its way up. */
export class UpEvent {
  readonly id: string;
  readonly options: EventOptions;
  readonly #text = new Collector(MOST_TEXT_BYTES);
  readonly #image = new Collector(MOST_IMAGE_BYTES);
  #imageKind: { mediaType: string | undefined; form: number } = { mediaType: undefined, form: 0 };
  #textBytes = 0;
  readonly texts: string[] = [];
  /** Sound has come. */
  hasAudio = false;
  /** Sound is still the user's. */
  isHeard = true;
  /** The device said that it was all, or the cloud that the speech is over. */
  isOver = false;
  /** Its turn has come to its end on the way down. */
  isAnswered = false;

  constructor(id: string, options: EventOptions) {
    this.id = id;
    this.options = options;
  }

  /** Throws TalkError 'too-large'. */
  takeText(chunk: Chunk): void {
    const whole = this.#text.push(chunk);
    if (whole === null || whole.length === 0) return;
    this.#textBytes += whole.length;
    if (this.#textBytes > MOST_TEXT_BYTES) throw new TalkError('too-large', { limitBytes: MOST_TEXT_BYTES, sizeBytes: this.#textBytes });
    this.texts.push(Buffer.from(whole).toString('utf8').replace(/\0+$/u, ''));
  }

  /** The picture with its last chunk. Throws TalkError 'too-large' | 'unsupported'. */
  takeImage(chunk: Chunk, attributes: readonly Attribute[]): { data: Uint8Array; mediaType: string } | null {
    if (chunk.flag === streamFlags.one || chunk.flag === streamFlags.start) this.#imageKind = readImageKind(attributes);
    const whole = this.#image.push(chunk);
    if (whole === null) return null;
    const { mediaType, form } = this.#imageKind;
    if (form === payloadForms.url)
      throw new TalkError('unsupported', { feature: 'image by URL', why: 'the bench fetches nothing for a device' });
    if (mediaType === undefined)
      throw new TalkError('unsupported', { feature: 'video frame as image', why: 'only JPEG and PNG are looked at' });
    return { data: form === payloadForms.base64 ? Buffer.from(Buffer.from(whole).toString('latin1'), 'base64') : whole, mediaType };
  }

  /** What was typed; null for a hint that the device gives itself (`hintTone`), which nobody is to be asked about. */
  get typed(): string | null {
    const text = this.texts.join('\n').trim();
    return text === '' || objectOf(text).type === 'hintTone' ? null : text;
  }
}

function readImageKind(attributes: readonly Attribute[]): { mediaType: string | undefined; form: number } {
  const [form, format] = (textOf(attributes, ids.imageParams) ?? '').split(/\s+/u).map(Number);
  return {
    mediaType: imageMediaTypes.get(format ?? numberOf(attributes, ids.imageFormat) ?? 1),
    form: form ?? numberOf(attributes, ids.imagePayloadForm) ?? payloadForms.raw,
  };
}
