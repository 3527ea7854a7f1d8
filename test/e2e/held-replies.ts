import type { Page } from '@playwright/test';

/** What the core says to the page can be held back, as a slow machine or a board that takes its time would. Browser host only. */
export interface HeldReplies {
  hold(): void;
  /** Lets go of what was held, in its order, and of all that comes. */
  release(): void;
}

/** From the page's next load on. */
export async function holdReplies(page: Page): Promise<HeldReplies> {
  let held: (() => void)[] | null = null;
  await page.routeWebSocket(/./, (socket) => {
    const core = socket.connectToServer();
    core.onMessage((message) => {
      if (held === null) socket.send(message);
      else held.push(() => socket.send(message));
    });
  });
  return {
    hold: () => {
      held ??= [];
    },
    release: () => {
      const due = held ?? [];
      held = null;
      for (const send of due) send();
    },
  };
}
