import { useEffect, useState } from 'react';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { RowDetails } from '../../components/row-details.tsx';
import { useLogState, useLogView } from '../../lib/log-hooks.ts';
import type { LogView } from '../../lib/log-view.ts';
import { instantText } from '../../lib/quantities.ts';

export function LogRowDetails({ sessionId, seq }: { sessionId: string; seq: number }) {
  const row = useRow(useLogView({ sessionId, tail: 0 }), seq);
  return row === null ? null : <RowDetails row={row} timeText={instantText(row.atUs)} />;
}

function useRow(view: LogView, seq: number): LogRow | null {
  const generation = useLogState(view, (each) => each.generation);
  const [row, setRow] = useState<LogRow | null>(null);
  useEffect(() => {
    if (generation === 0) return;
    let isOver = false;
    view
      .locate({ seq })
      .then(({ index }) => view.rows(index, 1))
      .then(([found]) => !isOver && setRow(found ?? null))
      .catch(() => undefined); // not reachable: what was shown stays
    return () => {
      isOver = true;
    };
  }, [view, generation, seq]);
  return row;
}
