import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckRun } from '../../../../preload/contract/checks.ts';
import { useAction, useReply } from '../../../lib/actions.ts';
import { useAgents } from '../../../lib/streams.ts';
import { assignmentOf, withLeaf } from '../../agents/layers.ts';
import { useLanguage } from '../check-words.ts';
import css from './run.module.css';

/** What the echo checks found, beside what the board's agent is set to; one click makes them the same. */
export function DuplexVerdict({ run: { facts, productId, deviceName } }: { run: CheckRun }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const agents = useAgents();
  const action = useAction();
  const [changes, setChanges] = useState(0);
  const { duplex } = facts;
  const isKnown = (duplex === 'half' || duplex === 'full') && productId !== null && deviceName !== null;
  const effective = useReply(
    'agents.effective',
    { productId: productId ?? '', deviceName: deviceName ?? '', language },
    { isEnabled: isKnown, version: `${changes} ${JSON.stringify(agents?.assignments)}` },
  );
  const isHalf = effective.data?.settings.turns?.isHalfDuplex;
  if (!isKnown || agents === null || typeof isHalf !== 'boolean') return null;
  const wantsHalf = duplex === 'half';

  async function match(): Promise<void> {
    if (agents === null || productId === null || deviceName === null) return;
    const assignment = assignmentOf(agents.assignments, { productId, deviceName, language: null });
    const done = await action.run('agents.assign', {
      ...assignment,
      layer: withLeaf(assignment.layer, 'turns', 'isHalfDuplex', wantsHalf),
    });
    if (done !== null) setChanges(changes + 1);
  }
  return (
    <div className={css.duplex} data-testid="duplex">
      <span>
        {t(wantsHalf ? 'checks.duplex.half' : 'checks.duplex.full')}{' '}
        {isHalf === wantsHalf ? t('checks.duplex.matches') : t(wantsHalf ? 'checks.duplex.differsHalf' : 'checks.duplex.differsFull')}
      </span>
      {isHalf !== wantsHalf && (
        <Button size="compact-sm" loading={action.isBusy} onClick={() => void match()}>
          {t(wantsHalf ? 'checks.duplex.setHalf' : 'checks.duplex.setFull')}
        </Button>
      )}
    </div>
  );
}
