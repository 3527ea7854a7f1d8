import { describe, expect, test } from 'vitest';
import { parametersOf, selectedOf, viewOf } from '../../../renderer/features/session/session-link.ts';
import { createSessionView } from '../../../renderer/features/session/session-view.ts';
import { heardAndUnheard } from '../../../renderer/lib/heard.ts';

describe('session link', () => {
  test('brings back cursor, view and selection', () => {
    const state = createSessionView({
      durationUs: 41_200_000,
      cursorUs: 5,
      view: { fromUs: 1_000_000, toUs: 9_000_000 },
      selected: null,
    }).getState();
    for (const selected of [
      { kind: 'turn', conversationId: 'c:1', turnId: 3 },
      { kind: 'event', ordinal: 71 },
      { kind: 'log', port: '/dev/ttyUSB0', seq: 0 },
      { kind: 'flash', jobId: '0b4c:1' },
    ] as const) {
      const parameters = new URLSearchParams(
        Object.entries(parametersOf({ ...state, selected })).filter((entry): entry is [string, string] => entry[1] !== null),
      );
      expect([selectedOf(parameters), viewOf(parameters), parameters.get('t')]).toEqual([selected, state.view, '5']);
    }
  });

  test('nonsense in the address selects nothing', () => {
    expect([selectedOf(new URLSearchParams('sel=turn:x')), viewOf(new URLSearchParams('view=9-3'))]).toEqual([null, null]);
  });
});

describe('heard and unheard', () => {
  test('what was cut is the rest of the reply, white space aside', () => {
    expect(heardAndUnheard('Hello there. How are you?', 'Hello there.How')).toEqual({ heard: 'Hello there. How', unheard: ' are you?' });
    expect(heardAndUnheard('从前有座山。', '从前有座山。')).toEqual({ heard: '从前有座山。', unheard: '' });
    expect(heardAndUnheard('从前有座山。', '')).toEqual({ heard: '', unheard: '从前有座山。' });
  });

  test('a heard text that is no beginning of the reply is shown as it is', () => {
    expect(heardAndUnheard('abc', 'xyz')).toEqual({ heard: 'xyz', unheard: '' });
  });
});
