import { useEffect, useState } from 'react';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { RowDetails } from '../../components/row-details.tsx';
import { useLogState, useLogView } from '../../lib/log-hooks.ts';
import type { LogView } from '../../lib/log-view.ts';
import { instantText } from '../../lib/quantities.ts';
import { DecodedFrames } from '../monitor/decoded-frames.tsx';

/** A crash is some dozens of lines; its registers and its backtrace are decoded together. */
const rowsAround = 60;

export function LogRowDetails({ sessionId, seq }: { sessionId: string; seq: number }) {
  const view = useLogView({ sessionId, tail: 0 });
  const found = useRow(view, seq);
  if (found === null) return null;
  return (
    <RowDetails row={found.row} timeText={instantText(found.row.atUs)}>
      <DecodedFrames isRecorded row={found.row} neighbour={(distance) => view.row(found.index + distance)} />
    </RowDetails>
  );
}

function useRow(view: LogView, seq: number): { index: number; row: LogRow } | null {
  const generation = useLogState(view, (each) => each.generation);
  const [found, setFound] = useState<{ index: number; row: LogRow } | null>(null);
  useEffect(() => {
    if (generation === 0) return;
    let isOver = false;
    async function find(): Promise<void> {
      const { index } = await view.locate({ seq });
      await view.rows(Math.max(0, index - rowsAround), 2 * rowsAround);
      const row = view.row(index);
      if (!isOver && row !== undefined) setFound({ index, row });
    }
    find().catch(() => undefined); // not reachable: what was shown stays
    return () => {
      isOver = true;
    };
  }, [view, generation, seq]);
  return found;
}
