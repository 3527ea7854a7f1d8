import { RowDetails } from '../../components/row-details.tsx';
import { useReply } from '../../lib/actions.ts';
import { instantText } from '../../lib/quantities.ts';

export function LogRowDetails({ sessionId, port, seq }: { sessionId: string; port: string; seq: number }) {
  const page = useReply('logs.page', { sessionId, port, fromSeq: seq, limit: 1 });
  const row = page.data?.rows[0];
  return row === undefined ? null : <RowDetails row={row} timeText={instantText(row.atUs)} />;
}
