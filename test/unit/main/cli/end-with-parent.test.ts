import { expect, test, vi } from 'vitest';
import { endWithParent } from '../../../../main/cli/end-with-parent.ts';

function started(env: Record<string, string>, hasChannel = false) {
  const looks: (() => void)[] = [];
  const closes: (() => void)[] = [];
  const end = vi.fn<() => void>();
  let parent = 41;
  endWithParent({
    env,
    parent: () => parent,
    channel: hasChannel ? { onClose: (listener) => closes.push(listener) } : null,
    every: (_ms, look) => looks.push(look),
    end,
  });
  return {
    end,
    look: () => {
      for (const each of looks) each();
    },
    orphan: () => (parent = 1),
    disconnect: () => {
      for (const each of closes) each();
    },
  };
}

test('through npx it ends when that is gone, once', () => {
  const { end, look, orphan } = started({ npm_command: 'exec' });
  look();
  expect(end).not.toHaveBeenCalled();
  orphan();
  look();
  look();
  expect(end).toHaveBeenCalledTimes(1);
});

test('with a channel to who started it, it ends with that', () => {
  const { end, disconnect } = started({}, true);
  disconnect();
  expect(end).toHaveBeenCalledTimes(1);
});

test('by itself it outlives who started it: a terminal, a script of the lab', () => {
  const { end, look, orphan } = started({});
  orphan();
  look();
  expect(end).not.toHaveBeenCalled();
});
