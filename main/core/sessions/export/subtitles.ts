import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import type { FileWriter } from './file-writer.ts';
import type { SessionSource } from './source.ts';

/** A line of what was heard. Times are session microseconds. */
export interface Cue {
  speaker: 'user' | 'agent';
  fromUs: number;
  toUs: number;
  text: string;
}

type SubtitleFormat = 'srt' | 'vtt';

/** A line that is over before it can be seen is shown as long as this. */
const SHORTEST_US = 300_000;
/** Speech after a longer pause belongs to another line. */
const PAUSE_US = 3_000_000;
/** So many lines may wait for one that began before them. */
const LINES_HELD = 64;

/**
 * What was said and heard of a conversation as subtitles of its sound: time 0 is where the WAV begins. A reply that was cut short ends
 * where the speaker fell silent, with the words that were heard by then.
 */
export function writeSubtitles(
  source: SessionSource,
  out: FileWriter,
  options: { conversationId: string; originUs: number; format: SubtitleFormat },
): { cues: number } {
  const { conversationId, originUs, format } = options;
  const turns = new Map([...source.turns(conversationId)].map((turn) => [turn.turnId, turn]));
  if (format === 'vtt') out.write('WEBVTT\n\n');
  let cues = 0;
  for (const cue of inOrder(cuesOf(source, conversationId, turns))) {
    cues++;
    out.write(cueText(cue, { number: cues, originUs, format }));
  }
  return { cues };
}

/** What is known of one turn's reply until it is over. */
interface Reply {
  sentences: { text: string; atUs: number }[];
  audibleUs: number | undefined;
  lengthsUs: Map<number, number>;
}

function* cuesOf(source: SessionSource, conversationId: string, turns: ReadonlyMap<number, TurnRecord>): Generator<Cue> {
  const replies = new Map<number, Reply>();
  let spoken: { fromUs: number; toUs?: number | undefined } | undefined;
  /** The words so far of a turn that is not yet committed. */
  let heard = '';
  const replyOf = (turnId: number): Reply => {
    const reply = replies.get(turnId) ?? { sentences: [], audibleUs: undefined, lengthsUs: new Map<number, number>() };
    replies.set(turnId, reply);
    return reply;
  };
  for (const { event } of source.events(conversationId)) {
    switch (event.kind) {
      case 'user.speech-started':
        // Speech that goes on after a short pause is one line; what led to nothing long ago was a false alarm.
        if (spoken === undefined || event.atUs - (spoken.toUs ?? event.atUs) > PAUSE_US) spoken = { fromUs: event.atUs };
        break;
      case 'user.speech-ended':
        if (spoken !== undefined) spoken.toUs = event.atUs;
        break;
      case 'stt.final':
        heard += event.text;
        break;
      case 'turn.committed':
        if (event.text !== '' || heard !== '') {
          const fromUs = spoken?.fromUs ?? event.atUs;
          yield {
            speaker: 'user',
            fromUs,
            toUs: Math.max(fromUs, spoken?.toUs ?? event.atUs),
            text: event.text === '' ? heard : event.text,
          };
        }
        spoken = undefined;
        heard = '';
        break;
      case 'downlink.sentence-started':
        replyOf(event.turnId).sentences.push({ text: event.text, atUs: event.atUs });
        break;
      case 'downlink.audible':
        replyOf(event.turnId).audibleUs ??= event.atUs;
        break;
      case 'tts.done':
        replyOf(event.turnId).lengthsUs.set(event.sentence, event.durationUs);
        break;
      case 'turn.ended':
        yield* replyCues(replyOf(event.turnId), turns.get(event.turnId)?.heardText ?? event.heardText, event);
        replies.delete(event.turnId);
        break;
      default: // nothing was said by it
    }
  }
}

function* replyCues(reply: Reply, heardText: string, ended: Extract<PipelineEvent, { kind: 'turn.ended' }>): Generator<Cue> {
  const { sentences, audibleUs } = reply;
  const beginUs = audibleUs ?? sentences[0]?.atUs;
  if (beginUs === undefined || heardText.trim() === '') return;
  if (sentences.length === 0) {
    yield { speaker: 'agent', fromUs: beginUs, toUs: ended.atUs, text: heardText };
    return;
  }
  let at = 0;
  for (const [index, { text, atUs }] of sentences.entries()) {
    const fromUs = Math.max(atUs, beginUs);
    if (fromUs >= ended.atUs) return;
    const toUs = Math.min(ended.atUs, sentences[index + 1]?.atUs ?? Number.POSITIVE_INFINITY);
    const shown = heardOf(text, heardText, at);
    at = shown.at;
    if (shown.text !== '') yield { speaker: 'agent', fromUs, toUs, text: shown.text };
  }
}

/** As much of a sentence as was heard. One that stands nowhere in what was heard (spoken otherwise than written) is told whole. */
function heardOf(sentence: string, heardText: string, at: number): { text: string; at: number } {
  const text = sentence.trim();
  const found = heardText.indexOf(text, at);
  if (found >= 0) return { text, at: found + text.length };
  const rest = heardText.slice(at).trim();
  if (rest === '') return { text: '', at };
  return text.startsWith(rest) ? { text: `${rest}…`, at: heardText.length } : { text, at };
}

/** Cues come as their turns end; one may have begun before another that ended first. */
function* inOrder(cues: Iterable<Cue>): Generator<Cue> {
  const held: Cue[] = [];
  for (const cue of cues) {
    held.push(cue);
    held.sort((one, other) => one.fromUs - other.fromUs);
    if (held.length > LINES_HELD) yield held.shift() as Cue;
  }
  yield* held;
}

function cueText(cue: Cue, { number, originUs, format }: { number: number; originUs: number; format: SubtitleFormat }): string {
  const fromUs = Math.max(0, cue.fromUs - originUs);
  const toUs = Math.max(fromUs + SHORTEST_US, cue.toUs - originUs);
  const mark = format === 'srt' ? ',' : '.';
  const times = `${clockTime(fromUs, mark)} --> ${clockTime(toUs, mark)}`;
  // A blank line ends a cue.
  const text = cue.text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();
  if (format === 'srt')
    return `${number}\r\n${times}\r\n${cue.speaker === 'user' ? 'User' : 'Agent'}: ${text.replaceAll('-->', '→')}\r\n\r\n`;
  return `${number}\n${times}\n<v ${cue.speaker === 'user' ? 'User' : 'Agent'}>${escaped(text)}\n\n`;
}

function clockTime(us: number, mark: string): string {
  const ms = Math.round(us / 1000);
  const part = (value: number, digits = 2) => String(value).padStart(digits, '0');
  return `${part(Math.floor(ms / 3_600_000))}:${part(Math.floor(ms / 60_000) % 60)}:${part(Math.floor(ms / 1000) % 60)}${mark}${part(ms % 1000, 3)}`;
}

/** WebVTT cue text: what would be a tag or an entity is text. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
