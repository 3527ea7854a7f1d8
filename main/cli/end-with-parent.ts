const LOOK_MS = 1000;

export interface ParentFacts {
  env: Readonly<Record<string, string | undefined>>;
  /** Whoever is the parent now: another one once the first has gone. */
  parent: () => number;
  /** To a process that started this one with a channel. */
  channel: { onClose(listener: () => void): void } | null;
  every: (ms: number, look: () => void) => void;
  end: () => void;
}

/**
 * Started through another process that stands for it (`npx`, or bin/talkbench.mjs under an older Node), it ends with that one, however it
 * ended: a server that stays behind holds the library and its ports, and nobody knows of it. Started by itself it outlives whoever did.
 */
export function endWithParent({ env, parent, channel, every, end }: ParentFacts): void {
  channel?.onClose(end);
  if (env.npm_command !== 'exec') return;
  const first = parent();
  let isOver = false;
  every(LOOK_MS, () => {
    if (isOver || parent() === first) return;
    isOver = true;
    end();
  });
}

/** As of this process. */
export function parentOfThis(): ParentFacts {
  const { channel } = process;
  return {
    env: process.env,
    parent: () => process.ppid,
    channel: channel
      ? {
          onClose(listener) {
            process.on('disconnect', listener);
            // It keeps nobody waiting.
            channel.unref();
          },
        }
      : null,
    every: (ms, look) => void setInterval(look, ms).unref(),
    // As Ctrl-C does: what records is closed first.
    end: () => void process.kill(process.pid, 'SIGTERM'),
  };
}
