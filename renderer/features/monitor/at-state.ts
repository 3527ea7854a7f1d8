import type { AtBringUp, AtConsole, AtExchange, AtUrc, AtValue, AtVerdict } from '../../../preload/contract/at.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';

const KEPT_EXCHANGES = 200;
const KEPT_URCS = 500;

/** An exchange comes again with each change of it; a line nobody asked for comes once. */
export const consoleFold: Fold<'at.console', AtConsole> = {
  start: (snapshot) => snapshot,
  apply(before, deltas) {
    const exchanges = new Map(before.exchanges.map((each) => [each.id, each]));
    const urcs = [...before.urcs];
    let { state, bringUp } = before;
    for (const delta of deltas) {
      if (delta.exchange !== undefined) exchanges.set(delta.exchange.id, delta.exchange);
      if (delta.urc !== undefined) urcs.push(delta.urc);
      state = delta.state ?? state;
      bringUp = delta.bringUp ?? bringUp;
    }
    return { state, bringUp, exchanges: [...exchanges.values()].slice(-KEPT_EXCHANGES), urcs: urcs.slice(-KEPT_URCS) };
  },
};

export function useAtConsole(address: string): AtConsole | null {
  return useSharedStream('at.console', { address }, consoleFold);
}

export type ConsoleItem = { kind: 'exchange'; exchange: AtExchange } | { kind: 'urc'; urc: AtUrc };

/** Both kinds in the order in which they began: they are numbered together. */
export function itemsOf({ exchanges, urcs }: Pick<AtConsole, 'exchanges' | 'urcs'>): ConsoleItem[] {
  const items: ConsoleItem[] = [
    ...exchanges.map((exchange) => ({ kind: 'exchange' as const, exchange })),
    ...urcs.map((urc) => ({ kind: 'urc' as const, urc })),
  ];
  return items.sort((a, b) => idOf(a) - idOf(b));
}

export function idOf(item: ConsoleItem): number {
  return item.kind === 'exchange' ? item.exchange.id : item.urc.id;
}

/** The worst of what an answer says; an answer that is no OK is bad whatever it says. */
export function verdictOf({ final, values, error }: AtExchange): AtVerdict {
  if (error !== undefined) return 'bad';
  if (final === undefined) return 'unknown';
  if (final.kind !== 'ok' && final.kind !== 'connect') return 'bad';
  return worstOf(values);
}

export function worstOf(values: readonly AtValue[]): AtVerdict {
  for (const verdict of ['bad', 'weak', 'good'] as const) if (values.some((each) => each.verdict === verdict)) return verdict;
  return 'unknown';
}

/** What was typed before, oldest first, each once. */
export function historyOf(exchanges: readonly AtExchange[]): string[] {
  const typed = exchanges.filter(({ source }) => source === 'user').map(({ command }) => command);
  return typed.filter((command, at) => typed.lastIndexOf(command) === at);
}

/** 'warning' is a pass with remarks. */
export function outcomeOf(report: AtBringUp | null): 'none' | 'running' | 'passed' | 'warning' | 'failed' | 'cancelled' {
  if (report === null) return 'none';
  return report.state === 'passed' && report.warnings > 0 ? 'warning' : report.state;
}
