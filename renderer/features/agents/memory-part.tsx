import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Confirm } from '../../components/confirm.tsx';
import { useAction, useReply } from '../../lib/actions.ts';
import { wallText } from '../../lib/quantities.ts';
import { useConversations } from '../../lib/streams.ts';
import css from './agents.module.css';

/** What is kept of a device between its conversations: all of it can be seen, each of it can go. */
export function MemoryPart({ productId, deviceName }: { productId: string; deviceName: string }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const queries = useQueryClient();
  const [isErasing, setErasing] = useState(false);
  const device = { productId, deviceName };
  // A conversation that ends may leave something.
  const version = (useConversations() ?? []).map((each) => `${each.turnCount} ${each.state === 'closed'}`).join();
  const memory = useReply('memory.get', device, { version });
  async function erase(factId?: string): Promise<void> {
    await run('memory.erase', { ...device, ...(factId === undefined ? {} : { factId }) });
    setErasing(false);
    await queries.invalidateQueries({ queryKey: ['memory.get'] });
  }
  if (memory.data === undefined) return null;
  const { summary, facts } = memory.data;
  const isEmpty = summary === '' && facts.length === 0;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.sheet} tabIndex={0} aria-label={t('agents.part.memory')}>
      <div className="quiet">{t('agents.memory.hint')}</div>
      <section>
        <h2>{t('agents.memory.summary')}</h2>
        {summary === '' ? <div className="quiet">{t('agents.memory.noSummary')}</div> : <div>{summary}</div>}
      </section>
      <section>
        <h2>{t('agents.memory.facts')}</h2>
        {facts.length === 0 && <div className="quiet">{t('agents.memory.noFacts')}</div>}
        {facts.map((fact) => (
          <div key={fact.id} className={css.fact}>
            <span className={css.grow}>{fact.text}</span>
            <span className="quiet">{wallText(fact.atWallMs)}</span>
            <ActionIcon size={20} aria-label={t('agents.memory.forget', { text: fact.text })} onClick={() => void erase(fact.id)}>
              <IconX size={13} />
            </ActionIcon>
          </div>
        ))}
      </section>
      {!isEmpty && (
        <Button className={css.start} variant="default" onClick={() => setErasing(true)}>
          {t('agents.memory.eraseAll')}
        </Button>
      )}
      {isErasing && (
        <Confirm
          title={t('agents.memory.eraseAll')}
          text={t('agents.memory.eraseAsk', { name: deviceName })}
          action={t('agents.memory.erase')}
          onClose={() => setErasing(false)}
          onConfirm={() => void erase()}
        />
      )}
    </section>
  );
}
