import type { BootedApp } from '../../../pipeline/boards/esp/chip.ts';
import type { SelfReset } from '../../../pipeline/boards/twetalk/traits.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';

/** Makes an application start its chip anew as its fault says. Returns what keeps it from that. */
export function resetItself(app: BootedApp, reset: SelfReset | null): () => void {
  if (reset === null || (reset.isOncePerReset && isByItself(app.resetReason))) return () => {};
  return app.clock.at((app.clock.nowUs() + reset.afterMs * 1000) as MonoUs, () => {
    app.print(reset.lastWords);
    app.restart(reset.reason);
  });
}

function isByItself(reason: BootedApp['resetReason']): boolean {
  return reason === 'software' || reason === 'panic' || reason === 'brownout';
}
