import { sleepUntil } from '../../../../pipeline/clock.ts';
import type { SttEngine, SttOptions, SttResult, SttStream } from '../../../../pipeline/engines/stt/engine.ts';
import { joinParts } from '../../../../pipeline/turn/words.ts';
import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Marks } from './marks.ts';
import { UNKNOWN } from './placeholder.ts';
import type { RecordedUtterance } from './recorded-utterances.ts';
import type { Typical } from './typical.ts';
import { slicedUnits, unitsOf } from './units.ts';

/** A stretch that begins or ends this near to a recorded one's edge begins or ends with it: detectors are told other thresholds. */
const EDGE_US = 250_000;

export interface RecordedSttOptions {
  clock: Clock;
  id: string;
  utterances: readonly RecordedUtterance[];
  typical: Typical;
  marks: Marks;
}

export interface RecordedStt extends SttEngine {
  /** Which speech a stream is about it learns from what the turn-taking tells. */
  hear(event: PipelineEvent): void;
}

/**
 * Recognises what was recognised: by where a stretch lies in the recorded speech. One that covers several recorded ones has their words
 * together, one that covers a part of one has its share of the words; both are modelled. Speech that nobody recognised is unknown.
 */
export function createRecordedStt({ clock, id, utterances, typical, marks }: RecordedSttOptions): RecordedStt {
  /** Units of a recorded stretch that an earlier stretch of this run has taken. */
  const taken = new Map<RecordedUtterance, number>();
  let latest: Stream | undefined;

  class Stream implements SttStream {
    readonly #options: SttOptions;
    turnId: number | undefined;
    startMediaUs: number | undefined;
    endMediaUs: number | undefined;
    #cancel = () => {};
    #next = 0;

    constructor(options: SttOptions) {
      this.#options = options;
    }

    begins(event: Extract<PipelineEvent, { kind: 'user.speech-started' }>): void {
      this.startMediaUs = event.mediaUs;
      this.turnId = event.turnId;
      this.#next = utterances.findIndex((each) => (each.endMediaUs ?? Number.POSITIVE_INFINITY) > event.mediaUs);
      if (this.#next < 0) this.#next = utterances.length;
      this.#follow(0);
    }

    write(): void {}

    async finish(): Promise<SttResult> {
      const flushedUs = clock.nowUs();
      const parts = this.#parts();
      const last = parts.at(-1)?.utterance;
      const afterUs = last?.failure?.afterUs ?? last?.final?.afterUs;
      if (afterUs === undefined) marks.add(this.turnId, 'delay');
      await sleepUntil(clock, (flushedUs + Math.round(afterUs ?? typical.finalUs)) as MonoUs, this.#options.signal);
      this.close();
      if (last?.failure) throw TalkError.from(last.failure.error);
      for (const { utterance, toUnit } of parts) taken.set(utterance, toUnit);
      if (parts.length !== 1 || parts.some(({ isWhole }) => !isWhole)) marks.add(this.turnId, 'transcript');
      if (parts.length === 0) return { text: UNKNOWN };
      const { score, language, emotion } = last?.final ?? {};
      return {
        text: joinParts(parts.map(({ text }) => text)),
        ...(score !== undefined && { score }),
        ...(language !== undefined && { language }),
        ...(emotion !== undefined && { emotion }),
      };
    }

    close(): void {
      this.#cancel();
    }

    /** What of the recorded stretches lies in this one. */
    #parts() {
      const fromUs = this.startMediaUs ?? 0;
      const toUs = this.endMediaUs ?? Number.POSITIVE_INFINITY;
      const within = utterances.filter(
        ({ startMediaUs, endMediaUs }) => Math.min(toUs, endMediaUs ?? toUs) - Math.max(fromUs, startMediaUs) > 0,
      );
      return within.map((utterance) => {
        const whole = utterance.final?.text ?? utterance.partials.at(-1)?.text ?? (utterance.failure ? '' : UNKNOWN);
        const count = unitsOf(whole).length;
        const fromUnit = taken.get(utterance) ?? this.#unitAt(utterance, fromUs, count, 'from');
        const toUnit = Math.max(fromUnit, this.#unitAt(utterance, toUs, count, 'to'));
        const isWhole = fromUnit === 0 && toUnit === count && utterance.endMediaUs !== null;
        return { utterance, text: isWhole ? whole : slicedUnits(whole, fromUnit, toUnit), toUnit, isWhole };
      });
    }

    /** How many units were said by then: those of the last partial transcript, or else shared out evenly over the speech. */
    #unitAt({ startMediaUs, endMediaUs, partials }: RecordedUtterance, mediaUs: number, count: number, edge: 'from' | 'to'): number {
      if (edge === 'from' && mediaUs <= startMediaUs + EDGE_US) return 0;
      if (endMediaUs === null || mediaUs >= endMediaUs - EDGE_US) return count;
      const partial = partials.findLast(({ atUs }) => atUs <= clock.nowUs());
      if (edge === 'to' && partial !== undefined) return Math.min(count, unitsOf(partial.text).length);
      return Math.round((count * Math.max(0, mediaUs - startMediaUs)) / (endMediaUs - startMediaUs));
    }

    /** Partial transcripts as they came, for as long as the stretch is open. */
    #follow(partial: number): void {
      const utterance = utterances[this.#next];
      if (utterance === undefined) return;
      const next = utterance.partials[partial];
      if (next === undefined) {
        this.#next += 1;
        this.#follow(0);
        return;
      }
      this.#cancel = clock.at(Math.max(next.atUs, clock.nowUs()) as MonoUs, () => {
        if (this.#options.signal.aborted) return;
        // Of several that were due before this began, the newest says all.
        const isOutdated = (utterance.partials[partial + 1]?.atUs ?? Number.POSITIVE_INFINITY) <= clock.nowUs();
        if (!isOutdated) this.#options.onPartial?.(this.#textWith(utterance, next.text));
        this.#follow(partial + 1);
      });
    }

    #textWith(utterance: RecordedUtterance, partial: string): string {
      const fromUs = this.startMediaUs ?? 0;
      const before = utterances.slice(0, utterances.indexOf(utterance)).filter(({ endMediaUs }) => (endMediaUs ?? 0) > fromUs);
      const earlier = before.map((each) => slicedUnits(each.final?.text ?? '', taken.get(each) ?? 0));
      return joinParts([...earlier, slicedUnits(partial, taken.get(utterance) ?? 0)]);
    }
  }

  return {
    id,
    languages: ['zh', 'en'],
    async open(options) {
      latest = new Stream(options);
      return latest;
    },
    hear(event) {
      // The stream is opened in the call that then tells of the speech; there is one stretch at a time.
      if (event.kind === 'user.speech-started') latest?.begins(event);
      else if (event.kind === 'user.speech-ended' && latest !== undefined) latest.endMediaUs = event.mediaUs;
    },
  };
}
