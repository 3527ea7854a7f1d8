/** Those who wait for a condition; whoever changes something says so. */
export interface Waiting {
  until(condition: () => boolean): Promise<void>;
  changed(): void;
}

export function createWaiting(): Waiting {
  const waiting = new Set<() => void>();
  return {
    changed() {
      for (const wake of [...waiting]) wake();
    },
    until(condition) {
      if (condition()) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          if (!condition()) return;
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
      });
    },
  };
}
