import { describe, expect, test } from 'vitest';
import { factsOfRows, packFacts, type StoredEvent, unpackFacts } from '../../../../../main/core/store/timeline-facts.ts';
import { LaneAssembler, noLanes } from '../../../../../main/core/store/timeline-lanes.ts';
import type { TimelineSeries } from '../../../../../preload/contract/timeline.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';

const OWN = 7;

function stored(events: readonly Record<string, unknown>[]): StoredEvent[] {
  return events.map((event, ordinal) => ({
    ordinal,
    at_us: event.atUs as number,
    kind: event.kind as string,
    conversation_key: event.conversationId === undefined ? null : OWN,
    turn_id: (event.turnId as number | undefined) ?? null,
    body: JSON.stringify(event),
  }));
}

const sample = stored(sampleConversation().events);

/** Each lane's things as [from, to, id], whatever their tone. */
function things(series: readonly TimelineSeries[], lane: string, form: TimelineSeries['form'], tone?: string): number[][] {
  return series
    .filter((each) => each.lane === lane && each.form === form && (tone === undefined || each.tone === tone))
    .flatMap(({ fromUs, toUs, ids }) => {
      const from = new Float64Array(fromUs.slice().buffer);
      const to = toUs === undefined ? from : new Float64Array(toUs.slice().buffer);
      return [...new Uint32Array(ids.slice().buffer)].map((id, i) => [from[i] as number, to[i] as number, id]);
    })
    .sort((a, b) => (a[0] as number) - (b[0] as number));
}

function lanesOf(rows: readonly StoredEvent[], wanted: number | null = OWN): TimelineSeries[] {
  const assembler = new LaneAssembler(wanted, noLanes);
  assembler.add(factsOfRows(rows));
  return assembler.series();
}

describe('lanes of a conversation', () => {
  const series = lanesOf(sample);

  test('turn states follow each other without a gap', () => {
    const states = things(series, 'state', 'spans');
    expect(states.length).toBeGreaterThan(8);
    for (const [i, [from]] of states.entries()) if (i > 0) expect(from).toBe(states[i - 1]?.[1]);
  });

  test('a request is one span, the words of the user lead to the final transcript', () => {
    expect([things(series, 'llm', 'spans').length, things(series, 'tool', 'spans').length]).toEqual([4, 1]);
    for (const [, , id] of things(series, 'transcript', 'spans')) expect(sample[id as number]?.kind).toBe('stt.final');
  });

  test('a reply that was cut has a rest that was not heard, and no other has', () => {
    const rest = things(series, 'heard', 'spans', 'unheard');
    const cut = sampleConversation().turns.at(-1);
    expect(rest.length).toBeGreaterThan(0);
    for (const [from, to] of rest) {
      expect(from).toBeGreaterThan(cut?.startedUs ?? 0);
      expect(to).toBeGreaterThanOrEqual(from as number);
    }
  });

  test('every event is on a lane, or ends what is on one', () => {
    const shown = new Set(series.flatMap(({ ids }) => [...new Uint32Array(ids.slice().buffer)]));
    const unseen = sample.filter(({ ordinal }) => !shown.has(ordinal)).map(({ kind }) => kind);
    const silent = ['turn.ended', 'user.speech-started', 'user.speech-ended', 'llm.done', 'tts.done', 'tool.result', 'turn.state'];
    expect(unseen.filter((kind) => !silent.includes(kind))).toEqual([]);
  });

  test('a kind that nobody knows is a mark all the same', () => {
    const strange = lanesOf(stored([{ kind: 'from.the-future', atUs: 5, conversationId: 'c' }]));
    expect(things(strange, 'conversation', 'marks')).toEqual([[5, 5, 0]]);
  });

  test('another conversation is not shown', () => {
    expect(lanesOf(sample, OWN + 1).flatMap(({ lane }) => (lane === 'llm' ? [lane] : []))).toEqual([]);
  });
});

describe('lanes in pieces', () => {
  test('are the same however the events are cut, with what was open handed on', () => {
    const whole = lanesOf(sample);
    for (const size of [1, 7, 40]) {
      let state = noLanes;
      const pieces: TimelineSeries[] = [];
      for (let at = 0; at < sample.length; at += size) {
        const assembler = new LaneAssembler(OWN, JSON.parse(JSON.stringify(state)));
        assembler.add(factsOfRows(sample.slice(at, at + size)));
        pieces.push(...assembler.series());
        state = assembler.state();
      }
      for (const lane of ['state', 'speech', 'transcript', 'llm', 'tts', 'heard', 'tool', 'turn'])
        expect([size, lane, things(pieces, lane, 'spans')]).toEqual([size, lane, things(whole, lane, 'spans')]);
    }
  });

  test('what has not ended is open, from where it began', () => {
    const assembler = new LaneAssembler(OWN, noLanes);
    assembler.add(factsOfRows(stored([{ kind: 'turn.state', state: 'thinking', atUs: 9, conversationId: 'c' }])));
    expect(assembler.open()).toEqual([{ lane: 'state', tone: 'engine', fromUs: 9, id: 0 }]);
  });
});

test('facts of events are the same after they were kept', () => {
  const facts = factsOfRows(sample);
  expect(unpackFacts(packFacts(facts), facts.count)).toEqual(facts);
});
