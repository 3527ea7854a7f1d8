import { describe, expect, test } from 'vitest';
import { createPlayback, levelOf, nextRate } from '../../../../../renderer/features/session/player/playback.ts';
import { cursorOf, parametersOf, rangeOf, selectedOf, viewOf } from '../../../../../renderer/features/session/session-link.ts';
import { createSessionView } from '../../../../../renderer/features/session/session-view.ts';

const second = 1_000_000;
const view = (more: object = {}) =>
  createSessionView({ durationUs: 300 * second, cursorUs: 0, view: null, selected: null, ...more }).getState;

describe('a recording that grows', () => {
  test('is followed at its end, a minute of it', () => {
    const state = view({ isFollowing: true });
    expect(state().view).toEqual({ fromUs: 240 * second, toUs: 300 * second });
    state().grow(310 * second);
    expect(state()).toMatchObject({ durationUs: 310 * second, view: { fromUs: 250 * second, toUs: 310 * second }, isFollowing: true });
  });

  test('that has only begun is seen whole', () => {
    const state = createSessionView({ durationUs: second, cursorUs: 0, view: null, selected: null, isFollowing: true }).getState;
    state().grow(20 * second);
    expect(state().view).toEqual({ fromUs: 0, toUs: 20 * second });
    state().grow(90 * second);
    expect(state().view).toEqual({ fromUs: 30 * second, toUs: 90 * second });
  });

  test('is no longer followed when the reader goes back, and stays where he looks', () => {
    const state = view({ isFollowing: true });
    state().pan(-0.5);
    const before = state().view;
    expect(state().isFollowing).toBe(false);
    state().grow(320 * second);
    expect(state().view).toEqual(before);
    state().follow(true);
    expect(state()).toMatchObject({ isFollowing: true, view: { toUs: 320 * second } });
  });

  test('is zoomed around its end while it is followed', () => {
    const state = view({ isFollowing: true });
    state().zoom(0.5);
    expect(state()).toMatchObject({ isFollowing: true, view: { fromUs: 270 * second, toUs: 300 * second } });
  });

  test('is left when something elsewhere is selected, and not when something in sight is', () => {
    const state = view({ isFollowing: true });
    state().select({ kind: 'event', ordinal: 1 }, 290 * second);
    expect(state().isFollowing).toBe(true);
    state().select({ kind: 'event', ordinal: 0 }, 10 * second);
    expect(state()).toMatchObject({ isFollowing: false, cursorUs: 10 * second });
  });
});

test('what is lit goes with the selection', () => {
  const state = view();
  state().light({ fromUs: 1, toUs: 2 });
  expect(state().lit).toEqual({ fromUs: 1, toUs: 2 });
  state().select(null);
  expect(state().lit).toBeNull();
});

describe('a link', () => {
  test('brings back place, range, view and selection', () => {
    const state = view({
      cursorUs: 5 * second,
      view: { fromUs: second, toUs: 9 * second },
      range: { fromUs: 2 * second, toUs: 3 * second },
      selected: { kind: 'event', ordinal: 71 },
    })();
    const parameters = new URLSearchParams(
      Object.entries(parametersOf(state)).filter((entry): entry is [string, string] => entry[1] !== null),
    );
    expect([cursorOf(parameters), viewOf(parameters), rangeOf(parameters), selectedOf(parameters)]).toEqual([
      5 * second,
      state.view,
      state.range,
      state.selected,
    ]);
  });

  test('into a recording that is followed leads to its end, whatever that is then', () => {
    expect(parametersOf(view({ isFollowing: true })())).toEqual({ t: null, view: null, range: null, sel: null });
  });

  test('with nonsense in it leads nowhere in particular', () => {
    const parameters = new URLSearchParams('t=x&view=9-3&range=1-a&sel=turn:x');
    expect([cursorOf(parameters), viewOf(parameters), rangeOf(parameters), selectedOf(parameters)]).toEqual([null, null, null, null]);
  });
});

describe('playback', () => {
  test('a track alone is heard though it was muted, and the other is not', () => {
    const state = { ...createPlayback().getState(), isMuted: { user: true, agent: false }, levels: { user: 0.5, agent: 1 } };
    expect([levelOf('user', state), levelOf('agent', state)]).toEqual([0, 1]);
    const alone = { ...state, solo: 'user' as const };
    expect([levelOf('user', alone), levelOf('agent', alone)]).toEqual([0.5, 0]);
  });

  test('speeds go up and down in their steps and end', () => {
    expect([nextRate(1, 1), nextRate(1, -1), nextRate(4, 1), nextRate(0.25, -1)]).toEqual([1.25, 0.75, 4, 0.25]);
  });
});
