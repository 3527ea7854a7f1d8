import type { CallRequest } from '../../../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { useAction } from '../../../lib/actions.ts';
import { useLanguage } from '../check-words.ts';
import type { Candidate } from './candidates.ts';
import { useStation } from './start-choices.ts';

interface Start {
  list: CallRequest<'checks.start'>['list'];
  boards: readonly Candidate[];
  serialNumberOf(board: Candidate): string;
  only?: readonly string[] | null;
  /** Instead of a toast. */
  onError?(error: TalkErrorValue): void;
}

/** Begins a run on each of the boards; the ids of those that began. */
export function useStart() {
  const { run, isBusy } = useAction();
  const language = useLanguage();
  async function start({ list, boards, serialNumberOf, only = null, onError }: Start): Promise<string[]> {
    const { operator, voice, isUnattended, boardKind } = useStation.getState();
    const begun = await Promise.all(
      boards.map((board) =>
        run(
          'checks.start',
          {
            port: board.address,
            device: board.device,
            list,
            boardKind: board.kind === '' ? boardKind : board.kind,
            serialNumber: serialNumberOf(board).trim(),
            operator: operator.trim(),
            language,
            voice,
            isUnattended,
            ...(only === null ? {} : { only: [...only] }),
          },
          onError === undefined ? {} : { onError },
        ),
      ),
    );
    return begun.flatMap((reply) => (reply === null ? [] : [reply.runId]));
  }
  return { start, isBusy };
}
