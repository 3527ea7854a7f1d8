import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNotes, type Notes } from '../../../../../main/core/sessions/notes.ts';
import { isTalkError } from '../../../../../preload/contract/errors.ts';
import { type PipelineEventKind, pipelineEvent } from '../../../../../preload/contract/events.ts';
import { transcriptEventKinds } from '../../../../../preload/contract/sessions.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { openTestBench, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
let notes: Notes;
let sessionId: string;
const context = { signal: new AbortController().signal, role: 'operator' } as const;

beforeEach(async () => {
  bench = await openTestBench();
  notes = createNotes({ store: bench.store });
  sessionId = bench.recorder.ensureSession('noted').id;
}, 60_000);
afterEach(() => bench.close());

const add = (atUs: number, text: string, toUs: number | null = null) =>
  notes.calls['notes.add']({ sessionId, atUs, toUs, text, colour: 'yellow' }, context);
const listed = async () => (await notes.calls['notes.list']({ sessionId }, context)).notes;

describe('notes of a session', () => {
  test('stand in order of time, also in a session that is being recorded', async () => {
    await add(5_000_000, 'second');
    await add(1_000_000, 'first', 2_000_000);
    expect(await listed()).toMatchObject([
      { atUs: 1_000_000, toUs: 2_000_000, text: 'first', colour: 'yellow' },
      { atUs: 5_000_000, toUs: null, text: 'second' },
    ]);
  });

  test('are changed in part, and the note on the whole session is none of them', async () => {
    const { id } = await add(1_000_000, 'wrong word', 2_000_000);
    await bench.store.write('session.update', { id: sessionId, note: 'about all of it' });
    await notes.calls['notes.change']({ sessionId, id, text: 'right word', colour: 'red' }, context);
    expect(await listed()).toEqual([{ id, atUs: 1_000_000, toUs: 2_000_000, text: 'right word', colour: 'red' }]);
    await notes.calls['notes.change']({ sessionId, id, atUs: 3_000_000 }, context);
    expect(await listed()).toMatchObject([{ atUs: 3_000_000, toUs: null }]);
    await notes.calls['notes.remove']({ sessionId, id }, context);
    expect(await listed()).toEqual([]);
    expect(await bench.store.read('session.summary', { id: sessionId })).toMatchObject({ note: 'about all of it' });
  });

  test('that are not there, or of another session, are refused', async () => {
    const { id } = await add(1_000_000, 'mine');
    await bench.recorder.stop();
    const other = bench.recorder.ensureSession('other').id;
    const refused = (code: string) => (error: unknown) => isTalkError(error) && error.value.code === code;
    await expect(notes.calls['notes.remove']({ sessionId: other, id }, context)).rejects.toSatisfy(refused('not-found'));
    await expect(notes.calls['notes.change']({ sessionId, id: 999, text: 'x' }, context)).rejects.toSatisfy(refused('not-found'));
    await expect(notes.calls['notes.list']({ sessionId: 'gone' }, context)).rejects.toSatisfy(refused('session/not-found'));
    await expect(notes.calls['notes.add']({ sessionId: 'gone', atUs: 0, toUs: null, text: 'x', colour: 'red' }, context)).rejects.toSatisfy(
      refused('session/not-found'),
    );
    expect(await listed()).toHaveLength(1);
  });

  test('are told to who follows them', async () => {
    const attached = notes.streams['notes.state']({ sessionId });
    await attached.ready;
    const told: string[][] = [];
    attached.topic.listen((delta) => told.push(delta.map((note) => note.text)));
    const { id } = await add(1_000_000, 'one');
    await add(500_000, 'zero');
    await notes.calls['notes.remove']({ sessionId, id }, context);
    expect(told).toEqual([['one'], ['zero', 'one'], ['zero']]);
  });

  test('are found with their place, as what was said is', async () => {
    await add(1_000_000, '这里有杂音 noise');
    bench.recorder.event({ kind: 'turn.started', conversationId: 'c', turnId: 1, initiator: 'user-speech', atUs: 7_000_000 as MonoUs });
    bench.recorder.event({
      ...{ kind: 'turn.ended', conversationId: 'c', turnId: 1, outcome: 'completed', atUs: 8_000_000 as MonoUs },
      ...{ userText: 'is there noise', replyText: 'none', heardText: 'none' },
    });
    await bench.store.flush();
    const { hits } = await notes.calls['notes.find']({ text: 'noise', limit: 10 }, context);
    expect(hits).toMatchObject([
      { kind: 'turn', sessionId, turnId: 1, startedUs: 2_000_000 },
      { kind: 'note', sessionId, atUs: 1_000_000, text: '这里有杂音 noise' },
    ]);
    expect((await notes.calls['notes.find']({ text: '杂音', limit: 10 }, context)).hits).toMatchObject([{ kind: 'note' }]);
  });

  test('go with the session into its file and come back from it', async () => {
    await add(1_000_000, 'kept', 2_000_000);
    await bench.recorder.stop();
    const path = join(bench.folder, 'noted.talkbench');
    await bench.store.bulk('session.render', { id: sessionId, format: 'talkbench', path, includeIdentities: false, secrets: [] });
    await bench.store.bulk('session.check', { path });
    const { id } = await bench.store.write('session.import', { path, newId: 'again', cancelled: new SharedArrayBuffer(4) });
    expect(await bench.store.read('note.list', { sessionId: id })).toMatchObject([
      { atUs: 1_000_000, toUs: 2_000_000, text: 'kept', colour: 'yellow' },
    ]);
  });
});

test('the events of a transcript are read by their index, in order and without the others', async () => {
  const told: PipelineEventKind[] = [];
  const record = (event: object) => {
    told.push((event as { kind: PipelineEventKind }).kind);
    bench.recorder.event(pipelineEvent.parse({ atUs: 6_000_000, conversationId: 'c', turnId: 1, ...event }));
  };
  record({ kind: 'turn.started', initiator: 'user-text' });
  record({ kind: 'llm.text', text: 'hello' });
  record({ kind: 'downlink.sentence-started', sentence: 0, text: 'hello' });
  record({ kind: 'downlink.queue', queuedUs: 3 });
  record({ kind: 'dropped', what: 'frames', count: 2 });
  await bench.store.flush();
  const read = (kinds: readonly string[]) => bench.store.read('session.events', { id: sessionId, afterOrdinal: -1, limit: 10, kinds });
  const { events } = await read(transcriptEventKinds);
  expect(events.map(({ event, ordinal }) => [ordinal, event.kind])).toEqual([
    [0, 'turn.started'],
    [2, 'downlink.sentence-started'],
    [4, 'dropped'],
  ]);
  expect((await read(['dropped'])).events.map(({ ordinal }) => ordinal)).toEqual([4]);
  expect((await read(['llm.text', 'dropped'])).events.map(({ ordinal }) => ordinal)).toEqual([1, 4]);
  expect((await read(told)).events).toHaveLength(5);
});
