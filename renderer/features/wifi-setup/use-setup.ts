import { useEffect, useState } from 'react';
import type { WifiSetupRun } from '../../../preload/contract/wifi-setup.ts';
import { useAction } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';
import { useToasts } from '../../lib/toasts.ts';
import { requestOf, type WifiSetupDraft } from './draft.ts';
import { chooseBoard, hasBluetooth, onBluetoothChange } from './web-bluetooth.ts';
import { type LentRadio, lendRadio } from './window-radio.ts';

const runsFold: Fold<'wifi.runs', WifiSetupRun[]> = {
  start: (snapshot) => snapshot,
  apply(state, items) {
    const byId = new Map(state.map((run) => [run.runId, run]));
    for (const run of items) byId.set(run.runId, run);
    return [...byId.values()];
  },
};

/** Newest first; null until they are known. */
export function useWifiSetupRuns(): WifiSetupRun[] | null {
  return useSharedStream('wifi.runs', {}, runsFold)?.toSorted((a, b) => b.startedUs - a.startedUs) ?? null;
}

/** Null until it is known. */
export function useHasBluetooth(): boolean | null {
  const [has, setHas] = useState<boolean | null>(null);
  useEffect(() => {
    const look = (): void => void hasBluetooth().then(setHas);
    look();
    return onBluetoothChange(look);
  }, []);
  return has;
}

/** The page's, not the panel's: a setup goes on while its user looks at the monitor. */
let lent: LentRadio | null = null;

/** Begins a setup; for Bluetooth the user chooses a board first, and the radio is lent until the next one or the page's end. */
export function useBegin() {
  const lab = useLab();
  const show = useToasts((state) => state.show);
  const { run, isBusy } = useAction();
  const [isChoosing, setChoosing] = useState(false);

  /** Null: nothing was chosen. */
  async function borrowRadio(): Promise<LentRadio | null> {
    setChoosing(true);
    try {
      const device = await chooseBoard();
      return device === null ? null : await lendRadio(lab, device);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      show({
        kind: 'error',
        error: error instanceof DOMException ? { code: 'wifi/radio-lost', data: { reason }, retryable: true } : errorValueOf(error),
      });
      return null;
    } finally {
      setChoosing(false);
    }
  }

  async function begin(draft: WifiSetupDraft): Promise<void> {
    const needsRadio = draft.method === 'ble' && !draft.isVirtual;
    if (needsRadio) {
      lent?.close();
      lent = await borrowRadio();
      if (lent === null) return;
    }
    await run('wifi.start', requestOf(draft, needsRadio ? (lent?.radioId ?? null) : null));
  }
  return { begin, isBusy: isBusy || isChoosing };
}
